"""Makes random programs: lists of operations of one process, or of several at once."""

import os
from random import Random

from tests.trace.programs.compose import HELD, Composer
from tests.trace.programs.operations import Actor, Name, Operation, Out
from tests.trace.programs.place import BLOCKING, Place


CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x200, 0x400, 0x800, 0x10000
_THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | 0x40000 | 0x100000 | 0x200000
"""As pthread_create asks, but for thread-local storage: and CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID."""


def make_program(random: Random, number: int, first: int, places: list[Place]) -> list[Actor]:
    """The actors of one program; the first is its main process.

    Args:
        random: Where choices come from.
        number: Of the program.
        first: Number of its first actor among all.
        places: One for each actor that may need its own; as many as actors are made at most.
    """
    kind = random.choices(("alone", "turns", "free", "thread that executes"), (35, 40, 20, 5))[0]
    count = 1 if kind == "alone" else 2 if kind.startswith("thread") else random.randint(2, len(places))
    free = kind == "free"
    actors = []
    for index in range(count):
        composer = Composer(random, places[index if free else 0])
        begin = [composer.go(composer.place.root)] if index == 0 or free else []
        if index == 0 or free:
            begin += [step for number in HELD for step in composer.hold(_some_directory(composer), number)]
        steps = [step for _ in range(random.randint(5, 16)) for step in composer.operations()]
        actors.append(Actor(number, index + 1, free, begin + steps))
    shares = not free and random.random() < 0.5
    for index in range(1, count):
        if kind.startswith("thread"):
            _start_executing_thread(random, actors, first)
        else:
            _start(random, actors, first, index, shares=shares)
    return actors


def _some_directory(composer: Composer) -> bytes:
    root, names = composer.place.root, composer.place.names
    return composer.random.choice((root, names[0], names[1], names[4], b"."))


def _start(random: Random, actors: list[Actor], first: int, index: int, *, shares: bool) -> None:
    """Have the main process start another actor somewhere on its way.

    Args:
        random: Where choices come from.
        actors: Of the program.
        first: Number of the first of them.
        index: Which of them to start.
        shares: Whether it shares the working directory or descriptors; then nobody borrows memory by vfork,
            which would copy them at a moment that nobody knows.
    """
    main = actors[0].operations
    how = random.choice(
        ("clone(flags)", "clone3", "thread") if shares else ("fork", "clone", "clone3", "vfork")
    )
    flags = random.choice((CLONE_FS, CLONE_FILES, CLONE_FS | CLONE_FILES)) if shares else 0
    if how == "thread":
        flags = _THREAD
        # What it executes would end the others in the middle of what they do.
        for actor in (actors[0], actors[index]):
            actor.operations[:] = [step for step in actor.operations if not step.call.startswith("exec")]
    at = random.randint(min(7, len(main)), len(main))
    main.insert(at, Operation(how, flags=flags, actor=first + index))
    if how != "vfork" and random.random() < 0.3:
        _block(actors, index)


def _start_executing_thread(random: Random, actors: list[Actor], first: int) -> None:
    """A thread executes a program: it takes the place of the whole process, which waits for it."""
    main, steps = (actor.operations for actor in actors)
    program = Name(b"/proc/self/exe")
    steps.insert(random.randint(0, len(steps)), Operation("execve", (program, Out.ARGV, 0), (program,)))
    at = random.randint(min(7, len(main)), len(main))
    main[at:at] = [Operation("thread", flags=_THREAD, actor=first + 1), Operation("wait")]


def _block(actors: list[Actor], index: int) -> None:
    """The child opens a fifo and waits, until the main process opens it too and keeps it open."""
    where = Name(actors[0].operations[0].names[0].text + b"/" + BLOCKING)
    child, main = actors[index].operations, actors[0].operations
    child.insert(len(child) // 2, Operation("open", (where, os.O_RDONLY), (where,)))
    flags = os.O_RDWR | os.O_NONBLOCK
    main += [
        Operation("open", (where, flags), (where,), flags=flags),
        Operation("dup2", (Out.LAST, 60), descriptor=Out.LAST),
    ]
