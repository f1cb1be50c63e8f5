"""``landscribe log``: every request that was ever sent, by whom it was approved, and how it was answered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Json


if TYPE_CHECKING:
    from assistant.author.sent import Sent


def log(
    service: Annotated[str, typer.Option(help="Only what was sent for this service.")] = "",
    as_json: Json = False,
) -> int:
    """List every request that was ever sent from here.

    The bytes themselves lie where the last column says.
    """
    from assistant.author.sent import sent
    from assistant.cli import console
    from assistant.cli.inputs import environment
    from assistant.settings.folders import state_folder

    listed = [
        one for one in sent(state_folder(environment())) if not service or one.event.get("service") == service
    ]
    if as_json:
        console.result_json({"schema_version": 1, "sent": [_data(one) for one in listed]})
    elif listed:
        console.result("\n".join(map(_line, listed)))
    else:
        console.say("nothing was ever sent from here")
    return 0


_COLUMNS = ("time", "sha256", "bytes", "to", "model", "service", "approved_by", "approved")


def _data(one: "Sent") -> dict[str, Any]:
    return {**{key: one.event.get(key) for key in (*_COLUMNS, "kept")}, "status": one.status}


def _line(one: "Sent") -> str:
    from assistant.render.plain import printable

    data = {key: printable(str(value)) for key, value in _data(one).items()}
    status = "no answer" if one.status is None else f"answered {data['status']}"
    return (
        f"{data['time']}  {data['sha256']}  {data['bytes']} bytes to {data['to']} ({data['model']}) "
        f"for {data['service']}: {status}; approved by {data['approved_by']} {data['approved']}; "
        f"kept in {data['kept']}"
    )
