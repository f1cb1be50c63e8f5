"""Sockets: bind, connect, listen, sendto, sendmsg; by port for TCP and UDP, by name for unix sockets."""

import re

from assistant.domain.access import Kind, Protocol, RemarkKind, Verdict
from assistant.domain.rights import NO_NET, FsRight, NetRight
from assistant.trace.families.descriptors import sends
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict, verdict_on_socket, verdict_or_other
from assistant.trace.scene import Handler, Scene, Unresolved
from assistant.trace.state import Opened
from assistant.trace.text import (
    Descriptor,
    MalformedError,
    split_arguments,
    string,
    struct_fields,
)


_PORT = re.compile(rb"htons\(([0-9]{1,5})\)$")
_HIGHEST_PORT = 65535
_UNIX = (b"AF_UNIX", b"AF_LOCAL", b"AF_FILE")
"""The family's name in strace 4.9 and later, 4.x, and before."""

_NOTES = {
    b"TCP": Protocol.TCP,
    b"TCPv6": Protocol.TCP,
    b"UDP": Protocol.UDP,
    b"UDPv6": Protocol.UDP,
    b"MPTCP": Protocol.MPTCP,
}


_NO_ADDRESS = frozenset({"ENOTSOCK", "EAFNOSUPPORT", "EBADF", "EFAULT", "EOPNOTSUPP", "EPROTOTYPE"})
"""Answers that come before the name is looked at."""
_BY_PORT = frozenset({Protocol.TCP, Protocol.UDP, Protocol.MPTCP})


def _socket(scene: Scene) -> None:
    result = scene.result
    if not result.ok or result.value is None:
        return
    protocol = _protocol(scene.argument(0), scene.argument(1), scene.argument(2))
    scene.opens(
        result.value, Opened(protocol=protocol, stream=True, closes=b"SOCK_CLOEXEC" in scene.argument(1))
    )
    if result.descriptor and result.descriptor.note:
        # The annotation names the socket's inode: no other socket has the same text.
        scene.ordered()
        scene.state.protocols[result.descriptor.note] = protocol
    scene.state.sockets_seen = True


def _protocol(family: bytes, kind: bytes, number: bytes) -> Protocol:
    if family not in (b"AF_INET", b"AF_INET6", b"PF_INET", b"PF_INET6"):
        return Protocol.OTHER
    if number in (b"IPPROTO_MPTCP", b"0x106 /* IPPROTO_??? */", b"262"):
        return Protocol.MPTCP
    if kind.startswith(b"SOCK_STREAM"):
        return Protocol.TCP if number in (b"IPPROTO_IP", b"IPPROTO_TCP", b"0") else Protocol.OTHER
    if kind.startswith(b"SOCK_DGRAM"):
        return Protocol.UDP
    return Protocol.OTHER


def _accept(scene: Scene) -> None:
    result = scene.result
    if result.ok and result.value is not None:
        closes = b"SOCK_CLOEXEC" in scene.argument(3)
        scene.opens(result.value, Opened(protocol=Protocol.OTHER, bound=True, stream=True, closes=closes))


def protocol_of(scene: Scene, socket: Descriptor) -> Protocol:
    """The transport of a socket: from -yy, from the inode that -y shows, or from socket() and its number."""
    if socket.note is not None:
        named = _NOTES.get(socket.note.partition(b":")[0])
        if named is not None:
            return named
        known = scene.protocol(socket.note)
        if known is not None:
            return known
    opened = scene.opened(socket.number)
    return opened.protocol if opened else Protocol.UNKNOWN


def _bind(scene: Scene) -> None:
    socket = scene.descriptor(0)
    if socket is None:
        return
    scene.ordered()
    if scene.result.ok:
        _mark_bound(scene, socket)
    _address(scene, socket, scene.argument(1), NetRight.BIND_TCP, NetRight.BIND_UDP)


def _mark_bound(scene: Scene, socket: Descriptor) -> None:
    if socket.note is not None:
        scene.state.bound.add(socket.note)
    opened = scene.opened(socket.number)
    if opened is not None:
        scene.opens(socket.number, opened._replace(bound=True))


def _connect(scene: Scene) -> None:
    socket = scene.descriptor(0)
    if socket is None:
        return
    _address(scene, socket, scene.argument(1), NetRight.CONNECT_TCP, NetRight.CONNECT_SEND_UDP)
    opened = scene.opened(socket.number)
    if opened is not None and (scene.result.ok or scene.result.errno == "EINPROGRESS"):
        scene.opens(socket.number, opened._replace(connected=True))


def _sendto(scene: Scene) -> None:
    socket = scene.descriptor(0)
    if socket is not None and scene.argument(4).startswith(b"{"):
        fast = b"MSG_FASTOPEN" in scene.argument(3)
        tcp = NetRight.CONNECT_TCP if fast else NO_NET
        _address(scene, socket, scene.argument(4), tcp, NetRight.CONNECT_SEND_UDP)


def _sendmsg(scene: Scene) -> None:
    socket = scene.descriptor(0)
    if socket is None:
        return
    sends(scene)
    try:
        name = _message_name(scene.argument(1))
    except MalformedError:
        scene.strange("cut or malformed message")
        return
    if name.startswith(b"{"):
        fast = b"MSG_FASTOPEN" in scene.argument(2)
        tcp = NetRight.CONNECT_TCP if fast else NO_NET
        _address(scene, socket, name, tcp, NetRight.CONNECT_SEND_UDP)


def _message_name(message: bytes) -> bytes:
    """The address of a message; strace before 4.15 wrote ``msg_name(16)=``."""
    fields = struct_fields(message)
    return next((value for name, value in fields.items() if name.partition("(")[0] == "msg_name"), b"")


def _sendmmsg(scene: Scene) -> None:
    socket, messages = scene.descriptor(0), scene.argument(1)
    if socket is None or not messages.startswith(b"["):
        return
    sends(scene)
    opened = scene.opened(socket.number)
    if messages == b"[...]" and opened is not None and not opened.connected:
        scene.remark(RemarkKind.UNRESOLVED, "sendmmsg to addresses that -s 0 hides")
        return
    try:
        for message in split_arguments(messages, 1)[0]:
            name = _message_name(struct_fields(message).get("msg_hdr", b""))
            if name.startswith(b"{"):
                _address(scene, socket, name, NO_NET, NetRight.CONNECT_SEND_UDP)
    except MalformedError:
        scene.strange("cut or malformed message")


def _listen(scene: Scene) -> None:
    socket = scene.descriptor(0)
    scene.ordered()
    if socket is None or not scene.result.ok or not scene.state.sockets_seen:
        return
    opened = scene.opened(socket.number)
    if opened is None and scene.protocol(socket.note or b"") is None:
        # It came from outside, as a service manager hands it over.
        return
    bound = socket.note in scene.state.bound or (opened is not None and opened.bound)
    if not bound and protocol_of(scene, socket) is Protocol.TCP and not _shows_address(socket):
        scene.collector.remark(RemarkKind.LISTEN_UNBOUND, "listen", scene.line)


def _shows_address(socket: Descriptor) -> bool:
    return socket.note is not None and re.match(rb"(?:TCP(?:v6)?|socket):\[[0-9]+\]", socket.note) is None


def _address(scene: Scene, socket: Descriptor, argument: bytes, tcp: NetRight, udp: NetRight) -> None:
    try:
        fields = struct_fields(argument)
    except MalformedError:
        scene.strange("cut or malformed address")
        return
    family = fields.get("sa_family", b"")
    if family in _UNIX:
        _unix(scene, fields)
    elif family in (b"AF_INET", b"AF_INET6"):
        port = _PORT.match(fields.get("sin_port", fields.get("sin6_port", b"")))
        if port is None or int(port[1]) > _HIGHEST_PORT:
            scene.strange("no port in an address")
            return
        _port(scene, protocol_of(scene, socket), int(port[1]), tcp, udp)
    elif not family and argument != b"NULL":
        scene.strange("an address that strace did not print")


def _port(scene: Scene, protocol: Protocol, port: int, tcp: NetRight, udp: NetRight) -> None:
    if protocol is Protocol.OTHER:
        return
    rights = udp if protocol is Protocol.UDP else tcp
    connects = rights in (NetRight.CONNECT_TCP, NetRight.CONNECT_SEND_UDP)
    if not rights or (connects and port == 0 and protocol is not Protocol.TCP):
        # No peer has port 0: the resolver uses such connects to ask for a source address.
        return
    result = scene.result
    asked = verdict_on_socket(result)
    said = outcome(result)
    scene.port((port, rights, protocol, asked, said, scene.call.name))
    if rights == NetRight.CONNECT_SEND_UDP:
        _picks_a_port(scene, asked)


def _picks_a_port(scene: Scene, asked: Verdict) -> None:
    """A UDP socket that sends without having been bound is bound to any free port first."""
    socket = scene.descriptor(0)
    opened = scene.opened(socket.number) if socket is not None else None
    if socket is None or opened is None or opened.bound:
        return
    if socket.note is not None:
        scene.ordered()
        if socket.note in scene.state.bound:
            return
        scene.state.bound.add(socket.note)
    scene.port((0, NetRight.BIND_UDP, Protocol.UDP, asked, outcome(scene.result), scene.call.name))
    if scene.result.ok:
        scene.opens(socket.number, opened._replace(bound=True))


def _abstract(scene: Scene, name: str | None) -> None:
    if name is None:
        scene.strange("a socket's name that strace does not write")
    else:
        call = "bind" if scene.call.name == "bind" else "connect"
        scene.abstract((name, call, outcome(scene.result)))


def _unix(scene: Scene, fields: dict[str, bytes]) -> None:
    raw = fields.get("sun_path", fields.get("path", b""))
    result = scene.result
    if raw.startswith(b"@"):
        _abstract(scene, string(raw[1:]))
        return
    name = string(raw) or ""
    if not name:
        return
    socket = scene.descriptor(0)
    if result.errno in _NO_ADDRESS or (socket and protocol_of(scene, socket) in _BY_PORT):
        return
    try:
        path = scene.absolute(None, name, follow=scene.call.name != "bind")
    except Unresolved:
        scene.remark(RemarkKind.UNRESOLVED, f"{scene.call.name} {name}")
        return
    if scene.call.name == "bind":
        asked = verdict_or_other(result, frozenset({"EADDRINUSE"}))
        scene.need_in_parent(path, FsRight.MAKE_SOCK, asked, outcome(result))
        if result.ok:
            scene.removes_next_time(path)
            scene.tells(path, Kind.SOCKET, entry=True)
            scene.state.served.add(path)
            scene.changes(path, exists=True)
        return
    # Another answer once the run itself serves the name: sockets of the same sandbox stay reachable.
    if scene.served(path):
        return
    asked = Verdict.NEEDED if result.errno in ("EINPROGRESS", "EAGAIN") else verdict(result)
    scene.need(
        Observation(path, FsRight.RESOLVE_UNIX, asked, outcome(result), scene.call.name, kind=Kind.SOCKET)
    )


CALLS: dict[str, Handler] = {
    "socket": _socket,
    "accept": _accept,
    "accept4": _accept,
    "bind": _bind,
    "connect": _connect,
    "listen": _listen,
    "sendto": _sendto,
    "sendmsg": _sendmsg,
    "sendmmsg": _sendmmsg,
}
