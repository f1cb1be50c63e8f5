"""Runs the operator's own command that prints a key, for whoever keeps no key in the environment."""

import shlex
import subprocess

from assistant.errors import CredentialsError


_SECONDS = 30


def printed_by(command: str) -> str:
    """What a command prints, without the line's end. It is never shown.

    Raises:
        CredentialsError: it cannot be run, fails, prints nothing, or takes too long.
    """
    try:
        words = shlex.split(command)
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_SECONDS, check=True
        )
    except (ValueError, IndexError, OSError, subprocess.SubprocessError) as error:
        raise CredentialsError(
            "the command that prints the key failed",
            why=f"{command[:100]!a}: {type(error).__name__}",
            hint="run it by hand; it is the setting key_helper",
        ) from None
    key = done.stdout.decode("ascii", "replace").strip()
    if not key:
        raise CredentialsError("the command that prints the key printed nothing", why=f"{command[:100]!a}")
    return key
