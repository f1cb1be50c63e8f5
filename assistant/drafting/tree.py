"""The tree of needed objects: one node per path component, with what is needed at it and below it."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from assistant.domain.access import Kind
from assistant.domain.places import TEMPORARY, is_guarded
from assistant.drafting.needs import Need, classes


@dataclass(slots=True)
class Node:
    """One object, or a directory above one.

    Attributes:
        path: Its path.
        need: What is needed at the object itself, if anything.
        below: The nodes beneath, by name.
        hard: Classes needed at the object itself.
        soft: Classes that only another reading needs.
        wanted: Classes needed at the object or anywhere below.
        ruleable: A rule can be bound to it: it will be there, as the same object, when the sandbox starts.
        guarded: Shared by many programs: only what cannot be had below is granted here.
    """

    path: str
    need: Need | None = None
    below: dict[str, "Node"] = field(default_factory=dict)
    hard: int = 0
    soft: int = 0
    wanted: int = 0
    ruleable: bool = True
    guarded: bool = False

    @property
    def is_directory(self) -> bool:
        """Whether something lies beneath, or the object was used as a directory."""
        return bool(self.below) or (self.need is not None and self.need.kind is Kind.DIRECTORY)

    def ask(self, need: Need) -> None:
        """Set what is needed here."""
        self.need = need
        self.hard = classes(need.hard)
        self.soft = classes(need.soft) & ~self.hard


def build(needs: Mapping[str, Need], exists: Callable[[str], bool]) -> Node:
    """The tree of all needs.

    Args:
        needs: By absolute path.
        exists: Whether an object will be there when the sandbox starts, as far as is known.
    """
    root = Node("/", guarded=True)
    nodes = {"/": root}
    for path, need in needs.items():
        node = nodes.get(path)
        if node is None:
            node = _grown(path, nodes, exists)
        elif node is root:
            root.ruleable = exists("/")
        node.ask(need)
        if need.volatile and not _made_once(need):
            node.ruleable = False
    for node in downwards(root):
        if not node.ruleable:
            # Beneath a directory that goes away everything goes away.
            for child in node.below.values():
                child.ruleable = False
    return root


def _grown(path: str, nodes: dict[str, Node], exists: Callable[[str], bool]) -> Node:
    """A new node for a path, and for what is missing above it."""
    missing = []
    while path not in nodes:
        missing.append(path)
        path = path[: path.rfind("/")] or "/"
    node = nodes[path]
    for path in reversed(missing):
        there = node.ruleable and exists(path)
        child = nodes[path] = Node(path, guarded=is_guarded(path), ruleable=there)
        node.below[path[path.rfind("/") + 1 :]] = node = child
    return node


def _made_once(need: Need) -> bool:
    """A directory that the service made in a shared one, and that is there now.

    Making it again is not granted (that would be a write to the shared directory), so it has to be there.
    Where nothing is kept it will not be.
    """
    above = posixpath.dirname(need.path)
    return need.kind is Kind.DIRECTORY and is_guarded(above) and above not in TEMPORARY


def sum_up(root: Node) -> None:
    """Set ``wanted`` on every node."""
    for node in upwards(root):
        wanted = node.hard | node.soft
        for below in node.below.values():
            wanted |= below.wanted
        node.wanted = wanted


def downwards(root: Node) -> list[Node]:
    """All nodes, each before everything below it. Without recursion: names may nest as deep as they like."""
    order = [root]
    for node in order:
        order.extend(node.below.values())
    return order


def upwards(root: Node) -> Iterator[Node]:
    """All nodes, each after everything below it."""
    return reversed(downwards(root))
