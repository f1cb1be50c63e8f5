"""What a person must say before grants are approved: on a terminal when asked, elsewhere by options.

No question takes Enter for yes, and each blocking finding wants its own name typed.
"""

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.cli import console
from assistant.errors import StoppedError, UsageError


if TYPE_CHECKING:
    from assistant.domain.finding import Finding

_UNVERIFIED = "unverified"
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Given:
    """What options answer already; None or empty where they do not."""

    name: str | None
    comment: str | None
    digest: str
    accept: frozenset[str]
    unverified: bool


@dataclass(frozen=True, slots=True)
class Needed:
    """What must be said yes to: these grants, these findings, and that no trace was there to verify."""

    digest: str
    blocking: "tuple[Finding, ...]"
    verified: bool

    def not_accepted(self, given: Given) -> dict[str, str]:
        """The blocking findings that no option accepts: id and subject, to the word to be typed.

        Raises:
            UsageError: an option accepts what was not found.
        """
        from assistant.render.plain import printable

        words = {f"{finding.id} {printable(finding.subject)}": finding.id for finding in self.blocking}
        unknown = given.accept - words.keys()
        if unknown:
            raise UsageError(
                f"--accept names no blocking finding: {min(unknown)!a}",
                hint="its id, a blank and its subject, as they are shown",
            )
        return {name: word for name, word in words.items() if name not in given.accept}


@dataclass(frozen=True, slots=True)
class Said:
    """Who approves, and their comment."""

    who: str
    comment: str


def blocked(left: Collection[str]) -> StoppedError:
    """The error of blocking findings that nobody can be asked about."""
    flags = " ".join(f"--accept {shlex.quote(name)}" for name in [*left][:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return StoppedError(
        f"not approved: blocking findings on {len(left)} subject(s), and nobody to ask: this is no terminal",
        hint=f"settle them, or accept each: {flags}{more}",
    )


def consent(needed: Needed, given: Given, identity: str) -> Said:
    """Ask for all that is needed and not given.

    Args:
        needed: What must be answered.
        given: What options answer.
        identity: Who git says the person is; offered on a terminal.

    Raises:
        StoppedError: the person did not say so.
        UsageError: there is no terminal to ask on, and an option is missing; or a name is none.
    """
    from assistant.render.plain import printable

    if given.digest and given.digest != needed.digest:
        raise StoppedError(
            "not approved: these are not the grants that --digest names",
            why=f"their digest is {needed.digest}",
            hint="read what is new, and give its digest",
        )
    if not console.can_ask():
        _all_given(needed, given)
    if not (needed.verified or given.unverified):
        _typed(
            f'nothing was verified against a trace: type "{_UNVERIFIED}" to approve all the same: ',
            _UNVERIFIED,
        )
    for name, word in needed.not_accepted(given).items():
        console.say(f"blocking: {name}")
        _typed(f'  type "{word}" to approve in spite of it: ', word)
    offered = f" [{printable(identity)}]" if identity else ""
    who = given.name if given.name is not None else console.ask(f"who approves{offered}: ") or identity
    comment = given.comment if given.comment is not None else console.ask("comment, or Enter for none: ")
    said = Said(_clean(who, "the name"), _clean(comment, "the comment"))
    if not said.who:
        raise _declined()
    if not given.digest:
        _typed(f'approve {needed.digest}? type "yes": ', "yes")
    return said


def _typed(question: str, word: str) -> None:
    if console.ask(question) != word:
        raise _declined()


def _declined() -> StoppedError:
    return StoppedError("not approved", hint="nothing was written; approve again when it is settled")


def _all_given(needed: Needed, given: Given) -> None:
    missing = [
        *(["--name WHO"] if not given.name else []),
        *(["--comment TEXT"] if given.comment is None else []),
        *([f"--digest {needed.digest}"] if not given.digest else []),
        *(["--unverified, or traces"] if not (needed.verified or given.unverified) else []),
    ]
    if missing:
        raise UsageError("this is no terminal, so nobody can be asked", hint=f"give {'; '.join(missing)}")


def _clean(text: str, what: str) -> str:
    """A text that stays as it is in a file and on a terminal."""
    if not text.isprintable():
        raise UsageError(f"{what} holds control or invisible characters", hint="write it in plain letters")
    return text.strip()
