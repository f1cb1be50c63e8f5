"""Runs an exported script in a real shell with a program in its place that only writes down how it was called."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


COMMAND = ("a command", "-x", "--", "$HOME", "new\nline", "")
"""What is started through each script: it must arrive as it was given."""

_STUB = """#!/bin/sh
case "$*" in *no-such-access*) exit {answer};; esac
for word in "$@"; do printf '%s\\0' "$word"; done >"$RECORD.words"
env -0 >"$RECORD.variables"
"""


class Shell:
    """A directory with a stub in it.

    Args:
        folder: An empty directory.
        shell: The shell that runs the scripts.
        answer: What the stub exits with when it is asked for something that cannot exist.
    """

    def __init__(self, folder: Path, shell: str = "/bin/sh", answer: int = 1) -> None:
        self._folder, self._shell = folder, shell
        for name in ("landrun", "setpriv", "sandboxer"):
            stub = folder / name
            stub.write_text(_STUB.format(answer=answer))
            stub.chmod(0o755)

    def run(
        self, text: str, command: Sequence[str] = COMMAND, **variables: str
    ) -> "subprocess.CompletedProcess[bytes]":
        script = self._folder / "script"
        script.write_text(text, "utf-8")
        record = self._folder / "record"
        for kind in ("words", "variables"):
            record.with_suffix(f".{kind}").unlink(missing_ok=True)
        environment = {"PATH": f"{self._folder}:/usr/bin:/bin", "RECORD": str(record), **variables}
        return subprocess.run(
            [self._shell, str(script), *command],
            env=environment,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def called(self, text: str, **variables: str) -> tuple[list[str], dict[str, str]]:
        """The words and the environment that the program in the script got."""
        done = self.run(text, **variables)
        assert (done.returncode, done.stderr) == (0, b""), done
        words = (self._folder / "record.words").read_bytes().split(b"\0")[:-1]
        pairs = (self._folder / "record.variables").read_bytes().split(b"\0")[:-1]
        named = dict(pair.split(b"=", 1) for pair in pairs)
        return [os.fsdecode(word) for word in words], {
            os.fsdecode(k): os.fsdecode(v) for k, v in named.items()
        }
