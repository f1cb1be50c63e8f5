"""Names as plain text that cannot act on a terminal, break a line or hide: for everyone who shows a name."""

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode counts as letters, marks or symbols and that show as nothing."""

_BYTES = range(0xDC80, 0xDD00)
"""Surrogates that stand for bytes which are not UTF-8, as os.fsdecode makes them."""

_CUT = "[...]"


def printable(text: str, limit: int | None = None) -> str:
    r"""The text with everything invisible or active shown as an escape; a backslash is doubled.

    Control characters become ``\n``, ``\x1b``; bytes that are not UTF-8 ``\xHH``; direction and other
    invisible characters ``\u202e``. Equal results mean equal texts, as long as nothing was cut.

    Args:
        text: Any string, surrogates included.
        limit: At most so many characters, at least 16: the middle gives way to ``[...]``; escapes stay whole.
    """
    plain = text.isascii() and text.isprintable() and "\\" not in text
    if plain and (limit is None or len(text) <= limit):
        return text
    pieces = [_piece(char) for char in text]
    if limit is None or sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    room = max(limit, 16) - len(_CUT)
    head = _fitting(pieces, room - room // 2)
    tail = _fitting(pieces[::-1], room // 2)
    return "".join(head) + _CUT + "".join(tail[::-1])


def _fitting(pieces: list[str], room: int) -> list[str]:
    taken = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        taken.append(piece)
    return taken


def _piece(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable() and char not in _BLANKS and not _selects_variant(code):
        return char
    if code < 0x80:  # noqa: PLR2004 - ASCII: above it, \xHH means an undecodable byte
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits or eight


def _selects_variant(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF  # noqa: PLR2004 - Unicode's two blocks
