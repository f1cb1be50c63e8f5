"""The console script: what must hold before anything else is imported, and an end with the command's code."""

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

from assistant.errors import Exit


_MANY_OBJECTS = 200_000


def main() -> NoReturn:
    """Run one command and exit with its code."""
    # Starting makes some 100,000 objects and no garbage: looking through them again and again finds nothing.
    gc.set_threshold(_MANY_OBJECTS)
    try:
        code = _run()
    except KeyboardInterrupt:  # before the command, which says so itself, or behind it
        from assistant.cli import console

        console.say("landscribe: interrupted; nothing was half written")
        code = Exit.INTERRUPTED
    _end(code)


def _end(code: int) -> NoReturn:
    """End at once: taking the objects of a large trace apart, one by one, would outlast their printing."""
    if threading.active_count() > 1:
        # The interpreter waits for them.
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - what the interpreter itself would do next
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        # It knows what to say of a stream that nobody reads.
        sys.exit(code)
    os._exit(code)


def _run() -> int:
    from assistant.cli import console

    console.open_closed_streams()
    from assistant.cli.main import run_command

    return run_command()
