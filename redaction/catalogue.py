"""The paths that ship with this package: data/paths.txt.xz, made by scripts/generate_vocabulary.py.

One line a directory, sorted: how many characters it shares with the one before, the rest of it, and the names
in it. These are taken apart when the directory is asked for the first time, so the file is read quickly.
"""

import lzma
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from redaction.errors import VocabularyError
from redaction.words import DATA


PATHS_FILE = os.path.join(DATA, "paths.txt.xz")


class Catalogue:
    """Whole unnumbered paths, each with all that leads to it.

    Args:
        text: The lines.

    Raises:
        ValueError: They are damaged.
    """

    def __init__(self, text: str) -> None:
        self._names: dict[str, str] = {}
        self._read: dict[str, frozenset[str]] = {}
        before = ""
        for line in text.splitlines():
            if not line.startswith("#"):
                shared, rest, names = line.split("\t")
                before = before[: int(shared)] + rest
                self._names[before] = names

    def __contains__(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in self._in(folder)

    def __iter__(self) -> Iterator[str]:
        for folder, names in self._names.items():
            yield from (f"{folder}/{name}" for name in names.split("/"))

    def __len__(self) -> int:
        return sum(names.count("/") + 1 for names in self._names.values())

    def _in(self, folder: str) -> frozenset[str]:
        found = self._read.get(folder)
        if found is None:
            found = self._read[folder] = frozenset(self._names.get(folder, "").split("/")) - {""}
        return found


@cache
def shipped_paths() -> Catalogue:
    """The paths of the file.

    Raises:
        VocabularyError: The file is damaged.
    """
    try:
        return Catalogue(_text())
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise VocabularyError(
            "the shipped vocabulary is damaged", why=str(error), hint="install again"
        ) from None


def provenance() -> str:
    """What the shipped paths were made from, and when."""
    return _text().partition("\n")[0].removeprefix("# ")


def _text() -> str:
    with lzma.open(PATHS_FILE, "rt", encoding="ascii") as file:
        return file.read()


def packed(paths: Iterable[str], head: str) -> bytes:
    """The file's bytes: a header, and the paths, which hold all that leads to them."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        folder, _, name = path.rpartition("/")
        folders[folder].append(name)
    lines, before = [head], ""
    for folder in sorted(folders):
        shared = _shared(folder, before)
        lines.append(f"{shared}\t{folder[shared:]}\t{'/'.join(sorted(folders[folder]))}")
        before = folder
    return lzma.compress("\n".join(lines).encode("ascii"))


def _shared(one: str, other: str) -> int:
    """How many characters two strings begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (first, second) in pairs if first != second), min(len(one), len(other)))
