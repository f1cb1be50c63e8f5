"""Reviews a launch: every kind of access against every layer, gaps first, each with what would close it."""

from assistant.domain.context import Cell, ContextReview, Layer, Row, Suggestion, Verdict
from assistant.domain.ruleset import Ruleset
from assistant.domain.specifiers import expanded
from assistant.domain.unit import Setting, Unit
from assistant.review.context.directives import unread
from assistant.review.context.exposures import EXPOSURES, Exposure
from assistant.review.context.landlock import landlock
from assistant.review.context.launch import CAPABILITIES, Launch, launch
from assistant.review.context.layers import capabilities, cgroup, mounts, namespaces, seccomp, user
from assistant.review.context.listing import Groups, Listing
from assistant.review.context.suggesting import suggest
from assistant.review.context.traps import Surroundings, traps


_ORDER = list(Verdict)


def review(
    unit: Unit,
    ruleset: Ruleset | None = None,
    groups: Groups | None = None,
    around: Surroundings | None = None,
) -> ContextReview:
    """Review how a service is started.

    Args:
        unit: With its drop-ins, as read.
        ruleset: The sandbox that a launcher would put around it.
        groups: What systemd's groups of system calls hold, on the machine that it runs on; None: not known.
        around: What the unit's text does not say.
    """
    plain, left = expanded(unit)
    started = launch(plain, groups)
    rows = [_row(exposure, started, ruleset, groups) for exposure in EXPOSURES]
    rows.sort(key=lambda row: _ORDER.index(row.verdict))
    return ContextReview(
        name=unit.name,
        facts=tuple(_facts(started)),
        rows=tuple(rows),
        traps=tuple(traps(started, ruleset, around or Surroundings())),
        unread=(
            *(
                f"{one} in {', '.join(f'{key}=' for key in keys)}: has no value here"
                for one, keys in left.items()
            ),
            *unread(plain),
            *_unknown_groups(started, groups),
        ),
    )


def with_lines(unit: Unit, lines: tuple[str, ...]) -> Unit:
    """The unit with the lines of a drop-in's [Service] behind it."""
    pairs = [line.partition("=") for line in lines]
    more = tuple(Setting("Service", key, value) for key, _, value in pairs)
    return Unit(unit.name, (*unit.settings, *more), unit.strange)


def _cells(exposure: Exposure, started: Launch, ruleset: Ruleset | None) -> dict[Layer, Cell]:
    return {
        Layer.USER: user(started, exposure),
        Layer.CAPABILITIES: capabilities(started, exposure),
        Layer.SECCOMP: seccomp(started, exposure),
        Layer.MOUNTS: mounts(started, exposure),
        Layer.NAMESPACES: namespaces(started, exposure),
        Layer.CGROUP: cgroup(started, exposure),
        Layer.LANDLOCK: landlock(ruleset, exposure),
    }


def _row(exposure: Exposure, started: Launch, ruleset: Ruleset | None, groups: Groups | None) -> Row:
    row = Row(exposure.id, exposure.title, _cells(exposure, started, ruleset))
    if row.verdict is not Verdict.GAP:
        return row
    offered = suggest(exposure, started, ruleset)
    if offered and offered.lines:
        offered = _tried(offered, exposure, started, ruleset, groups)
    return Row(row.id, row.title, row.cells, offered)


def _tried(
    offered: Suggestion, exposure: Exposure, started: Launch, ruleset: Ruleset | None, groups: Groups | None
) -> Suggestion:
    """A suggestion that does not close the gap, because something else in the unit keeps it open, is none."""
    then = launch(with_lines(started.unit, offered.lines), groups)
    if Row(exposure.id, exposure.title, _cells(exposure, then, ruleset)).verdict is not Verdict.GAP:
        return offered
    return Suggestion((), f"{offered.lines[0]} alone does not close it here: another directive keeps it open")


def _facts(started: Launch) -> list[str]:
    held = started.capabilities
    if held is None:
        capabilities = "not known"
    elif held == CAPABILITIES:
        capabilities = "all"
    else:
        capabilities = ", ".join(sorted(held)) or "none"
    return [
        f"user: {started.user}" + (f", groups: {', '.join(started.groups)}" if started.groups else ""),
        f"capabilities: {capabilities}",
        f"no_new_privs: {started.no_new_privileges or 'not set'}",
        f"filter of system calls: {_kind(started.calls)}; of socket families: {_kind(started.families)}",
    ]


def _kind(listing: Listing) -> str:
    if not listing.given:
        return "none"
    return "a list of what is allowed" if listing.allows_only else "a list of what is denied"


def _unknown_groups(started: Launch, groups: Groups | None) -> list[str]:
    if not started.calls.unknown:
        return []
    named = ", ".join(started.calls.unknown)
    if groups is None:
        return [f"what {named} in SystemCallFilter= hold is not known: there is no systemd-analyze here"]
    return [f"{named} in SystemCallFilter=: not known to this machine's systemd, which passes over it"]
