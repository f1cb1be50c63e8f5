"""Who a person says they are to git. A claim, as every author of a commit is."""

import shutil
import subprocess
from pathlib import Path


_SECONDS = 10.0


def git_identity(directory: Path) -> str:
    """Name and address, as git in a directory has them; empty when git or either of them is missing."""
    name, address = (_asked(directory, key) for key in ("user.name", "user.email"))
    return f"{name} <{address}>" if name and address else ""


def _asked(directory: Path, key: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        done = subprocess.run(
            [git, "-C", str(directory), "config", "--get", key],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
