"""What a ruleset says of one kind of access. It denies all that it handles and does not grant."""

from assistant.domain.access import is_beneath
from assistant.domain.context import NO_CELL, Cell, State
from assistant.domain.effect import Effect
from assistant.domain.places import escape
from assistant.domain.rights import FsRight, NetRight, Scope, names
from assistant.domain.ruleset import Ruleset
from assistant.review.context.exposures import Exposure


_SHOWN = 4


def landlock(ruleset: Ruleset | None, exposure: Exposure) -> Cell:
    """The layer of a ruleset; without one there is no such layer."""
    if ruleset is None:
        return NO_CELL
    effect = ruleset.effect()
    always = {
        "privileges": "the launcher sets no_new_privs",
        exposure.id if exposure.in_any_sandbox else "": "every Landlock sandbox for files denies it",
    }
    if exposure.id in always:
        return Cell(State.DENY, always[exposure.id])
    if exposure.scope:
        return _scope(effect, exposure.scope)
    if exposure.net:
        return _ports(effect, exposure.net)
    if exposure.id == "addresses":
        return _addresses(effect)
    return _files(effect, exposure) if exposure.rights else NO_CELL


def _scope(effect: Effect, scope: Scope) -> Cell:
    name = names(scope)[0]
    if scope in effect.closed_scopes:
        return Cell(State.DENY, f"the scope {name} is on")
    why = "is off" if scope not in effect.scope else f"is newer than the target ABI {effect.target_abi}"
    return Cell(State.ALLOW, f"the scope {name} {why}")


def _ports(effect: Effect, wanted: NetRight) -> Cell:
    if wanted & effect.any_port:
        return Cell(State.ALLOW, f"{names(wanted)[0]} is newer than the target ABI {effect.target_abi}")
    granted = sorted(port for port, rights in effect.ports.items() if rights & wanted)
    if not granted:
        return Cell(State.DENY, "no port is granted")
    return Cell(State.DENY, f"but for port {_few([str(port) for port in granted])}")


def _addresses(effect: Effect) -> Cell:
    """Landlock knows no addresses: only where no port may be used at all, none can be reached."""
    out = NetRight.CONNECT_TCP | NetRight.CONNECT_SEND_UDP
    if out & effect.any_port or any(rights & out for rights in effect.ports.values()):
        return Cell(State.ALLOW, "rules name ports, and no addresses")
    return Cell(State.DENY, "no port may be connected to")


def _files(effect: Effect, exposure: Exposure) -> Cell:
    wanted = exposure.rights & effect.handled
    if not wanted:
        return Cell(
            State.ALLOW, f"{names(exposure.rights)[0]} is newer than the target ABI {effect.target_abi}"
        )
    granting = [path for path, rights in effect.paths.items() if rights & wanted]
    if not exposure.areas:
        where = f"{names(wanted)[0]} is granted on {_few(granting)}"
        return Cell(State.ALLOW, where) if granting else Cell(State.DENY, "no rule grants it")
    covering = [path for path in granting for area in exposure.areas if is_beneath(area, path)]
    covering += [path for path in granting if exposure.id == "devices" and escape(path)]
    if covering:
        return Cell(State.ALLOW, f"the rule on {covering[0]}")
    inside = sorted(path for path in granting for area in exposure.areas if is_beneath(path, area))
    return Cell(State.DENY, f"but for {_few(inside)}" if inside else _no_rule(wanted))


def _no_rule(wanted: FsRight) -> str:
    return f"no rule grants {names(wanted)[0]} there"


def _few(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more
