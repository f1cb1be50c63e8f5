"""Could a directory's grant be narrower: what lies in it is granted instead, and then only what is needed."""

from collections.abc import Iterator, Sequence

from assistant.domain.minimality import Narrowing
from assistant.domain.mutation import spread
from assistant.domain.rights import ON_FILE, FsRight
from assistant.domain.ruleset import Ruleset
from assistant.enforce.entries import entries_of
from assistant.proving.battery import Battery, Outcome
from assistant.proving.dropping import droppable
from assistant.proving.usage import Usage


_SHORT_LIVED = "each of these rules is dead when its object is replaced, and new names need new rules"


class Narrower:
    """Tries to narrow the directories of a ruleset.

    Args:
        ruleset: All scenarios work with it.
        battery: Lives them.
        used: What they use, as a guess; None: everything.
    """

    def __init__(self, ruleset: Ruleset, battery: Battery, used: Usage | None) -> None:
        self._ruleset, self._battery, self._used = ruleset, battery, used
        self._rights = ruleset.paths()

    def narrow(self, paths: Sequence[str]) -> Iterator[Narrowing]:
        """One answer for each of the paths that is a directory, in their order, as long as there is time."""
        found = self._battery.setting.visit(lambda: entries_of(paths))
        directories = [path for path in paths if path in found]
        spreads = [self._spread(path, found[path], list(found[path])) for path in directories]
        outcomes = dict(self._battery.try_all(spreads))
        for place, path in enumerate(directories):
            outcome = outcomes.get(place)
            if outcome is None or self._battery.over:
                return
            yield self._answer(path, found[path], outcome)

    def _answer(self, path: str, entries: dict[str, bool], outcome: Outcome) -> Narrowing:
        if not outcome.passed:
            return Narrowing(directory=path, entries=len(entries), why=_itself(path, outcome))
        unused = [entry for entry in entries if self._used is not None and entry not in self._used.paths]

        def works_without(some: Sequence[str]) -> bool:
            left = [entry for entry in entries if entry not in set(some)]
            tried = self._battery.try_one(self._spread(path, entries, left))
            return tried is not None and tried.passed

        gone = set(droppable(unused or list(entries), works_without))
        needed = tuple(entry[len(path) :].lstrip("/") for entry in entries if entry not in gone)
        return Narrowing(directory=path, entries=len(entries), needed=needed, why=_SHORT_LIVED)

    def _spread(self, path: str, entries: dict[str, bool], chosen: Sequence[str]) -> Ruleset:
        rights = self._rights[path]
        return spread(
            self._ruleset, path, {entry: _fitting(rights, directory=entries[entry]) for entry in chosen}
        )


def _fitting(rights: FsRight, *, directory: bool) -> FsRight:
    return rights if directory else rights & ON_FILE


def _itself(path: str, outcome: Outcome) -> str:
    """Why the directory cannot be replaced by what lies in it now."""
    on_it = next((denial for denial in outcome.denied if denial.path == path), None)
    if on_it:
        return f"the directory itself is needed: {on_it.asked}, {on_it.missing} denied"
    beneath = next((denial for denial in outcome.denied if denial.path.startswith(f"{path}/")), None)
    if beneath:
        return f"what is new in it is needed: {beneath.asked}, {beneath.missing} denied on {beneath.path}"
    return f"it cannot be replaced by what lies in it: {outcome.failed}"
