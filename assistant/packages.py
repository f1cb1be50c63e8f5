"""dpkg's database, read directly: which package holds a file, and what files it has. Runs nothing."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from assistant.domain.codepath import PackageFile


_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
_LONGEST = 1 << 18


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

    def files(self, package: str) -> tuple[str, ...] | None:
        """All paths that a package lists; None when it is not installed here, or nothing is known."""
        for path in self._of(package, "list"):
            try:
                lines = path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
            except OSError:
                continue
            return tuple(line for line in lines if line.startswith("/") and line != "/.")
        return None

    def scripts(self, package: str) -> tuple[PackageFile, ...]:
        """What a package runs when it is installed, upgraded or removed."""
        found = [path for name in _SCRIPTS for path in self._of(package, name) if path.is_file()]
        return tuple(PackageFile(str(path), _text(path)) for path in found)

    def read(self, path: str) -> PackageFile:
        """A file of a package, as it is on this machine."""
        return PackageFile(path, _text(Path(path)))

    def _of(self, package: str, kind: str) -> list[Path]:
        """The database's files of one kind of a package, whatever its architecture."""
        if not _NAME.fullmatch(package):
            return []
        info = self._database / "info"
        return [info / f"{package}.{kind}", *sorted(info.glob(f"{package}:*.{kind}"))]

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


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return None
