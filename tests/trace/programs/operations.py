"""What a random program is made of: operations as values, and their packing for actor.c.

A program is a few actors (a process and what it starts); each performs its own list of operations.
"""

import re
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


AT_FDCWD: Final = -100
STARTS: Final = {
    "clone": 0x10000,
    "fork": 0x10100,
    "vfork": 0x10001,
    "clone(flags)": 0x10002,
    "clone3": 0x10003,
    "thread": 0x10004,
}
"""Ways to start another actor, by the code that actor.c knows them by."""
WAIT: Final = 0x10005

_ARGUMENTS = 6
_ALIGNED = 8
_LISTS_BEGIN = 16


class Out(Enum):
    """Arguments that only the actor can make."""

    BUFFER = auto()
    ARGV = auto()
    LAST = auto()
    """What the actor's operation before this one returned."""


@dataclass(frozen=True, slots=True)
class Name:
    """A path argument: its bytes, and the descriptor that it starts from."""

    text: bytes
    base: int = AT_FDCWD


Argument = int | bytes | Name | Out


@dataclass(frozen=True, slots=True)
class Operation:
    """One system call to perform.

    Attributes:
        call: The system call's name, or a key of STARTS, or "wait".
        arguments: As the call takes them. Bytes are passed by address; names end with a NUL.
        names: The names that it is about, in order; also those that are hidden in a struct.
        descriptor: The descriptor that it is about.
        flags: Its open, rename, clone ... flags.
        actor: The actor that it starts.
        socket: The address that it is about: ("inet", port) or ("abstract", name).
    """

    call: str
    arguments: tuple[Argument, ...] = ()
    names: tuple[Name, ...] = ()
    descriptor: int | Out | None = None
    flags: int = 0
    actor: int | None = None
    socket: tuple[str, int | bytes] | None = None

    @property
    def starts(self) -> bool:
        """Whether it starts another actor."""
        return self.call in STARTS

    @property
    def waits(self) -> bool:
        """Whether it may take as long as another actor does: nobody waits for it to end."""
        return self.call in ("vfork", "wait") or (self.call == "open" and self.blocks)

    @property
    def blocks(self) -> bool:
        """Whether it opens a fifo that has no writer yet."""
        return bool(self.names) and self.names[0].text.endswith(b"/blocking fifo") and self.flags == 0


@dataclass(slots=True)
class Actor:
    """Who performs a list of operations.

    Attributes:
        program: Number of its program.
        channel: Number of its socket to the observer; programs run one after the other and use them again.
        free: It has a directory and descriptors for itself: no need to take turns with the others.
        operations: The list.
    """

    program: int
    channel: int
    free: bool
    operations: list[Operation]


def numbers() -> Mapping[str, int]:
    """System call numbers by name, as this machine's headers define them."""
    command = ["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", text)}


def pack(actors: Sequence[Actor], calls: Mapping[str, int]) -> bytes:
    """All lists in the form that actor.c reads."""
    head = struct.pack("=I12x", len(actors))
    offset = _LISTS_BEGIN + 16 * len(actors)
    table, body = [], []
    for actor in actors:
        packed = b"".join(_operation(operation, calls) for operation in actor.operations)
        table.append(struct.pack("=4I", offset, len(actor.operations), actor.channel, 0))
        body.append(packed)
        offset += len(packed)
    return head + b"".join(table) + b"".join(body)


def _operation(operation: Operation, calls: Mapping[str, int]) -> bytes:
    code = _code(operation, calls)
    fields, blob = [], b""
    arguments = operation.arguments if operation.actor is None else (operation.actor, operation.flags)
    for argument in (*arguments, *(0 for _ in range(_ARGUMENTS - len(arguments)))):
        match argument:
            case int():
                fields.append((0, argument))
            case Out.BUFFER:
                fields.append((2, 0))
            case Out.ARGV:
                fields.append((3, 0))
            case Out.LAST:
                fields.append((4, 0))
            case Name(text):
                fields.append((1, len(blob)))
                blob += _padded(text + b"\0")
            case bytes():
                fields.append((1, len(blob)))
                blob += _padded(argument)
    blob = b"".join(struct.pack("=qq", *field) for field in fields) + blob
    return struct.pack("=II", len(blob) + 8, code) + blob


def _code(operation: Operation, calls: Mapping[str, int]) -> int:
    if operation.call == "wait":
        return WAIT
    return STARTS[operation.call] if operation.starts else calls[operation.call]


def _padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % _ALIGNED)
