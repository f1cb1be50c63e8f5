"""What one cited line shows of one system call, whichever form the trace has."""

import re
from dataclasses import dataclass


_FLAG = re.compile(rb"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call.

    Attributes:
        text: What stands there with every string as ``""`` and every annotation as ``<>``.
        strings: The strings in it that strace printed in full; undecodable bytes are surrogate escapes.
            Abstract socket names are not among them: they name nothing in the file system.
        place: The absolute path that annotates its descriptor, or "".
    """

    text: bytes
    strings: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What one line shows of one system call.

    Attributes:
        name: The system call.
        arguments: In order; empty for a resumed line, which shows only the rest of them.
        result: The path that annotates a returned descriptor, or "".
        errno: The error's name, or "".
        resumed: The line is the second half of a call.
        denied: The kernel's names of rights whose absence the line reports ("fs.read_file"): a denial by
            Landlock, and no call.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    result: str = ""
    errno: str = ""
    resumed: bool = False
    denied: tuple[str, ...] = ()

    @property
    def flags(self) -> frozenset[str]:
        """All symbolic constants outside strings, such as O_CREAT."""
        return frozenset(
            word.decode("ascii") for argument in self.arguments for word in _FLAG.findall(argument.text)
        )

    def argument(self, index: int) -> Argument:
        """The argument at an index, an empty one when the line does not show it."""
        return self.arguments[index] if index < len(self.arguments) else Argument(b"")
