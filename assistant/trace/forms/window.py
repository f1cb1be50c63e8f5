"""An audit log's records, event by event, as lines of strace text.

The records of one event stand near each other and not always together. An event waits until enough lines have
gone by, and is then said in the place of its SYSCALL record; a denial in the place of its own record.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from assistant.domain.access import Kind, Verdict
from assistant.domain.rights import FsRight
from assistant.trace.forms import denial, syscall
from assistant.trace.forms.record import BREAK, Record, record
from assistant.trace.forms.translation import NOTHING, Account
from assistant.trace.inventory import Observation
from assistant.trace.line import LONGEST_LINE


_PATIENCE = 256
"""Lines after which an event is taken to be whole."""


def translate(lines: Iterator[bytes], account: Account) -> Iterator[bytes]:
    """See ``translation.Translate``."""
    window = _Window(account)
    for number, raw in enumerate(lines, start=1):
        yield from window.take(raw, number)
    yield from window.end()


class _Window:
    """The lines that wait, oldest first, and the events that they belong to."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._domains = denial.Domains()
        self._events: dict[str, list[Record]] = {}
        self._said: deque[bytes | None] = deque()
        self._first = 1
        self._unstamped = 0

    def take(self, raw: bytes, number: int) -> Iterator[bytes]:
        """One line; what need not wait any longer."""
        found = record(raw.rstrip(b"\r\n"), number) if len(raw) <= LONGEST_LINE else None
        if found is None:
            self._said.append(self._other(raw, number))
            if raw.startswith(BREAK):
                self._close(list(self._events))
        else:
            self._enter(found)
        while (oldest := next(iter(self._events), None)) and self._is_old(oldest, number):
            self._close([oldest])
        yield from self._ready()

    def _is_old(self, stamp: str, number: int) -> bool:
        return number - self._events[stamp][0].number >= _PATIENCE

    def end(self) -> Iterator[bytes]:
        """There are no more lines."""
        self._close(list(self._events))
        yield from self._ready()

    def _other(self, raw: bytes, number: int) -> bytes:
        """A line without a record: the kernel's log and ausearch have such, and they carry no access."""
        if b"LANDLOCK" in raw or b"audit(" in raw or len(raw) > LONGEST_LINE:
            return self._account.strange("a record that is not whole", raw, number)
        return NOTHING

    def _enter(self, found: Record) -> None:
        stamp = found.stamp
        if not stamp:
            # The journal drops stamps; the kernel begins an event with SYSCALL, and a denial stands alone.
            self._unstamped += found.type in ("SYSCALL", "LANDLOCK_ACCESS")
            stamp = f"unstamped {self._unstamped}"
        self._events.setdefault(stamp, []).append(found)
        if found.type == "LANDLOCK_DOMAIN":
            self._domains.learn(found)
        self._said.append(None if found.type in ("SYSCALL", "LANDLOCK_ACCESS") else NOTHING)
        if found.type == "EOE":
            self._close([stamp])

    def _close(self, keys: Iterable[str]) -> None:
        for key in keys:
            records = self._events.pop(key)
            calls = [told for told in records if told.type == "SYSCALL"]
            denials = [told for told in records if told.type == "LANDLOCK_ACCESS"]
            for told in denials:
                denial.deny(told, self._around(told, calls), self._account)
                self._say(told, NOTHING)
            for told in calls:
                # A denied call failed with the denial's errno, which says nothing more.
                self._say(told, NOTHING if denials else self._call(told, records))

    def _around(self, told: Record, calls: list[Record]) -> denial.Circumstances:
        if not calls:
            return denial.Circumstances(self._domains.actor(told), "landlock", "EACCES")
        actor, name = denial.actor_of(calls[0]), syscall.name_of(calls[0])
        return denial.Circumstances(actor, name or "landlock", syscall.outcome_of(calls[0]))

    def _call(self, told: Record, records: list[Record]) -> bytes:
        if syscall.is_foreign(told):
            return self._account.strange("a system call of another architecture", told.raw, told.number)
        event = syscall.Event([told, *(other for other in records if other.type != "SYSCALL")])
        line = event.line()
        self._interpreters(told, records)
        return NOTHING if line is None else line + b"\n"

    def _interpreters(self, told: Record, records: list[Record]) -> None:
        """Audit shows what strace cannot: the files that the kernel itself opened to run a program."""
        name = syscall.name_of(told)
        if name not in ("execve", "execveat") or syscall.outcome_of(told) != "ok":
            return
        actor = denial.actor_of(told)
        for path in records:
            item = path.integer("item") if path.type == "PATH" else 0
            opened = path.text("name") if item else None
            if opened and opened.startswith(b"/"):
                need = Observation(
                    opened.decode("utf-8", "surrogateescape"),
                    FsRight.EXECUTE | FsRight.READ_FILE,
                    Verdict.NEEDED,
                    "ok",
                    name,
                    kind=Kind.FILE,
                )
                self._account.collector.need(need, path.number, actor.name, actor.pid)

    def _say(self, told: Record, line: bytes) -> None:
        self._said[told.number - self._first] = line

    def _ready(self) -> Iterator[bytes]:
        while self._said and self._said[0] is not None:
            yield self._said.popleft() or NOTHING
            self._first += 1
