"""Grants that reach beyond one service, whoever asks for them. Evidence does not excuse what it finds."""

import re
from collections.abc import Iterator

from assistant.domain.finding import Finding, Severity, find
from assistant.domain.places import (
    CREDENTIALS,
    ESCAPES,
    READ_BY_MORE_PRIVILEGED,
    Place,
    Places,
    credential,
    escape,
    is_guarded,
    is_public,
    read_by_more_privileged,
)
from assistant.domain.rights import FsRight, names
from assistant.verify.case import Case
from assistant.verify.tree import Ancestors


_R = FsRight
DEVICE_NODES = _R.MAKE_BLOCK | _R.MAKE_CHAR
CHANGE = (
    (_R.WRITE_FILE | _R.TRUNCATE | _R.REMOVE_DIR | _R.REMOVE_FILE)
    | (_R.MAKE_DIR | _R.MAKE_REG | _R.MAKE_SOCK | _R.MAKE_FIFO | _R.MAKE_SYM)
    | DEVICE_NODES
)
"""Every right with which something can be changed. Moving (refer) needs two of them as well."""

READ_REACHES_FAR = (
    Place("/", "every file of the machine is beneath it"),
    Place("/home", "all private files of people are beneath it"),
    Place(r"^/home/[^/]+$", "all private files of a person are beneath it"),
    Place("/root", "the administrator's private files are beneath it"),
    Place("/etc", "password hashes and the machine's keys are beneath it"),
    Place("/etc/ssl/private", "keys of other services are beneath it too"),
    Place("/proc", "other processes' environments are beneath it"),
    Place("/dev", "disks, memory and terminals are beneath it"),
)
"""Directories as a whole: what lies in them may be granted singly."""

COMMANDS_REACH_FAR = (
    Place("/", "device commands reach every disk and terminal"),
    Place("/dev", "device commands reach every disk and terminal"),
)

CODE_ANYWHERE = (
    Place(r"/(?:site|dist)-packages(?:/|$)", "other programs load code from it"),
    Place(r"/node_modules(?:/|$)", "other programs load code from it"),
    Place(r"/\.git/hooks(?:/|$)", "version control runs what stands there"),
    Place(r"/\.local/bin(?:/|$)", "a person runs programs from it"),
)
"""Patterns of places that are dangerous to change wherever they stand."""

_WRITES = _R.WRITE_FILE | _R.MAKE_REG


def check(case: Case) -> Iterator[Finding]:
    """``dangerous-grant``, ``guarded-grant`` and ``write-and-execute``; one of a kind for each path."""
    rules = case.ruleset.paths()
    for path, rights in rules.items():
        reasons = {f"{', '.join(names(bad))}: {why}": None for bad, why in _dangers(path, rights)}
        if reasons:
            yield find("dangerous-grant", path, "; ".join(reasons))
        elif is_guarded(path) and not is_public(path) and rights & _R.READ_DIR:
            yield find(
                "guarded-grant",
                path,
                "it lists every directory beneath, names of other services' files among them",
                severity=Severity.LOW,
            )
    yield from _write_and_execute(rules)


def _dangers(path: str, rights: FsRight) -> Iterator[tuple[FsRight, str]]:
    change, read, execute = rights & CHANGE, rights & _R.READ_FILE, rights & _R.EXECUTE
    if change and is_guarded(path):
        yield change, "many programs share this directory"
    for table, bad in ((READ_REACHES_FAR, read), (COMMANDS_REACH_FAR, rights & _R.IOCTL_DEV)):
        yield from ((bad, place.why) for place in table if bad and _is(place, path))
    for place, bad in (
        (read_by_more_privileged(path), change),
        (credential(path), read | change | execute),
        (escape(path), rights),
        (next((code for code in CODE_ANYWHERE if re.search(code.where, path)), None), change),
    ):
        if place and bad:
            yield bad, place.why
    deeper: tuple[tuple[Places, FsRight], ...] = (
        (READ_BY_MORE_PRIVILEGED, change),
        (CREDENTIALS, read),
        # Reading or writing a socket's inode opens nothing; connecting to it does.
        (ESCAPES, rights & _R.RESOLVE_UNIX),
    )
    for places, bad in deeper:
        inside = places.beneath(path) if bad else None
        if inside:
            yield bad, f"{inside.where} is beneath it: {inside.why}"
    if rights & DEVICE_NODES:
        yield rights & DEVICE_NODES, "with CAP_MKNOD a device node is a way to the raw disk"


def _is(place: Place, path: str) -> bool:
    return bool(re.search(place.where, path)) if place.where.startswith("^") else place.where == path


def _write_and_execute(rules: dict[str, FsRight]) -> Iterator[Finding]:
    ancestors = Ancestors(rules)
    for path, rights in rules.items():
        if not rights & (_WRITES | _R.EXECUTE):
            continue
        writes = [above for above in ancestors.of(path) if rules[above] & _WRITES]
        executes = [above for above in ancestors.of(path) if rules[above] & _R.EXECUTE]
        if writes and executes:
            yield find(
                "write-and-execute",
                path,
                f"written by the rule on {writes[-1]}, executed by the rule on {executes[-1]}",
            )
