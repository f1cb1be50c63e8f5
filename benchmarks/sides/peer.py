"""Prints the seconds that stracetools takes to parse one trace: python peer.py TRACE."""

import logging
import sys
import time

from stracetools import StraceParser  # type: ignore[import-not-found] # not in our environment


if __name__ == "__main__":
    logging.disable()
    started = time.perf_counter()
    events = StraceParser().parse_file(sys.argv[1])
    seconds = time.perf_counter() - started
    if not events:
        sys.exit("stracetools understood nothing")
    print(seconds)
