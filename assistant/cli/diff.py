"""``landscribe diff``: what one ruleset allows and another does not, in words; git may call it, too."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Foreign, Json
from assistant.errors import Exit, InputError, RulesetError, UsageError


if TYPE_CHECKING:
    from assistant.domain.classes import AccessClass
    from assistant.domain.difference import Difference

_NOTHING = "/dev/null"
"""What git difftool gives for the side on which there is no file."""


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", readable=False, help="The ruleset as it was.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="NEW", readable=False, help="The ruleset as it is now.")
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="WHAT",
            help="Exit 11 when it is wider: 'wider', or of some kinds: wider:write,execute,connect.",
        ),
    ] = "",
    textconv: Annotated[
        bool,
        typer.Option(
            "--textconv", help="For git: print what one ruleset allows, a line for each path and right."
        ),
    ] = False,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Show what a new ruleset allows that the old one did not.

    Compares what the kernel would enforce. Order, prose and rules that others cover make no difference. Exit
    code 10 when there is a difference.
    """
    from assistant.cli import console
    from assistant.render.difference import difference_data, difference_text

    if textconv:
        return _textconv(old)
    if new is None:
        raise UsageError("there is one ruleset, and a difference needs two", hint="landscribe diff OLD NEW")
    kinds = _kinds(fail_on) if fail_on else frozenset()
    found = _difference(old, new, foreign=foreign)
    failed = [change for change in found.wider if not kinds.isdisjoint(change.classes)]
    if as_json:
        console.result_json({**difference_data(found), "failed": len(failed)})
    else:
        console.result(difference_text(found))
    if failed:
        console.say(f"--fail-on {fail_on}: {len(failed)} of {len(found.changes)} changes")
        return Exit.BLOCKING
    return Exit.OK if found.none else Exit.FINDINGS


def _difference(old: Path, new: Path, *, foreign: bool) -> "Difference":
    from assistant.cli import console
    from assistant.cli.inputs import is_file_on, load_ruleset, the_host
    from assistant.domain.effect import Effect
    from assistant.review.difference import difference

    if str(new) == _NOTHING:
        raise InputError(
            "there is no new ruleset",
            why="without one nothing is restricted",
            hint="landscribe diff OLD NEW; an empty ruleset, which denies everything, is a document, too",
        )
    after = load_ruleset(new)
    effect = after.effect()
    is_file = is_file_on(the_host(foreign=foreign))
    if str(old) == _NOTHING:
        console.say("there was no ruleset before: this is all that the new one grants")
        return difference(Effect(effect.target_abi, effect.scope, {}, {}), effect, is_file)
    before = load_ruleset(old)
    if before.service != after.service:
        console.say(f"these are two services: {before.service!a} and {after.service!a}")
    return difference(before.effect(), effect, is_file)


def _kinds(fail_on: str) -> frozenset["AccessClass"]:
    """The kinds of access that --fail-on names."""
    from assistant.domain.classes import AccessClass

    way, colon, words = fail_on.partition(":")
    named = words.split(",") if colon else list(AccessClass)
    unknown = [word for word in named if word not in AccessClass.__members__.values()]
    if way != "wider" or unknown:
        raise UsageError(
            f"--fail-on does not know {unknown[0] if way == 'wider' else way!a}",
            hint=f"wider, or wider: and some of {','.join(AccessClass)}",
        )
    return frozenset(AccessClass(word) for word in named)


def _textconv(path: Path) -> int:
    """What git compares line by line. What cannot be read is printed as it is, or git would show nothing."""
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset
    from assistant.render.effect import effect_text
    from assistant.render.plain import printable

    try:
        console.result(effect_text(load_ruleset(path).effect()))
    except RulesetError as error:
        lines = console.read_file(path, "the ruleset").split("\n")
        console.result("\n".join([f"not a ruleset: {error.why}", *map(printable, lines)]))
    return Exit.OK
