"""A ruleset held against what traces show, against their raw bytes and against a host."""

from collections.abc import Iterator, Sequence

from assistant.domain.access import Inventory
from assistant.domain.finding import Finding, find
from assistant.domain.host import Host
from assistant.domain.report import Report
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Ruleset
from assistant.pipeline.reading import unseen
from assistant.reading.citing import cited_lines
from assistant.reading.memory import uncollected
from assistant.reading.naming import Trace
from assistant.verify.case import Case
from assistant.verify.registry import verify


_LINKS_SHOWN = 10


@uncollected()
def hold_against(ruleset: Ruleset, inventory: Inventory, traces: Sequence[Trace], host: Host) -> Report:
    """Verify a ruleset: accesses by the inventory, citations by the traces' raw bytes.

    What the traces cannot show is part of the answer: without it, a trace that shows nothing would pass.

    Raises:
        TraceError: a trace cannot be read.
    """
    checked = verify(Case(ruleset, inventory, cited_lines(ruleset, traces), host))
    named = any(g.by == "person" and FsRight.EXECUTE in g.rights for g in ruleset.path)
    open_questions = unseen(inventory, command_given=named, host_known=host.known)
    return Report.of([*checked.findings, *open_questions, *_on_trust(ruleset, host)])


def _on_trust(ruleset: Ruleset, host: Host) -> Iterator[Finding]:
    """What is not looked up here but taken from the document."""
    links = ruleset.provenance.link
    if links and not host.known:
        shown = ", ".join(f"{link.path} -> {link.target}" for link in links[:_LINKS_SHOWN])
        more = f" and {len(links) - _LINKS_SHOWN} more" if len(links) > _LINKS_SHOWN else ""
        yield find("links-on-trust", ruleset.service, f"{shown}{more}")
