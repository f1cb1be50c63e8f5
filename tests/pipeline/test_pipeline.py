"""The order of the steps: how traces get their names, what a new draft takes over, and what a service is called."""

import hashlib
from pathlib import Path

import pytest

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, TraceSource, Verdict
from assistant.domain.finding import Severity
from assistant.domain.host import FakeHost, NoHost
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Approval, PathGrant, PortGrant, Provenance, Refused, Ruleset, TraceRecord
from assistant.drafting.offline import Options
from assistant.errors import Exit, TraceError
from assistant.pipeline.drafting import draft_offline, service_of
from assistant.pipeline.reading import read_traces
from assistant.pipeline.verifying import hold_against
from assistant.reading.citing import cited_lines
from assistant.reading.naming import Trace, name_traces


START = '100 execve("/usr/sbin/ledgerd", ["ledgerd"], 0x7ffd /* 3 vars */) = 0'
CONF = '100 openat(AT_FDCWD</>, "/etc/ledger/ledger.conf", O_RDONLY) = 3</etc/ledger/ledger.conf>'
DATA = '100 openat(AT_FDCWD</>, "/var/lib/ledger/book", O_RDONLY) = 3</var/lib/ledger/book>'
END = "100 +++ exited with 0 +++"

HOST = FakeHost(
    kinds={
        "/usr/sbin/ledgerd": Kind.FILE,
        "/etc/ledger/ledger.conf": Kind.FILE,
        "/var/lib/ledger/book": Kind.FILE,
    },
    programs=frozenset({"/usr/sbin/ledgerd"}),
)
MADE = Provenance(tool="test")
OPTIONS = Options(service="", target_abi=7)


def _trace(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def _known(path: Path, name: str) -> TraceRecord:
    return TraceRecord(name=name, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), lines=1)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return _trace(tmp_path / "app.trace", START, CONF, DATA, END)


def _draft(*paths: Path, keep: Ruleset | None = None) -> Ruleset:
    return draft_offline(name_traces(paths), HOST, OPTIONS, MADE, keep=keep).ruleset


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("app.trace", "app"),
        ("app.strace", "app"),
        ("app.log", "app"),
        ("app.1234", "app.1234"),
        ("app", "app"),
        (".trace", ".trace"),
        ("night run:2.trace", "night_run_2"),
        ("\x1b[31m\n.trace", "__31m_"),
        ("\u00e4pp.trace", "_pp"),
        ("\udcff.trace", "_"),
    ],
)
def test_a_trace_is_cited_by_the_stem_of_its_file(file: str, name: str, tmp_path: Path) -> None:
    assert [trace.name for trace in name_traces([tmp_path / file])] == [name]


def test_traces_of_the_same_stem_get_numbers_in_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / part / "app.trace" for part in ("one", "two", "three")]

    assert name_traces(paths) == [
        Trace(paths[0], "app"),
        Trace(paths[1], "app-2"),
        Trace(paths[2], "app-3"),
    ]


def test_a_number_is_never_a_name_that_another_file_has(tmp_path: Path) -> None:
    paths = [tmp_path / "app-2.trace", tmp_path / "app.trace", tmp_path / "app.log"]

    assert [trace.name for trace in name_traces(paths)] == ["app-2", "app", "app-3"]


def test_a_trace_under_provenance_is_known_by_its_contents(app: Path, tmp_path: Path) -> None:
    moved = _trace(tmp_path / "elsewhere" / "nightly.log", START, CONF, DATA, END)

    assert name_traces([moved], [_known(app, "run1")]) == [Trace(moved, "run1")]


def test_other_contents_never_get_a_name_from_provenance(app: Path, tmp_path: Path) -> None:
    other = _trace(tmp_path / "other" / "app.trace", START, END)

    named = name_traces([other, app], [_known(app, "app")])

    assert named == [Trace(other, "app-2"), Trace(app, "app")]


def test_naming_reads_no_file_when_nothing_is_known(tmp_path: Path) -> None:
    assert name_traces([tmp_path / "missing.trace"]) == [Trace(tmp_path / "missing.trace", "missing")]


def test_naming_a_missing_trace_against_provenance_is_an_error(app: Path, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        name_traces([tmp_path / "missing.trace"], [_known(app, "app")])


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "is empty"),
        (b"hello\nworld\n", "holds no system call"),
        (b"100 +++ exited with 0 +++\n", "holds no system call"),
        (b"100 --- SIGTERM {si_signo=SIGTERM} ---\n", "holds no system call"),
    ],
)
def test_a_file_that_is_no_trace_is_an_error_with_the_next_step(
    contents: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad\n.trace"
    path.write_bytes(contents)

    with pytest.raises(TraceError, match=said) as caught:
        read_traces(name_traces([path]), NoHost())

    assert r"bad\n.trace" in caught.value.what
    assert "strace -f -y" in caught.value.hint
    assert caught.value.code is Exit.NO_INPUT


def test_one_bad_trace_among_good_ones_is_an_error(app: Path, tmp_path: Path) -> None:
    empty = _trace(tmp_path / "empty.trace")

    with pytest.raises(TraceError, match=r"empty\.trace"):
        read_traces(name_traces([app, empty]), HOST)


def test_a_trace_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(TraceError) as missing:
        read_traces([Trace(tmp_path / "missing", "missing")], HOST)
    with pytest.raises(TraceError) as directory:
        read_traces([Trace(tmp_path, "directory")], HOST)

    assert missing.value.why == "No such file or directory"
    assert directory.value.why == "Is a directory"


def test_two_traces_make_one_inventory_and_each_is_cited_by_its_name(app: Path, tmp_path: Path) -> None:
    second = _trace(tmp_path / "second.trace", START, CONF, END)

    inventory = read_traces(name_traces([app, second]), HOST)

    assert [(source.name, source.lines) for source in inventory.sources] == [("app", 4), ("second", 3)]
    (conf,) = [access for access in inventory.paths if access.path.endswith(".conf")]
    assert conf.count == 2
    assert conf.evidence == (Evidence("app", 2), Evidence("second", 2))


def test_relative_names_stand_on_the_directory_that_a_person_names(tmp_path: Path) -> None:
    path = _trace(tmp_path / "app.trace", START, '100 openat(AT_FDCWD, "book", O_RDONLY) = 3', END)

    inventory = read_traces(name_traces([path]), HOST, cwd="/var/lib/ledger")

    assert "/var/lib/ledger/book" in {access.path for access in inventory.paths}


def test_a_draft_records_each_trace_by_its_digest(app: Path) -> None:
    ruleset = _draft(app)

    (record,) = ruleset.provenance.trace
    assert record == TraceRecord(
        name="app", sha256=hashlib.sha256(app.read_bytes()).hexdigest(), lines=4, not_understood=0
    )
    assert ruleset.provenance.tool == "test"


def test_a_draft_was_held_against_its_own_trace(app: Path) -> None:
    drafted = draft_offline(name_traces([app]), HOST, OPTIONS, MADE)

    assert drafted.report.exit in (Exit.OK, Exit.FINDINGS)
    assert not drafted.report.by_id("missing-access")
    assert {grant.by for grant in drafted.ruleset.path} == {"offline"}


def test_a_draft_through_links_that_are_gone_and_from_a_changed_root_stands_up_to_its_own_trace(
    tmp_path: Path,
) -> None:
    lines = (
        '100 symlink("/var/lib/ledger/book", "/run/ledger/current") = 0',
        '100 openat(AT_FDCWD, "/run/ledger/current", O_RDONLY) = 3',
        '100 unlink("/run/ledger/current") = 0',
        '100 chdir("/run/ledger") = 0',
        '100 symlink("../../var/lib/ledger", "books") = 0',
        '100 openat(AT_FDCWD, "books/../other/book", O_RDONLY) = 3',
        '100 mkdir("books/new", 0700) = 0',
        '100 chroot("/srv/ledger") = 0',
        '100 openat(AT_FDCWD, "/etc/ledger.conf", O_RDONLY) = 3',
    )
    traces = name_traces([_trace(tmp_path / "app.trace", START, *lines, END)])
    drafted = draft_offline(traces, HOST, OPTIONS, MADE)
    needed = {access.path for access in drafted.inventory.paths if access.needed}

    assert not [found for found in drafted.report.findings if found.severity is Severity.BLOCKING]
    assert needed >= {
        "/var/lib/ledger/book",
        "/var/lib/other/book",
        "/var/lib/ledger",
        "/srv/ledger/etc/ledger.conf",
    }


def test_a_new_draft_keeps_what_a_person_granted_and_the_approval(app: Path) -> None:
    first = _draft(app)
    person = PathGrant(path="/srv/audit", rights=FsRight.READ_FILE, by="person", why="asked for")
    port = PortGrant(port=9443, rights=NetRight.CONNECT_TCP, by="person")
    approval = Approval(digest=first.digest(), who="Ann", when="2026-01-01")
    before = first.model_copy(
        update={"path": (*first.path, person), "port": (*first.port, port), "approval": approval}
    )

    after = _draft(app, keep=before)

    assert person in after.path
    assert port in after.port
    assert after.approval == approval
    assert [grant.path for grant in after.path] == sorted(grant.path for grant in after.path)


def test_what_a_person_moved_to_refused_is_not_granted_again(app: Path) -> None:
    first = _draft(app)
    no = Refused(
        path="/var/lib/ledger", rights=FsRight.READ_FILE, why="not its business", evidence=("app:3",)
    )
    edited = first.model_copy(
        update={"path": tuple(g for g in first.path if g.path != "/var/lib/ledger"), "refused": (no,)}
    )
    again = _draft(app, keep=edited)

    assert "/var/lib/ledger" not in again.paths()
    assert again.refused == (no,)


def test_what_a_person_granted_is_not_refused_again(tmp_path: Path) -> None:
    trace = _trace(tmp_path / "app.trace", START, '100 open("/etc/shadow", O_RDONLY) = 3', END)
    first = _draft(trace)
    yes = PathGrant(path="/etc/shadow", rights=FsRight.READ_FILE, by="person", why="it checks passwords")
    again = _draft(trace, keep=first.model_copy(update={"path": (*first.path, yes), "refused": ()}))

    assert [entry.path for entry in first.refused] == ["/etc/shadow"]
    assert again.refused == ()
    assert FsRight.READ_FILE in again.paths()["/etc/shadow"]


def test_a_draft_that_expects_to_read_its_files_back_stands_up_to_its_own_trace(tmp_path: Path) -> None:
    lines = (
        '100 openat(AT_FDCWD, "/var/lib/ledger", O_RDONLY|O_DIRECTORY) = 3',
        '100 open("/var/lib/ledger/book", O_WRONLY|O_CREAT, 0600) = 4',
    )
    trace = _trace(tmp_path / "app.trace", START, *lines, END)
    drafted = draft_offline(name_traces([trace]), HOST, OPTIONS, MADE)

    assert FsRight.READ_FILE in drafted.ruleset.paths()["/var/lib/ledger"]
    assert drafted.report.exit in (Exit.OK, Exit.FINDINGS)


def test_a_new_draft_drops_what_only_the_old_draft_granted(app: Path, tmp_path: Path) -> None:
    shorter = _trace(tmp_path / "shorter.trace", START, CONF, END)
    before = _draft(app)

    after = _draft(shorter, keep=before)

    assert any(grant.path.startswith("/var/lib/ledger") for grant in before.path)
    assert not any(grant.path.startswith("/var/lib/ledger") for grant in after.path)


def test_a_persons_grant_that_the_draft_makes_as_well_stands_once(app: Path) -> None:
    first = _draft(app)
    same = first.path[0].model_copy(update={"by": "person"})
    wider = first.path[0].model_copy(
        update={"by": "person", "rights": first.path[0].rights | FsRight.READ_DIR | FsRight.WRITE_FILE}
    )

    once = _draft(app, keep=first.model_copy(update={"path": (same,)}))
    both = _draft(app, keep=first.model_copy(update={"path": (wider,)}))

    assert [grant.path for grant in once.path].count(same.path) == 1
    assert wider in both.path


def _run(path: str, line: int, *, given: str = "", verdict: Verdict = Verdict.NEEDED) -> PathAccess:
    return PathAccess(
        path=path,
        given=given,
        rights=FsRight.EXECUTE | FsRight.READ_FILE,
        kind=Kind.FILE,
        verdict=verdict,
        outcome="ok" if verdict is Verdict.NEEDED else "ENOENT",
        call="execve",
        evidence=(Evidence("t", line),),
    )


def _source(name: str) -> TraceSource:
    return TraceSource(
        name=name, sha256="0" * 64, lines=1, understood=1, ignored=0, not_understood=0, complete=True
    )


@pytest.mark.parametrize(
    ("runs", "name"),
    [
        ([_run("/usr/bin/redis-check-rdb", 1, given="/usr/bin/redis-server")], "redis-server"),
        ([_run("/usr/bin/dash", 1, given="/bin/sh"), _run("/opt/x/worker", 5)], "worker"),
        ([_run("/usr/bin/setpriv", 1), _run("/usr/bin/env", 2), _run("/usr/sbin/nginx", 3)], "nginx"),
        ([_run("/usr/local/bin/app", 1, verdict=Verdict.PROBED), _run("/usr/bin/app2", 2)], "app2"),
        ([_run("/b/late", 9), _run("/a/early", 2)], "early"),
        ([_run("/srv/\x1b[31mred", 1), _run("/srv/plain", 2)], "plain"),
        ([_run("/srv/\u202egpj", 1)], "app"),
        ([_run("/bin/bash", 1)], "app"),
        ([], "app"),
    ],
    ids=[
        "link",
        "shell",
        "wrappers",
        "probe",
        "first",
        "control characters",
        "hidden",
        "only a shell",
        "none",
    ],
)
def test_a_service_is_called_by_the_first_program_that_was_executed_and_is_no_wrapper(
    runs: list[PathAccess], name: str
) -> None:
    assert service_of(Inventory(sources=(_source("app"),), paths=tuple(runs))) == name


def test_without_traces_there_is_still_a_name() -> None:
    assert service_of(Inventory(sources=())) == "service"


def test_a_citation_is_read_from_the_raw_bytes_of_its_line(app: Path) -> None:
    ruleset = _draft(app)

    lines = cited_lines(ruleset, name_traces([app]))

    assert lines[Evidence("app", 2)] == CONF.encode()
    assert all(not line.endswith(b"\n") for line in lines.values())


def test_a_citation_beyond_the_end_or_of_another_trace_has_no_bytes(app: Path) -> None:
    grant = PathGrant(path="/x", rights=FsRight.READ_FILE, by="offline", evidence=("app:99", "other:1"))
    ruleset = _draft(app).model_copy(update={"path": (grant,), "port": (), "refused": (), "probed": ()})

    assert cited_lines(ruleset, name_traces([app])) == {}


def test_holding_says_what_the_traces_cannot_show(tmp_path: Path) -> None:
    path = _trace(tmp_path / "short.trace", CONF, END)
    traces = name_traces([path])
    ruleset = draft_offline(traces, HOST, OPTIONS, MADE).ruleset

    report = hold_against(ruleset, read_traces(traces, HOST), traces, HOST)

    assert report.by_id("blind-exec")


def test_a_program_that_a_person_granted_is_known_and_only_its_helpers_are_not(tmp_path: Path) -> None:
    path = _trace(tmp_path / "short.trace", CONF, END)
    traces = name_traces([path])
    program = PathGrant(path="/usr/sbin/ledgerd", rights=FsRight.EXECUTE | FsRight.READ_FILE, by="person")
    ruleset = draft_offline(traces, HOST, OPTIONS, MADE).ruleset
    named = ruleset.model_copy(update={"path": (*ruleset.path, program)})

    (without,) = hold_against(ruleset, read_traces(traces, HOST), traces, HOST).by_id("blind-exec")
    (known,) = hold_against(named, read_traces(traces, HOST), traces, HOST).by_id("blind-exec")

    assert "helpers" in known.message
    assert "helpers" not in without.message


def test_every_right_of_a_rule_is_cited_however_many_there_are_and_what_stands_in_the_way_is_removed(
    tmp_path: Path,
) -> None:
    state = "/var/lib/ledger"
    absent = "-1 ENOENT (No such file or directory)"
    lines = (
        f'openat(AT_FDCWD, "{state}/book", O_RDONLY) = 3<{state}/book>',
        f'openat(AT_FDCWD, "{state}", O_RDONLY|O_DIRECTORY) = 3<{state}>',
        f'openat(AT_FDCWD, "{state}/new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3<{state}/new>',
        f'openat(AT_FDCWD, "{state}/log", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3<{state}/log>',
        f'mkdir("{state}/sub", 0700) = 0',
        f'mknod("{state}/fifo", S_IFIFO|0600) = 0',
        f'newfstatat(AT_FDCWD, "{state}/sock", 0x7ffc, 0) = {absent}',
        "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 4<UNIX-STREAM:[1]>",
        f'bind(4<UNIX-STREAM:[1]>, {{sa_family=AF_UNIX, sun_path="{state}/sock"}}, 110) = 0',
        f'newfstatat(AT_FDCWD, "{state}/now", 0x7ffc, AT_SYMLINK_NOFOLLOW) = {absent}',
        f'symlink("book", "{state}/now") = 0',
    )
    trace = _trace(tmp_path / "app.trace", START, CONF, *(f"100 {line}" for line in lines), END)

    drafted = draft_offline(name_traces([trace]), HOST, OPTIONS, MADE)

    (grant,) = [grant for grant in drafted.ruleset.path if grant.path == state]
    wanted = FsRight.REMOVE_FILE | FsRight.MAKE_SOCK | FsRight.MAKE_SYM | FsRight.MAKE_FIFO | FsRight.MAKE_DIR
    assert wanted in grant.rights
    assert grant.why.endswith("Next time perhaps: files are removed or renamed.")
    assert [finding for finding in drafted.report.findings if finding.severity is Severity.BLOCKING] == []
