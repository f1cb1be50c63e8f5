"""``landscribe primer``: what a model knows of Landlock, asked before its drafts are trusted."""

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import ApproveSend, Json, MaxCost, ShowRequest
from assistant.errors import Exit


if TYPE_CHECKING:
    from assistant.author.primer import Score


def primer(
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Whom to ask; else the settings' model.")
    ] = None,
    show_request: ShowRequest = False,
    approve_send: ApproveSend = "",
    max_cost: MaxCost = None,
    as_json: Json = False,
) -> int:
    """Ask a model about Landlock, and score it.

    The right answers are what the kernel does.

    Nothing of any trace is in the questions. The score is kept: drafts with this model carry it.
    """
    from pathlib import Path

    from assistant.author.primer import ENOUGH, primer_prompt, score
    from assistant.author.scores import keep
    from assistant.cli import console, gate
    from assistant.cli.asking import asking, owned_by
    from assistant.cli.inputs import environment
    from assistant.cli.keys import credentials_of, no_credentials, platform_of
    from assistant.cli.redacting import redaction_for, stopping
    from assistant.settings import read_settings
    from assistant.settings.ceiling import read_policy
    from assistant.settings.folders import cache_folder, project_of

    environ, here = environment(), str(Path.cwd())
    settings = read_settings({"model": model, "max_cost": max_cost}, environ, here)
    policy = read_policy()
    policy.check(settings, platform_of(settings, environ).base_url)
    prompt = primer_prompt()
    redaction = redaction_for(settings, policy, environ, project_of(here))
    owned = (*owned_by(prompt), *prompt.turns)
    with asking(settings, environ, redaction, owned, "") as way:
        leaving = way.leaving(prompt, redaction)
        if show_request:
            console.say(gate.summary(leaving))
            console.result(leaving.text)
            return Exit.OK
        if credentials_of(settings, environ) is None:
            raise no_credentials(settings)
        with stopping():
            how = gate.approval(leaving, approve_send)
        if not how:
            console.say("landscribe: nothing was sent")
            return Exit.STOPPED
        way.approve(prompt, how, "primer")
        scored = score(way.author.ask(prompt).text)
    keep(cache_folder(environ), settings.model, scored)
    if as_json:
        console.result_json(_data(settings.model, scored))
    else:
        console.result(_text(settings.model, scored))
    return Exit.OK if scored.share >= ENOUGH else Exit.FINDINGS


def _data(model: str, scored: "Score") -> dict[str, object]:
    return {
        "schema_version": 1,
        "model": model,
        "share": round(scored.share, 4),
        "topics": {
            topic: {"right": right, "asked": asked} for topic, (right, asked) in scored.topics.items()
        },
        "wrong": [{"question": one.ask, "right": one.because, "topic": one.topic} for one in scored.wrong],
    }


def _text(model: str, scored: "Score") -> str:
    right, asked = (sum(column) for column in zip(*scored.topics.values(), strict=True))
    lines = [f"{model!a}: {right} of {asked} right ({scored.share:.0%})"]
    lines += [f"  {topic:22} {good} of {of}" for topic, (good, of) in scored.topics.items()]
    for one in scored.wrong:
        lines += [f"wrong: {one.ask}", f"  {one.because}"]
    return "\n".join(lines)
