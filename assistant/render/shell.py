"""Names and scripts for a POSIX shell: a name stays one word, and shows as what it is."""

import shlex
from collections.abc import Iterable, Iterator

from assistant.domain.ruleset import PathGrant, Ruleset
from assistant.render.export import Loss, heading, only_the_launcher, remarks
from assistant.render.grants import Grant, all_grants, subject
from assistant.render.plain import printable


_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"'\\%")

INHERITED = "Descriptors above 2 that it inherits stay open for the command; the Python launcher closes them."


def quoted(text: str) -> str:
    """One word of sh that means exactly this text.

    What is invisible or active goes through printf as octal escapes. Line breaks at the end, which a
    substitution would lose, stand in quotes: nothing foreign comes after them.

    Args:
        text: Without NUL; surrogates stand for bytes that are not UTF-8.
    """
    visible = text.replace("\\", "")
    if printable(visible) == visible:
        return shlex.quote(text)
    body = text.rstrip("\n")
    octal = "".join(map(_octal, body.encode("utf-8", "surrogateescape")))
    ends = text[len(body) :]
    return f"\"$(printf '{octal}')\"" + (f"'{ends}'" if ends else "")


def _octal(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else "%%" if byte == ord("%") else f"\\{byte:03o}"


def script(ruleset: Ruleset, losses: Iterable[Loss], notes: Iterable[str], body: Iterable[str]) -> str:
    """A whole script: what it is, what it loses, and the lines that end by becoming the command.

    Args:
        ruleset: What it was made from.
        losses: What it opens or lacks.
        notes: What to know about the program that it calls.
        body: Shell text. In it ``"$@"`` is the command, which is never empty.
    """
    lines = [
        "#!/bin/sh",
        *(f"# {line}" for line in heading(ruleset)),
        *(f"# {loss.effect}: {loss.sentence}" for loss in losses),
        *(f"# {note}" for note in notes),
        *_reasons(ruleset),
        "",
        'if [ "$#" = 0 ]; then echo "$0: the command stands behind this script" >&2; exit 125; fi',
        *body,
    ]
    return "\n".join(lines) + "\n"


def _reasons(ruleset: Ruleset) -> Iterator[str]:
    """Why each rule is there, as comments: a command over many lines has no place for them."""
    for grant in all_grants(ruleset):
        lines = remarks(grant)
        if lines:
            yield f"#   {printable(subject(grant))}"
            yield from (f"#     {line}" for line in lines)


def options(grants: Iterable[tuple[Grant, list[str]]]) -> tuple[list[str], list[str]]:
    """Options of rules: those that always hold, and shell lines that put the optional ones before ``"$@"``.

    Args:
        grants: Each grant and its options as shell text, none where there is nothing to say.
    """
    always: list[str] = []
    asked: list[str] = []
    for grant, words in grants:
        if words and isinstance(grant, PathGrant) and grant.optional:
            asked.append(f'if [ -e {quoted(grant.path)} ]; then set -- {" ".join(words)} "$@"; fi')
        else:
            always += words
    return always, asked


def continued(lines: Iterable[str]) -> str:
    """One command over many lines: a long one is read, and run, faster than many that each add a word."""
    return " \\\n    ".join(lines)


def kept_by_launcher(ruleset: Ruleset) -> list[str]:
    """What the Python launcher does beyond the rules and a plain program does not, as notes."""
    return [INHERITED, *only_the_launcher(ruleset)]
