"""Citations of lines that are not strace's: each form has a second reader that believes nobody."""

import json
from pathlib import Path

import pytest

from assistant.domain.host import NoHost
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Provenance, Ruleset
from assistant.drafting.offline import Options
from assistant.pipeline.drafting import draft_offline
from assistant.pipeline.reading import read_traces
from assistant.pipeline.verifying import hold_against
from assistant.reading.naming import name_traces
from assistant.trace.forms.objects import to_events
from assistant.verify.citation import read
from assistant.verify.proof import named


DATA = Path(__file__).parents[1] / "trace/forms/data"
CALLS = (DATA / "syscalls.log").read_bytes().splitlines()
STAMP = b"audit(1795466369.021:200)"


def _shown(raw: bytes) -> set[tuple[str, FsRight, FsRight]]:
    call = read(raw)
    return {(name.name, name.on, name.within) for name in named(call)} if call else set()


def _draft(path: Path) -> Ruleset:
    drafted = draft_offline(
        name_traces([path]), NoHost(), Options(service="x", target_abi=7), Provenance(tool="t")
    )
    assert drafted.report.by_id("false-citation") == ()
    return drafted.ruleset


@pytest.mark.parametrize("form", ["syscalls.log", "landlock.log", "syscalls.trace", "syscalls.jsonl"])
def test_the_citations_of_a_draft_from_any_form_hold(form: str, tmp_path: Path) -> None:
    path = DATA / form
    if form.endswith("jsonl"):
        path = tmp_path / form
        lines = (DATA / "syscalls.trace").read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(to_events(lines)))

    ruleset = _draft(path)

    assert len(ruleset.path) >= 4
    traces = name_traces([path], ruleset.provenance.trace)
    report = hold_against(ruleset, read_traces(traces, NoHost()), traces, NoHost())
    assert {finding.id for finding in report.findings} & {
        "false-citation",
        "missing-access",
        "drift",
    } == set()


@pytest.mark.parametrize("form", ["syscalls.log", "landlock.log"])
def test_a_citation_of_another_line_of_the_log_is_false(form: str) -> None:
    ruleset = _draft(DATA / form)
    name = form.removesuffix(".log")
    first = ruleset.path[0]
    moved = first.model_copy(update={"evidence": (f"{name}:2",)})
    forged = ruleset.model_copy(update={"path": (moved, *ruleset.path[1:])})
    traces = name_traces([DATA / form], ruleset.provenance.trace)

    report = hold_against(forged, read_traces(traces, NoHost()), traces, NoHost())

    assert first.path in {finding.subject for finding in report.by_id("false-citation")}


def test_a_denial_shows_what_it_says_was_missing() -> None:
    line = b"type=LANDLOCK_ACCESS msg=" + STAMP + b": domain=1 blockers=fs.make_reg,fs.refer path=2F61FF"

    assert _shown(line) == {("/a\udcff", FsRight.MAKE_REG | FsRight.REFER, FsRight(0))}
    assert _shown(line.replace(b"LANDLOCK_ACCESS", b"UNKNOWN[1423]")) == _shown(line)


def test_a_record_that_is_no_call_shows_nothing() -> None:
    assert read(b"type=CWD msg=" + STAMP + b': cwd="/"') is None
    assert read(b"type=PATH msg=" + STAMP + b': item=0 name="/etc/shadow" nametype=NORMAL') is None


def test_a_call_shows_the_names_of_its_event_and_not_their_parents() -> None:
    number = next(at for at, line in enumerate(CALLS) if b"syscall=82 success=yes" in line)
    stamp = CALLS[number].split(b"(")[1].split(b")")[0]
    event = b"\n".join(line for line in CALLS if stamp in line)

    names = {name for name, _, _ in _shown(event)}

    assert names == {"/srv/landscribe-audit/made/new", "/srv/landscribe-audit/made/newer"}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (
            {"call": "open", "args": ["/x", 0], "result": 3},
            ("/x", FsRight.READ_FILE | FsRight.READ_DIR, FsRight(0)),
        ),
        ({"call": "open", "args": ["/x", "O_PATH"], "result": 3}, ("/x", FsRight(0), FsRight(0))),
        ({"call": "open", "args": [{"hex": "2fff"}, 3], "result": 3}, ("/\udcff", FsRight(0), FsRight(0))),
        ({"call": "mkdir", "args": ["/x", 511], "result": 0}, ("/x", FsRight(0), FsRight.MAKE_DIR)),
        ({"call": "mkdir", "args": ["/x", 511], "error": "EACCES"}, ("/x", FsRight(0), FsRight(0))),
        ({"call": "mkdir", "args": ["/x", 511], "result": -13}, ("/x", FsRight(0), FsRight(0))),
        (
            {"call": "connect", "args": [3, {"unix": "/s"}], "result": 0},
            ("/s", FsRight.RESOLVE_UNIX, FsRight(0)),
        ),
        ({"line": '7 mkdir("/x", 0777) = 0'}, ("/x", FsRight(0), FsRight.MAKE_DIR)),
    ],
    ids=str,
)
def test_an_event_shows_what_its_call_can_need(
    event: dict[str, object], shown: tuple[str, FsRight, FsRight]
) -> None:
    assert _shown(json.dumps(event).encode()) == {shown}


@pytest.mark.parametrize("raw", [b"{", b"{}", b'{"call": 1}', b'{"call": "open", "args": 3}', b"[" * 9999])
def test_what_is_no_event_shows_nothing(raw: bytes) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'7 open("/x type=LANDLOCK_ACCESS msg=audit(1.0:1): blockers=fs.read_file path=/etc/shadow", O_RDONLY) = 3',
        b'7 <... open resumed>"type=LANDLOCK_ACCESS msg=audit(1.0:1): blockers=fs.read_file path=2F65", 0) = 3',
        b'"type=LANDLOCK_ACCESS msg=audit(1.0:1): blockers=fs.read_file path="/etc/shadow"',
        b'type=USER_CMD msg=audit(1.0:1): cmd="type=LANDLOCK_ACCESS msg=audit(1.0:2): blockers=fs.read_file"',
    ],
)
def test_a_record_within_a_name_is_no_record(raw: bytes) -> None:
    call = read(raw)

    assert call is None or call.denied == ()
