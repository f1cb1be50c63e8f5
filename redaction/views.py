"""The ways in which a text may hide another: escapes, percent signs, hexadecimal digits, base64.

Each view is the text with one of them undone, so a value is found in it by its plain spelling, whatever
stands around it and however its encoding is aligned.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes


class View(NamedTuple):
    """A text as somebody could read it.

    Attributes:
        name: How it was encoded.
        text: What comes out.
        guessed: Most of it is noise: only what is too long for chance counts there.
    """

    name: str
    text: str
    guessed: bool = False


_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|(?:u\{|U)([0-9a-fA-F]{1,8})\}?|x([0-9a-fA-F]{2})|([0-7]{3})|([nrtbf\"'\\/]))"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITY = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));|&(lt|gt|amp|quot|apos);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_HEX = re.compile(r"[0-9a-fA-F](?:[ :]?[0-9a-fA-F]){7,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")
_TO_STANDARD = str.maketrans("-_", "+/")
_LAST_CODE_POINT = 0x10FFFF


def views(text: str) -> Iterator[View]:
    """The text itself, and every view of it that differs."""
    yield View("plain", text)
    seen = {text}
    readable = [text]
    for name, undo in (("escaped", unescaped), ("escaped twice", unescaped), ("entities", without_entities)):
        undone = undo(readable[-1])
        if undone not in seen:
            seen.add(undone)
            readable.append(undone)
            yield View(name, undone)
    for name, decode, guessed in _DECODERS:
        for source in readable:
            undone = decode(source)
            if undone and undone not in seen:
                seen.add(undone)
                yield View(name, undone, guessed)


def unescaped(text: str) -> str:
    r"""Without the escapes of JSON, and of strace: ``\u0061``, ``\x61``, ``\141``."""
    text = _ESCAPE.sub(_character, text) if "\\" in text else text
    # Two halves of a pair are one character.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _character(found: re.Match[str]) -> str:
    if found[5]:
        return _LETTERS.get(found[5], found[5])
    code = int(found[4], 8) if found[4] else int(found[1] or found[2] or found[3], 16)
    return chr(code) if code <= _LAST_CODE_POINT else found[0]


def without_entities(text: str) -> str:
    """Without the entities of HTML and XML."""
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(code) if code <= _LAST_CODE_POINT else found[0]


def percent_decoded(text: str) -> str:
    """Without percent signs; a plus is a blank in forms, which no name is spelled with."""
    return _text(unquote_to_bytes(text.encode("utf-8", "surrogatepass"))) if "%" in text else ""


def hex_decoded(text: str) -> str:
    """What its runs of hexadecimal digits spell, in both alignments; a line each."""
    found = []
    for run in _HEX.finditer(text):
        digits = run[0].replace(" ", "").replace(":", "")
        found += [_text(bytes.fromhex(part[: len(part) // 2 * 2])) for part in (digits, digits[1:])]
    return "\n".join(found)


def base64_decoded(text: str) -> str:
    """What its runs of base64 spell, in the four alignments; a line each."""
    found = []
    for run in _BASE64.finditer(text):
        letters = run[0].rstrip("=").translate(_TO_STANDARD)
        for shift in range(4):
            part = letters[shift:]
            part = part[:-1] if len(part) % 4 == 1 else part
            try:
                found.append(_text(base64.b64decode(part + "=" * (-len(part) % 4))))
            except binascii.Error:
                continue
    return "\n".join(found)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


_DECODERS: tuple[tuple[str, Callable[[str], str], bool], ...] = (
    ("percent", percent_decoded, False),
    ("hexadecimal", hex_decoded, True),
    ("base64", base64_decoded, True),
)
