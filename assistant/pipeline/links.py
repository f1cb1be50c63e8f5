"""Symbolic links of the machine that was drafted on, kept in the document for whoever verifies elsewhere."""

from collections.abc import Collection, Iterator, Mapping

from assistant.domain.access import Inventory, Kind
from assistant.domain.host import Host
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import LinkRecord, Reach


def links_between(
    inventory: Inventory, granted: Mapping[str, FsRight], others: Collection[str], host: Host
) -> tuple[LinkRecord, ...]:
    """Links by which the traces name what the document names without them. Most are not needed: see below.

    Args:
        inventory: Grounded on this host.
        granted: Rights by path.
        others: Paths that were refused or only looked for.
        host: The machine; where it is not known, none are.
    """
    if not host.known:
        return ()
    reach, found = Reach(granted), dict[str, str]()
    for access in inventory.paths:
        given = access.given
        if not given.startswith("/") or given.startswith("/proc/") or given == access.path:
            continue
        held = access.rights & reach.rights(access.path)
        if held or access.path in others:
            # A grant on a directory mostly holds what is named by a link in it as well.
            missed = held if access.path not in others else ~FsRight(0)
            found.update(_on_the_way(given, host, reach, missed))
    # Names that no document can spell are left out: a verifier elsewhere then says what it lacks.
    said = {path: target for path, target in sorted(found.items()) if (path + target).isprintable()}
    return tuple(LinkRecord(path=path, target=target) for path, target in said.items())


def _on_the_way(path: str, host: Host, reach: Reach, missed: FsRight) -> Iterator[tuple[str, str]]:
    """Links in a path and where each leads in the end, until what is left of it is granted by that name."""
    walked, pending = "", path.split("/")[:0:-1]
    # What a name with ".." means, no rule's path tells before it was walked to its end.
    while pending and (".." in pending or missed & ~reach.rights("/".join([walked, *pending[::-1]]))):
        part = pending.pop()
        if part == "..":
            walked = walked.rpartition("/")[0]
            continue
        if part in ("", "."):
            continue
        walked = f"{walked}/{part}"
        if host.kind(walked, follow=False) is Kind.SYMLINK:
            link, walked = walked, host.resolve(walked)
            yield link, walked
