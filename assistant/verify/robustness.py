"""Grants that will not hold: absent paths, links, replaced files, rights that mean nothing, odd names."""

import unicodedata
from collections.abc import Iterator

from assistant.domain.access import Kind, Verdict, is_beneath
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import ON_FILE, names
from assistant.verify.case import Case


_LASTING = ("/usr/", "/sys/", "/dev/")
"""Where a file is not replaced while a service runs, short of an upgrade."""

_ODD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a reader cannot see, or that change how the rest is shown."""


def check(case: Case) -> Iterator[Finding]:
    """All findings about how well the grants will hold."""
    for name in case.ruleset.duplicates():
        yield find("duplicate-grant", name, "more than one grant names this")
    for path in sorted({*case.ruleset.paths(), *(entry.path for entry in case.ruleset.refused)}):
        yield from _name(path)
    yield from _places(case)
    yield from _files(case)


def _name(path: str) -> Iterator[Finding]:
    if path.isascii() and path.isprintable() and " " not in path:
        return
    odd = sorted({f"U+{ord(char):04X}" for char in path if _is_odd(char)})
    if odd:
        yield find("odd-name", path, f"the name holds {', '.join(odd)}")
    elif any(part != part.strip() for part in path.split("/")):
        yield find("odd-name", path, "a part of the name begins or ends with a blank")


def _is_odd(char: str) -> bool:
    category = unicodedata.category(char)
    return category in _ODD or (category == "Zs" and char != " ")


def _places(case: Case) -> Iterator[Finding]:
    if not case.host.known:
        return
    must = {grant.path for grant in case.ruleset.path if not grant.optional}
    made = {grant.path for grant in case.ruleset.path if grant.made}
    for path in case.ruleset.paths():
        if _is_process(path):
            continue
        resolved = case.host.resolve(path)
        if resolved != path:
            yield find("link-in-path", path, f"it leads to {resolved}")
        if case.host.kind(path) is None and path not in made:
            told = None if path in must else Severity.INFO
            yield find("path-absent", path, "it does not exist on this host", severity=told)


def _is_process(path: str) -> bool:
    """Whether this is one process's own: the host's would be the verifier's."""
    return is_beneath(path, "/proc/self") or is_beneath(path, "/proc/thread-self")


def _files(case: Case) -> Iterator[Finding]:
    kinds = _kinds(case)
    # The document that says so itself needs no second reader to say it again.
    said = {grant.path for grant in case.ruleset.path if grant.weakness}
    for path, rights in case.ruleset.paths().items():
        kind = kinds.get(path, Kind.UNKNOWN)
        useless = rights & ~ON_FILE
        if kind not in (Kind.DIRECTORY, Kind.UNKNOWN) and useless:
            yield find("directory-right-on-file", path, f"{', '.join(names(useless))} on a {kind}")
        why = _fragile(path, kind)
        if why:
            yield find("fragile-rule", path, why, severity=Severity.INFO if path in said else None)


def _fragile(path: str, kind: Kind) -> str:
    if _is_process(path):
        return "bound to the process that starts the sandbox: its children are denied their own"
    if kind in (Kind.DIRECTORY, Kind.UNKNOWN, Kind.DEVICE, Kind.BLOCK_DEVICE) or path.startswith(_LASTING):
        return ""
    return f"bound to this one {kind}: when it is replaced, the service is denied the new one"


def _kinds(case: Case) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    granted = case.ruleset.paths()
    for access in case.inventory.paths:
        known = access.kind is not Kind.UNKNOWN and access.verdict is not Verdict.PROBED
        if known and access.path in granted:
            kinds[access.path] = access.kind
    for path in granted:
        there = case.host.kind(path) if case.host.known and not _is_process(path) else None
        if there is not None:
            kinds[path] = there
    return kinds
