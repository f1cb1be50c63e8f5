"""Events say exactly what their lines say: read back they give the same inventory, whatever the names."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant.domain.access import Inventory, TraceSource, Verdict
from assistant.domain.rights import FsRight, NetRight
from assistant.trace.forms.jsonl import Events
from assistant.trace.forms.objects import to_events
from assistant.trace.line import LONGEST_LINE
from assistant.trace.reader import Reader


REPO = Path(__file__).parents[3]
FOLDERS = sorted({path.parent for top in ("tests", "examples") for path in (REPO / top).rglob("*.trace")})
HOSTILE = [
    b'100 open("/srv/a\\nb\\33[31m", O_RDONLY) = 3\n',
    b'100 open("/srv/r\\303\\251al \\377", O_RDONLY) = 3</srv/r\\303\\251al \\377>\n',
    b'100 open("/srv/\\3770\\0011", O_RDONLY) = 3</srv/x\\74\\76>(deleted)\n',
    b'[pid   100] open("\\x2f\\xff", O_RDONLY) = -1 ENOENT (No such file or directory)\n',
    b'100 12:00:00.000001 open("/) = 3 <unfinished ...>", O_RDONLY) = -1 EACCES (Permission denied) <0.000010>\n',
    b'100 openat(AT_FDCWD</srv>, "a", O_RDWR|O_CREAT, 0666) = 14</dev/null<char 1:3>>\n',
    b"100 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3</lib/x>, 0) = 0x7f0000000000\n",
    b"100 select(4, [3], NULL, NULL, NULL) = 0 (Timeout)\n",
    b'100 connect(3<UNIX-STREAM:[1]>, {sa_family=AF_UNIX, sun_path=@"a\\0b"}, 6) = 0\n',
    b'100 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, 16) = 0\n',
    b'100 connect(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0\n',
    b"100 openat(AT_FDCWD, <unfinished ...>\n",
    b'100 <... openat resumed>"/etc/x", O_RDONLY) = 3\n',
    b"100 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FS) = 101\n",
    b"101 +++ exited with 0 +++\n",
    b'100 open("/cut"..., O_RDONLY) = 3\n',
    b'100 open("/srv/x", O_WRONLY|O_CREAT|0x80, 01777) = ? ERESTARTSYS (To be restarted)\n',
    b"100 frobnicate(1, 2) = 3\n",
    b'100 open("/crlf", O_RDONLY) = 3\r\n',
    b'\0\xff\xfe garbage {"call": 1}\n',
    b'{"call": "open"}\n',
    b"\n",
    b'100 open("/srv/' + b"x" * (LONGEST_LINE + 10) + b'", O_RDONLY) = 3\n',
    b'100 open("/srv/last", O_RDONLY) = 3',
]


def _read(chunks: Iterable[bytes], *, as_events: bool = False) -> Inventory:
    reader = Reader("/home")
    if as_events:
        Events().read("t", chunks, reader)
    else:
        reader.read("t", chunks)
    return reader.inventory()


def _bare(source: TraceSource) -> TraceSource:
    return replace(source, sha256="")


def _gives_the_same(lines: list[bytes]) -> None:
    events = list(to_events(lines))
    assert all(event.isascii() for event in events)
    one, other = _read(lines), _read(events, as_events=True)
    assert replace(other, sources=()) == replace(one, sources=())
    assert [_bare(source) for source in other.sources] == [_bare(source) for source in one.sources]


def _lines(raw: bytes) -> list[bytes]:
    return [line + b"\n" for line in raw.removesuffix(b"\n").split(b"\n")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(REPO)))
def test_every_trace_of_the_tests_and_its_events_give_the_same_inventory(folder: Path) -> None:
    for path in sorted(folder.glob("*.trace")):
        _gives_the_same(_lines(path.read_bytes()))


def test_hostile_lines_and_their_events_give_the_same_inventory() -> None:
    _gives_the_same(HOSTILE)


@settings(max_examples=150, deadline=None)
@given(
    some.lists(
        some.sampled_from(HOSTILE[:-2])
        | some.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"") + b"\n"),
        max_size=12,
    ),
    some.data(),
)
def test_any_lines_and_their_events_give_the_same_inventory(
    lines: list[bytes], data: some.DataObject
) -> None:
    if lines:
        place = data.draw(some.integers(0, len(lines) - 1))
        cut = data.draw(some.integers(0, len(lines[place]) - 1))
        lines[place] = lines[place][:cut].replace(b"\n", b"") + b"\n"
        _gives_the_same(lines)


def test_a_whole_call_is_written_in_plain_values() -> None:
    (event,) = to_events([HOSTILE[5]])

    assert json.loads(event) == {
        "pid": 100,
        "call": "openat",
        "args": [{"fd": -100, "is": "/srv"}, "a", "O_RDWR|O_CREAT", "0666"],
        "result": {"fd": 14, "is": "/dev/null", "device": "char 1:3"},
    }


def test_no_line_of_events_is_longer_than_its_bound() -> None:
    wild = [
        b'100 open("' + b"\\1" * 60_000 + b'", O_RDONLY) = 3\n',
        b"\1" * (4 * LONGEST_LINE) + b"\n",
        *HOSTILE,
    ]

    assert max(map(len, to_events(wild))) < 7 * LONGEST_LINE


def _accesses(*events: dict[str, Any]) -> list[tuple[str, FsRight, str]]:
    inventory = _read([json.dumps(event).encode() + b"\n" for event in events], as_events=True)
    assert inventory.not_understood == ()
    return [
        (a.path, a.rights, a.outcome) for a in inventory.paths if a.verdict is Verdict.NEEDED and a.rights
    ]


@pytest.mark.parametrize(
    ("event", "path", "rights"),
    [
        ({"call": "openat", "args": [-100, "/etc/x", 0], "result": 3}, "/etc/x", FsRight.READ_FILE),
        ({"call": "openat", "args": [-100, "/etc/x", 0x80000], "result": 3}, "/etc/x", FsRight.READ_FILE),
        (
            {"call": "openat", "args": [0xFFFFFF9C, "/etc/x", "O_RDONLY"], "result": 3},
            "/etc/x",
            FsRight.READ_FILE,
        ),
        (
            {"call": "openat", "args": [-100, "x", 2], "result": 3, "cwd": "/srv"},
            "/srv/x",
            FsRight.READ_FILE | FsRight.WRITE_FILE,
        ),
        ({"call": "open", "args": ["x", 1], "result": 3, "cwd": "/srv"}, "/srv/x", FsRight.WRITE_FILE),
        (
            {"call": "openat", "args": [{"fd": 5, "is": "/srv"}, "x", 0], "result": 3},
            "/srv/x",
            FsRight.READ_FILE,
        ),
        ({"call": "open", "args": [{"hex": "2f72ff"}, 0], "result": 3}, "/r\udcff", FsRight.READ_FILE),
        ({"call": "open", "args": ["/a\nb\x1b", 0], "result": 3}, "/a\nb\x1b", FsRight.READ_FILE),
        ({"call": "open", "args": ["/O_WRONLY", 0], "result": 3}, "/O_WRONLY", FsRight.READ_FILE),
        ({"call": "mkdir", "args": ["/srv/d", 0o777], "result": 0}, "/srv", FsRight.MAKE_DIR),
        ({"call": "unlinkat", "args": [-100, "/srv/d", 0x200], "result": 0}, "/srv", FsRight.REMOVE_DIR),
        ({"call": "mknod", "args": ["/srv/f", 0o010600], "result": 0}, "/srv", FsRight.MAKE_FIFO),
        (
            {"call": "execve", "args": ["/bin/true"], "result": 0},
            "/bin/true",
            FsRight.EXECUTE | FsRight.READ_FILE,
        ),
        ({"call": "connect", "args": [3, {"unix": "/run/x"}], "result": 0}, "/run/x", FsRight.RESOLVE_UNIX),
    ],
    ids=lambda value: value["call"] if isinstance(value, dict) else "",
)
def test_an_event_of_another_tool_needs_a_call_its_arguments_and_a_result(
    event: dict[str, Any], path: str, rights: FsRight
) -> None:
    assert (path, rights, "ok") in _accesses(event)


@pytest.mark.parametrize("failure", [{"result": -2}, {"error": "ENOENT"}, {"result": -1, "error": "ENOENT"}])
def test_a_failure_is_a_negative_errno_or_its_name(failure: dict[str, Any]) -> None:
    event = {"pid": 1, "call": "open", "args": ["/etc/x", 0], **failure}

    (access,) = _read([json.dumps(event).encode()], as_events=True).paths

    assert (access.path, access.verdict, access.outcome) == ("/etc/x", Verdict.PROBED, "ENOENT")


def test_ports_and_socket_types_may_be_numbers() -> None:
    events = [
        {"pid": 1, "call": "socket", "args": [10, 0x80001, 0], "result": 3},
        {"pid": 1, "call": "bind", "args": [3, {"port": 8080, "family": "AF_INET6"}], "result": 0},
    ]

    (port,) = _read([json.dumps(event).encode() + b"\n" for event in events], as_events=True).ports

    assert (port.port, port.rights, port.protocol) == (8080, NetRight.BIND_TCP, "tcp")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"[]", "an event is an object"),
        (b'{"call": "open', "the line is no JSON"),
        (b"\xff", "the line is no JSON"),
        (b"[" * 100_000, "the line is no JSON"),
        (b"{}", "no system call's name"),
        (b'{"call": "open(\\"/x\\") = 3 close"}', "no system call's name"),
        (b'{"call": "open", "args": {}}', "the arguments are no list"),
        (
            b'{"call": "open", "args": [["/x"]], "result": 3}',
            "an argument is a string, a number or an object",
        ),
        (
            b'{"call": "open", "args": [{"name": "/x"}], "result": 3}',
            "an object that says nothing of an argument",
        ),
        (b'{"call": "open", "args": [{"hex": "zz"}], "result": 3}', "neither text nor {hex: ...}"),
        (b'{"call": "open", "args": [1.5], "result": 3}', "an argument is a string, a number or an object"),
        (b'{"call": "open", "args": [true], "result": 3}', "an argument is a string, a number or an object"),
        (
            b'{"call": "open", "args": [1' + b"0" * 40 + b'], "result": 3}',
            "an argument is a string, a number or an object",
        ),
        (b'{"call": "open", "pid": -1}', "the process is no number"),
        (b'{"call": "open", "pid": 99999999999}', "the process is no number"),
        (b'{"call": "open", "args": ["/x", 0], "error": "no such file"}', "an error is an errno's name"),
        (b'{"call": "open", "args": ["/x", 0], "result": "3"}', "a result is a number or a descriptor"),
        (b'{"call": "open", "args": [{"fd": "x"}], "result": 3}', "a descriptor is no number"),
        (
            b'{"call": "open", "args": [{"fd": 1, "device": ">"}], "result": 3}',
            "a device is 'char 1:3' or 'block 8:0'",
        ),
        (b'{"call": "bind", "args": [3, {"port": 70000}], "result": 0}', "a port is a number below 65536"),
        (
            b'{"call": "bind", "args": [3, {"family": "AF_INET}, 0"}], "result": 0}',
            "an address has a family and a host",
        ),
    ],
)
def test_what_is_no_event_is_counted_and_named(raw: bytes, kind: str) -> None:
    good = b'{"call": "open", "args": ["/etc/x", 0], "result": 3}\n'

    inventory = _read([good, raw + b"\n", good], as_events=True)

    (strange,) = inventory.not_understood
    assert (strange.kind, strange.evidence.line) == (f"no event: {kind}", 2)
    assert (inventory.sources[0].understood, inventory.sources[0].not_understood) == (2, 1)


@settings(max_examples=200, deadline=None)
@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(max_size=9),
        lambda inner: (
            some.lists(inner, max_size=4)
            | some.dictionaries(
                some.sampled_from(
                    [
                        "call",
                        "args",
                        "pid",
                        "result",
                        "fd",
                        "is",
                        "text",
                        "hex",
                        "line",
                        "cut",
                        "cwd",
                        "port",
                        "unix",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_the_reader_stumble_and_every_line_is_accounted_for(value: Any) -> None:
    source = _read([json.dumps(value).encode() + b"\n"], as_events=True).sources[0]

    assert source.understood + source.ignored + source.not_understood == source.lines == 1


def test_events_are_recognised_by_their_first_line() -> None:
    assert Events().recognises(b'\n {"call": "open"')
    assert Events().recognises(b'\xef\xbb\xbf{"call"')
    assert not Events().recognises(b'100 open("{", 0) = 3')
