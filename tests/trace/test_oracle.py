"""The kernel is asked: does each operation work with exactly the rights that were read from its trace?

Each operation of operations/*.toml is a few system calls on a small tree (operations/tree.c). What it needs is
derived from its recorded traces and from one made here; then it is performed in a sandbox with exactly that,
and once without each right. Keys of a description, beside row, before and steps, which are prose and calls:

needs, ports, scope: what the kernel asks for; a scope is one that must stay open.
possible: what the trace leaves open: the engine has to say so instead of deciding.
becomes: the operation that the same call turns into when the next run finds the tree otherwise.
outcome: what it says outside any sandbox, if not "ok" for each step; sandboxed: inside, where that differs.
remarks: what the engine has to remark; blind: that is all that it can say, for strace does not show the object.
forbidden: no rule can allow it; hole: why a kernel may not ask.
gap: what the engine does not get right; gap_in: "plain", "annotated", "works" or the rows that fail for it.
plain_NAME: the same for the trace without -y, where less can be known.
"""

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from assistant.domain.access import Inventory, Protocol, Verdict
from assistant.domain.rights import (
    NO_FS,
    NO_NET,
    SINCE,
    FsRight,
    NetRight,
    Scope,
    known_at,
    names,
    parse_names,
)
from assistant.enforce import support
from assistant.enforce.tracer import find_tracer
from assistant.host import LocalHost
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "record_operations.py"))
RECORDED = Path(__file__).parent / "recorded"
OPERATIONS: dict[str, dict[str, Any]] = SCRIPT["operations"]()
FORMS = ("annotated", "plain", "live")
ABI = support.probe().abi
NO_SCOPE = Scope(0)
DENIED = {"EACCES", "EPERM", "EXDEV"}


@dataclass(slots=True)
class Needs:
    """What a description says, or what was derived from a trace. Paths in the tree are relative to it."""

    paths: dict[str, FsRight] = field(default_factory=dict)
    ports: dict[int, NetRight] = field(default_factory=dict)
    scope: Scope = NO_SCOPE
    possible: dict[str, FsRight] = field(default_factory=dict)
    remarks: set[str] = field(default_factory=set)

    def words(self) -> dict[str, object]:
        """For comparing and showing."""
        return {
            "needs": {path: " ".join(names(rights)) for path, rights in sorted(self.paths.items())},
            "ports": {port: " ".join(names(rights)) for port, rights in sorted(self.ports.items())},
            "scope": names(self.scope),
            "possible": {path: " ".join(names(rights)) for path, rights in sorted(self.possible.items())},
            "remarks": sorted(self.remarks),
        }


class Row(NamedTuple):
    """One right that an operation needs."""

    name: str
    right: FsRight | NetRight | Scope
    place: str = ""

    def __str__(self) -> str:
        at = f"@{self.place}" if self.place else ""
        return f"{self.name}-{names(self.right)[0]}{at}"


def described(name: str, form: str = "") -> Needs:
    """What the description says; with ``form``, what of it a trace of that form can show."""
    said = OPERATIONS[name]
    if form == "plain":
        said = said | {key.removeprefix("plain_"): said[key] for key in said if key.startswith("plain_")}

    def rights(key: str) -> dict[str, FsRight]:
        return {path: parse_names(FsRight, text.split()) for path, text in said.get(key, {}).items()}

    needs = Needs(
        rights("needs"),
        {int(port): parse_names(NetRight, text.split()) for port, text in said.get("ports", {}).items()},
        parse_names(Scope, said.get("scope", ())),
        rights("possible"),
        set(said.get("remarks", ())),
    )
    if form and is_blind(name):
        return Needs(remarks=needs.remarks)
    if form:
        needs.paths = without(needs.paths, needs.possible)
    return needs


def without(some: Mapping[str, FsRight], others: Mapping[str, FsRight]) -> dict[str, FsRight]:
    left = {path: rights & ~others.get(path, NO_FS) for path, rights in some.items()}
    return {path: rights for path, rights in left.items() if rights}


def is_blind(name: str) -> bool:
    return bool(OPERATIONS[name].get("blind"))


def outcome(name: str) -> str:
    said = OPERATIONS[name]
    return str(said.get("outcome", " ".join(["ok"] * len(said["steps"]))))


def rows() -> Iterator[Row]:
    """Every right of every operation that a sandbox can be asked for."""
    for name, said in OPERATIONS.items():
        if said.get("forbidden"):
            continue
        needs = described(name)
        for place, rights in needs.paths.items():
            for right in rights:
                # Rights add up from above: what the directory's rule gives cannot be taken from the file.
                if not any(right in needs.paths[up] for up in needs.paths if place.startswith(up + "/")):
                    yield Row(name, right, place)
        yield from (Row(name, right, str(port)) for port, rights in needs.ports.items() for right in rights)
        yield from (Row(name, scope) for scope in needs.scope)


ROWS = list(rows())
NOT_CHECKABLE_HERE = [row for row in ROWS if SINCE[row.right] > ABI or "hole" in OPERATIONS[row.name]]
CHECKED = [row for row in ROWS if row not in NOT_CHECKABLE_HERE]
ALLOWED = [name for name, said in OPERATIONS.items() if not said.get("forbidden")]
FORBIDDEN = [name for name in OPERATIONS if name not in ALLOWED]


class Bench:
    """The compiled operations in a directory of their own, and what was derived so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.program: Path = SCRIPT["build"](root)
        self._served = subprocess.Popen(
            [self.program, root, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.derived = cache(self._derived)

    def close(self) -> None:
        self._served.communicate(timeout=10)

    def ask(
        self, name: str, needs: Needs | None = None, *, handled: bool = True, less: Row | None = None
    ) -> str:
        """What the operation says: outside any sandbox, or in one that allows ``needs`` but not ``less``."""
        said = OPERATIONS[name]
        lines = [f"before {step}" for step in said.get("before", ())]
        lines += [f"step {step}" for step in said["steps"]]
        if needs is not None:
            lines += self._sandbox(needs, less, handled=handled)
        assert self._served.stdin is not None
        self._served.stdin.write("\n".join([*lines, "go\n"]))
        self._served.stdin.flush()
        answers: IO[str] | None = self._served.stdout
        assert answers is not None
        return answers.readline().strip()

    def _sandbox(self, needs: Needs, less: Row | None, *, handled: bool) -> Iterator[str]:
        taken = less.right if less else NO_FS
        files = known_at(FsRight, ABI).value if handled else 0
        scope = known_at(Scope, ABI) & ~needs.scope
        if isinstance(taken, Scope):
            scope |= taken
        yield f"handled {files} {known_at(NetRight, ABI).value} {scope.value}"
        for path, rights in needs.paths.items():
            yield f"fs {rights.value} {self.root / 'tree' / path}"
        for port, granted in needs.ports.items():
            left = (
                granted & ~taken
                if isinstance(taken, NetRight) and less and less.place == str(port)
                else granted
            )
            yield f"net {left.value} {port}"
        if less and isinstance(taken, FsRight) and taken:
            yield f"without {taken.value} {self.root / 'tree' / less.place}"

    def _derived(self, name: str, form: str) -> Needs:
        if form == "live":
            trace = self.root / "trace"
            SCRIPT["record"](self.program, OPERATIONS[name], find_tracer().flags, trace)
            raw = trace.read_bytes()
        else:
            # The tree has to be as the operation leaves it: a draft is made after the trace.
            self.ask(name)
            raw = (RECORDED / form / f"{name}.trace").read_bytes()
            raw = raw.replace(os.fsencode(SCRIPT["ROOT"]), os.fsencode(self.root))
        reader = Reader()
        reader.read(name, raw.splitlines(keepends=True))
        return self._needs(ground(reader.inventory(), LocalHost()))

    def _needs(self, inventory: Inventory) -> Needs:
        # What is untracked is how sure a name is, not what the operation asks for.
        remarks = {remark.kind.value for remark in inventory.remarks}
        needs = Needs(remarks={kind for kind in remarks if not kind.startswith("untracked")})
        for access in inventory.paths:
            kept = {Verdict.NEEDED: needs.paths, Verdict.POSSIBLE: needs.possible}.get(access.verdict)
            if kept is not None and access.rights and access.path != str(self.program):
                place = access.path.removeprefix(f"{self.root}/tree/")
                kept[place] = kept.get(place, NO_FS) | access.rights
        for port in inventory.ports:
            if port.verdict is Verdict.NEEDED and port.protocol is not Protocol.MPTCP:
                needs.ports[port.port] = needs.ports.get(port.port, NO_NET) | port.rights
        if "ftruncate" not in inventory.calls:
            # A trace without any may be one in which it was not traced: said of each file that is written.
            needs.possible = without(needs.possible, dict.fromkeys(needs.paths, FsRight.TRUNCATE))
        needs.possible = without(needs.possible, needs.paths)
        if any(not met.inside and met.outcome == "ok" for met in inventory.abstract):
            needs.scope |= Scope.ABSTRACT_UNIX_SOCKET
        if "signal-outside" in needs.remarks:
            needs.scope |= Scope.SIGNAL
        return needs

    def granted(self, name: str) -> Needs:
        """What was derived; of what the trace left open, what this operation turns out to be about."""
        derived, said = self.derived(name, "annotated"), described(name)
        if is_blind(name):
            return said
        paths = dict(derived.paths)
        for path, rights in derived.possible.items():
            paths[path] = paths.get(path, NO_FS) | rights & said.paths.get(path, NO_FS)
        return Needs(paths, derived.ports, derived.scope)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    # Not pytest's own directory: some operations give up root and must still reach it. In memory if programs may
    # run there: a tree is made some two thousand times, and ext4 is slow to use an inode again.
    memory = Path("/dev/shm")
    fast = memory.is_dir() and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    with tempfile.TemporaryDirectory(prefix="landscribe-op-", dir=memory if fast else None) as root:
        made = Bench(Path(root).resolve())
        yield made
        made.close()


def but_for_gaps(params: Iterable[tuple[str, str, Any]]) -> list[Any]:
    """Parameters, each behind its operation and its test; known gaps must fail, so that none is forgotten."""
    marked = []
    for name, test, param in params:
        said = OPERATIONS[name]
        marks = [pytest.mark.xfail(reason=said["gap"], strict=True)] if test in said.get("gap_in", ()) else []
        marked.append(pytest.param(*param, marks=marks, id="-".join(str(part) for part in param)))
    return marked


def is_denied(said: str, otherwise: str) -> bool:
    """Whether the first step that went differently was denied."""
    steps = zip(said.split(), otherwise.split(), strict=False)
    return next((now in DENIED for now, then in steps if now != then), False)


@pytest.mark.parametrize(
    ("name", "form"), but_for_gaps((name, form, (name, form)) for form in FORMS[:2] for name in OPERATIONS)
)
def test_a_recorded_trace_asks_for_what_the_operation_needs(bench: Bench, name: str, form: str) -> None:
    assert bench.derived(name, form).words() == described(name, form).words()


@pytest.mark.root
@pytest.mark.strace
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_trace_made_here_asks_for_the_same(bench: Bench, name: str) -> None:
    assert bench.derived(name, "live").words() == bench.derived(name, "annotated").words()


@pytest.mark.root
@pytest.mark.kernel
@pytest.mark.parametrize("name", but_for_gaps((name, "works", (name,)) for name in ALLOWED))
def test_an_operation_works_with_exactly_what_was_derived(bench: Bench, name: str) -> None:
    assert bench.ask(name) == outcome(name)
    inside = OPERATIONS[name].get("sandboxed", outcome(name))
    assert bench.ask(name, bench.granted(name)) == inside


@pytest.mark.root
@pytest.mark.kernel
@pytest.mark.parametrize(
    "row", but_for_gaps((row.name, str(row).removeprefix(f"{row.name}-"), (row,)) for row in CHECKED)
)
def test_an_operation_is_denied_without(bench: Bench, row: Row) -> None:
    granted = bench.granted(row.name)
    assert_derived(granted, row)
    said = bench.ask(row.name, granted, less=row)
    assert is_denied(said, OPERATIONS[row.name].get("sandboxed", outcome(row.name))), said


@pytest.mark.parametrize("row", [row for row in NOT_CHECKABLE_HERE if not is_blind(row.name)], ids=str)
def test_a_right_that_this_kernel_cannot_show_is_derived_all_the_same(bench: Bench, row: Row) -> None:
    assert_derived(bench.granted(row.name), row)


def assert_derived(granted: Needs, row: Row) -> None:
    if isinstance(row.right, FsRight):
        assert row.right in granted.paths.get(row.place, NO_FS), granted.words()
    elif isinstance(row.right, NetRight):
        assert row.right in granted.ports.get(int(row.place), NO_NET), granted.words()
    else:
        assert row.right in granted.scope, granted.words()


@pytest.mark.root
@pytest.mark.kernel
@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_rule_can_allow_what_the_engine_remarks(bench: Bench, name: str) -> None:
    everything = Needs({"/": known_at(FsRight, ABI)}, scope=~NO_SCOPE)
    assert is_denied(bench.ask(name, everything), outcome(name))
    assert bench.ask(name, Needs(), handled=False) == outcome(name), "a sandbox without file rights allows it"


@pytest.mark.root
@pytest.mark.kernel
@pytest.mark.parametrize("name", [name for name, said in OPERATIONS.items() if "becomes" in said])
def test_what_the_next_run_may_do_instead_works_with_both_readings(bench: Bench, name: str) -> None:
    derived = bench.derived(name, "annotated")
    both = dict(derived.paths)
    for path, rights in derived.possible.items():
        both[path] = both.get(path, NO_FS) | rights
    becomes = OPERATIONS[name]["becomes"]
    assert bench.ask(becomes, Needs(both, derived.ports)) == outcome(becomes)


def test_every_operation_was_recorded_in_both_forms_and_nothing_else_was() -> None:
    for form in FORMS[:2]:
        assert {trace.stem for trace in (RECORDED / form).iterdir()} == set(OPERATIONS)


@pytest.mark.root
@pytest.mark.strace
def test_one_command_records_an_operation_again(tmp_path: Path) -> None:
    script = SCRIPT["__file__"]
    words = [script, "--root", tmp_path / "root", "--into", tmp_path / "into", "mkdir"]
    subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=60)
    made = [(tmp_path / "into" / form / "mkdir.trace").read_text() for form in FORMS[:2]]
    assert [f'mkdir("{tmp_path}/root/tree/here/new", 0755)' in text for text in made] == [True, True]


@pytest.mark.kernel
def test_what_is_not_checkable_here_is_newer_than_the_kernel_or_a_known_hole(
    record_testsuite_property: Any,
) -> None:
    record_testsuite_property("not checkable here", " ".join(map(str, NOT_CHECKABLE_HERE)))
    assert len(CHECKED) >= 150
    assert {row.name for row in NOT_CHECKABLE_HERE if SINCE[row.right] <= ABI} <= {
        "fast-open",
        "fast-open-message",
    }
