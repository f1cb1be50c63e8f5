"""Holds an inventory against what was performed: nothing missing, nothing wrong, nothing invented."""

from collections import Counter
from collections.abc import Iterator

from assistant.domain.access import Inventory, PortAccess, RemarkKind, Verdict
from tests.trace.programs.astray import UNTRACKED
from tests.trace.programs.compare_rights import Rights
from tests.trace.programs.meanings import Classes, encoded, meanings, plain
from tests.trace.programs.performed import outcome, system_call
from tests.trace.programs.run import Performance
from tests.trace.programs.truth import port_asks


_EXPECTED = (RemarkKind.UNRESOLVED, RemarkKind.LISTEN_UNBOUND)


def compare(performance: Performance, inventory: Inventory) -> list[str]:
    """What is wrong with an inventory, in words; empty when it says exactly what was performed."""
    return [
        *_lines(performance, inventory),
        *_calls(performance, inventory),
        *Rights(performance, inventory).complaints(),
        *_executions(performance, inventory),
        *_ports(performance, inventory),
        *_abstract(performance, inventory),
        *_remarks(performance, inventory),
    ]


def _lines(performance: Performance, inventory: Inventory) -> Iterator[str]:
    """Every line is accounted for, real lines are understood, and evidence is where it is said to be."""
    (source,) = inventory.sources
    lines = performance.trace.split(b"\n")
    count = len(lines) - (not lines[-1])
    if source.lines != count:
        yield f"{source.lines} lines were counted of {count}"
    if source.understood + source.ignored + source.not_understood != source.lines:
        yield f"lines do not add up: {source}"
    for strange in inventory.not_understood if performance.form.failures else ():
        yield f"not understood: {strange}"
    for access in inventory.paths:
        for cited in access.evidence:
            if access.call.encode() not in lines[cited.line - 1]:
                yield f"line {cited.line} is no {access.call}: {access}"


def _calls(performance: Performance, inventory: Inventory) -> Iterator[str]:
    """Calls are counted; with -z strace 6.1 loses some that were interrupted."""
    expected = Counter(system_call(done) for done in performance.traced())
    if performance.form.traces("execve"):
        expected["execve"] += 1
    for call, count in expected.items():
        found = inventory.calls.get(call, 0)
        # Static programs begin with a readlink of their own; a call that a signal interrupts is made again.
        again = found if call == "readlink" else performance.trace.count(b"= ? ERESTART")
        least = count if performance.form.failures else 0
        if not least <= found <= count + again:
            yield f"{call} was performed {count} times, counted {found} times"


def _executions(performance: Performance, inventory: Inventory) -> Iterator[str]:
    expected = Counter({plain(performance.actor): 1})
    for done in performance.traced():
        target = done.names[0].target if done.operation.call.startswith("exec") and done.ok else None
        path = (target.path or target.gone) if target is not None else None
        if path is not None:
            expected[plain(path)] += 1
    classes = Classes(expected)
    counted: Counter[bytes] = Counter()
    for run in inventory.executions:
        known = classes.join(meanings(run.path, performance.links, final=False))
        if known is None:
            yield f"nobody executed {run}"
        else:
            counted[known] += run.count
    for path in expected:
        most = sum(expected[other] for other in expected if classes.of(other) == classes.of(path))
        said = sum(counted[other] for other in counted if classes.of(other) == classes.of(path))
        if said > most:
            yield f"{path!a} was executed {most} times, counted {said} times"


def _ports(performance: Performance, inventory: Inventory) -> Iterator[str]:
    if not performance.form.whole or (inventory.not_understood and not performance.form.failures):
        # Which socket a number stands for is not known.
        return
    sure: Counter[tuple[object, ...]] = Counter()
    most: Counter[tuple[object, ...]] = Counter()
    for done in performance.traced():
        for ask in port_asks(done):
            asked = ask.port, ask.right, system_call(done), outcome(done)
            most[asked] += 1
            sure[asked] += ask.sure
    counted: Counter[tuple[object, ...]] = Counter()
    for access in filter(_is_said, inventory.ports):
        counted[access.port, access.rights, access.call, access.outcome] += access.count
    for key in counted.keys() | most.keys():
        if not sure[key] <= counted[key] <= most[key]:
            yield f"port {key}: counted {counted[key]} times, performed {sure[key]} to {most[key]} times"


def _is_said(access: PortAccess) -> bool:
    return access.verdict in (Verdict.NEEDED, Verdict.POSSIBLE)


def _abstract(performance: Performance, inventory: Inventory) -> Iterator[str]:
    expected: Counter[tuple[object, ...]] = Counter()
    for done in performance.traced():
        address = done.operation.socket
        if address is not None and address[0] == "abstract":
            expected[address[1], system_call(done), outcome(done)] += 1
    found: Counter[tuple[object, ...]] = Counter()
    for access in inventory.abstract:
        found[encoded(access.name), access.call, access.outcome] += access.count
    for key in expected.keys() | found.keys():
        if expected[key] != found[key]:
            yield f"abstract socket {key}: counted {found[key]} times, performed {expected[key]} times"


def _remarks(performance: Performance, inventory: Inventory) -> Iterator[str]:
    form = performance.form
    complete = form.whole and form.failures and form.traces("close_range")
    for remark in inventory.remarks:
        if remark.kind in UNTRACKED and complete:
            yield f"everything was traced: {remark}"
        elif remark.kind not in (*_EXPECTED, *UNTRACKED):
            yield f"nobody did that: {remark}"
