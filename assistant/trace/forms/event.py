"""One line of a trace as an event, a JSON object of plain values, and back. docs/jsonl.md is the contract.

A value is written only where reading it back gives the same bytes; everything else stays as strace wrote it,
under ``text``. So an event says exactly what its line says.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from assistant.trace.forms import quoting
from assistant.trace.forms.layouts import LAYOUTS
from assistant.trace.forms.symbols import SYMBOLIC, errno_name, words
from assistant.trace.line import LONGEST_LINE, UNFINISHED, Call, columns, parse, parse_call
from assistant.trace.text import AT_FDCWD, MalformedError, descriptor, string, struct_fields, unescape


_NAME = re.compile(r"[a-z_][a-z0-9_]{0,60}$")
_WORDS = re.compile(rb"(?:[A-Z][A-Z0-9_]*|0[0-7]{0,8}|0x[0-9a-f]{1,16})(?:\|(?:[A-Z0-9_]+|0x[0-9a-f]+))*$")
_PORT = re.compile(rb"port=htons\(([0-9]{1,5})\)")
_HOST = re.compile(rb'(?:inet_addr\(|inet_pton\(AF_INET6, )"([0-9a-fA-F:.]{2,45})"')
_FAMILY = re.compile(r"AF_[A-Z0-9]{1,20}$")
_DEVICE = re.compile(r"(?:char|block) [0-9]{1,10}:[0-9]{1,10}$")
_NUMBER = re.compile(rb"-?[0-9]{1,19}$")
_LONGEST_NUMBER = 1 << 64
_HIGHEST_PID = 1 << 31
_PORTS = 1 << 16
_SHORT = 4096
_MOST_KEPT = 10_000
"""Calls that are kept: a trace says the same ones again and again."""

Event = dict[str, Any]


class EventError(ValueError):
    """The object is no event; the text says why in words without any of its names."""


def event_of(raw: bytes) -> Event:
    """A line of strace text, without its end, as an event."""
    if len(raw) > LONGEST_LINE:
        return {"line": _text(raw[: LONGEST_LINE // 64]), "cut": True}
    where = columns(raw.rstrip(b"\r"))
    text = raw[where.start :].rstrip(b"\r")
    event = _kept_event(text) if len(text) < _SHORT else _call_event(text)
    if event is None:
        return {"line": _text(raw)}
    return {"pid": where.pid, **event} if where.pid else event


def _call_event(text: bytes) -> Event | None:
    """A whole call, without its process, as an event that gives this very call; None when there is none."""
    call = parse_call(text) if not text.endswith(UNFINISHED) else None
    if not isinstance(call, Call):
        return None
    roles = LAYOUTS.get(call.name, ())
    arguments = [_value(value, _role(roles, index)) for index, value in enumerate(call.arguments)]
    event: Event = {"call": call.name, "args": arguments, **_result(text[text.rfind(b" = ") + 3 :])}
    try:
        again = line_of(event)
    except EventError:
        return None
    return event if parse_call(again) == call and parse(again) == parse(text) else None


_kept_event = lru_cache(_MOST_KEPT)(_call_event)


def _role(roles: tuple[str, ...], index: int) -> str:
    return roles[index] if index < len(roles) else ""


def written(event: Event) -> bytes:
    """An event as one line of ASCII."""
    return json.dumps(event, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _text(raw: bytes) -> Any:
    """Bytes as text where they are UTF-8, else in hexadecimal."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": raw.hex()}


def _value(argument: bytes, role: str) -> Any:
    if role in SYMBOLIC and _WORDS.match(argument):
        return argument.decode("ascii")
    name = string(argument)
    if name is not None:
        plain = name.encode("utf-8", "surrogateescape")
        return _text(plain) if quoting.quoted(plain) == argument else {"text": _text(argument)}
    if _NUMBER.match(argument) and str(int(argument)).encode() == argument:
        return int(argument)
    return _descriptor(argument) or _address(argument) or {"text": _text(argument)}


def _address(argument: bytes) -> Event | None:
    """A socket's address in plain values, where they say all that stands there."""
    try:
        fields = struct_fields(argument)
    except MalformedError:
        return None
    family = fields.get("sa_family", b"").decode("ascii", "replace")
    event: Event = {"family": family}
    path = fields.get("sun_path", b"")
    name = string(path.removeprefix(b"@"))
    if name is not None:
        key = "abstract" if path.startswith(b"@") else "unix"
        event = {key: _text(name.encode("utf-8", "surrogateescape"))}
    elif port := _PORT.search(argument):
        host = _HOST.search(argument)
        event |= {"port": int(port[1]), "host": host[1].decode("ascii") if host else ""}
    try:
        return event if _from_address(event) == argument else None
    except EventError:
        return None


def _descriptor(argument: bytes) -> Event | None:
    found = descriptor(argument)
    if found is None:
        return None
    event: Event = {"fd": found.number}
    if found.note is not None:
        event["is"] = _text(unescape(found.note).encode("utf-8", "surrogateescape"))
    if found.device:
        event["device"] = argument[argument.rfind(b"<") + 1 : argument.find(b">")].decode("ascii", "replace")
    if found.deleted:
        event["deleted"] = True
    try:
        return event if _from_descriptor(event) == argument else None
    except EventError:
        return None


def _result(text: bytes) -> Event:
    if failed := re.match(rb"-1 (E[A-Z0-9]{1,30}) \(", text):
        return {"error": failed[1].decode("ascii")}
    value = text.split(b" ", 1)[0]
    if value == b"?":
        return {}
    if _NUMBER.match(value):
        return {"result": int(value)}
    return {"result": _descriptor(text.rstrip()) or {"text": _text(text)}}


def line_of(event: Any) -> bytes:
    """An event as a line of strace text, without its end.

    Raises:
        EventError: it is none.
    """
    if not isinstance(event, dict):
        raise EventError("an event is an object")
    if "line" in event:
        raw = _bytes(event["line"]).replace(b"\n", b" ")
        return raw.ljust(LONGEST_LINE + 1, b"?") if event.get("cut") is True else raw
    name = event.get("call")
    if not isinstance(name, str) or not _NAME.match(name):
        raise EventError("no system call's name")
    arguments = event.get("args", [])
    if not isinstance(arguments, list):
        raise EventError("the arguments are no list")
    roles = LAYOUTS.get(name, ())
    shown = [_argument(value, _role(roles, index)) for index, value in enumerate(arguments)]
    shown = _placed(shown, roles, event)
    pid = event.get("pid", 0)
    if not _is_number(pid) or not 0 <= pid < _HIGHEST_PID:
        raise EventError("the process is no number")
    prefix = b"%d " % pid if pid else b""
    return prefix + name.encode("ascii") + b"(" + b", ".join(shown) + b") = " + _outcome(event)


def _placed(shown: list[bytes], roles: tuple[str, ...], event: Event) -> list[bytes]:
    """With ``cwd``, a working directory that the event names, put where names start from it."""
    if "cwd" not in event:
        return shown
    cwd = _bytes(event["cwd"])
    placed = []
    for index, argument in enumerate(shown):
        role = roles[index] if index < len(roles) else ""
        at = index > 0 and roles[index - 1] == "dir"
        if role == "dir" and argument in (b"AT_FDCWD", b"-100"):
            placed.append(quoting.descriptor(AT_FDCWD, cwd))
        elif role == "name" and not at and argument[:1] == b'"' and argument[1:2] != b"/":
            placed.append(b'"' + quoting.escaped(cwd.rstrip(b"/") + b"/") + argument[1:])
        else:
            placed.append(argument)
    return placed


def _argument(value: Any, role: str) -> bytes:
    if isinstance(value, str):
        if role in SYMBOLIC and _WORDS.match(value.encode("utf-8", "replace")):
            return value.encode("ascii")
        return quoting.quoted(_bytes(value))
    if _is_number(value):
        return words(role, value).encode("ascii")
    if value is None:
        return b"NULL"
    if not isinstance(value, dict):
        raise EventError("an argument is a string, a number or an object")
    for key, render in _OBJECTS.items():
        if key in value:
            return render(value)
    raise EventError("an object that says nothing of an argument")


def _verbatim(value: Event) -> bytes:
    return _bytes(value["text"]).replace(b"\n", b" ")


def _from_address(value: Event) -> bytes:
    for key in ("unix", "abstract"):
        if key in value:
            return quoting.address("AF_UNIX", path=_bytes(value[key]), abstract=key == "abstract")
    family, port, host = value.get("family", "AF_INET"), value.get("port", 0), value.get("host", "")
    if not (isinstance(family, str) and _FAMILY.match(family) and isinstance(host, str)):
        raise EventError("an address has a family and a host")
    if not _is_number(port) or not 0 <= port < _PORTS:
        raise EventError("a port is a number below 65536")
    return quoting.address(family, port=port, host=host)


def _from_descriptor(value: Event) -> bytes:
    number, device = value.get("fd"), value.get("device", "")
    if not isinstance(number, int) or not AT_FDCWD <= number < _HIGHEST_PID:
        raise EventError("a descriptor is no number")
    if not isinstance(device, str) or (device and not _DEVICE.match(device)):
        raise EventError("a device is 'char 1:3' or 'block 8:0'")
    note = _bytes(value["is"]) if "is" in value else None
    return quoting.descriptor(number, note, device=device, deleted=value.get("deleted") is True)


_OBJECTS: dict[str, Callable[[Event], bytes]] = {
    "fd": _from_descriptor,
    "text": _verbatim,
    "hex": lambda value: quoting.quoted(_bytes(value)),
    "port": _from_address,
    "unix": _from_address,
    "abstract": _from_address,
    "family": _from_address,
}
"""What an argument that is an object may be, by the key that tells."""


def _outcome(event: Event) -> bytes:
    error, result = event.get("error", ""), event.get("result")
    if error:
        if not isinstance(error, str) or not re.fullmatch(r"E[A-Z0-9]{1,30}", error):
            raise EventError("an error is an errno's name")
        return quoting.failure(error)
    if result is None:
        return b"?"
    if _is_number(result):
        # What the kernel returns: a small negative number is an errno.
        return quoting.failure(errno_name(-result)) if -4096 < result < 0 else b"%d" % result  # noqa: PLR2004
    if isinstance(result, dict) and "fd" in result:
        return _from_descriptor(result)
    if isinstance(result, dict) and "text" in result:
        return _verbatim(result)
    raise EventError("a result is a number or a descriptor")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LONGEST_NUMBER


def _bytes(value: Any) -> bytes:
    try:
        if isinstance(value, dict):
            return bytes.fromhex(value["hex"])
        if isinstance(value, str):
            return value.encode("utf-8", "surrogateescape")
    except (KeyError, TypeError, ValueError):
        pass
    raise EventError("neither text nor {hex: ...}")
