"""The command: run cases with subjects, hold the scores against the committed ones, write the page."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from evals import table
from evals.baselines import BASELINES
from evals.case import CaseError, load, names
from evals.compare import changes, regressions
from evals.inside import KEEP
from evals.run import run, save, saved
from evals.score import Score
from evals.subjects import SUBJECTS


HERE = Path(__file__).parent
BASELINE = HERE / "baseline.json"
LATEST = HERE / "results" / "latest.json"
PAGE = HERE.parent / "docs" / "evals.md"
MARKS = ("<!-- evals -->", "<!-- /evals -->")
AGAINST = "file"
_BAD_INPUT, _WORSE = 2, 1


def main(words: Sequence[str]) -> int:
    """0 when no draft of ours is worse than the baseline, 1 when one is, 2 for a wrong call."""
    options = _parser().parse_args(words)
    try:
        if options.list:
            print(*_chosen(options))
            return 0
        scores = _scores(options)
    except CaseError as error:
        print(f"evals: {error}", file=sys.stderr)
        return _BAD_INPUT
    if options.write:
        _write(_merged(scores) if options.accept else scores, Path(options.write))
    if options.accept:
        save(_merged(scores), BASELINE)
        print(f"accepted as the baseline: {BASELINE}")
        return 0
    return _held_against(scores)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--case", nargs="+", default=[], metavar="NAME", help="cases; else all")
    parser.add_argument("--ci", action="store_true", help="only the cases that every change is tried with")
    parser.add_argument(
        "--subject", nargs="+", default=list(SUBJECTS), choices=list(SUBJECTS), metavar="NAME"
    )
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--list", action="store_true", help="run nothing: print the cases' names")
    parser.add_argument("--latest", action="store_true", help="run nothing: take the last results")
    parser.add_argument(
        "--accept", action="store_true", help="these scores are part of the baseline from now on"
    )
    parser.add_argument(
        "--keep", metavar="DIR", help="leave the traces and the drafts in DIR, a folder for each case"
    )
    parser.add_argument(
        "--write",
        nargs="?",
        const=str(PAGE),
        metavar="FILE",
        help="put the tables into a page; with --accept, those of the whole baseline",
    )
    return parser


def _scores(options: argparse.Namespace) -> list[Score]:
    if options.latest:
        if not LATEST.is_file():
            raise CaseError(f"there are no results yet in {LATEST}; run without --latest")
        return saved(LATEST)
    chosen = _chosen(options)
    if options.keep:
        os.environ[KEEP] = str(Path(options.keep).absolute())
    began = time.monotonic()
    scores = run(chosen, options.subject, at_once=options.at_once, tell=lambda line: print(line, flush=True))
    print(f"{len(chosen)} cases, {len(options.subject)} subjects, {time.monotonic() - began:.0f} s")
    LATEST.parent.mkdir(exist_ok=True)
    save(scores, LATEST)
    return scores


def _chosen(options: argparse.Namespace) -> list[str]:
    chosen: list[str] = options.case or names()
    return [name for name in chosen if load(name).ci] if options.ci else chosen


def _held_against(scores: Sequence[Score]) -> int:
    subjects = list(dict.fromkeys(score.subject for score in scores))
    print("\n".join(table.by_subject(scores, subjects)))
    for score in scores:
        if score.status != "run" and score.subject == subjects[0]:
            print(f"not run: {score.case}: {score.reason}")
    before = saved(BASELINE) if BASELINE.is_file() else []
    for line in changes(before, scores) if before else ["there is no baseline yet: --accept makes one"]:
        print(f"changed: {line}")
    # How the other ways fare here is a change, said above, and nothing that anybody would have to mend.
    worse = regressions(before, [score for score in scores if score.subject not in BASELINES])
    for line in worse:
        print(f"WORSE: {line}")
    return _WORSE if worse else 0


def _merged(scores: Sequence[Score]) -> list[Score]:
    """The baseline with these scores in place of their earlier ones, sorted."""
    kept = saved(BASELINE) if BASELINE.is_file() else []
    joined = {(score.case, score.subject): score for score in (*kept, *scores)}
    return [joined[key] for key in sorted(joined)]


def _write(scores: Sequence[Score], page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not mark or not end:
        raise CaseError(f"{page} does not hold {MARKS[0]} and {MARKS[1]}")
    tables = "\n".join(_page(scores))
    page.write_text(f"{before}{mark}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


def _page(scores: Sequence[Score]) -> list[str]:
    subjects = [subject for subject in SUBJECTS if any(score.subject == subject for score in scores)]
    lines: list[str] = []
    for kind, title in (
        ("service", "Services, drafted from a good trace"),
        ("poor", "Poor traces"),
        ("hostile", "Hostile traces"),
    ):
        chosen = [score for score in scores if load(score.case).kind == kind]
        if chosen:
            lines += [f"### {title}", "", *table.by_subject(chosen, subjects), ""]
            lines += [*table.by_case(chosen, subjects[0], AGAINST), ""]
    return lines[:-1]
