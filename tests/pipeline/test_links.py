"""Drafted on one machine and verified on another: where links lead stands in the document."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import document
from assistant.domain.finding import Severity
from assistant.domain.host import FakeHost, Host, NoHost, ToldHost
from assistant.domain.report import Report
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import LinkRecord, Ruleset
from assistant.pipeline.links import links_between
from assistant.pipeline.reading import read_traces
from assistant.pipeline.verifying import hold_against
from assistant.reading.naming import in_memory, name_traces


EXAMPLES = Path(__file__).parents[2] / "examples"


def there(name: str) -> FakeHost:
    """The machine on which an example was recorded, as far as it is kept."""
    kept: Mapping[str, Any] = json.loads((EXAMPLES / name / "host.json").read_text("utf-8"))
    loaders = {path: tuple(found) for path, found in kept["loaders"].items()}
    return FakeHost(links=kept["links"], loaders=loaders)


def drafted(name: str) -> Ruleset:
    """An example's ruleset with the links that a draft would keep."""
    ruleset = document.load((EXAMPLES / name / f"{name}.toml").read_text("utf-8"), source="it")
    traces = name_traces([EXAMPLES / name / f"{name}.trace"])
    others = {entry.path for entry in (*ruleset.refused, *ruleset.probed)}
    links = links_between(read_traces(traces, there(name)), ruleset.paths(), others, there(name))
    provenance = ruleset.provenance.model_copy(update={"link": links})
    return document.load(document.dump(ruleset.model_copy(update={"provenance": provenance})), source="it")


def verified(ruleset: Ruleset, name: str, host: Host) -> Report:
    traces = name_traces([EXAMPLES / name / f"{name}.trace"])
    return hold_against(ruleset, read_traces(traces, host), traces, host)


def blocking(report: Report) -> list[str]:
    return [
        f"{one.id} {one.subject} {one.message} {one.evidence}"
        for one in report.findings
        if one.severity is Severity.BLOCKING
    ]


@pytest.mark.parametrize("name", ["nginx", "postgresql", "redis"])
def test_a_draft_holds_on_a_machine_that_knows_its_links_only_from_the_document(name: str) -> None:
    ruleset = drafted(name)
    links = {link.path: link.target for link in ruleset.provenance.link}

    elsewhere = verified(ruleset, name, ToldHost(links))

    assert blocking(elsewhere) == []
    assert blocking(verified(ruleset, name, NoHost())) != [], "without them it would not"
    assert elsewhere.by_id("links-on-trust")
    assert all(there(name).resolve(path) == target for path, target in links.items())


def test_only_links_that_a_verifier_needs_are_kept() -> None:
    kept = {link.path for link in drafted("redis").provenance.link}

    assert "/usr/bin/redis-server" in kept
    # The directory that they are in is granted, by whatever name.
    assert not {path for path in kept if path.startswith("/usr/lib/x86_64-linux-gnu")}


def test_a_link_that_lies_is_shown() -> None:
    ruleset = drafted("redis")

    (finding,) = verified(ruleset, "redis", ToldHost({"/usr/bin/redis-server": "/etc"})).by_id(
        "links-on-trust"
    )

    assert "/usr/bin/redis-server -> /usr/bin/redis-check-rdb" in finding.message


@pytest.mark.parametrize("name", ["/usr/bin/../lib/plug/gold.so", "/usr/bin/.././bin//../lib/plug/gold.so"])
def test_a_link_is_kept_by_the_name_that_dots_come_to(name: str) -> None:
    lines = [
        '7 execve("/usr/bin/cc", ["cc"], 0x1 /* 3 vars */) = 0',
        f'7 openat(AT_FDCWD</>, "{name}", O_RDONLY) = 3</usr/llvm/gold.so>',
    ]
    trace = in_memory("cc", "\n".join([*lines, ""]).encode())
    host = FakeHost(links={"/usr/lib/plug/gold.so": "/usr/llvm/gold.so"})
    rights = {"/usr/llvm/gold.so": FsRight.READ_FILE}

    kept = links_between(read_traces([trace], host), rights, (), host)

    assert kept == (LinkRecord(path="/usr/lib/plug/gold.so", target="/usr/llvm/gold.so"),)
    assert ToldHost({link.path: link.target for link in kept}).resolve(name) == "/usr/llvm/gold.so"
