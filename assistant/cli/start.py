"""The console script: what must hold before anything else is imported, and an end with the command's code."""

import gc
import sys
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
    sys.exit(code)


def _run() -> int:
    from assistant.cli import console

    console.open_closed_streams()
    from assistant.cli.main import run_command

    return run_command()
