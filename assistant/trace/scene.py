"""One call with all that it takes to understand it; the only way in which handlers read and change the state.

What goes through here is recorded, so that the same text need not be understood twice. A handler that reads
or changes anything else says ``ordered`` first.
"""

import posixpath
from collections.abc import Callable

from assistant.domain.access import Kind, Protocol, RemarkKind, Verdict, is_beneath
from assistant.domain.rights import NO_FS, FsRight
from assistant.trace.inventory import AbstractKey, Collector, Observation, PortKey, Tally
from assistant.trace.line import Call, Result
from assistant.trace.replay import EXISTS, LINK, OPENED, PROTOCOL, SERVED, WORKING_DIRECTORY, Effect
from assistant.trace.state import Opened, Process, State
from assistant.trace.text import AT_FDCWD, LONGEST_PATH, MAGIC, Descriptor, descriptor, encoded, string


_OPENS = ord("<")


class Unresolved(Exception):  # noqa: N818 - not an error: a fact about the trace
    """A relative name whose directory is not known."""


class Nameless(Unresolved):
    """The name leads to what no rule can name: a socket, a pipe, memory; or to nothing at all."""


class Scene:
    """One call, the process that made it, and what may be known and said about it."""

    __slots__ = ("_led", "call", "collector", "effect", "failed", "line", "process", "state")

    def __init__(self, call: Call, process: Process, state: State, collector: Collector, line: int) -> None:
        self.call = call
        self.process = process
        self.state = state
        self.collector = collector
        self.line = line
        self.effect = Effect(call.name)
        self.failed = False
        self._led: tuple[str, str] | None = None

    # What the text says.

    @property
    def result(self) -> Result:
        """What the call returned."""
        return self.call.result

    def argument(self, index: int) -> bytes:
        """An argument's raw text, empty when the call has fewer."""
        arguments = self.call.arguments
        return arguments[index] if index < len(arguments) else b""

    def name(self, index: int) -> str | None:
        """A path argument; None when it is NULL or a pointer that strace could not read."""
        return string(self.argument(index))

    def descriptor(self, index: int) -> Descriptor | None:
        """A descriptor argument."""
        argument = self.argument(index)
        found = descriptor(argument)
        if found is None and _OPENS in argument and not self.failed:
            self.strange("a descriptor that strace did not print so")
        return found

    # What the state says.

    def opened(self, number: int) -> Opened | None:
        """What is known of one of the process's descriptors."""
        value = self.process.descriptors.get(number)
        self.effect.reads.append((OPENED, number, value))
        return value

    def cwd(self) -> str | None:
        """The working directory, None when it is not known."""
        value = self.process.cwd.path
        self.effect.reads.append((WORKING_DIRECTORY, None, value))
        return value

    def exists(self, path: str) -> bool | None:
        """Whether the trace showed last that a name exists, or does not."""
        value = self.state.exists.get(path)
        self.effect.reads.append((EXISTS, path, value))
        return value

    def protocol(self, note: bytes) -> Protocol | None:
        """The transport of the socket with this annotation, if its making was seen."""
        value = self.state.protocols.get(note)
        self.effect.reads.append((PROTOCOL, note, value))
        return value

    def served(self, path: str) -> bool:
        """Whether a traced process listens under this name."""
        value = path in self.state.served
        self.effect.reads.append((SERVED, path, value))
        return value

    # What the call does to the state.

    def opens(self, number: int, opened: Opened | None) -> None:
        """From now on a descriptor refers to this; None: it is closed, or refers to nobody knows what."""
        self.effect.opens(number, opened)
        if opened is None:
            self.process.descriptors.pop(number, None)
        else:
            self.process.descriptors[number] = opened

    def knows(self, path: str, *, there: bool) -> None:
        """The call shows that a name exists, or that it does not."""
        self.state.exists[path] = there
        self.effect.knows(path, there=there)

    def tells(self, path: str, kind: Kind, *, entry: bool) -> None:
        """The call shows what a name leads to; with ``entry``, that it is no link that leads there."""
        self.state.kinds[path] = kind
        if entry:
            self.state.entries[path] = kind
        self.effect.tells(path, kind, entry=entry)

    def starts_in(self, path: str) -> None:
        """The call shows the working directory."""
        self.process.cwd.path = path
        self.effect.starts_in(path)

    def ordered(self) -> None:
        """The call touches what is not recorded: it must be handled each time."""
        self.effect.ordered = True

    def moves_the_root(self) -> None:
        """The call may change what names mean, to other processes as well."""
        self.ordered()
        self.state.roots_moved += 1

    # What the call says of the service.

    def strange(self, kind: str) -> None:
        """Say that an argument was not understood."""
        self.ordered()
        self.failed = True
        self.collector.strange(kind, b", ".join(self.call.arguments), self.line)

    def remark(self, kind: RemarkKind, example: str) -> None:
        """Say something that no right expresses."""
        self._tally(self.collector.remark(kind, example, self.line))

    def need(self, need: Observation) -> None:
        """Record what the call needs, and by which name when a link that the run made led there."""
        if self._led is not None and need.path == self._led[0] and not need.given:
            need = need._replace(given=self._led[1])
        process = self.process
        self._tally(self.collector.need(need, self.line, process.program, process.pid, process.cwd.root))

    def port(self, key: PortKey) -> None:
        """Record a port."""
        self._tally(self.collector.port(key, self.line, self.process.program, self.process.pid))

    def abstract(self, key: AbstractKey) -> None:
        """Record an abstract socket."""
        self._tally(self.collector.abstract(key, self.line))

    def aims(self, at: dict[int, Tally], target: int) -> None:
        """Record that another process is aimed at; who it is will be told at the end."""
        tally = at.setdefault(target, Tally())
        tally.add(self.line, self.process.pid)
        self._tally(tally)

    def _tally(self, tally: Tally) -> None:
        self.effect.tallies.append(tally)

    def need_in_parent(
        self,
        name: str,
        rights: FsRight,
        verdict: Verdict,
        outcome: str,
        *,
        final: bool = False,
        guessed: bool = False,
    ) -> None:
        """Record rights on the directory that holds ``name``: entries are made and removed there.

        Rights that are ``guessed`` hang on what the entry is, which is not known: said by the kind.
        """
        directory = name.rpartition("/")[0] or "/"
        kind = Kind.UNKNOWN if guessed else Kind.DIRECTORY
        self.need(Observation(directory, rights, verdict, outcome, self.call.name, kind, name, final=final))

    def removes_next_time(self, name: str) -> None:
        """A call made what it could not have made in place of another.

        Whoever looked for that other one first, and saw none, finds this one the next time, and removes it.
        """
        if self.exists(name) is False:
            self.need_in_parent(name, FsRight.REMOVE_FILE, Verdict.POSSIBLE, "ok")

    def changes(self, name: str, *, exists: bool) -> None:
        """The name came into being, was replaced, or went: no rule can be bound to the object itself."""
        self.knows(name, there=exists)
        self.need(
            Observation(name, NO_FS, Verdict.NEEDED, "ok", self.call.name, volatile=True, follows=False)
        )

    # Names.

    def path(
        self, name_index: int, base_index: int | None = None, *, needed: bool = True, follow: bool = True
    ) -> str | None:
        """The absolute path of an argument, or None; that it is not known is said where a right is needed."""
        name = self.name(name_index)
        if name is None:
            return None
        base = None if base_index is None else self.descriptor(base_index)
        try:
            return self.absolute(base, name, follow=follow)
        except Nameless:
            return None
        except Unresolved:
            if needed:
                self.remark(RemarkKind.UNRESOLVED, f"{self.call.name} {name}")
            return None

    def entry(self, name_index: int, base_index: int | None = None) -> str | None:
        """The absolute path of a name that is to be made, moved or removed; None for "." and "..".

        The kernel refuses those before it asks anybody.
        """
        name = (self.name(name_index) or "").rstrip("/")
        if name.rpartition("/")[2] in (".", ".."):
            return None
        return self.path(name_index, base_index, follow=False)

    def absolute(self, base: Descriptor | None, name: str, *, follow: bool = True) -> str:
        """A name as an absolute path; "." and empty components go, ".." stays: a link may stand before it.

        Links that the run made are followed, the others are for the host to know. Names through /proc's own
        links (/proc/self/root/etc/x, /dev/fd/3) are turned into what they mean.

        Args:
            base: The directory descriptor of an *at call, or None for the working directory.
            name: The name as given.
            follow: The last component is followed, were it a link.

        Raises:
            Unresolved: it is relative to something that is not known, or no name that a call can use.
            Nameless: it leads to something without a path.
        """
        here = self.process.cwd
        if here.lost or "\0" in name:
            raise Unresolved(name)
        if name.startswith("/"):
            path = beneath(here.root, name) if here.root else tidy(name)
        else:
            directory = self.directory(base)
            if directory is None:
                raise Unresolved(name)
            path = tidy(f"{directory}/{name}")
            if here.root and is_beneath(path, here.root):
                path = beneath(here.root, path[len(here.root) :])
        path = self._followed(path, last=follow)
        if path.startswith(("/dev/", "/proc/")):
            path = self._without_magic(path)
        if len(path) > _SURELY_SHORT and len(encoded(path)) > LONGEST_PATH:
            raise Unresolved(name)
        return path

    def _followed(self, path: str, *, last: bool) -> str:
        """Where the run's own links lead a path."""
        links = self.state.links
        links.passes(path, last=last)
        if not links.targets:
            return path
        found, met = links.lead(path, self.process.cwd.root, last=last)
        if not met:
            return path
        for link in dict.fromkeys(met):
            links.passes(link, last=False)
            self.effect.reads.append((LINK, link, links.targets[link]))
        links.passes(found, last=last)
        if last:
            self._led = (found, path)
        return found

    def directory(self, base: Descriptor | None) -> str | None:
        """The directory that an *at call starts from, or None. Learns the working directory on the way."""
        if base is None:
            return self._tracked(self.cwd())
        if base.deleted:
            # There are no names beneath a directory that was removed.
            raise Nameless
        if base.path is not None:
            if base.number == AT_FDCWD:
                self.starts_in(base.path)
            return base.path
        if base.number == AT_FDCWD:
            return self._tracked(self.cwd())
        if self.result.errno == "EBADF":
            # Whatever it was, it is closed by now.
            self.opens(base.number, None)
            raise Nameless
        opened = self.opened(base.number)
        if opened is None or opened.path is None:
            return None
        # Only the descriptor's number says which directory it is: true as long as no dup or close was missed.
        self.remark(RemarkKind.UNTRACKED, f"{self.call.name} from descriptor {base.number}")
        return opened.path

    def _tracked(self, directory: str | None) -> str | None:
        """The working directory that earlier lines showed: true as long as no fchdir was missed."""
        if directory is not None:
            self.remark(RemarkKind.UNTRACKED_DIRECTORY, f"{self.call.name} from {directory}")
        return directory

    def _without_magic(self, path: str) -> str:
        if path.startswith("/dev/fd/"):
            path = "/proc/self/fd/" + path.removeprefix("/dev/fd/")
        path = _STREAMS.get(path, path)
        match = MAGIC.match(path)
        if match is None:
            return path
        who, link, rest = match.groups()
        target = self._behind(who, link)
        if target is None:
            raise Unresolved(path)
        whole = tidy(target + (rest or ""))
        if MAGIC.match(whole):
            raise Unresolved(path)
        return whole

    def _behind(self, who: str, link: str) -> str | None:
        """What one of a process's links in /proc leads to, if the trace told."""
        owner: Process | None = self.process
        if who not in ("self", "thread-self"):
            self.ordered()
            owner = self.state.processes.get(int(who[:10]))
        if owner is None:
            return None
        if link == "root":
            return owner.cwd.root or "/"
        if link == "cwd":
            return self.cwd() if owner is self.process else owner.cwd.path
        if link == "exe":
            return owner.program or None
        digits = link.removeprefix("fd/")
        if not digits.isdigit():
            return None
        number = int(digits[:10])
        if owner is not self.process:
            opened = owner.descriptors.get(number)
        elif self.result.errno == "ENOENT":
            self.opens(number, None)
            raise Nameless
        else:
            opened = self.opened(number)
        if opened is not None and opened.stream:
            raise Nameless
        return opened.path if opened and not opened.nameless else None


_SURELY_SHORT = LONGEST_PATH // 4
"""Characters: at most four bytes each."""
_STREAMS = {f"/dev/std{name}": f"/proc/self/fd/{number}" for number, name in enumerate(("in", "out", "err"))}


def beneath(root: str, name: str) -> str:
    """An absolute name as it is seen from outside a chroot; ".." does not leave it."""
    return root + posixpath.normpath("/" + name.lstrip("/")) if name.strip("/") else root


def tidy(path: str) -> str:
    """Without "." and empty components and trailing slashes. ".." is kept."""
    if path.startswith("/") and "//" not in path and "/." not in path and not path.endswith("/"):
        return path
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/" + "/".join(parts)


Handler = Callable[[Scene], None]
