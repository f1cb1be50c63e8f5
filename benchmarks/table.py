"""The result as a Markdown table, and the place in a document that it replaces."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.inputs import Described
from benchmarks.targets import Row
from benchmarks.timing import median


_UNITS = {"x": "x", "": "", "s": " s", "ms": " ms", "MB": " MB", "tokens": ""}


def results(rows: Iterable[Row]) -> str:
    """One line per row: what, must, goal, median, range, verdict."""
    lines = ["| what | on | must | goal | measured | range | |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    target = row.target
    shown = [_figure(sample, target.unit) for sample in row.samples]
    several = len(set(shown)) > 1
    verdict = f"{row.verdict} ({row.note})" if row.note else row.verdict
    return [
        target.what,
        row.on,
        _bound(target.must, target.unit, larger=target.larger),
        _bound(target.goal, target.unit, larger=target.larger),
        _figure(median(row.samples), target.unit) if row.samples else "",
        f"{_figure(min(row.samples), target.unit)} - {_figure(max(row.samples), target.unit)}"
        if several
        else "",
        # A skipped row may quote what a program said.
        re.sub(r"[|\n]", " ", verdict),
    ]


def _bound(bound: float | None, unit: str, *, larger: bool) -> str:
    return "" if bound is None else f"{'>=' if larger else '<='} {bound:,g}{_UNITS[unit]}"


def _figure(number: float, unit: str) -> str:
    digits = 0 if unit in ("ms", "MB", "tokens") or number >= 100 else 2  # noqa: PLR2004 - as a person reads
    return f"{number:,.{digits}f}{_UNITS[unit]}"


def files(described: Sequence[Described]) -> str:
    """What the traces are like that were measured on."""
    lines = ["| trace | MB | lines | distinct texts | halves of interrupted calls | rounds of |"]
    lines.append("|---|---|---|---|---|---|")
    for one in described:
        works = f"{one.rounds} x {', '.join(one.works)}"
        cells = (one.kind, f"{one.size / 1e6:.0f}", f"{one.lines:,}", f"{one.texts:,}")
        lines.append(f"| {' | '.join(cells)} | {one.halves / one.lines:.0%} | {works} |")
    return "\n".join(lines)


def machine(python: str) -> dict[str, str]:
    """The machine, without anything that names it or a place on it."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "kernel": re.match(r"[0-9.]*", platform.release())[0],  # type: ignore[index] # it may match nothing
        "python": python,
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def described(machine: dict[str, str]) -> str:
    """The machine as one sentence."""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']} of memory, "
        f"Linux {machine['kernel']}, Python {machine['python']}."
    )


def replace(document: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers ``<!-- name -->`` and ``<!-- /name -->`` of a document.

    Raises:
        ValueError: the document has no such markers.
    """
    before, start, rest = document.read_text().partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not (start and end):
        raise ValueError(f"{document.name} has no <!-- {name} --> ... <!-- /{name} -->")
    document.write_text(f"{before}{start}\n{text}\n\n{end}{after}")
