"""What the command line wants of a model: whether one takes part in a draft, which, and how it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.pipeline.drafting import Drafted, Prepared
    from assistant.settings import Settings
    from assistant.settings.ceiling import Policy


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed.

    Attributes:
        flags: Settings that the command line gives; None where it gives none.
        offline: No model is to take part.
        via: "api" or "chat".
        show: Only show the request.
        approved: The digest that is approved; "" to ask.
        prompt: Where a chat's prompt is written to.
        answer: Where a chat's answer is.
    """

    flags: Mapping[str, Any]
    offline: bool
    via: str
    show: bool
    approved: str
    prompt: Path | None
    answer: Path | None

    def names(self) -> list[str]:
        """The options that only have a meaning with a model."""
        given = {
            "model": self.flags["model"] is not None,
            "max-cost": self.flags["max_cost"] is not None,
            "via": self.via != "api",
            "show-request": self.show,
            "approve-send": bool(self.approved),
            "prompt-file": self.prompt is not None,
            "answer": self.answer is not None,
        }
        return [f"--{name}" for name, is_given in given.items() if is_given]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model is to take part.

    Attributes:
        wish: What was typed.
        settings: Whom to ask.
        policy: The machine's ceiling.
        environ: For keys and folders.
        output: The ruleset's file, beside which what is sent is kept.
    """

    wish: Wish
    settings: "Settings"
    policy: "Policy"
    environ: Mapping[str, str]
    output: Path | None

    @property
    def kept(self) -> str:
        """Where what is sent is kept; "" when no ruleset is written."""
        return f"{self.output}.sent" if self.output else ""

    def draft(self, prepared: "Prepared") -> "Drafted | None":
        """The draft with the model's view in it; None when that is still to come, or was only to be shown."""
        if self.wish.via == "chat":
            from assistant.cli.chat import draft_by_chat

            return draft_by_chat(prepared, self)
        from assistant.cli.modelled import draft_with_model

        return draft_with_model(prepared, self)


def wanted(wish: Wish, output: Path | None) -> Wanted | None:
    """What is asked of a model; None when none takes part.

    Raises:
        UsageError: the options contradict each other, or settings make no sense.
        CeilingError: the machine's policy is not understood.
    """
    from assistant.cli import console
    from assistant.cli.inputs import environment
    from assistant.cli.keys import credentials_of
    from assistant.settings import read_settings
    from assistant.settings.ceiling import read_policy

    _check(wish)
    if wish.offline:
        return None
    environ = environment()
    settings = read_settings(wish.flags, environ, str(Path.cwd()))
    if not wish.names() and credentials_of(settings, environ) is None:
        console.say("landscribe: no key for a model is set; drafting offline")
        return None
    return Wanted(wish, settings, read_policy(), environ, output)


def _check(wish: Wish) -> None:
    names = wish.names()
    if wish.offline and names:
        raise UsageError(f"--offline asks no model, and {names[0]} asks one", hint="give one of them")
    if wish.via not in ("api", "chat"):
        raise UsageError(f"no way {wish.via!a} to a model", hint="--via api, or --via chat")
    if wish.via != "chat" and (wish.prompt or wish.answer):
        raise UsageError("--prompt-file and --answer go with a chat", hint="add --via chat")
