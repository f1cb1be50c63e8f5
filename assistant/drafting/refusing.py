"""Which needs are not granted although the trace shows them, and why. A person may grant them by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assistant.domain.access import Evidence, Kind, is_beneath, parent
from assistant.domain.places import SHARED_SCRATCH, credential, escape, is_guarded, read_by_more_privileged
from assistant.domain.processes import FIRST, OTHER
from assistant.domain.rights import NO_FS, FsRight
from assistant.drafting.needs import WRITE, Need, rights_in


_WRITING = rights_in(WRITE) & ~FsRight.RESOLVE_UNIX


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rights on one object that are refused. ``hard``: the traced run used them."""

    path: str
    rights: FsRight
    hard: bool
    why: str
    evidence: tuple[Evidence, ...]


def refuse(needs: Mapping[str, Need]) -> tuple[dict[str, Need], list[Refusal]]:
    """Split needs into those that may be granted and what is refused."""
    kept: dict[str, Need] = {}
    refusals: list[Refusal] = []
    made = {path for path, need in needs.items() if need.volatile and need.kind is Kind.DIRECTORY}
    for path, need in needs.items():
        rights, why = _refused(need, made)
        if rights and (rights := rights & need.all):
            lines = sorted({line for right, line in need.first.items() if right & rights})
            refusals.append(Refusal(path, rights, bool(rights & need.hard), why, tuple(lines)))
            need = need.without(rights)  # noqa: PLW2901 - what is left of it
        kept[path] = need
    return kept, refusals


def _refused(need: Need, made: Collection[str]) -> tuple[FsRight, str]:
    """The rights to refuse on an object, and the reason."""
    wanted = need.all
    store = credential(need.path)
    if store is not None:
        return ~NO_FS, f"{store.why}: no service needs to read it itself"
    way_out = escape(need.path)
    if way_out is not None:
        return ~NO_FS, f"whoever reaches it leaves the sandbox: {way_out.why}"
    if FsRight.EXECUTE in wanted and (
        need.volatile or FsRight.WRITE_FILE in wanted or _lies_in(need.path, made)
    ):
        return FsRight.EXECUTE, (
            "the service made or changed this program itself; what can be written must not be executed"
        )
    return _refused_writing(need) if wanted & _WRITING else (NO_FS, "")


def _lies_in(path: str, directories: Collection[str]) -> bool:
    """Whether a path lies in one of the directories, however deep."""
    while directories and path != "/":
        path = parent(path)
        if path in directories:
            return True
    return False


def _refused_writing(need: Need) -> tuple[FsRight, str]:
    if is_beneath(need.path, OTHER):
        # An open for both fails without either, and what only reads was moved to /proc.
        return (
            ~NO_FS,
            "a rule can stand on the first process's settings alone; another's would need all of /proc",
        )
    if need.path == "/proc" or (need.path.startswith("/proc/") and not _own_process(need.path)):
        return _WRITING, "a write there changes the kernel's or another process's settings"
    reader = read_by_more_privileged(need.path)
    if reader is not None:
        return _WRITING, f"a write there reaches somebody with more rights: {reader.why}"
    if is_guarded(need.path) and need.path not in SHARED_SCRATCH:
        # Reading what was made here, or moved away from here, would open all that others keep here.
        return _WRITING | FsRight.READ_FILE, (
            "many programs share this directory; make what the service needs there before it starts "
            "(StateDirectory=, tmpfiles.d)"
        )
    return NO_FS, ""


def _own_process(path: str) -> bool:
    return path.startswith(f"{FIRST}/")
