"""One way to put a ruleset on trial with literals: ``judge(...)`` gives the report."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from assistant.domain.access import (
    AbstractSocket,
    Evidence,
    Inventory,
    Kind,
    PathAccess,
    PortAccess,
    Protocol,
    Remark,
    TraceSource,
    Verdict,
)
from assistant.domain.host import FakeHost, Host
from assistant.domain.report import Report
from assistant.domain.rights import FsRight, NetRight, names, parse_names
from assistant.domain.ruleset import (
    Approval,
    PathGrant,
    PortGrant,
    Provenance,
    Refused,
    Ruleset,
    ScopeGrant,
    TraceRecord,
)
from assistant.verify.case import Case
from assistant.verify.registry import verify


SHA = {"run1": "1" * 64, "run2": "2" * 64}


def _rights(words: str) -> FsRight:
    return parse_names(FsRight, words.split())


def _cited(lines: Iterable[int | str]) -> tuple[str, ...]:
    return tuple(f"run1:{line}" if isinstance(line, int) else line for line in lines)


@pytest.fixture
def access() -> Callable[..., PathAccess]:
    def make(path: str, rights: str, *lines: int, trace: str = "run1", **more: Any) -> PathAccess:
        values = {"kind": Kind.FILE, "verdict": Verdict.NEEDED, "outcome": "ok", "call": "openat", **more}
        evidence = tuple(Evidence(trace, line) for line in lines or (1,))
        return PathAccess(path=path, rights=_rights(rights), evidence=evidence, **values)

    return make


@pytest.fixture
def port_access() -> Callable[..., PortAccess]:
    def make(port: int, rights: str, *lines: int, trace: str = "run1", **more: Any) -> PortAccess:
        values = {
            "protocol": Protocol.TCP,
            "verdict": Verdict.NEEDED,
            "outcome": "ok",
            "call": "connect",
            **more,
        }
        evidence = tuple(Evidence(trace, line) for line in lines or (1,))
        return PortAccess(port, parse_names(NetRight, rights.split()), evidence=evidence, **values)

    return make


@pytest.fixture
def judge() -> Callable[..., Report]:
    """Grants are (path, rights, cited lines[, author]); lines are those of trace run1 by number."""

    def run(
        *grants: tuple[Any, ...],
        seen: Iterable[PathAccess] = (),
        lines: Mapping[int, bytes] | None = None,
        host: Host | None = None,
        given: Iterable[str] = ("run1",),
        **more: Any,
    ) -> Report:
        ruleset = Ruleset(
            service="svc",
            target_abi=more.get("abi", 7),
            provenance=Provenance(
                tool="landscribe 0",
                trace=tuple(
                    TraceRecord(name=name, sha256=SHA[name], lines=99)
                    for name in more.get("drafted_from", ["run1"])
                ),
            ),
            scope=more.get("scope", ScopeGrant()),
            path=tuple(
                PathGrant(
                    path=path,
                    rights=_rights(rights),
                    evidence=_cited(cited),
                    by=(*by, "offline")[0],
                    optional=more.get("optional", False),
                )
                for path, rights, cited, *by in grants
            ),
            port=tuple(
                PortGrant(
                    port=port,
                    rights=parse_names(NetRight, rights.split()),
                    evidence=_cited(cited),
                    by=(*by, "offline")[0],
                )
                for port, rights, cited, *by in more.get("ports", ())
            ),
            refused=tuple(
                Refused(path=path, rights=_rights(rights), why="no", evidence=_cited(cited))
                for path, rights, cited in more.get("refused", ())
            ),
        )
        abstract: tuple[AbstractSocket, ...] = tuple(more.get("abstract", ()))
        remarks: tuple[Remark, ...] = tuple(more.get("remarks", ()))
        inventory = Inventory(
            sources=tuple(
                TraceSource(name, more.get("sha", SHA).get(name, "f" * 64), 99, 99, 0, 0, complete=True)
                for name in given
            ),
            paths=tuple(seen),
            ports=tuple(more.get("seen_ports", ())),
            abstract=abstract,
            remarks=remarks,
        )
        raw = {Evidence("run1", number): line for number, line in (lines or {}).items()}
        return verify(Case(ruleset, inventory, raw, host or FakeHost()))

    return run


GOOD_SHA = "a" * 64
LOADER = "/usr/lib64/ld-linux-x86-64.so.2"
LINES = [
    b'41 execve("/usr/bin/myservice", ["myservice", "/etc/shadow"], 0x7ffc /* 9 vars */) = 0',
    b'41 openat(AT_FDCWD</srv>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>',
    b'41 openat(AT_FDCWD</srv>, "/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3</usr/lib/libc.so.6>',
    b'41 openat(AT_FDCWD</srv>, "/etc/myapp/app.conf", O_RDONLY <unfinished ...>',
    b'41 openat(AT_FDCWD</srv>, "/etc/myapp", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 4</etc/myapp>',
    b'41 openat(AT_FDCWD</var/lib/myapp>, "new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 5</var/lib/myapp/new>',
    b'41 rename("new", "state") = 0',
    b'41 openat(AT_FDCWD</srv>, "/etc/shadow", O_RDONLY) = 6</etc/shadow>',
    b'41 connect(7, {sa_family=AF_INET, sin_port=htons(5432), sin_addr=inet_addr("10.0.0.9")}, 16) = 0',
    b'41 openat(AT_FDCWD</srv>, "/etc/myapp/local.conf", O_RDONLY) = -1 ENOENT (No such file or directory)',
    b'41 openat(AT_FDCWD</srv>, "/dev/null", O_RDWR) = 3</dev/null<char 1:3>>',
    b'41 bind(8, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    b'41 openat(AT_FDCWD</srv>, "a) = 3</etc/hosts>, O_RDWR", O_RDONLY) = 3</srv/a) = 3\\74/etc/hosts\\76, O_RDWR>',
]
R, W, X = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE
HOSTILE = "/srv/a) = 3</etc/hosts>, O_RDWR"


def seen(path: str, rights: FsRight, *lines: int, **more: Any) -> PathAccess:
    values = {"kind": Kind.FILE, "verdict": Verdict.NEEDED, "outcome": "ok", "call": "openat", **more}
    return PathAccess(path, rights, evidence=tuple(Evidence("run1", line) for line in lines), **values)


ACCESSES = (
    seen("/usr/bin/myservice", X | R, 1, call="execve"),
    seen(LOADER, X | R, 1, call="execve", implied_by="/usr/bin/myservice"),
    seen("/etc/ld.so.cache", R, 2),
    seen("/usr/lib/libc.so.6", R, 3),
    seen("/etc/myapp/app.conf", R, 4),
    seen("/etc/myapp", FsRight.READ_DIR, 5, kind=Kind.DIRECTORY),
    seen("/var/lib/myapp/new", W, 6, volatile=True),
    seen("/var/lib/myapp", FsRight.MAKE_REG, 6, 7, kind=Kind.DIRECTORY),
    seen("/var/lib/myapp", FsRight.REMOVE_FILE, 7, kind=Kind.DIRECTORY, call="rename"),
    seen("/etc/shadow", R, 8),
    seen("/etc/myapp/local.conf", R, 10, verdict=Verdict.PROBED, outcome="ENOENT"),
    seen("/dev/null", R | W, 11, kind=Kind.DEVICE),
    seen(HOSTILE, R, 13),
)
PORTS = (
    PortAccess(
        5432, NetRight.CONNECT_TCP, Protocol.TCP, Verdict.NEEDED, "ok", "connect", 1, (Evidence("run1", 9),)
    ),
    PortAccess(
        8080, NetRight.BIND_TCP, Protocol.TCP, Verdict.NEEDED, "ok", "bind", 1, (Evidence("run1", 12),)
    ),
)
HOST = FakeHost(
    kinds={
        **{a.path: a.kind for a in ACCESSES if a.verdict is not Verdict.PROBED},
        **{f"/var/lib/other/{number}": Kind.FILE for number in range(40)},
        "/var/lib/myapp": Kind.DIRECTORY,
        "/etc/myapp2/app.conf": Kind.FILE,
        "/etc/hosts": Kind.FILE,
    },
    links={"/lib": "/usr/lib"},
    loaders={"/usr/bin/myservice": (LOADER,)},
    programs=frozenset({"/usr/bin/myservice", LOADER}),
)


def grant(path: str, rights: FsRight, *lines: int | str, by: str = "offline") -> dict[str, Any]:
    cited = [f"run1:{line}" if isinstance(line, int) else line for line in lines]
    return {
        "path": path,
        "rights": names(rights),
        "evidence": cited,
        "by": by,
        "weakness": "dies with the file",
    }


def document() -> dict[str, Any]:
    return {
        "schema": 1,
        "service": "myservice",
        "target_abi": 7,
        "provenance": {"tool": "landscribe 0", "trace": ({"name": "run1", "sha256": GOOD_SHA, "lines": 13},)},
        "path": (
            grant("/usr/bin/myservice", X | R, 1),
            grant(LOADER, X | R, 1),
            grant("/etc/ld.so.cache", R, 2),
            grant("/usr/lib", R, 3),
            grant("/etc/myapp", R | FsRight.READ_DIR, 4, 5),
            grant("/var/lib/myapp", W | FsRight.MAKE_REG | FsRight.REMOVE_FILE, 6, 7),
            grant("/dev/null", R | W, 11),
            grant(HOSTILE, R, 13),
        ),
        "port": (
            {"port": 5432, "rights": ["connect_tcp"], "by": "model", "evidence": ["run1:9"]},
            {"port": 8080, "rights": ["bind_tcp"], "by": "model", "evidence": ["run1:12"]},
        ),
        "refused": ({"path": "/etc/shadow", "rights": ["read_file"], "why": "no", "evidence": ["run1:8"]},),
        "probed": ({"path": "/etc/myapp/local.conf", "why": "absent", "evidence": ["run1:10"]},),
    }


@pytest.fixture
def good() -> Case:
    """A ruleset with nothing against it, and everything that it is held against."""
    ruleset = Ruleset.model_validate(document())
    ruleset = ruleset.model_copy(
        update={"approval": Approval(digest=ruleset.digest(), who="a person", when="today")}
    )
    source = TraceSource("run1", GOOD_SHA, len(LINES), len(LINES), 0, 0, complete=True)
    inventory = Inventory(sources=(source,), paths=ACCESSES, ports=PORTS)
    lines = {Evidence("run1", number): line for number, line in enumerate(LINES, 1)}
    return Case(ruleset, inventory, lines, HOST)
