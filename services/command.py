"""The command: test services, say what is wrong with the result, write the page."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from assistant.enforce import audit
from evals.case import CaseError
from services import table
from services.case import names
from services.run import run
from services.score import Score, faults


PAGE = Path(__file__).parent.parent / "docs" / "services.md"
LATEST = Path(__file__).parent / "results" / "latest.json"
MARKS = ("<!-- services -->", "<!-- /services -->")
QUICK = ("nginx", "redis", "named", "etcd", "logrotate")
"""What every change is tried with."""
PROVEN = ("nginx", "redis", "named", "etcd", "memcached")
"""Those whose rights are tried one by one."""
_BAD_INPUT, _FAULTY = 2, 1


def main(words: Sequence[str]) -> int:
    """0 when every promise of docs/services.md is kept, 1 when one is not, 2 for a wrong call."""
    options = _parser().parse_args(words)
    chosen = options.service or (list(QUICK) if options.quick else names())
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        print(f"services: there is no {unknown[0]!a}; there are {', '.join(names())}", file=sys.stderr)
        return _BAD_INPUT
    if options.list:
        print(*chosen, sep="\n")
        return 0
    try:
        scores, wrong = _run(chosen, options)
    except CaseError as error:
        print(f"services: {error}", file=sys.stderr)
        return _BAD_INPUT
    print("\n".join(table.page(scores)))
    if options.write:
        _write(scores, Path(options.write))
    for fault in wrong:
        print(f"FAULT: {fault}")
    return _FAULTY if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services", description=__doc__)
    parser.add_argument("--service", nargs="+", default=[], metavar="NAME", help="these; else all")
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}")
    parser.add_argument("--prove", nargs="*", metavar="NAME", help=f"else {', '.join(PROVEN)}")
    parser.add_argument("--at-once", type=int, default=1, metavar="N")
    parser.add_argument("--latest", action="store_true", help="run nothing: take the last results")
    parser.add_argument("--list", action="store_true", help="run nothing: print the names")
    parser.add_argument(
        "--write", nargs="?", const=str(PAGE), metavar="FILE", help="put the tables into a page"
    )
    return parser


def _run(chosen: Sequence[str], options: argparse.Namespace) -> tuple[list[Score], list[str]]:
    if options.latest:
        scores = [Score.from_data(data) for data in json.loads(LATEST.read_text(encoding="utf-8"))]
        return scores, faults(scores)
    prove = PROVEN if options.prove is None else options.prove
    began, before = time.monotonic(), _audit()
    scores = run(chosen, prove=prove, at_once=options.at_once, tell=lambda line: print(line, flush=True))
    wrong = faults(scores)
    if _audit() != before:
        wrong.append("the kernel's audit is not as it was before")
    print(f"{len(chosen)} services, {time.monotonic() - began:.0f} s")
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps([score.to_data() for score in scores], indent=1) + "\n", encoding="utf-8")
    return scores, wrong


def _audit() -> audit.Status | None:
    with suppress(OSError):
        return audit.status()
    return None


def _write(scores: Sequence[Score], page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not mark or not end:
        raise CaseError(f"{page} does not hold {MARKS[0]} and {MARKS[1]}")
    tables = "\n".join(table.page(scores))
    page.write_text(f"{before}{mark}\n\n{tables}\n\n{end}{after}", encoding="utf-8")
