"""From needed objects to rules: the exact optimum over the tree, as one pass from the leaves to the root.

The state of the pass is which classes of rights a directory above already gives; each node chooses what to
add. Costs are in weights.py. Shared directories take part only in what guarding.py forced on them.
"""

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assistant.domain.places import is_guarded, is_public
from assistant.drafting.exposure import Exposure
from assistant.drafting.needs import ALL_CLASSES, EXECUTE, READ, WRITE
from assistant.drafting.tree import Node, sum_up, upwards
from assistant.drafting.weights import Weights


INFINITE = float("inf")
_LIBRARY = re.compile(r"\.so(?:\.[0-9.]+)?$")

Table = dict[int, tuple[float, int]]
"""Given classes (within those that matter here) to the least cost below and the classes to add here."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule: ``classes`` are given at ``node``; ``given`` were there from above."""

    node: Node
    classes: int
    given: int
    cost: float


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
        self._used = used
        self._tables: dict[str, Table] = {}
        self._leaf_tables: dict[tuple[int, int, bool, float], Table] = {}

    def solve(self, root: Node) -> list[Choice]:
        """The cheapest set of rules that covers every hard need, in the order of paths."""
        sum_up(root)
        for node in upwards(root):
            self._tables[node.path] = self._table(node)
        return self._read_off(root)

    def _read_off(self, root: Node) -> list[Choice]:
        chosen: list[Choice] = []
        pending = [(root, 0)]
        while pending:
            node, given = pending.pop()
            cost, added = self._tables[node.path][given & _relevant(node)]
            if added:
                chosen.append(Choice(node, added, given, cost))
            pending.extend((child, given | added) for child in node.below.values())
        return sorted(chosen, key=lambda choice: choice.node.path)

    def _table(self, node: Node) -> Table:
        if node.below:
            return self._fill(node)
        key = (node.hard, node.soft, node.ruleable and not node.guarded, self._fragility(node))
        if node.is_directory:
            return self._fill(node)
        if key not in self._leaf_tables:
            self._leaf_tables[key] = self._fill(node)
        return self._leaf_tables[key]

    def _fill(self, node: Node) -> Table:
        relevant = _relevant(node)
        prices = self._prices(node)
        below: dict[int, float] = {}
        table: Table = {}
        for given in _subsets(relevant):
            best, choice = INFINITE, 0
            for added in _subsets(node.wanted & ~given) if prices is not None else (0,):
                total = given | added
                if total not in below:
                    below[total] = self._below(node, total)
                cost = below[total] + self._here(node, prices or {}, added, total)
                if cost < best:
                    best, choice = cost, added
            table[given] = (best, choice)
        return table

    def _below(self, node: Node, given: int) -> float:
        return sum(self._tables[child.path][given & _relevant(child)][0] for child in node.below.values())

    def _here(self, node: Node, prices: Mapping[int, float], added: int, total: int) -> float:
        """The cost at this node of adding some classes, ``total`` being all that hold then."""
        if node.hard & ~total:
            return INFINITE
        cost = self._weights.unmet if node.soft & ~total else 0.0
        if not added:
            return cost
        cost += self._weights.rule + self._fragility(node)
        cost += sum(prices[name] for name in ALL_CLASSES if added & name)
        if added & (WRITE | EXECUTE) and total & WRITE and total & EXECUTE:
            cost += self._weights.write_and_execute
            if node.is_directory and (added | total) & EXECUTE:
                cost += self._weights.execute_beside_write
        return cost

    def _prices(self, node: Node) -> dict[int, float] | None:
        """What giving each class here opens; None when no rule may stand here."""
        if node.guarded or not node.ruleable:
            return None
        if not node.is_directory:
            return dict.fromkeys(ALL_CLASSES, 0.0)
        prices = dict.fromkeys(ALL_CLASSES, 0.0)
        for name in ALL_CLASSES:
            if node.wanted & name:
                prices[name] = self._exposure.cost(node.path, self._used.get(name, ()), name)
        near = node.hard | node.soft
        for child in node.below.values():
            near |= child.hard | child.soft
        if node.wanted & ~near & READ:
            prices[READ] += self._weights.read_beyond
        if node.wanted & ~near & WRITE:
            prices[WRITE] += self._weights.write_beyond
        return prices

    def _fragility(self, node: Node) -> float:
        """What it costs that a rule on a single file dies when the file is replaced."""
        if node.is_directory or node.path.startswith(("/dev/", "/proc/", "/sys/")):
            return 0.0
        if _LIBRARY.search(node.path):
            return self._weights.fragile_library
        if node.wanted & EXECUTE or is_public(node.path):
            return self._weights.fragile_program
        if is_guarded(posixpath.dirname(node.path)):
            return self._weights.fragile
        return self._weights.fragile_inside


def _relevant(node: Node) -> int:
    """The given classes that change anything at a node: those wanted, and the two that must not meet."""
    relevant = node.wanted
    if relevant & EXECUTE:
        relevant |= WRITE
    if relevant & WRITE:
        relevant |= EXECUTE
    return relevant


def _subsets(of: int) -> list[int]:
    """All sub-sums of some classes, the empty one first: with equal costs fewer rights win."""
    return [some for some in range(of + 1) if some & ~of == 0]
