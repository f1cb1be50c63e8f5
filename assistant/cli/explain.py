"""``landscribe explain``: why a path or a port is allowed or denied, and what shows it. No model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, RulesetFile, trace_path
from assistant.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from assistant.domain.access import Evidence
    from assistant.domain.explanation import Asked
    from assistant.domain.host import Host
    from assistant.domain.rights import FsRight
    from assistant.domain.ruleset import Ruleset

_PORTS = 65_535
_OWN = ("/proc/self", "/proc/thread-self")


def explain(
    ruleset: RulesetFile,
    subject: Annotated[str, typer.Argument(metavar="PATH|PORT", help="A path, or the number of a port.")],
    traces: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[TRACE]...", parser=trace_path, help="The traces, to show lines and replay."),
    ] = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Explain why a path or a port is allowed or denied.

    For each right the rules that give it; with traces, the lines that touch it, and which accesses would fail
    without each rule. A file whose name is a number is ./80.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, load_ruleset, the_host
    from assistant.pipeline.reading import read_traces
    from assistant.reading.citing import lines_of
    from assistant.reading.naming import name_traces
    from assistant.render.explanation import explanation_data, explanation_text
    from assistant.review.explanation import explain_path, explain_port

    document = load_ruleset(ruleset)
    host = the_host(foreign=foreign, of=document)
    asked = _asked(subject, document, host)
    named = name_traces(traces, document.provenance.trace) if traces else []
    inventory = read_traces(named, host, cwd=absolute(cwd)) if traces else None

    def lines(evidence: "Iterable[Evidence]") -> "Mapping[Evidence, bytes]":
        return lines_of(evidence, named)

    if isinstance(asked, int):
        explanation = explain_port(document, asked, inventory, lines)
    else:
        explanation = explain_path(document, asked, inventory, lines, _resolver(host))
    if as_json:
        console.result_json(explanation_data(explanation))
    else:
        console.result(explanation_text(explanation))
    return 0


def _asked(subject: str, ruleset: "Ruleset", host: "Host") -> "Asked | int":
    """The question: a port, or a path and what this machine knows of it."""
    from assistant.domain.explanation import Asked
    from assistant.packages import Dpkg

    if subject.isascii() and subject.isdigit():
        if len(subject) > len(str(_PORTS)) or int(subject) > _PORTS:
            raise UsageError(
                f"there is no port {subject}", hint=f"0 to {_PORTS}; a file of that name is ./{subject}"
            )
        return int(subject)
    if not subject or "\0" in subject:
        raise UsageError("the path is empty, or holds a NUL", hint="landscribe explain RULESET PATH")
    if not host.known:
        if not subject.startswith("/"):
            raise UsageError(
                f"{subject!a} is no absolute path on another machine", hint="begin it with a slash"
            )
        return Asked(subject, host.resolve(subject))
    given = str(Path(subject).absolute())
    resolve = _resolver(host)
    path = resolve(given)
    return Asked(
        given,
        path,
        host.kind(path),
        known=True,
        also=_also(ruleset, path, resolve),
        owners=Dpkg().owners(path),
    )


def _resolver(host: "Host") -> "Callable[[str], str]":
    """Paths without links, but for those that lead each process to itself: ours is not the service's."""
    return lambda path: path if path.startswith(_OWN) else host.resolve(path)


def _also(ruleset: "Ruleset", path: str, resolve: "Callable[[str], str]") -> "FsRight":
    """Rights that the object has here because a rule names it by another name."""
    from assistant.domain.rights import NO_FS
    from assistant.domain.ruleset import Reach
    from assistant.enforce.reach import InodeReach

    if path.startswith("/proc/"):
        return NO_FS
    named: dict[str, FsRight] = {}
    for grant in ruleset.path:
        name = resolve(grant.path)
        named[name] = named.get(name, NO_FS) | grant.rights
    return InodeReach(ruleset).rights(path) & ~Reach(named).rights(path)
