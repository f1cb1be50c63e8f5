"""What a sandbox still allows, for one ruleset and what its service was seen to do, a sentence each.

Lists what Landlock cannot restrict at the target ABI. Whether another layer (user, seccomp) forbids it is
not known here.
"""

from collections.abc import Iterable

from assistant.domain.access import Inventory, Kind, Protocol
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Ruleset
from assistant.render.grants import NAME, author, said
from assistant.render.manuscript import Line, Name, line, listed


_MOST = 6


def gaps(ruleset: Ruleset, inventory: Inventory | None) -> list[Line]:
    """A sentence or two for each gap, those that the service was seen to use named."""
    return [
        *_network(ruleset, inventory),
        *_unix(ruleset, inventory),
        *_scopes(ruleset, inventory),
        *_files(ruleset),
        *_always(ruleset),
    ]


def _seen(inventory: Inventory | None, found: Iterable[str], *, traced_by: str) -> Line:
    """Whether the trace shows a use: what was found, nothing, or that it cannot tell."""
    everything = sorted(set(found))
    if everything:
        return line("The trace shows it: {}.", listed(everything, _MOST, NAME))
    if inventory is None:
        return line("Whether the service uses it is unknown: no trace was given.")
    if not inventory.calls.get(traced_by):
        return line("Whether the service uses it is unknown: the trace holds no {} call.", Name(traced_by))
    return line("The trace shows no use of it.")


def _protocol(inventory: Inventory | None, protocol: Protocol) -> list[str]:
    ports = inventory.ports if inventory else ()
    return [f"{access.call} port {access.port}" for access in ports if access.protocol is protocol]


def _network(ruleset: Ruleset, inventory: Inventory | None) -> list[Line]:
    abi = ruleset.target_abi
    found: list[Line] = []
    if abi < 4:  # noqa: PLR2004 - the ABI that brought TCP
        found.append(line("**TCP** to and from every address and port: restricted from ABI 4 on."))
    elif any(rights & NetRight.CONNECT_TCP for rights in ruleset.ports().values()):
        found.append(
            line(
                "**Any address** on the granted TCP ports: Landlock knows ports, not addresses. "
                "A firewall or `IPAddressAllow=` can narrow it."
            )
        )
    if abi < 10:  # noqa: PLR2004 - the ABI that brought UDP
        use = _seen(inventory, _protocol(inventory, Protocol.UDP), traced_by="socket")
        found.append(
            line("**UDP** to and from every address and port (names, time, QUIC): from ABI 10 on. {}", use)
        )
    mptcp = _seen(inventory, _protocol(inventory, Protocol.MPTCP), traced_by="socket")
    found.append(line("**MPTCP** sockets: the TCP rights do not cover them at any ABI. {}", mptcp))
    other = _seen(inventory, _protocol(inventory, Protocol.OTHER), traced_by="socket")
    found.append(line("**Other sockets** (raw, netlink, vsock, SCTP): not covered at any ABI. {}", other))
    return found


def _unix(ruleset: Ruleset, inventory: Inventory | None) -> list[Line]:
    if ruleset.target_abi >= 9:  # noqa: PLR2004 - the ABI that brought RESOLVE_UNIX
        return []
    paths = inventory.paths if inventory else ()
    connected = [
        access.path
        for access in paths
        if access.kind is Kind.SOCKET and access.call in ("connect", "sendto", "sendmsg", "sendmmsg")
    ]
    use = _seen(inventory, connected, traced_by="connect")
    told = "**Sockets in the file system** that its user may open (bus, container engine): from ABI 9 on. {}"
    return [line(told, use)]


def _scopes(ruleset: Ruleset, inventory: Inventory | None) -> list[Line]:
    old, scope = ruleset.target_abi < 6, ruleset.scope  # noqa: PLR2004 - the ABI that brought scopes
    by = author(ruleset)
    found: list[Line] = []
    if old or not scope.signal:
        reason = _reason(scope.signal_why, by, old=old)
        found.append(line("**Signals** to every process that its user may signal: {}.", reason))
    if old or not scope.abstract_unix_socket:
        reason = _reason(scope.abstract_unix_socket_why, by, old=old)
        names = [socket.name for socket in inventory.abstract if not socket.inside] if inventory else []
        use = _seen(inventory, names, traced_by="connect")
        found.append(line("**Abstract unix sockets** of other programs: {}. {}", reason, use))
    return found


def _reason(why: str, by: str, *, old: bool) -> Line:
    if old:
        return line("restricted from ABI 6 on")
    return line("switched off: {}", said(why.rstrip("."), by) or "no reason is given")


def _files(ruleset: Ruleset) -> list[Line]:
    abi, rights = ruleset.target_abi, ruleset.paths().values()
    found: list[Line] = []
    if abi < 3:  # noqa: PLR2004 - the ABI that brought TRUNCATE
        found.append(line("**Truncating** any file that its user may write: from ABI 3 on."))
    if abi < 5:  # noqa: PLR2004 - the ABI that brought IOCTL_DEV
        found.append(line("**Device commands** (ioctl) on any device it can open: from ABI 5 on."))
    if any(held & FsRight.EXECUTE for held in rights):
        found.append(
            line("**Running code**: execute limits what is started, not what an interpreter reads and runs.")
        )
    return found


def _always(ruleset: Ruleset) -> list[Line]:
    metadata = (
        "**Metadata** of every path that its user may reach: stat, chmod, chown, times, extended attributes. "
        "Names and sizes can be learned, and its user's files be made unusable."
    )
    return [
        line(metadata),
        line("**What it inherits**: descriptors that are open at the start stay usable, terminals included."),
        line("**Capabilities and namespaces** that its user has: drop them with the unit or the container."),
        line(
            "**On a kernel below ABI {}** more is open: the launcher names what is lost.", ruleset.target_abi
        ),
    ]
