"""What calls imply although no line shows it: interpreters, shortening, reading back, rights to move files.

Each is an access of its own, with the lines that imply it as its evidence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from assistant.domain.access import Execution, Kind, Verdict
from assistant.domain.host import Host
from assistant.domain.places import is_guarded
from assistant.domain.rights import NO_FS, ON_FILE, FsRight
from assistant.trace.row import OPENS, WITH_A_SAY, Row, holder


_EXEC = FsRight.EXECUTE | FsRight.READ_FILE
_LISTS = FsRight.READ_DIR | FsRight.READ_FILE


def shortened(rows: Iterable[Row], blind: Collection[str]) -> list[Row]:
    """Where ftruncate was not traced, every file that was opened for writing may have been shortened.

    Args:
        rows: All of them.
        blind: The traces without it.
    """
    return [
        replace(row, rights=FsRight.TRUNCATE, verdict=Verdict.POSSIBLE)
        for row in (rows if blind else ())
        if row.call in OPENS and FsRight.WRITE_FILE in row.needed
        if row.kind is not Kind.DIRECTORY and not _has_no_length(row.path)
        if any(trace in blind for trace, _ in row.runs)
    ]


def read_back(rows: list[Row]) -> list[Row]:
    """Files that a service writes in a directory of its own that it lists: the next start reads them.

    The first start finds none, so no line reads one. The listing is the evidence; one file stands for all.
    """
    listed = {row.path: row for row in rows if _is_listing(row)}
    found: dict[str, Row] = {}
    for row in rows if listed else ():
        if row.call in OPENS and row.needed & FsRight.WRITE_FILE:
            listing = listed.get(holder(row.path))
            if listing is not None and listing.path not in found:
                found[listing.path] = replace(
                    listing,
                    path=row.path,
                    rights=FsRight.READ_FILE,
                    kind=Kind.FILE,
                    verdict=Verdict.POSSIBLE,
                    given="",
                )
    return list(found.values())


def _is_listing(row: Row) -> bool:
    if row.kind is not Kind.DIRECTORY or row.call not in OPENS:
        return False
    reads = row.needed & _LISTS
    return bool(reads) and row.rights == reads and not is_guarded(row.path)


def _has_no_length(path: str) -> bool:
    return path.startswith(("/proc/", "/sys/", "/dev/")) and not path.startswith(
        ("/dev/shm/", "/dev/mqueue/")
    )


def gains(rows: list[Row], moved: Mapping[str, str], host: Host) -> list[Row]:
    """What a directory must allow so that files may leave it: all that their new place allows.

    The kernel answers EXDEV to a move or link that would gain a right. Of a file only the rights on files
    count, of a directory all. It takes what is done beneath it along: a rule that allows that in the new
    place stands there or above.
    """
    leaving = [
        (row, host.resolve(holder(moved[row.given])))
        for row in rows
        if row.given in moved and FsRight.REFER in row.needed
    ]
    if not leaving:
        return []
    rights = dict.fromkeys((place for row, there in leaving for place in (row.path, there)), NO_FS)
    own = dict(rights)
    taken = {moved[row.given]: NO_FS for row, _ in leaving if FsRight.REMOVE_DIR in row.rights}
    for row in rows:
        if row.verdict in WITH_A_SAY:
            if row.path in own:
                own[row.path] |= row.rights
            for place in (row.path, holder(row.path)):
                if place in rights:
                    rights[place] |= row.rights & ON_FILE
            for place in _at_or_above(row.path, taken) if taken else ():
                taken[place] |= row.rights
    found = []
    for row, there in leaving:
        gained = rights[there] | taken.get(moved[row.given], NO_FS)
        gained |= own[there] if FsRight.REMOVE_DIR in row.rights else NO_FS
        found.append(replace(row, rights=gained & ~(rights[row.path] | own[row.path]), kind=Kind.DIRECTORY))
    return [row for row in found if row.rights]


def _at_or_above(path: str, places: Mapping[str, FsRight]) -> Iterator[str]:
    while path != "/":
        if path in places:
            yield path
        path = holder(path)


def interpreters(run: Execution, host: Host, loader: str) -> Iterator[Row]:
    """The kernel opens the interpreters of a program itself; strace never shows it.

    Args:
        run: The program, resolved.
        host: Names the interpreters, where it can.
        loader: What to believe where it cannot; "" for nothing.
    """
    for interpreter in host.interpreters(run.path, root=run.root) or ((loader,) if loader else ()):
        yield Row(
            path=interpreter,
            rights=_EXEC,
            kind=Kind.FILE,
            told=Kind.FILE,
            verdict=Verdict.NEEDED,
            outcome="ok",
            call="execve",
            given="",
            volatile=False,
            implied_by=run.path,
            count=run.count,
            evidence=run.evidence,
            actors=(run.path,),
        )
