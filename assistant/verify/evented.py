"""One event, a line of JSON, as what it shows of a call. docs/jsonl.md says what an event is."""

import errno
import json
import posixpath
from typing import Any

from assistant.verify.call import Argument, Call
from assistant.verify.flags import open_flags
from assistant.verify.straced import read_strace


_HERE = -100
_OPENS = frozenset({"open", "openat"})


def read_event(raw: bytes) -> Call | None:
    """The call of one event, or None when it shows none."""
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    if "line" in event:
        return read_strace(_bytes(event["line"]))
    name, arguments = event.get("call"), event.get("args", [])
    if not isinstance(name, str) or not isinstance(arguments, list):
        return None
    result, error = _result(event)
    cwd = _name(event["cwd"]) if "cwd" in event else ""
    return Call(name, tuple(_argument(value, name, cwd) for value in arguments), result, error)


def _result(event: dict[str, Any]) -> tuple[str, str]:
    result, error = event.get("result"), event.get("error", "")
    if isinstance(result, int) and result < 0:
        return "", errno.errorcode.get(-result, "")
    place = _name(result["is"]) if isinstance(result, dict) and "is" in result else ""
    return place if place.startswith("/") else "", error if isinstance(error, str) else ""


def _argument(value: Any, call: str, cwd: str) -> Argument:
    if isinstance(value, str):
        name = _name(value)
        word = value if value.replace("|", "").replace("_", "").isalnum() and value.isupper() else ""
        return Argument(word.encode("ascii", "replace") or b'""', (name,))
    if isinstance(value, int):
        if value == _HERE:
            return Argument(b"AT_FDCWD", place=cwd)
        return Argument(open_flags(value) if call in _OPENS else b"%d" % value)
    return _object(value, cwd) if isinstance(value, dict) else Argument(b"")


def _object(value: dict[str, Any], cwd: str) -> Argument:
    if "hex" in value:
        return Argument(b'""', (_name(value),))
    if "unix" in value:
        return Argument(b'sun_path=""', (posixpath.join(cwd, _name(value["unix"])),))
    if "fd" in value:
        place = _name(value["is"]) if "is" in value else cwd if value["fd"] == _HERE else ""
        kind = b"<" + place.encode("utf-8", "surrogateescape") if place[:3] in ("TCP", "UDP") else b"<>"
        return Argument(b"%d" % value["fd"] + kind, place=place if place.startswith("/") else "")
    if "port" in value:
        return Argument(b"sin_port=htons(%d)" % value["port"])
    shown = read_strace(b"text(" + _bytes(value.get("text", "")) + b") = 0")
    return shown.argument(0) if shown else Argument(b"")


def _name(value: Any) -> str:
    return _bytes(value).decode("utf-8", "surrogateescape")


def _bytes(value: Any) -> bytes:
    try:
        if isinstance(value, dict):
            return bytes.fromhex(value["hex"])
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else b""
    except (KeyError, TypeError, ValueError):
        return b""
