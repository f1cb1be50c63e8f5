"""From needed objects to rules: the exact optimum over the tree, as one pass from the leaves to the root.

The state of the pass is which classes of rights a directory above already gives; each node chooses what to
add. Costs are in weights.py. Shared directories take part only in what guarding.py forced on them.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from assistant.domain.access import is_beneath
from assistant.domain.places import TRUST_STORES, is_guarded, is_public, tells_of_kernel
from assistant.domain.processes import FIRST
from assistant.drafting.exposure import Exposure
from assistant.drafting.needs import ALL_CLASSES, EXECUTE, LIST, READ, WRITE, singly
from assistant.drafting.tree import Node, sum_up, upwards
from assistant.drafting.weights import Weights


INFINITE = float("inf")
_LIBRARY = re.compile(r"\.so(?:\.[0-9.]+)?$")

_UNEASY = WRITE | EXECUTE
"""The classes that must not meet."""

Table = dict[int, tuple[float, int]]
"""Given classes (within those that matter here) to the least cost below and the classes to add here."""

Group = tuple[Table, int, int]
"""A table, the given classes that it tells apart, and how many nodes share it: equal leaves cost the same."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule: ``classes`` are given at ``node``; ``given`` were there from above."""

    node: Node
    classes: int
    given: int
    cost: float


class Prices:
    """What giving classes of rights at one node costs beyond the rule itself.

    What lies beneath a directory is counted when the sum of its class is first asked for: on a host that is a
    walk through all of it, and most directories are no place for a rule whatever they hold.

    Args:
        known: What each class costs at least, known without counting.
        counted: What a class costs on top of that.
    """

    def __init__(self, known: Mapping[int, float], counted: Callable[[int], float]) -> None:
        self._known = known
        self._counted = cache(counted)

    def least(self, classes: int) -> float:
        """What some classes cost at least."""
        return sum(self._known[name] for name in singly(classes))

    def sum(self, classes: int) -> float:
        """What some classes cost."""
        return sum(self._counted(name) + self._known[name] for name in singly(classes))


class Generaliser:
    """Chooses rules for a tree of needs.

    Args:
        weights: What things cost.
        exposure: Prices directory rules.
        used: Paths that the trace used, by class.
    """

    def __init__(self, weights: Weights, exposure: Exposure, used: Mapping[int, Collection[str]]) -> None:
        self._weights = weights
        self._exposure = exposure
        self._tables: dict[str, Table] = {}
        self._fragility_in = cache(self._fragility_of)
        self._cost = cache(lambda path, name: exposure.cost(path, used.get(name, ()), name))
        self._leaf_tables: dict[tuple[int, int, bool, float], Table] = {}

    def solve(self, root: Node) -> list[Choice]:
        """The cheapest set of rules that covers every hard need, in the order of paths."""
        sum_up(root)
        for node in upwards(root):
            self._tables[node.path] = self._table(node)
        return self._read_off([(root, 0)])

    def narrower(self, choice: Choice) -> list[Choice] | None:
        """The cheapest rules that do without a chosen one; None when something beneath has no other.

        The directory keeps what it needs itself, as for being listed. After ``solve``.
        """
        node = choice.node
        own = node.hard & choice.classes
        given = choice.given | own
        below = [child for child in node.below.values() if child.wanted]
        if own == choice.classes or not all(self._costs(child, given) < INFINITE for child in below):
            return None
        kept = [Choice(node, own, choice.given, 0.0)] if own else []
        return kept + self._read_off([(child, given) for child in below])

    def _costs(self, node: Node, given: int) -> float:
        return self._tables[node.path][given & _RELEVANT[node.wanted]][0]

    def _read_off(self, pending: list[tuple[Node, int]]) -> list[Choice]:
        chosen: list[Choice] = []
        while pending:
            node, given = pending.pop()
            cost, added = self._tables[node.path][given & _RELEVANT[node.wanted]]
            if added:
                chosen.append(Choice(node, added, given, cost))
            pending.extend((child, given | added) for child in node.below.values() if child.wanted)
        return sorted(chosen, key=lambda choice: choice.node.path)

    def _table(self, node: Node) -> Table:
        if not node.wanted:
            return _NOTHING
        if node.is_directory:
            return self._fill(node)
        key = (node.hard, node.soft, node.ruleable and not node.guarded, self._fragility(node))
        if key not in self._leaf_tables:
            self._leaf_tables[key] = self._fill(node)
        return self._leaf_tables[key]

    def _fill(self, node: Node) -> Table:
        prices = self._prices(node)
        groups = self._groups(node)
        rule = self._rule(node)
        beneath: dict[int, tuple[float, float]] = {}
        table: Table = {}
        for given in _SUBSETS[_RELEVANT[node.wanted]]:
            best, choice = INFINITE, 0
            for added in _SUBSETS[node.wanted & ~given] if prices is not None else (0,):
                total = given | added
                known = beneath.get(total)
                if known is None:
                    below = sum(of[total & told][0] * count for of, told, count in groups)
                    known = beneath[total] = (below, self._missing(node, total))
                below, cost = known
                if added and prices is not None:
                    least = self._together(node, cost + rule + prices.least(added), added, total)
                    if below + least >= best:
                        continue
                    cost = self._together(node, cost + rule + prices.sum(added), added, total)
                if below + cost < best:
                    best, choice = below + cost, added
            table[given] = (best, choice)
        return table

    def _groups(self, node: Node) -> list[Group]:
        """The tables of what lies beneath, each once."""
        groups: dict[int, Group] = {}
        for child in node.below.values():
            table = self._tables[child.path]
            known = groups.get(id(table))
            groups[id(table)] = (table, _RELEVANT[child.wanted], known[2] + 1 if known else 1)
        return list(groups.values())

    def _here(self, node: Node, prices: Prices | None, added: int, total: int) -> float:
        """The cost at this node of adding some classes, ``total`` being all that hold then."""
        cost = self._missing(node, total)
        if not added or prices is None:
            return cost
        return self._together(node, cost + self._rule(node) + prices.sum(added), added, total)

    def _missing(self, node: Node, total: int) -> float:
        if node.hard & ~total:
            return INFINITE
        return self._weights.unmet if node.soft & ~total else 0.0

    def _rule(self, node: Node) -> float:
        return self._weights.rule + self._fragility(node)

    def _together(self, node: Node, cost: float, added: int, total: int) -> float:
        """A cost, and what it costs that what is written may be executed."""
        if added & _UNEASY and total & _UNEASY == _UNEASY:
            cost += self._weights.write_and_execute
            if node.is_directory:
                cost += self._weights.execute_beside_write
        return cost

    def _prices(self, node: Node) -> Prices | None:
        """What giving each class here opens; None when no rule may stand here."""
        if node.guarded or not node.ruleable or (node.need is None and node.path in TRUST_STORES):
            return None
        known = dict.fromkeys(ALL_CLASSES, 0.0)
        if not node.is_directory:
            return Prices(known, lambda _: 0.0)
        near = here = node.hard | node.soft
        for child in node.below.values():
            near |= child.hard | child.soft
        # Whoever lists a directory finds the new names in it.
        if node.wanted & ~near & READ and not (node.hard & LIST or tells_of_kernel(node.path)):
            known[READ] = self._weights.read_beyond
        # Beside what a process may set in /proc/self lies all else that it could.
        if node.wanted & ~(here if is_beneath(node.path, FIRST) else near) & WRITE:
            known[WRITE] = self._weights.write_beyond
        return Prices(known, lambda name: self._opening(node, name))

    def _opening(self, node: Node, name: int) -> float:
        """The price of what a class opens at a directory.

        Where more lies beneath than was counted, it is at least that of each directory beneath: a rule must
        not become cheaper for standing so high that nobody can tell what it opens.
        """
        price, pending = 0.0, [node]
        while pending:
            at = pending.pop()
            price = max(price, self._cost(at.path, name))
            if not self._exposure.counts(at.path):
                pending.extend(child for child in at.below.values() if child.is_directory)
        return price

    def _fragility(self, node: Node) -> float:
        """What it costs that a rule on a single file dies when the file is replaced."""
        if node.is_directory:
            return 0.0
        path = node.path
        library = ".so" in path and _LIBRARY.search(path) is not None
        return self._fragility_in(path[: path.rfind("/") + 1], library, bool(node.wanted & EXECUTE))

    def _fragility_of(self, directory: str, library: bool, program: bool) -> float:  # noqa: FBT001 - a key
        """The same for all files of a kind in one directory, whose name ends in a slash."""
        if directory.startswith(("/dev/", "/proc/", "/sys/")):
            return 0.0
        if library:
            return self._weights.fragile_library
        if program or is_public(directory):
            return self._weights.fragile_program
        above = directory.rstrip("/") or "/"
        if is_guarded(above) or above in TRUST_STORES:
            return self._weights.fragile
        return self._weights.fragile_inside


def _relevant(wanted: int) -> int:
    """The given classes that change anything at a node: those wanted, and the two that must not meet."""
    if wanted & _UNEASY:
        wanted |= _UNEASY
    return wanted


_ALL = sum(ALL_CLASSES)
_RELEVANT = [_relevant(wanted) for wanted in range(_ALL + 1)]
_SUBSETS = [[some for some in range(of + 1) if some & ~of == 0] for of in range(_ALL + 1)]
"""All sub-sums of some classes, the empty one first: with equal costs fewer rights win."""

_NOTHING: Table = {0: (0.0, 0)}
"""Where nothing is wanted nothing is added."""
