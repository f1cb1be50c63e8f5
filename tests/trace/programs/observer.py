"""Watches programs from outside while they run: what each operation was about, and what came of it."""

import os
import select
import socket
import stat
import struct
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.trace.programs.facts import Named, Thing, descriptor_of, from_outside, named
from tests.trace.programs.operations import Actor, Operation, Out


CHANNELS = 900
LISTS = 899
AT_ONCE = 16
_MESSAGE = struct.Struct("=4Iq")
_BEFORE = 0
_MOST_LINKS = 12
_GO, _SKIP = b"g", b"s"
_READS_ONLY = frozenset(
    ("stat", "lstat", "newfstatat", "statx", "access", "faccessat2", "readlink", "readlinkat", "chdir")
)
_CHANGES = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_RDWR | os.O_TMPFILE & ~os.O_DIRECTORY


class StuckError(Exception):
    """A program did not come to its end in time."""


@dataclass(slots=True)
class Done:
    """An operation that was performed.

    Attributes:
        actor: Number of the actor.
        number: Number of the operation in its list.
        operation: What it was.
        thread: Its thread's number.
        names: What its names meant just before.
        about: What its descriptor was just before.
        result: What the call returned, or the negative errno; None when it never returned.
        opened: What the returned descriptor refers to.
        kind: For sockets, their family and type.
        formerly: Where what ``about`` is was when it was opened, each time.
    """

    actor: int
    number: int
    operation: Operation
    thread: int
    names: tuple[Named, ...]
    about: Thing | None
    result: int | None = None
    opened: Thing | None = None
    kind: tuple[int, int] | None = None
    formerly: frozenset[bytes] = frozenset()

    @property
    def ok(self) -> bool:
        """Whether the call is known to have succeeded."""
        return self.result is not None and self.result >= 0


@dataclass(slots=True)
class Observer:
    """Answers the actors' questions, and writes down what they did.

    Attributes:
        actors: Everybody who may ask.
        root: Nothing outside of this directory may be changed.
        done: What was performed, in the order in which it began.
        links: Where symbolic links were ever seen, and where they led.
    """

    actors: Sequence[Actor]
    root: bytes
    done: list[Done] = field(default_factory=list)
    links: dict[bytes, set[bytes]] = field(default_factory=dict)
    _running: dict[int, Done] = field(default_factory=dict)
    _last: dict[int, int] = field(default_factory=dict)
    _turn: int | None = None
    _queue: deque[tuple[socket.socket, int, int, int]] = field(default_factory=deque)
    _sockets: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    _opened: dict[tuple[int, int], set[bytes]] = field(default_factory=dict)

    def watch(
        self, process: subprocess.Popen[bytes], channels: Sequence[socket.socket], seconds: float
    ) -> None:
        """Answer until the process ends.

        Raises:
            StuckError: it takes too long; it was killed.
        """
        poller = select.poll()
        by_number = {channel.fileno(): channel for channel in channels}
        for number in by_number:
            poller.register(number, select.POLLIN)
        end = time.monotonic() + seconds
        while process.poll() is None:
            for number, event in poller.poll(20):
                message = by_number[number].recv(_MESSAGE.size) if event & select.POLLIN else b""
                if message:
                    self._hear(by_number[number], *_MESSAGE.unpack(message))
                else:
                    poller.unregister(number)
            if time.monotonic() > end:
                process.kill()
                process.wait()
                raise StuckError(
                    f"after {len(self.done)} operations; waiting: {list(self._running.values())}"
                )

    def _hear(
        self, channel: socket.socket, kind: int, actor: int, number: int, thread: int, result: int
    ) -> None:
        if kind == _BEFORE:
            self._queue.append((channel, actor, number, thread))
        else:
            self._finish(actor, thread, result)
            channel.send(_GO)
        self._grant()

    def _grant(self) -> None:
        waiting, self._queue = self._queue, deque()
        for channel, actor, number, thread in waiting:
            operation = self.actors[actor].operations[number]
            takes_turns = not (self.actors[actor].free or operation.waits)
            if takes_turns and self._turn is not None:
                self._queue.append((channel, actor, number, thread))
                continue
            if takes_turns:
                self._turn = actor
            begun = self._begin(actor, number, operation, thread)
            if begun:
                channel.send(_GO)
            else:
                self._turn = None if takes_turns else self._turn
                channel.send(_SKIP)

    def _begin(self, actor: int, number: int, operation: Operation, thread: int) -> bool:
        names = tuple(named(thread, name) for name in operation.names)
        if not self._allowed(operation, names):
            return False
        about = operation.descriptor
        if about is Out.LAST:
            about = self._last.get(actor, -1)
        thing = descriptor_of(thread, about) if isinstance(about, int) else None
        done = Done(actor, number, operation, thread, names, thing)
        if thing is not None:
            done.kind = self._sockets.get(thing.key)
            done.formerly = frozenset(self._opened.get(thing.key, ()))
        self._see_links(names, operation, thread)
        self._running[actor] = done
        self.done.append(done)
        return True

    def _finish(self, actor: int, thread: int, result: int) -> None:
        done = self._running.pop(actor)
        done.result, done.thread = result, thread
        self._last[actor] = result
        if self._turn == actor and not done.operation.waits:
            self._turn = None
        if result < 0:
            return
        call = done.operation.call
        if call.startswith(("open", "creat", "dup", "socket")) or call == "fcntl":
            done.opened = descriptor_of(thread, result)
            if done.opened is not None and done.opened.path is not None:
                self._opened.setdefault(done.opened.key, set()).add(done.opened.path)
        if call == "socket" and done.opened is not None:
            family, kind = done.operation.arguments[0], done.operation.arguments[1]
            if isinstance(family, int) and isinstance(kind, int):
                self._sockets[done.opened.key] = (family, kind)
        if call.startswith(("rename", "link", "symlink")):
            self._see_moves(done)

    def _allowed(self, operation: Operation, names: tuple[Named, ...]) -> bool:
        """Nothing outside the root is changed, and nobody waits for the other end of a fifo."""
        call = operation.call
        target = names[0].target if names else None
        if call == "creat" and target is not None and stat.S_ISFIFO(target.kind):
            return False
        if call in _READS_ONLY or (call.startswith("open") and not operation.flags & _CHANGES):
            return True
        return all(self._is_inside(place) for name in names for place in (name.parent, _path(name.target)))

    def _is_inside(self, path: bytes | None) -> bool:
        return path is None or path == self.root or path.startswith((self.root + b"/", b"/proc/"))

    def _see_links(self, names: Sequence[Named], operation: Operation, thread: int) -> None:
        """Every link on the way of a name, as it is now."""
        for name, given in zip(names, operation.names, strict=True):
            if name.base is not None:
                self._walk(name.base, from_outside(thread, given.text), 0)

    def _walk(self, base: bytes, path: bytes, depth: int) -> bytes:
        """Follow a path and note its links; gives where it ends."""
        here = b"" if path.startswith(b"/") else base.rstrip(b"/")
        for part in path.split(b"/"):
            if part == b"..":
                here = os.path.dirname(here)
            elif part not in (b"", b"."):
                here = self._step(here, part, depth).rstrip(b"/")
        return here

    def _step(self, here: bytes, part: bytes, depth: int) -> bytes:
        path = here + b"/" + part
        target = self._note(path)
        if target is None or depth > _MOST_LINKS:
            return path
        return self._walk(here, target, depth + 1)

    def _note(self, path: bytes) -> bytes | None:
        """Write down where a link leads; None when it is none."""
        try:
            target = os.readlink(path)
        except OSError:
            return None
        if not path.startswith(b"/proc/"):
            self.links.setdefault(path, set()).add(target)
        return target

    def _see_moves(self, done: Done) -> None:
        for name in done.names:
            if name.parent is not None and name.last:
                self._note(name.parent + b"/" + name.last)
        moved = [_path(name.entry) for name in done.names]
        new = [name.parent + b"/" + name.last for name in done.names if name.parent is not None]
        if done.operation.call.startswith("rename") and len(new) == len(moved):
            self._carry_links(moved[0], new[1])
            self._carry_links(moved[1], new[0])

    def _carry_links(self, old: bytes | None, new: bytes) -> None:
        """Links move with the directory that they are in; who followed one before now means the new name."""
        for link, targets in list(self.links.items()) if old is not None else ():
            if old is not None and link.startswith(old + b"/"):
                self.links.setdefault(new + link[len(old) :], set()).update(targets)
            if any(
                os.path.normpath(os.path.join(os.path.dirname(link), target)) == old for target in targets
            ):
                targets.add(new)


def _path(thing: Thing | None) -> bytes | None:
    return thing.path if thing else None
