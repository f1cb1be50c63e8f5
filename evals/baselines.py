"""How other tools go from files to rules, written anew from what their documentation says they do.

They work on what our reader found and are given the rights of our engine, so that only the generalisation is
compared: none of these tools would have had all of them.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from assistant.domain.access import Inventory, Kind, Verdict, is_beneath, parent
from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, FsRight


@dataclass(frozen=True, slots=True)
class Observed:
    """What a trace shows of one object: the rights it was used with, and whether it is a directory."""

    path: str
    rights: FsRight
    is_directory: bool


Rules = Mapping[str, FsRight]
Generalise = Callable[[list[Observed]], Rules]

_LEADS_ELSEWHERE = re.compile(r"(/proc/[^/]+)/(?:task/[0-9]+/)?(?:root|cwd|exe|fd|map_files)(?:/|$)")
_DEPTH = 3
_COLLAPSE_AT = 4
_THRESHOLD = 5
_READS = FsRight.READ_FILE | FsRight.READ_DIR | FsRight.IOCTL_DEV
_EXECUTES = FsRight.EXECUTE
_WRITES = ~NO_FS & ~_READS & ~_EXECUTES


def observed(inventory: Inventory, host: Host) -> list[Observed]:
    """Objects that were used or may have been made, sorted by path.

    What is gone cannot carry a rule: the nearest directory above it that is there stands for it. So does the
    process's own directory in /proc for those in it that lead elsewhere, such as its open files: a document
    cannot hold them.
    """
    rights: dict[str, FsRight] = {}
    directories: set[str] = set()
    for access in inventory.paths:
        if access.verdict in (Verdict.NEEDED, Verdict.POSSIBLE) and access.rights:
            place = _existing(access.path, host)
            rights[place] = rights.get(place, NO_FS) | access.rights
            if access.kind is Kind.DIRECTORY or place != access.path:
                directories.add(place)
    return [Observed(path, found, path in directories) for path, found in sorted(rights.items())]


def _existing(path: str, host: Host) -> str:
    if is_beneath(path, "/proc/self") or _LEADS_ELSEWHERE.match(path):
        # Another process's in each life, and no document may lead through its links.
        return "/proc"
    while host.known and path != "/" and host.kind(path) is None:
        path = parent(path)
    return path


def file_each(objects: list[Observed]) -> Rules:
    """A rule for each object that was used."""
    return {one.path: one.rights for one in objects}


def parent_directory(objects: list[Observed]) -> Rules:
    """Each file's directory, with the rights that its files were used with."""
    return _uncovered(_summed((_directory_of(one), one.rights) for one in objects))


def depth_three(objects: list[Observed]) -> Rules:
    """Each file's directory, cut off behind the third component."""
    return _uncovered(_summed((_cut(_directory_of(one)), one.rights) for one in objects))


def collapse_at_four(objects: list[Observed]) -> Rules:
    """Directories of which four files were used become rules; read and write are bundles, tiers protect.

    Protected trees (/, homes' secrets) are never collapsed; guarded ones (/etc, /proc, a home) are, with a
    warning that nobody reads in a batch. Execution goes with reading.
    """
    rules: dict[str, FsRight] = {}
    for bundle, chosen in _bundles(objects):
        inside: dict[str, int] = {}
        for path in chosen:
            inside[parent(path)] = inside.get(parent(path), 0) + 1
        collapsed = {
            place for place, count in inside.items() if count >= _COLLAPSE_AT and not _protected(place)
        }
        for path, rights in chosen.items():
            place = parent(path) if parent(path) in collapsed else path
            rules[place] = rules.get(place, NO_FS) | rights | (bundle if place in collapsed else NO_FS)
    return _uncovered(rules)


def threshold_five(objects: list[Observed]) -> Rules:
    """Lists of paths, one for each kind of use; the deepest of a list of more than five are merged upwards.

    The reading taken here: while a list is too long, all its paths at the greatest depth give way to their
    directories, but never to the root.
    """
    rules: dict[str, FsRight] = {}
    for use in (_READS, _WRITES, _EXECUTES):
        listed = {one.path: one.rights & use for one in objects if one.rights & use}
        while len(listed) > _THRESHOLD:
            deepest = max(path.count("/") for path in listed)
            if deepest <= 1:
                break
            listed = _uncovered(
                _summed(
                    (parent(path) if path.count("/") == deepest else path, rights)
                    for path, rights in listed.items()
                )
            )
        for path, rights in listed.items():
            rules[path] = rules.get(path, NO_FS) | rights
    return rules


BASELINES: dict[str, Generalise] = {
    "file": file_each,
    "parent": parent_directory,
    "depth-3": depth_three,
    "collapse-4": collapse_at_four,
    "threshold-5": threshold_five,
}
"""By the name that tables use."""


def _directory_of(one: Observed) -> str:
    return one.path if one.is_directory else parent(one.path)


def _cut(directory: str) -> str:
    return "/" + "/".join(directory.split("/")[1 : _DEPTH + 1])


def _summed(pairs: Iterable[tuple[str, FsRight]]) -> dict[str, FsRight]:
    rules: dict[str, FsRight] = {}
    for path, rights in pairs:
        rules[path] = rules.get(path, NO_FS) | rights
    return rules


def _uncovered(rules: Mapping[str, FsRight]) -> dict[str, FsRight]:
    """Without what a rule above gives already."""
    left: dict[str, FsRight] = {}
    for path, rights in sorted(rules.items()):
        above, here = NO_FS, path
        while here != "/":
            here = posixpath.dirname(here)
            above |= left.get(here, NO_FS)
        if rights & ~above:
            left[path] = rights & ~above
    return left


def _bundles(objects: list[Observed]) -> list[tuple[FsRight, dict[str, FsRight]]]:
    """Objects that are only read (or run), and those that are written."""
    written = {one.path: one.rights for one in objects if one.rights & _WRITES}
    read = {one.path: one.rights for one in objects if one.path not in written}
    return [(_READS, read), (_READS | _WRITES, written)]


_HIDDEN = (".ssh", ".aws", ".kube", ".gnupg")


def _protected(place: str) -> bool:
    return place in ("/", "/root") or any(name in place.split("/") for name in _HIDDEN)
