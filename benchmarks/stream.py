"""Writes a trace of any length to stdout, made from recorded ones: python stream.py BYTES FILE...

The files come round after round. The directories in which the recorded builds worked get another name in each
of four rounds, and the compilers' temporary files in every round, so that the distinct names of a long
stream grow as those of a long build do: many at first, then slowly.
"""

import sys
from collections.abc import Iterator


_BLOCK = 1 << 20
_DIRECTORIES = 4


def blocks(names: list[str], size: int) -> Iterator[bytes]:
    """Whole lines, of about ``size`` bytes in all."""
    given, turn = 0, 0
    while given < size:
        directory = b"/w%02d-round-" % (turn % _DIRECTORIES)
        for name in names:
            with open(name, "rb") as file:
                while given < size and (block := file.read(_BLOCK)):
                    text = block + file.readline()
                    text = text.replace(b"/round-", directory).replace(b"/tmp/cc", b"/tmp/cc%d" % turn)
                    given += len(text)
                    yield text
        turn += 1


if __name__ == "__main__":
    try:
        for part in blocks(sys.argv[2:], int(sys.argv[1])):
            sys.stdout.buffer.write(part)
    except BrokenPipeError:
        sys.exit("the reader of the stream went away")
