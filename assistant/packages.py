"""dpkg's database, read directly: which package holds a file. Starts no process, writes nothing."""

import os
from collections.abc import Iterator
from pathlib import Path


class Dpkg:
    """The packages of a Debian-like machine.

    Args:
        root: Of the file system that is asked.
    """

    def __init__(self, root: str = "/") -> None:
        self._root = Path(root)
        self._database = self._root / "var/lib/dpkg"

    def owners(self, path: str) -> tuple[str, ...] | None:
        """Names of the packages that hold a path, sorted; None when there is no database that can be read."""
        try:
            found = self._listing(path)
            for diverted, to, by in self._diversions():
                if path == diverted:
                    found &= {by}
                elif path == to:
                    found |= self._listing(diverted) - {by}
        except OSError:
            return None
        return tuple(sorted(found))

    def _listing(self, path: str) -> set[str]:
        """The packages whose lists of files name a path."""
        lines = [f"\n{name}\n".encode("utf-8", "surrogateescape") for name in self._names(path)]
        folder = self._database / "info"
        lists = [name for name in os.listdir(folder) if name.endswith(".list")]
        if not lists:
            raise FileNotFoundError(folder)
        found = set()
        for name in lists:
            held = b"\n" + (folder / name).read_bytes()
            if any(line in held for line in lines):
                found.add(name.removesuffix(".list").partition(":")[0])
        return found

    def _names(self, path: str) -> Iterator[str]:
        """The path, and as a package names it that does not know that /bin and /usr/bin are one directory."""
        yield path
        _, top, second, *rest = (*path.split("/"), "", "")
        if top == "usr" and any(rest) and (self._root / second).is_symlink():
            yield path.removeprefix("/usr")

    def _diversions(self) -> Iterator[tuple[str, str, str]]:
        """A file's name, where it is instead, and the package whose own file has the name; ":" for none."""
        try:
            text = (self._database / "diversions").read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return
        lines = text.split("\n")
        yield from zip(lines[::3], lines[1::3], lines[2::3], strict=False)
