"""What shared directories must carry all the same: needs that no rule further down can hold.

A pid file in /run and a temporary file in /tmp are made anew each time, so the right has to stand on the
shared directory. It is granted there, exactly, and flagged; it is never used to save rules.
"""

from dataclasses import dataclass, field

from assistant.domain.access import Evidence, Kind
from assistant.domain.places import SHARED_SCRATCH, TEMPORARY
from assistant.domain.rights import NO_FS, FsRight
from assistant.drafting.needs import Need
from assistant.drafting.tree import Node


@dataclass(slots=True)
class Forced:
    """Rights that a shared directory must carry, with the needs that force them."""

    path: str
    rights: FsRight = NO_FS
    needs: list[Need] = field(default_factory=list)

    def add(self, need: Need, rights: FsRight) -> None:
        """Add one need's rights."""
        if rights:
            self.rights |= rights
            self.needs.append(need)

    @property
    def first(self) -> dict[FsRight, Evidence]:
        """The first line that shows each right."""
        lines: dict[FsRight, Evidence] = {}
        for need in self.needs:
            for right, line in need.first.items():
                if right & self.rights and (right not in lines or line < lines[right]):
                    lines[right] = line
        return lines


@dataclass(slots=True)
class Guarding:
    """``forced``: rules on shared directories. ``unheld``: needs that nothing grantable can hold.

    ``made``: making directories in shared ones; they are there now and are granted themselves.
    """

    forced: dict[str, Forced] = field(default_factory=dict)
    unheld: list[Need] = field(default_factory=list)
    made: list[Need] = field(default_factory=list)


def settle(root: Node) -> Guarding:
    """Take out of the tree what only shared directories can hold.

    Nodes whose needs are settled here ask for nothing any more.
    """
    result = Guarding()
    pending: list[tuple[Node, Node | None, bool]] = [(root, None, False)]
    while pending:
        node, shared, inside = pending.pop()
        if node.guarded and node.ruleable:
            shared, inside = node, False
            _own_needs(node, result)
        elif node.ruleable:
            inside = True
        elif node.need is not None and not inside:
            _held_by(shared, node, result)
        pending.extend((child, shared, inside) for child in node.below.values())
    _soften(result)
    return result


def _own_needs(node: Node, result: Guarding) -> None:
    """A shared directory was itself listed, or names were made in it."""
    need = node.need
    if need is not None:
        made = [child for child in node.below.values() if _is_made(child)]
        if made and all(child.ruleable for child in made):
            # What was made is there now and is granted itself; making it again is better left to the
            # service manager than to a right on the whole shared directory.
            if need.hard & FsRight.MAKE_DIR:
                result.made.append(need.without(~FsRight.MAKE_DIR))
            need = need.without(FsRight.MAKE_DIR)
        _force(node.path, need, result)
    node.hard = node.soft = 0


def _is_made(node: Node) -> bool:
    return node.need is not None and node.need.volatile and node.need.kind is Kind.DIRECTORY


def _give_up(need: Need, rights: FsRight, result: Guarding) -> Need:
    """Take rights out of a need: nothing that may be granted can hold them."""
    if need.hard & rights:
        result.unheld.append(need.without(~rights))
    return need.without(rights)


def _held_by(shared: Node | None, node: Node, result: Guarding) -> None:
    """An object that comes and goes, with nothing but a shared directory above it."""
    need = node.need
    if need is None:
        return
    if shared is not None and shared.path in SHARED_SCRATCH:
        _force(shared.path, need, result)
    else:
        _give_up(need, need.hard, result)
    node.hard = node.soft = 0


def _force(path: str, need: Need, result: Guarding) -> None:
    # A socket or a program somewhere in a shared directory would open every socket or program in it.
    need = _give_up(need, FsRight.RESOLVE_UNIX | FsRight.EXECUTE, result)
    forced = result.forced.setdefault(path, Forced(path))
    forced.add(need, need.hard)
    # An open with O_CREAT in a place for such files: next time, or after a rotation, it creates.
    again = FsRight.MAKE_REG | FsRight.MAKE_DIR if path in TEMPORARY else FsRight.MAKE_REG
    if path in SHARED_SCRATCH and need.soft & again:
        forced.add(need, need.soft)


_MAKES = FsRight.MAKE_REG | FsRight.MAKE_SOCK


def _soften(result: Guarding) -> None:
    """Where a shared directory is written anyway, the other reading of the same calls costs nothing more."""
    for forced in result.forced.values():
        for need in tuple(forced.needs):
            if forced.rights & _MAKES:
                forced.add(need, need.soft & ~forced.rights)
    result.forced = {path: forced for path, forced in result.forced.items() if forced.rights}
