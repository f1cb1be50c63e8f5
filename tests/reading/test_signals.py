"""Whether a signal that is absent did not come is told from whether the trace would show it."""

from pathlib import Path

import pytest

from assistant.domain.access import Evidence
from assistant.domain.codepath import Signals
from assistant.reading.naming import name_traces
from assistant.reading.signals import received


CALL = '100 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3\n'
HANGUP = "100 --- SIGHUP {si_signo=SIGHUP, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
EVENT = '{"call": "openat", "args": [-100, "/etc/hosts", 0], "result": 3}\n'


@pytest.mark.parametrize(
    ("text", "ours", "expected"),
    [
        (CALL + HANGUP * 2, False, Signals({"SIGHUP": Evidence("a", 2)}, shown=True)),
        (CALL, False, Signals({}, shown=False)),
        (CALL, True, Signals({}, shown=True)),
        (EVENT, True, Signals({}, shown=False)),
    ],
    ids=["seen", "perhaps left out", "recorded by us", "events"],
)
def test_an_absent_signal_is_absent_only_where_it_would_be_shown(
    *, text: str, ours: bool, expected: Signals, tmp_path: Path
) -> None:
    path = tmp_path / "a.trace"
    path.write_text(text, "utf-8")

    assert received([(name_traces([path])[0], ours)]) == expected


def test_of_several_traces_all_must_show_them(tmp_path: Path) -> None:
    (tmp_path / "a.trace").write_text(CALL + HANGUP, "utf-8")
    (tmp_path / "b.trace").write_text(CALL, "utf-8")
    one, other = name_traces([tmp_path / "a.trace", tmp_path / "b.trace"])

    assert received([(one, False), (other, False)]) == Signals({"SIGHUP": Evidence("a", 2)}, shown=False)
    assert received([]) == Signals({}, shown=False)
