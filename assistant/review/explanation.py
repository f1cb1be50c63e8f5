"""What one ruleset says on one path or port, and why. Algebra and a replay of the traces; no guess."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, PortAccess, is_beneath, parent
from assistant.domain.cover import Cover
from assistant.domain.effect import Effect
from assistant.domain.explanation import Answer, Asked, Dropped, Explanation, Loss, Shown
from assistant.domain.rights import NO_FS, NO_NET, ON_FILE, FsRight, NetRight
from assistant.domain.ruleset import PathGrant, PortGrant, Refused, Ruleset


_ON_ENTRY = ~ON_FILE & ~FsRight.READ_DIR
"""Rights that are asked of a directory for what is made in it, removed from it or moved."""

Lines = Callable[[Iterable[Evidence]], Mapping[Evidence, bytes]]
"""Looks up raw lines of the traces by their evidence."""


def explain_path(
    ruleset: Ruleset,
    asked: Asked,
    inventory: Inventory | None,
    lines: Lines,
    resolve: Callable[[str], str] = str,
) -> Explanation:
    """What a ruleset says on a path.

    Args:
        ruleset: The document.
        asked: The path.
        inventory: What the traces show; None without traces.
        lines: Looks up the lines that are shown.
        resolve: A path without symbolic links: a rule binds to what its path leads to.
    """
    handled = ruleset.effect().handled
    grants = tuple(_bound(grant, resolve) for grant in ruleset.path)
    above = [grant for grant in grants if is_beneath(asked.path, grant.path)]
    above.sort(key=lambda grant: len(grant.path))
    is_file = asked.kind not in (None, Kind.DIRECTORY, Kind.UNKNOWN)
    directory = parent(asked.path) if asked.path != "/" else ""
    over = [grant for grant in above if is_beneath(directory, grant.path)] if directory else []
    rules = Cover(grants, handled)
    return Explanation(
        asked=asked,
        answers=tuple(_answers(ON_FILE if is_file else ~NO_FS, above, handled)),
        directory=directory,
        inside=tuple(_answers(_ON_ENTRY, over, handled)) if directory else (),
        refused=_of(ruleset.refused, asked),
        probed=_of(ruleset.probed, asked),
        shown=None if inventory is None else _shown(_paths_of(inventory, asked), rules.denied, lines),
        dropped=tuple(
            Dropped(grant, None if inventory is None else _losses(inventory, rules, grants, grant, handled))
            for grant in above
        ),
    )


def _paths_of(inventory: Inventory, asked: Asked) -> tuple[PathAccess, ...]:
    """What the traces show on a path, and then on what lies beneath it."""
    names = {asked.path, asked.given}
    own = [access for access in inventory.paths if access.path in names or access.given in names]
    beneath = [access for access in inventory.paths if is_beneath(access.path, asked.path)]
    return tuple(dict.fromkeys([*own, *beneath]))


def _bound(grant: PathGrant, resolve: Callable[[str], str]) -> PathGrant:
    path = resolve(grant.path)
    return grant if path == grant.path else grant.model_copy(update={"path": path})


def _answers(rights: FsRight, grants: Iterable[PathGrant], handled: FsRight) -> Iterator[Answer]:
    for right in rights:
        giving = tuple(grant for grant in grants if right in grant.rights)
        if right in handled:
            yield Answer(right, bool(giving), giving)
        else:
            # Moving between directories is denied by every sandbox for files that does not handle it.
            yield Answer(right, right is not FsRight.REFER, handled=False)


def _of(entries: Iterable[Refused], asked: Asked) -> tuple[Refused, ...]:
    return tuple(
        entry for entry in entries if is_beneath(asked.path, entry.path) or entry.path == asked.given
    )


_Access = TypeVar("_Access", PathAccess, PortAccess)


def _shown(
    seen: tuple[_Access, ...], denied: Callable[[_Access], FsRight | NetRight], lines: Lines
) -> tuple[Shown, ...]:
    raw = lines(line for access in seen for line in access.evidence)
    return tuple(
        Shown(access, denied(access), tuple((line, raw[line]) for line in access.evidence if line in raw))
        for access in seen
    )


def _losses(
    inventory: Inventory, rules: Cover, grants: Iterable[PathGrant], without: PathGrant, handled: FsRight
) -> tuple[Loss, ...]:
    """What the traced runs would lack without one rule; what the others give as well is no loss."""
    left = Cover((grant for grant in grants if grant is not without), handled)
    concerned = (access for access in inventory.paths if is_beneath(access.path, without.path))
    found = ((access, left.denied(access) & ~rules.denied(access)) for access in concerned)
    # A move between directories that lacks nothing but refer has an errno of its own.
    return tuple(
        Loss(access, lost, "EXDEV" if lost == FsRight.REFER else "EACCES") for access, lost in found if lost
    )


def explain_port(ruleset: Ruleset, port: int, inventory: Inventory | None, lines: Lines) -> Explanation:
    """What a ruleset says on a port. The arguments are those of ``explain_path``."""
    effect = ruleset.effect()
    allowed = effect.on_port(port)
    naming = tuple(grant for grant in ruleset.port if grant.port == port)
    seen = tuple(access for access in inventory.ports if access.port == port) if inventory else ()
    return Explanation(
        asked=port,
        answers=tuple(_port_answer(right, effect, allowed, naming) for right in NetRight),
        shown=None if inventory is None else _shown(seen, lambda access: access.needed & ~allowed, lines),
        dropped=tuple(
            Dropped(grant, None if inventory is None else _port_losses(seen, effect, naming, grant))
            for grant in naming
        ),
    )


def _port_answer(right: NetRight, effect: Effect, allowed: NetRight, naming: Iterable[PortGrant]) -> Answer:
    if right in effect.any_port:
        return Answer(right, allowed=True, handled=False)
    return Answer(right, right in allowed, tuple(grant for grant in naming if right in grant.rights))


def _port_losses(
    seen: Iterable[PortAccess], effect: Effect, naming: Iterable[PortGrant], without: PortGrant
) -> tuple[Loss, ...]:
    lost = without.rights & effect.handled_on_ports
    for grant in naming:
        lost &= ~(NO_NET if grant is without else grant.rights)
    return tuple(Loss(access, access.needed & lost, "EACCES") for access in seen if access.needed & lost)
