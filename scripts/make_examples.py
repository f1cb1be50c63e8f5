"""Writes the notes of examples/ in four formats, from the traces, rulesets and test results that lie there.

    python scripts/make_examples.py [DIR]          else into examples: the same bytes everywhere
    python scripts/make_examples.py --look NAME    keep what the machine of the recording says in host.json

That is its symbolic links and ELF interpreters. How much lies in the granted directories is not kept, so that
the notes call it unknown.
"""

import json
import os
import posixpath
import re
import sys
from dataclasses import replace
from pathlib import Path

from assistant.cli.reviewing import compared, on_traces, rendered
from assistant.cli.tested import trial_of
from assistant.domain import document
from assistant.domain.host import FakeHost
from assistant.host import LocalHost
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import name_traces


EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NAMES = ("nginx", "postgresql", "redis")
SUFFIXES = {"markdown": "md", "json": "json", "sarif": "sarif", "html": "html"}


def links_of(paths: set[str]) -> dict[str, str]:
    """Every symbolic link on the way of a path, each by a name that no link is in."""
    found: dict[str, str] = {}
    for path in sorted(paths):
        pending = path.split("/")[:0:-1]
        walked = ""
        while pending:
            name = pending.pop()
            walked = posixpath.normpath(f"{walked}/{name}")
            if os.path.islink(walked):
                found[walked] = os.readlink(walked)
                target = posixpath.join(posixpath.dirname(walked), found[walked])
                walked, pending = "", [*pending, *target.split("/")[:0:-1]]
    return dict(sorted(found.items()))


def look(name: str) -> None:
    """Keep what this machine says of the paths of one example."""
    trace, ruleset = EXAMPLES / name / f"{name}.trace", EXAMPLES / name / f"{name}.toml"
    text = trace.read_text("utf-8", "surrogateescape") + ruleset.read_text("utf-8")
    named = {path for path in re.findall(r'["<](/[^">]*)[">]', text) if "\0" not in path}
    host = LocalHost()
    runs = {run.path for run in read_traces(name_traces([trace]), host).executions}
    runs |= {host.resolve(path) for path in runs}
    loaders = {path: list(host.interpreters(path)) for path in sorted(runs)}
    kept = {"links": links_of(named), "loaders": loaders}
    (EXAMPLES / name / "host.json").write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def host_of(name: str) -> FakeHost:
    """The machine of the recording, as far as it was kept; what is not listed is unknown, not absent."""
    kept = json.loads((EXAMPLES / name / "host.json").read_text("utf-8"))
    loaders = {path: tuple(loaders) for path, loaders in kept["loaders"].items()}
    return FakeHost(links=kept["links"], loaders=loaders, known=False)


def make(name: str, into: Path) -> None:
    """Write the notes of one example."""
    path = Path(f"{name}.toml")
    before = Path("before.toml") if Path("before.toml").exists() else None
    text = path.read_text("utf-8")
    ruleset = document.load(text, source=name)
    found, other = compared(path, ruleset, before)
    review = on_traces(ruleset, [Path(f"{name}.trace")], host_of(name), None, "")
    review = replace(review, trial=trial_of(Path("test.json"), ruleset), difference=found, against=other)
    into.mkdir(parents=True, exist_ok=True)
    for to, suffix in SUFFIXES.items():
        (into / f"notes.{suffix}").write_text(rendered(review, to, text, path), "utf-8")


def main(arguments: list[str]) -> None:
    """Look, or make."""
    if arguments[:1] == ["--look"]:
        look(arguments[1])
        return
    into = Path(arguments[0]).absolute() if arguments else EXAMPLES
    for name in NAMES:
        os.chdir(EXAMPLES / name)
        make(name, into / name)


if __name__ == "__main__":
    main(sys.argv[1:])
