"""From picked choices to grants: every place gets one of its choices, and nothing that was not offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from assistant.domain.access import parent
from assistant.domain.offer import Choice, Offer
from assistant.domain.proposal import Necessity
from assistant.domain.ruleset import PathGrant, PortGrant, Reach


Grant = TypeVar("Grant", PathGrant, PortGrant)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a place: shown with its grant, and labelled as somebody's words."""

    purpose: str
    why: str
    necessity: Necessity
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """The grants of an offer."""

    paths: tuple[PathGrant, ...]
    ports: tuple[PortGrant, ...]


def compose(offer: Offer, picked: Mapping[int, Choice], said: Mapping[int, Said]) -> Composed:
    """Grants that cover what the draft covers.

    Args:
        offer: What may be granted.
        picked: A choice of the offer for some places, by their numbers; others get the drafter's own.
        said: What was said of some places.
    """
    paths: list[PathGrant] = []
    ports: list[PortGrant] = []
    for spot in offer.spots:
        choice, told = picked.get(spot.number, spot.choices[0]), said.get(spot.number)
        paths += (_told(grant, told) for grant in choice.paths)
        ports += (_told(grant, told) for grant in choice.ports)
    return Composed(_reduced(_joined(paths)), tuple(ports))


def _told(grant: Grant, said: Said | None) -> Grant:
    if said is None or grant.by == "person":
        return grant
    return grant.model_copy(
        update={
            "group": said.purpose,
            "why": said.why,
            "by": "model",
            "necessity": said.necessity.value,
            "doubts": said.doubts,
        }
    )


def _joined(grants: list[PathGrant]) -> dict[str, PathGrant]:
    """One grant for each path: a narrower choice goes down to where another place's stands."""
    joined: dict[str, PathGrant] = {}
    for grant in grants:
        known = joined.get(grant.path)
        joined[grant.path] = grant if known is None else _both_of(known, grant)
    return joined


def _both_of(one: PathGrant, other: PathGrant) -> PathGrant:
    evidence = tuple(dict.fromkeys((*one.evidence, *other.evidence)))
    return one.model_copy(update={"rights": one.rights | other.rights, "evidence": evidence})


def _reduced(grants: Mapping[str, PathGrant]) -> tuple[PathGrant, ...]:
    """Without what a grant further up gives anyway."""
    reach = Reach({path: grant.rights for path, grant in grants.items()})
    left = []
    for path, grant in sorted(grants.items()):
        rights = grant.rights & ~reach.inside(parent(path)) if path != "/" else grant.rights
        if rights:
            left.append(grant if rights == grant.rights else grant.model_copy(update={"rights": rights}))
    return tuple(left)
