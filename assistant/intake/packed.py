"""Archives of one stream, told by their first bytes and never by their name: gzip, zstd, xz, bzip2.

Members or frames one after the other are one stream. An archive that breaks off or is corrupt gives what was
whole before the place, and then an error that says so. Memory stays bounded whatever an archive claims.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, Protocol

from assistant.errors import DamagedTraceError
from assistant.intake.blocks import BLOCK, gathered


_SLICE = 1024
"""Bytes that are unpacked at once: no call gives more than 32 MiB for them, and an error loses no more."""

_LONGEST_MAGIC = 6
_MOST_MEMORY = 256 * 1024 * 1024
"""What an xz archive may ask for; zstandard refuses more than 128 MiB by itself."""


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Archive(NamedTuple):
    """How one form of archive is told and unpacked."""

    name: str
    begins: Callable[[bytes], bool]
    member: Callable[[], _Member]
    failures: Callable[[], tuple[type[Exception], ...]]


def _gzip() -> _Member:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _zstd() -> _Member:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


def _zstd_failures() -> tuple[type[Exception], ...]:
    import zstandard

    return (zstandard.ZstdError,)


def _xz() -> _Member:
    return lzma.LZMADecompressor(memlimit=_MOST_MEMORY)


def _begins_zstd(first: bytes) -> bool:
    skippable = first[1:4] == b"\x2a\x4d\x18" and first[0] & 0xF0 == 0x50  # noqa: PLR2004 - the format's
    return first.startswith(b"\x28\xb5\x2f\xfd") or skippable


_ARCHIVES = (
    _Archive("gzip", lambda first: first.startswith(b"\x1f\x8b\x08"), _gzip, lambda: (zlib.error,)),
    _Archive("zstd", _begins_zstd, _zstd, _zstd_failures),
    _Archive("xz", lambda first: first.startswith(b"\xfd7zXZ\0"), _xz, lambda: (lzma.LZMAError, MemoryError)),
    _Archive(
        "bzip2", lambda first: first.startswith(b"BZh"), bz2.BZ2Decompressor, lambda: (OSError, ValueError)
    ),
)


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The stream itself, whether it is packed or not.

    Raises:
        DamagedTraceError: after all that was whole.
    """
    rest, first = iter(blocks), b""
    for block in rest:
        first += block
        if len(first) >= _LONGEST_MAGIC:
            break
    if not first:
        return
    archive = next((archive for archive in _ARCHIVES if archive.begins(first)), None)
    if archive is None:
        yield first
        yield from rest
    else:
        yield from gathered(_pieces(archive, _slices(chain([first], rest))))


def _slices(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), _SLICE):
            yield block[start : start + _SLICE]


def _pieces(archive: _Archive, slices: Iterable[bytes]) -> Iterator[bytes]:
    member: _Member | None = archive.member()
    rest = b""
    for piece in slices:
        data, rest = rest + piece, b""
        while data:
            if member is None:
                # Writers pad with zeros between members.
                data = data.lstrip(b"\0")
                if len(data) < _LONGEST_MAGIC:
                    rest = data
                    break
                member = _next_member(archive, data)
            yield from _unpack(archive, member, data)
            data = member.unused_data if member.eof else b""
            member = None if member.eof else member
    if member is not None:
        raise _damaged(archive, "it breaks off")
    if rest:
        _next_member(archive, rest)


def _next_member(archive: _Archive, data: bytes) -> _Member:
    if not archive.begins(data):
        raise _damaged(archive, "something else follows its end")
    return archive.member()


def _unpack(archive: _Archive, member: _Member, data: bytes) -> Iterator[bytes]:
    try:
        if not isinstance(member, lzma.LZMADecompressor | bz2.BZ2Decompressor):
            yield member.decompress(data)
            return
        # These give a gigabyte for a few bytes if they are asked for it.
        yield member.decompress(data, BLOCK)
        while not (member.needs_input or member.eof):
            yield member.decompress(b"", BLOCK)
    except archive.failures() as error:
        raise _damaged(archive, str(error)) from error


def _damaged(archive: _Archive, why: str) -> DamagedTraceError:
    return DamagedTraceError(
        f"the {archive.name} archive is damaged",
        why=why,
        hint="copy it again, or record again; let strace and the packer finish",
    )
