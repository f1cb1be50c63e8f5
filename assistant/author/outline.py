"""An offer as lines for a model: numbers, rights and counts as they are, every name through the Redactor.

The lines hold no character that a name could misuse: public names are those of a vocabulary, all others are
placeholders, and whatever else stands there is ours.
"""

import errno
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from assistant.domain.access import Kind
from assistant.domain.offer import Choice, Declined, Observed, Offer, Opens, Relation, Spot
from assistant.domain.rights import FsRight, NetRight, names
from redaction.redactor import Redactor
from redaction.text import Redacted, compose, literal


_RULES_SHOWN = 3
_ABSENT_SHOWN = 12
_EXACT = 9
_ERRORS = frozenset(errno.errorcode.values())
_WORDS = frozenset([*Relation, *Kind, *names(~FsRight(0)), *names(~NetRight(0)), *_ERRORS])
_BLANK = literal(" ")
_NOTHING = literal("")


class Outline:
    """Writes one offer.

    Args:
        offer: What is shown.
        redactor: Through which every name goes.
    """

    def __init__(self, offer: Offer, redactor: Redactor) -> None:
        self._offer = offer
        self._redactor = redactor
        seen = [one for spot in offer.spots for one in spot.observed]
        programs = sorted({program for one in seen for program in one.programs})
        self._programs: Mapping[str, int] = {path: number for number, path in enumerate(programs, 1)}
        redactor.learn([*_paths(offer), *programs])

    def lines(self) -> Redacted:
        """All of it; the same offer and project give the same text."""
        return literal("\n").join(self._lines())

    def _lines(self) -> Iterator[Redacted]:
        for path, number in self._programs.items():
            yield compose("p{number} {path}", number=number, path=self._redactor.path(path))
        for spot in self._offer.spots:
            yield from self._spot(spot)
        yield from map(self._declined, self._offer.declined)
        yield from self._absent()

    def _spot(self, spot: Spot) -> Iterator[Redacted]:
        shared = literal(" shared") if spot.forced else _NOTHING
        yield compose("P{number}{shared}", number=spot.number, shared=shared)
        place = spot.choices[0].paths[0].path if spot.choices[0].paths else ""
        yield from (self._choice(choice, place) for choice in spot.choices)
        yield from (self._observed(one, place) for one in spot.observed)

    def _choice(self, choice: Choice, place: str) -> Redacted:
        told = [
            compose("r{number}", number=choice.number),
            *([] if choice.relation is Relation.DRAFTED else [_word(choice.relation)]),
            self._rules(choice, place),
            *_opens(choice.opens),
            *([compose("lacks {rights}", rights=_rights(choice.lacks))] if choice.lacks else []),
            *([compose("fragile {count}", count=choice.fragile)] if choice.fragile else []),
        ]
        return _BLANK.join(told)

    def _rules(self, choice: Choice, place: str) -> Redacted:
        shown = [compose("port {port} {rights}", port=g.port, rights=_rights(g.rights)) for g in choice.ports]
        for grant in choice.paths[:_RULES_SHOWN]:
            slash = literal("/") if grant.path in choice.directories else _NOTHING
            # The first choice names the place; the others are told from it.
            drafted = choice.relation is Relation.DRAFTED
            path = self._redactor.path(grant.path) if drafted else self._near(grant.path, place)
            rights = _rights(grant.rights)
            shown.append(compose("{path}{slash} {rights}", path=path, slash=slash, rights=rights))
        rest = len(choice.paths) - _RULES_SHOWN
        if rest > 0:
            shown.append(compose("and {rest} more", rest=rest))
        return literal("; ").join(shown)

    def _near(self, path: str, place: str) -> Redacted:
        """A path as it is told beneath its place: "." is the place itself.

        A public name is told with all that is above it: only there it is known to be public.
        """
        if path == place:
            return literal(".")
        full = self._redactor.path(path)
        rest = full.removeprefix(self._redactor.path(place))
        hidden = all("<" in part for part in str(rest).split("/") if part)
        return compose(".{rest}", rest=rest) if hidden and path.startswith(place + "/") else full

    def _observed(self, one: Observed, place: str) -> Redacted:
        told = [compose("a{number}", number=one.number), self._objects(one, place), _rights(one.rights)]
        if one.possible:
            told.append(compose("maybe {rights}", rights=_rights(one.possible)))
        if one.kind not in (Kind.FILE, Kind.UNKNOWN):
            told.append(_word(one.kind))
        told += [literal("changing")] * one.volatile + [literal("implied")] * one.implied
        if one.calls > 1:
            told.append(compose("{calls} calls", calls=one.calls))
        if self._offer.runs > 1:
            told.append(compose("in {runs}/{of}", runs=one.runs, of=self._offer.runs))
        if len(self._programs) > 1:
            told += [compose("p{number}", number=self._programs[program]) for program in one.programs]
        told += [_word(outcome) for outcome in one.outcomes if outcome in _ERRORS]
        return _BLANK.join(part for part in told if len(part))

    def _objects(self, one: Observed, place: str) -> Redacted:
        below = self._near(one.below, place)
        if len(one.paths) == 1:
            return below
        ending = self._redactor.suffix(one.suffix) if one.suffix else literal("names")
        return compose("{count} x {ending} in {below}", count=len(one.paths), ending=ending, below=below)

    def _declined(self, one: Declined) -> Redacted:
        path = self._redactor.path(one.path)
        return compose("d{number} {path} {rights}", number=one.number, path=path, rights=_rights(one.rights))

    def _absent(self) -> Iterator[Redacted]:
        shown = self._offer.absent[:_ABSENT_SHOWN]
        if shown:
            listed = _BLANK.join(map(self._redactor.path, shown))
            yield compose("absent {listed} of {count}", listed=listed, count=len(self._offer.absent))


def _paths(offer: Offer) -> Iterable[str]:
    for spot in offer.spots:
        yield from (grant.path for choice in spot.choices for grant in choice.paths)
        yield from (path for one in spot.observed for path in one.paths)
    yield from (one.path for one in offer.declined)
    yield from offer.absent


def _opens(opens: Opens) -> Iterator[Redacted]:
    told = [
        compose(form, count=_about(count))
        for form, count in (
            ("{count} private", opens.read),
            ("{count} of packages", opens.public),
            ("{count} written", opens.write),
            ("{count} run", opens.execute),
            ("{count} like keys", len(opens.names)),
        )
        if count
    ]
    if not opens.known:
        told.append(literal("more than can be counted"))
    if told:
        yield compose("opens {told}", told=literal(", ").join(told))


def _about(count: int) -> Redacted:
    """A count, of more than nine its first digit: a request that was looked at is the same a minute later."""
    if count <= _EXACT:
        return compose("{count}", count=count)
    unit = 10 ** (len(str(count)) - 1)
    return compose("about {count}", count=count // unit * unit)


@cache
def _rights(rights: FsRight | NetRight) -> Redacted:
    return literal(",").join(map(_word, names(rights)))


def _word(word: str) -> Redacted:
    """A word of an enumeration of ours."""
    if word not in _WORDS:
        raise ValueError("no word of ours")
    return literal(str(word))
