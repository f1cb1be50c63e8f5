"""The sentences of a draft: why a grant is there, how it may fail, and what the other choices would open."""

import posixpath
from collections import Counter
from collections.abc import Collection, Mapping

from assistant.domain.access import Kind
from assistant.domain.places import is_guarded, is_public
from assistant.domain.rights import NO_FS, FsRight
from assistant.drafting.exposure import Exposure
from assistant.drafting.needs import EXECUTE, READ, WRITE, Need, rights_in


_VERBS = {READ: "read", WRITE: "written", EXECUTE: "executed"}
_DIRECTORY_VERBS = {
    FsRight.MAKE_REG: "files are created",
    FsRight.MAKE_DIR: "directories are created",
    FsRight.MAKE_SOCK: "sockets are created",
    FsRight.MAKE_FIFO: "pipes are created",
    FsRight.MAKE_SYM: "links are created",
    FsRight.REMOVE_FILE: "files are removed or renamed",
    FsRight.REMOVE_DIR: "directories are removed or renamed",
    FsRight.REFER: "files move between directories",
}


def observed(wanted: int, rights: FsRight, needs: Collection[Need], *, directory: bool) -> str:
    """What was seen, and what it lets expect, as the second part of a reason; empty for a single file."""
    if not directory:
        names = sorted({name for need in needs for name in need.names})
        return f" The service calls it {names[0]}." if len(names) == 1 else ""
    counted = Counter(need.all for need in needs if need.kind is not Kind.DIRECTORY)
    numbers = {name: _count(counted, name) for name in _VERBS if wanted & name}
    said = [f"{number} {_VERBS[name]}" for name, number in numbers.items() if number]
    hard = NO_FS
    for need in needs:
        hard |= need.hard
    said += [words for right, words in _DIRECTORY_VERBS.items() if rights & right & hard]
    later = [words for right, words in _DIRECTORY_VERBS.items() if rights & right & ~hard]
    return (f" In the trace: {', '.join(said)}." if said else "") + (
        f" Next time perhaps: {', '.join(later)}." if later else ""
    )


def _count(counted: Mapping[FsRight, int], wanted: int) -> int:
    object_rights = rights_in(wanted) & (
        FsRight.READ_FILE | FsRight.WRITE_FILE | FsRight.TRUNCATE | FsRight.EXECUTE | FsRight.READ_DIR
    )
    return sum(number for rights, number in counted.items() if rights & object_rights)


def weakness(path: str, kind: Kind, wanted: int) -> str:
    """How a rule on a single file may come to fail; empty for directories and devices."""
    if kind in (Kind.DIRECTORY, Kind.DEVICE, Kind.BLOCK_DEVICE) or path.startswith(("/dev/", "/sys/")):
        return ""
    if path.startswith("/proc/self"):
        return "holds for the first process only, not for its children"
    if path.startswith("/proc/"):
        return "the launcher must keep the file open, or the rule may die under memory pressure"
    if is_public(path):
        return "after an upgrade of the package, restart the service" if not wanted & EXECUTE else ""
    instead = "overwrite it in place" if is_guarded(posixpath.dirname(path)) else "grant the directory"
    return f"dead after the file is replaced: restart the service, or {instead}"


def alternatives(
    path: str,
    wanted: int,
    needs: Collection[Need],
    exposure: Exposure,
    used: Mapping[int, Collection[str]],
) -> tuple[str, ...]:
    """The narrower and the wider choice for a rule, with what each would open."""
    said = []
    beneath = [need for need in needs if need.path != path]
    if beneath:
        said.append(f"narrower: {_narrower(beneath)}")
    above = posixpath.dirname(path)
    if is_guarded(above):
        said.append(f"wider: {above} is shared by many programs; only a person may grant it")
    else:
        name = next((name for name in (WRITE, EXECUTE, READ) if wanted & name), READ)
        opens = exposure.count(above, used.get(name, ()), name)
        more = f"also opens {opens.words()}" if opens.total or not opens.known else "opens nothing more today"
        said.append(f"wider: {above} {more}")
    return tuple(said)


def _narrower(beneath: Collection[Need]) -> str:
    """What rules on the objects themselves would be worth."""
    stable = sum(1 for need in beneath if not need.volatile)
    lost = len(beneath) - stable
    if not stable:
        return f"none, for what lies beneath comes and goes ({lost} seen)"
    rules = f"{stable} rules on single objects, each dead when its object"
    if stable == 1:
        rules = "1 rule on a single object, dead when it"
    tail = f"; {lost} that come and go could not be named" if lost else ""
    return f"{rules} is replaced{tail}"
