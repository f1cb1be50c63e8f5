"""Prints the seconds that the reader alone takes for one trace: python reader.py TRACE."""

import sys
import time
from pathlib import Path

from assistant.trace.reader import Reader


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb", buffering=0) as file:
        started = time.perf_counter()
        reader = Reader()
        reader.read("trace", iter(lambda: file.read(1 << 18), b""))
        reader.inventory()
        print(time.perf_counter() - started)
