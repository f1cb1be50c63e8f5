"""Builds the actor, and has strace watch programs while they run."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assistant.intake.source import find_traces
from tests.trace.programs.forms import Form, make_form
from tests.trace.programs.generate import make_program
from tests.trace.programs.names import make_name
from tests.trace.programs.observer import AT_ONCE, CHANNELS, LISTS, Done, Observer
from tests.trace.programs.operations import Actor, Operation, numbers, pack
from tests.trace.programs.performed import system_call
from tests.trace.programs.place import make_place


_SOURCE = Path(__file__).with_name("actor.c")
_PLACES = 4
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where programs run.

    Attributes:
        directory: For scratch.
        actor: The compiled actor.
        calls: This machine's system call numbers.
        stacks: Its strace can write stack traces (-k).
    """

    directory: Path
    actor: Path
    calls: Mapping[str, int]
    stacks: bool


@dataclass(frozen=True, slots=True)
class Performance:
    """What was performed and what strace wrote about it."""

    form: Form
    root: bytes
    actor: bytes
    programs: int
    actors: tuple[Actor, ...]
    done: tuple[Done, ...]
    links: Mapping[bytes, set[bytes]]
    trace: bytes

    def traced(self) -> Iterator[Done]:
        """The operations that must be in the trace."""
        for done in self.done:
            traced = self.form.traces(system_call(done)) and done.operation.call != "wait"
            if traced and (done.ok or (self.form.failures and done.result is not None)):
                yield done


def build(directory: Path) -> Theatre:
    """Compile the actor.

    Raises:
        subprocess.CalledProcessError: no compiler, or no static libc.
    """
    actor = directory / "actor"
    subprocess.run(["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-static", "-o", actor, _SOURCE], check=True)
    stacks = subprocess.run(["strace", "-k", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return Theatre(directory, actor, numbers(), stacks.returncode == 0)


def perform(theatre: Theatre, seed: int, programs: int) -> Performance:
    """Make programs from a seed, run them one after the other under one strace, and clean up."""
    random = Random(seed)  # noqa: S311 - to be repeatable is the point
    form = make_form(random, stacks=theatre.stacks)
    with tempfile.TemporaryDirectory(dir=theatre.directory) as scratch:
        root = os.fsencode(os.path.realpath(scratch)) + b"/" + make_name(random)[:30]
        os.mkdir(root)
        actors = _compose(random, root, os.fsencode(theatre.actor), programs, theatre.calls)
        observer = Observer(actors, root)
        folder = Path(scratch, "traces")
        folder.mkdir()
        output = folder / "run.trace"
        with _stage(Path(scratch), pack(actors, theatre.calls)) as (channels, passed):
            command = [*form.command, "-o", f"|cat >{output}" if form.piped else str(output)]
            with subprocess.Popen(
                [*command, theatre.actor, "0", "0"],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=passed,
            ) as process:
                observer.watch(process, channels, _SECONDS)
        (found,) = find_traces(folder)
        trace = b"".join(found.source.blocks())
        shutil.rmtree(root)
    return Performance(
        form,
        root,
        os.fsencode(theatre.actor),
        programs,
        tuple(actors),
        tuple(observer.done),
        observer.links,
        trace,
    )


def _compose(
    random: Random, root: bytes, actor: bytes, programs: int, calls: Mapping[str, int]
) -> list[Actor]:
    """All actors; the first one starts each program's main process and waits for it."""
    actors = [Actor(-1, 0, free=False, operations=[])]
    for number in range(programs):
        places = [make_place(root + b"/%d-%d" % (number, index), actor, random) for index in range(_PLACES)]
        main = len(actors)
        made = make_program(random, number, main, places)
        for one in made:
            one.operations[:] = [step for step in one.operations if _exists(step, calls)]
        actors += made
        actors[0].operations += [Operation("clone", actor=main), Operation("wait")]
    return actors


def _exists(operation: Operation, calls: Mapping[str, int]) -> bool:
    """Whether this machine has the call: newer ones have no open, mkdir or fork."""
    return operation.starts or operation.call == "wait" or operation.call in calls


@contextmanager
def _stage(scratch: Path, lists: bytes) -> Iterator[tuple[list[socket.socket], list[int]]]:
    """The observer's ends of the channels, and the descriptors that actors inherit."""
    (scratch / "lists").write_bytes(lists)
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(AT_ONCE)]
    opened = os.open(scratch / "lists", os.O_RDONLY)
    passed = [os.dup2(opened, LISTS)]
    passed += [os.dup2(theirs.fileno(), CHANNELS + index) for index, (_, theirs) in enumerate(pairs)]
    os.close(opened)
    for _, theirs in pairs:
        theirs.close()
    try:
        yield [ours for ours, _ in pairs], passed
    finally:
        for ours, _ in pairs:
            ours.close()
        for number in passed:
            os.close(number)
