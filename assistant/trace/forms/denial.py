"""Landlock's denials in the audit log: each blocker is a right that was missing, so the access needed it."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from assistant.domain.access import Kind, Protocol, RemarkKind, Verdict
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight
from assistant.trace.forms.record import Record
from assistant.trace.forms.translation import Account
from assistant.trace.inventory import Observation


_MOST_DOMAINS = 4096
_ON_DIRECTORIES = (
    FsRight.READ_DIR
    | FsRight.REMOVE_DIR
    | FsRight.REMOVE_FILE
    | FsRight.MAKE_CHAR
    | FsRight.MAKE_DIR
    | FsRight.MAKE_REG
    | FsRight.MAKE_SOCK
    | FsRight.MAKE_FIFO
    | FsRight.MAKE_BLOCK
    | FsRight.MAKE_SYM
    | FsRight.REFER
)
_BINDS = NetRight.BIND_TCP | NetRight.BIND_UDP
_UDP = NetRight.BIND_UDP | NetRight.CONNECT_SEND_UDP
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Actor:
    """Who was denied."""

    name: str = "a sandboxed process"
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the other records of the event say."""

    actor: Actor
    call: str
    outcome: str


class Domains:
    """Who made which domain: the kernel says it once, with the first denial."""

    def __init__(self) -> None:
        self._actors: OrderedDict[bytes, Actor] = OrderedDict()

    def learn(self, told: Record) -> None:
        """A LANDLOCK_DOMAIN record."""
        if "pid" in told.fields:
            self._actors[told.fields.get("domain", b"")] = actor_of(told)
            while len(self._actors) > _MOST_DOMAINS:
                self._actors.popitem(last=False)

    def actor(self, told: Record) -> Actor:
        """Who lives in the domain of a LANDLOCK_ACCESS record."""
        return self._actors.get(told.fields.get("domain", b""), Actor())


def actor_of(told: Record) -> Actor:
    """The process that a record with pid= and exe= names."""
    pid = told.integer("pid") or 0
    program = told.text("exe")
    return Actor(program.decode("utf-8", "surrogateescape") if program else f"pid {pid}", pid)


def deny(told: Record, around: Circumstances, account: Account) -> None:
    """Enter one LANDLOCK_ACCESS record into the account."""
    problems: list[str] = []
    rights, ports = NO_FS, NO_NET
    for blocker in told.fields.get("blockers", b"").decode("ascii", "replace").split(","):
        family, _, name = blocker.partition(".")
        kind = {"fs": FsRight, "net": NetRight}.get(family)
        right = kind.__members__.get(name.upper()) if kind and name.islower() else None
        if isinstance(right, FsRight):
            rights |= right
        elif isinstance(right, NetRight):
            ports |= right
        elif blocker in _OTHERS:
            _OTHERS[blocker](told, around, account)
        else:
            problems.append("a denial of something that is not known here")
    if rights:
        problems += _path(told, rights, around, account)
    for port in ports:
        problems += _port(told, port, around, account)
    if problems:
        account.strange(problems[0], told.raw, told.number)
    else:
        account.understood += 1


def _path(told: Record, rights: FsRight, around: Circumstances, account: Account) -> list[str]:
    path = told.text("path")
    if path is None or not path.startswith(b"/"):
        return ["a denial without a path"]
    need = Observation(
        path.decode("utf-8", "surrogateescape"),
        rights,
        Verdict.NEEDED,
        around.outcome,
        around.call,
        kind=Kind.DIRECTORY if rights & _ON_DIRECTORIES else Kind.UNKNOWN,
        final=True,
    )
    account.collector.need(need, told.number, around.actor.name, around.actor.pid)
    return []


def _port(told: Record, right: NetRight, around: Circumstances, account: Account) -> list[str]:
    # The kernel leaves port 0 out.
    port = told.integer("src" if right & _BINDS else "dest") or 0
    if not 0 <= port <= _HIGHEST_PORT:
        return ["a denial without a port"]
    protocol = Protocol.UDP if right & _UDP else Protocol.TCP
    key = (port, right, protocol, Verdict.NEEDED, around.outcome, around.call)
    account.collector.port(key, told.number, around.actor.name, around.actor.pid)
    return []


def _signal(told: Record, around: Circumstances, account: Account) -> None:
    del around
    example = f"signal to process {told.integer('opid') or 0}"
    account.collector.remark(RemarkKind.SIGNAL_OUTSIDE, example, told.number)


def _abstract(told: Record, around: Circumstances, account: Account) -> None:
    del around
    name = (told.text("path") or b"").removeprefix(b"\0").decode("utf-8", "surrogateescape")
    # Without the scope it would have been allowed, and that is what a ruleset has to know.
    account.collector.abstract((name, "connect", "ok"), told.number)


def _mount(told: Record, around: Circumstances, account: Account) -> None:
    account.collector.remark(RemarkKind.MOUNT, around.call, told.number)


def _ptrace(told: Record, around: Circumstances, account: Account) -> None:
    del around
    example = f"process {told.integer('opid') or 0}"
    account.collector.remark(RemarkKind.LOOKS_INTO, example, told.number)


_OTHERS: dict[str, Callable[[Record, Circumstances, Account], None]] = {
    "scope.signal": _signal,
    "scope.abstract_unix_socket": _abstract,
    "fs.change_topology": _mount,
    "ptrace": _ptrace,
}
