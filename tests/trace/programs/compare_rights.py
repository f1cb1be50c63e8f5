"""Holds the rights that an inventory tells of against those that the kernel asked for."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from assistant.domain.access import Inventory, Kind, PathAccess, RemarkKind, Verdict
from assistant.domain.rights import FsRight
from assistant.trace.settling import links_what_is_behind
from tests.trace.programs.astray import Astray
from tests.trace.programs.meanings import Classes, meanings, plain
from tests.trace.programs.needs import Ask
from tests.trace.programs.observer import Done
from tests.trace.programs.performed import kinds, outcome, places, system_call
from tests.trace.programs.run import Performance
from tests.trace.programs.truth import asks


_SAID = (Verdict.NEEDED, Verdict.POSSIBLE)
_MADE = FsRight.MAKE_DIR | FsRight.MAKE_SYM | FsRight.MAKE_FIFO | FsRight.MAKE_SOCK
_MADE |= FsRight.MAKE_CHAR | FsRight.MAKE_BLOCK
_SPECIAL = {"make": _MADE, "remove": FsRight.REMOVE_DIR}
"""Rights that say of what was moved that it was no file."""
_READ = FsRight.READ_FILE | FsRight.READ_DIR
_ASKS_OF_ONE_CALL = 4

Group = tuple[str, str, str]
"""Call, outcome and right, where rights that only differ by what the object is are one."""


def kind_of_right(call: str, right: FsRight) -> str:
    """A right's name; one name for those between which a trace cannot always tell."""
    if call.startswith(("rename", "link")) and right & (_MADE | FsRight.MAKE_REG):
        return "make"
    if call.startswith("rename") and right & (FsRight.REMOVE_FILE | FsRight.REMOVE_DIR):
        return "remove"
    return "read" if right & _READ and call.startswith("open") else str(right.name)


@dataclass(slots=True)
class _Tally:
    """How often a right was needed on an object for sure, at all, at most; and how often that was said."""

    sure: int = 0
    true: int = 0
    loose: int = 0
    most: int = 0
    needed: int = 0
    possible: int = 0


@dataclass
class Rights:
    """One comparison.

    Attributes:
        performance: What was performed.
        inventory: What was read of it.
    """

    performance: Performance
    inventory: Inventory
    _wrong: list[str] = field(default_factory=list)
    _lacking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._astray = Astray(self.performance, self.inventory)

    def complaints(self) -> list[str]:
        """Rights that are missing, wrong or invented."""
        wanted: dict[Group, list[list[Ask]]] = defaultdict(list)
        about: dict[str, set[bytes]] = defaultdict(set)
        known: dict[str, set[tuple[bytes, Kind]]] = defaultdict(set)
        for done in self.performance.traced():
            call = system_call(done)
            for path in places(done):
                # A link may lead to what is not there: that is what the operation was about all the same.
                led = self._meanings(os.fsdecode(path), final=False)
                about[call] |= {plain(path)} | led | {os.path.dirname(end) for end in led}
            known[call].update((plain(path), kind) for path, kind in kinds(done))
            for kind, group in self._asked(done):
                wanted[call, outcome(done), kind].append(group)
        actor = self.performance.actor
        about["execve"] |= {actor, os.path.dirname(actor)}
        known["execve"].add((actor, Kind.FILE))
        if self.performance.form.traces("execve"):
            for right in (FsRight.EXECUTE, FsRight.READ_FILE):
                wanted["execve", "ok", str(right.name)].append([Ask(actor, right, sure=True)])
        found: dict[Group, list[PathAccess]] = defaultdict(list)
        for access in self.inventory.paths:
            self._check_place(access, about[access.call])
            self._check_kind(access, known[access.call])
            for kind in {kind_of_right(access.call, right) for right in access.rights}:
                found[access.call, access.outcome, kind].append(access)
        for key in wanted.keys() | found.keys():
            self._check(key, wanted[key], found[key])
        return self._wrong + self._unexcused()

    def _asked(self, done: Done) -> Iterator[tuple[str, list[Ask]]]:
        """What one operation asked for, together where one answer of the reader may stand for several."""
        together: dict[tuple[str, bytes], list[Ask]] = defaultdict(list)
        loosely = self._astray.may_be(done)
        for asked in asks(done):
            ask = replace(asked, sure=False, true=False, loose=True) if loosely else asked
            together[kind_of_right(system_call(done), ask.right), plain(ask.path)].append(ask)
        for (kind, _), group in together.items():
            yield kind, group

    def _check_place(self, access: PathAccess, about: set[bytes]) -> None:
        """Whatever is said of a path, some operation must have been about it."""
        for path in filter(None, (access.path, access.given)):
            final = access.final and path == access.path
            if not self._meanings(path, final=final) & about and not self._astray.is_one(access):
                self._wrong.append(f"no {access.call} was about {path!a}: {access}")

    def _check_kind(self, access: PathAccess, known: set[tuple[bytes, Kind]]) -> None:
        """What kind of object it was may be left unknown; it is never another."""
        if access.kind is Kind.UNKNOWN or access.outcome != "ok" or not access.rights:
            return
        if links_what_is_behind(access):
            # Taken for a file, as it is not known what is behind the link.
            return
        there = self._meanings(access.path, final=access.final)
        if not any((path, access.kind) in known for path in there) and not self._astray.is_one(access):
            self._wrong.append(f"it was no {access.kind}: {access}")

    def _check(self, group: Group, wanted: list[list[Ask]], found: list[PathAccess]) -> None:
        classes = Classes(plain(ask.path) for asked in wanted for ask in asked)
        placed: list[tuple[bytes, PathAccess]] = []
        for access in found:
            known = classes.join(self._objects(access))
            if known is not None:
                placed.append((known, access))
            elif _claims(access) and not self._astray.is_one(access) and not _reads_itself(access):
                self._wrong.append(f"nobody asked for {group} there: {access}")
        self._check_kinds(group, wanted, placed, classes)
        for path, tally in _tallies(wanted, placed, classes).items():
            said = tally.needed + tally.possible
            # A call that failed may well be read as one that would have asked for more, had it come further.
            often = tally.needed > tally.loose or (said > tally.most and group[1] == "ok")
            if often and not (self._astray.is_said and not self.performance.form.whole):
                self._wrong.append(f"said too often: {group} on {path!a}: {tally}")
            if tally.needed < tally.sure or said < tally.true:
                lacking = max(tally.sure - tally.needed, tally.true - said)
                self._lacking += [f"missing: {group} on {path!a}: {tally}"] * lacking

    def _check_kinds(
        self, group: Group, wanted: list[list[Ask]], placed: list[tuple[bytes, PathAccess]], classes: Classes
    ) -> None:
        """What was moved may be unknown, and then counts as a file; it is never taken for what it is not."""
        true: dict[bytes, FsRight] = defaultdict(lambda: FsRight(0))
        for ask in (ask for asked in wanted for ask in asked):
            true[classes.of(plain(ask.path))] |= ask.right
        for known, access in placed:
            wrong = access.rights & _SPECIAL.get(group[2], FsRight(0)) & ~true[classes.of(known)]
            if access.verdict is Verdict.NEEDED and wrong and not self._astray.is_one(access):
                self._wrong.append(f"{true[classes.of(known)]} was made or removed: {access}")

    def _unexcused(self) -> list[str]:
        """What is missing must have been said to be unknown; where all is known nothing may be missing.

        With -z strace 6.1 loses calls that were interrupted, or their first halves.
        """
        form = self.performance.form
        if not form.failures:
            return []
        # A thread's successful execve may show as a failure with an errno that there is not.
        unknown = self.performance.trace.count(b"(errno 184467440737095")
        for remark in self.inventory.remarks:
            told = remark.kind is RemarkKind.UNRESOLVED and not (form.whole and form.annotated)
            unknown += remark.count if told else 0
        return self._lacking if len(self._lacking) > unknown * _ASKS_OF_ONE_CALL else []

    def _objects(self, access: PathAccess) -> set[bytes]:
        """What an access may be of: where linkat follows, of the directory of what is linked."""
        found = self._meanings(access.path, final=access.final)
        return {os.path.dirname(path) for path in found} if links_what_is_behind(access) else found

    def _meanings(self, path: str, *, final: bool) -> set[bytes]:
        return meanings(path, self.performance.links, final=final)


def _reads_itself(access: PathAccess) -> bool:
    """/proc/self/exe of a script is its interpreter, which a trace without -y does not tell from the script.

    Both may be read and executed all the same: the script's own execution asked for that.
    """
    own = FsRight.READ_FILE | FsRight.EXECUTE
    return not access.rights & ~own and access.path in access.actors


def _claims(access: PathAccess) -> bool:
    return access.verdict in _SAID and (access.verdict is Verdict.NEEDED or access.outcome == "ok")


def _tallies(
    wanted: Iterable[list[Ask]], placed: Iterable[tuple[bytes, PathAccess]], classes: Classes
) -> dict[bytes, _Tally]:
    tallies: dict[bytes, _Tally] = defaultdict(_Tally)
    for asked in wanted:
        one = tallies[classes.of(plain(asked[0].path))]
        one.sure += any(ask.sure for ask in asked)
        one.true += any(ask.sure or ask.true for ask in asked)
        one.loose += sum(ask.sure or ask.true or ask.loose for ask in asked)
        one.most += len(asked)
    for known, access in placed:
        one = tallies[classes.of(known)]
        one.needed += access.count * (access.verdict is Verdict.NEEDED)
        one.possible += access.count * (access.verdict is Verdict.POSSIBLE)
    return tallies
