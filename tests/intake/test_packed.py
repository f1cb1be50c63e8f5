"""Archives are told by their bytes; a damaged one gives what was whole and says so."""

import bz2
import gzip
import lzma
import random
import zlib
from collections.abc import Callable

import pytest
import zstandard

from assistant.errors import DamagedTraceError
from assistant.intake.blocks import BLOCK
from assistant.intake.packed import unpacked


def _trace(lines: int) -> bytes:
    chance = random.Random(7)  # noqa: S311 - the same lines each time
    return b"".join(
        b'%d open("/srv/%x", O_RDONLY) = 3\n' % (100 + n % 9, chance.getrandbits(64)) for n in range(lines)
    )


TRACE = _trace(9_000)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _damaged(data: bytes) -> tuple[bytes, str]:
    """What came out before the error, and the error."""
    out: list[bytes] = []
    with pytest.raises(DamagedTraceError) as caught:
        out.extend(unpacked(_cut(data, 4096)))
    return b"".join(out), f"{caught.value.what}: {caught.value.why}"


def test_what_is_not_packed_comes_as_it_is() -> None:
    assert b"".join(unpacked(_cut(TRACE, 100))) == TRACE
    assert list(unpacked([])) == []
    assert list(unpacked([b"\x1f"])) == [b"\x1f"]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("size", [1, 7, 65536])
def test_an_archive_is_unpacked_however_its_bytes_arrive(packer: str, size: int) -> None:
    small = TRACE[:5000]

    assert b"".join(unpacked(_cut(PACKERS[packer](small), size))) == small


@pytest.mark.parametrize("packer", PACKERS)
def test_members_one_after_the_other_are_one_stream(packer: str) -> None:
    pack = PACKERS[packer]

    assert b"".join(unpacked([pack(TRACE) + pack(b"") + pack(b"end\n")])) == TRACE + b"end\n"


def test_frames_that_pzstd_puts_between_are_skipped() -> None:
    pack = PACKERS["zstd"]

    assert b"".join(unpacked([SKIPPABLE + pack(TRACE) + SKIPPABLE + pack(b"end\n")])) == TRACE + b"end\n"


def test_zeros_that_pad_a_gzip_are_not_taken_for_damage() -> None:
    assert b"".join(unpacked([gzip.compress(TRACE) + bytes(3000)])) == TRACE


@pytest.mark.parametrize("packer", PACKERS)
def test_an_archive_that_breaks_off_gives_what_was_whole_and_an_error(packer: str) -> None:
    data = PACKERS[packer](TRACE)

    out, said = _damaged(data[: len(data) * 9 // 10])

    assert TRACE.startswith(out)
    # Of a block of bzip2, which is all that this trace makes, nothing comes out before its end.
    assert len(out) > len(TRACE) // 2 or packer == "bzip2"
    assert said == f"the {packer} archive is damaged: it breaks off"


@pytest.mark.parametrize("packer", PACKERS)
def test_a_corrupt_archive_gives_what_came_before_and_an_error(packer: str) -> None:
    data = bytearray(PACKERS[packer](TRACE))
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)

    out, said = _damaged(bytes(data))

    assert said.startswith(f"the {packer} archive is damaged: ")
    # bzip2 looks at a block's checksum when all of it is out already.
    assert TRACE.startswith(out[: len(TRACE) // 4]) or packer == "bzip2"


def test_a_wrong_checksum_at_the_end_is_damage() -> None:
    data = gzip.compress(TRACE)
    wrong = data[:-8] + (zlib.crc32(TRACE) ^ 1).to_bytes(4, "little") + data[-4:]

    out, said = _damaged(wrong)

    assert TRACE.startswith(out)
    assert "incorrect data check" in said


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("behind", [b"x", b"\n", b"100 open(", bytes(500) + b"trailing bytes"])
def test_something_else_behind_the_archive_is_damage(packer: str, behind: bytes) -> None:
    out, said = _damaged(PACKERS[packer](TRACE) + behind)

    assert out == TRACE
    assert said.endswith("something else follows its end")


@pytest.mark.parametrize("packer", PACKERS)
def test_blocks_stay_small_whatever_an_archive_holds(packer: str) -> None:
    size = 64 * 1024 * 1024
    zeros = PACKERS[packer](bytes(size))

    sizes = [len(block) for block in unpacked(_cut(zeros, BLOCK))]

    assert sum(sizes) == size
    assert max(sizes) <= 40 * 1024 * 1024


def test_a_window_larger_than_any_sane_one_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(TRACE) + packer.flush()

    assert "too much memory" in _damaged(data)[1]
