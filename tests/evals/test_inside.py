"""A subject that breaks fails alone, and what somebody wants to look at is kept."""

import signal
from pathlib import Path
from typing import NoReturn

import pytest

from assistant.domain.access import Inventory
from assistant.domain.host import NoHost
from evals import inside
from evals.case import load
from evals.compare import summary
from evals.exposure import Machine
from evals.score import Score
from evals.subjects import SUBJECTS, Material, Subject


def breaks(material: Material) -> NoReturn:
    raise ValueError(f"no such\nthing for {material.service}")


def test_a_subject_that_breaks_has_failed_and_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUBJECTS, "broken", Subject("broken", breaks, strict=True))
    material = Material("app", (), Inventory(()), NoHost(), "", 7)

    score = inside._drafted(load("nginx"), "broken", material, Machine((), ()), ())

    assert (score.status, score.first, score.second, score.digest) == ("run", False, False, "")
    assert score.failed == "draft: ValueError: no such thing for app"


def test_where_there_is_no_draft_there_is_nothing_to_count() -> None:
    good = Score("nginx", "offline", first=True, second=True, rules=19, digest="sha256:0")
    broken = Score("redis", "offline", failed="draft: ValueError")

    found = summary("offline", [good, broken])

    assert (found.cases, found.first, found.rules) == (2, 1, 19.0)


def test_traces_drafts_and_output_are_kept_for_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, kept = tmp_path / "place", tmp_path / "kept"
    (place / "output of offline").mkdir(parents=True)
    for name in ("app.trace", "offline.toml", "output of offline/service.out", "offline.py"):
        (place / name).write_text(name)
    monkeypatch.setattr(inside, "PLACE", place)
    monkeypatch.setenv(inside.KEEP, str(kept))

    inside._keep("nginx")
    inside._keep("nginx")

    found = {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}
    assert found == {
        f"nginx/{name}" for name in ("app.trace", "offline.toml", "output of offline/service.out")
    }


def test_what_nohup_ignores_a_service_hears_all_the_same() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        inside.hear_signals()
        heard = signal.getsignal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert heard is signal.SIG_DFL
