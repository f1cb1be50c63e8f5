"""What Python writes beside its code and does without: compiled files. A service may not write its own code.

A rule for them would let the service change what it runs. Python ignores that it may not write them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.domain.access import Evidence, PathAccess, Verdict
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import Reach
from assistant.drafting.refusing import Refusal


_FOLDER = "/__pycache__"
_CHANGES = ~(FsRight.READ_FILE | FsRight.READ_DIR | FsRight.EXECUTE)
_WHY = (
    "Python's compiled files, which it does without; writing beside code means changing it. To start faster, "
    "compile before the service starts (python3 -m compileall)"
)


def is_bytecode(access: PathAccess) -> bool:
    """Whether an access writes compiled files or makes their directory."""
    return bool(access.rights & _CHANGES) and bool(_refused_at(access))


def _refused_at(access: PathAccess) -> str:
    """The directory that the refusal is about; empty when the access is about something else."""
    folder, inside, _ = f"{access.path}/".partition(f"{_FOLDER}/")
    if inside:
        return folder + _FOLDER
    return access.path if access.given.endswith(_FOLDER) else ""


def refuse_bytecode(accesses: Iterable[PathAccess]) -> list[Refusal]:
    """A refusal for each directory with such accesses."""
    found: dict[str, tuple[FsRight, set[Evidence]]] = {}
    for access in accesses:
        if access.verdict is Verdict.NEEDED and is_bytecode(access):
            place = _refused_at(access)
            rights, lines = found.get(place) or (NO_FS, set[Evidence]())
            lines.update(access.evidence[:1])
            found[place] = rights | access.rights & _CHANGES, lines
    return [
        Refusal(path, rights, hard=True, why=_WHY, evidence=tuple(sorted(lines)))
        for path, (rights, lines) in found.items()
    ]


def not_given(refusals: Iterable[Refusal], reach: Reach) -> Iterator[Refusal]:
    """Such refusals less what the rules give: beneath what is written anyway Landlock cannot deny."""
    for refusal in refusals:
        rights = refusal.rights & ~reach.rights(refusal.path)
        if rights:
            yield replace(refusal, rights=rights)
