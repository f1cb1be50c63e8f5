"""What lies in directories, one level deep. Looks at names and types only."""

import os
from collections.abc import Iterable
from contextlib import suppress


_PSEUDO = ("/proc", "/sys", "/dev")
_MOST = 5000

Entries = dict[str, dict[str, bool]]
"""Directory to the paths of its entries, with whether each is a directory; links are left out."""


def entries_of(paths: Iterable[str]) -> Entries:
    """The entries of those paths that are directories of ordinary file systems and not too large."""
    found: Entries = {}
    for path in paths:
        with suppress(OSError):
            if not path.startswith(_PSEUDO) and os.path.isdir(path):
                with os.scandir(path) as listed:
                    inside = {entry.path: entry.is_dir() for entry in listed if not entry.is_symlink()}
                if len(inside) <= _MOST:
                    found[path] = dict(sorted(inside.items()))
    return found
