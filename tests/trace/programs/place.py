"""The directory in which a random program runs, as it is before it starts."""

import os
from dataclasses import dataclass
from random import Random

from tests.trace.programs.names import make_names


BLOCKING = b"blocking fifo"
_NAMES = 13


@dataclass(frozen=True, slots=True)
class Place:
    """A directory and the names that are used in it; not all of them exist.

    Attributes:
        root: Absolute path, resolved.
        names: What operations choose from.
    """

    root: bytes
    names: tuple[bytes, ...]

    @property
    def executables(self) -> tuple[bytes, bytes]:
        """The names of the actor and of a script that the actor is the interpreter of."""
        return self.names[8], self.names[9]


def make_place(root: bytes, actor: bytes, random: Random) -> Place:
    """Make the directory: directories, files, links to both and to nothing, a fifo, programs.

    Args:
        root: Where; its parent exists.
        actor: The actor's program, on the same file system, with a name that fits into a #! line.
        random: Where names come from.
    """
    place = Place(root, make_names(random, _NAMES))
    names = [root + b"/" + name for name in place.names]
    for directory in (root, names[0], names[1], names[1] + b"/" + place.names[0]):
        os.mkdir(directory)
    for file in (names[2], names[3], names[1] + b"/" + place.names[2], names[0] + b"/" + place.names[10]):
        with open(file, "wb") as written:
            written.write(b"something")
    os.symlink(place.names[0], names[4])
    os.symlink(names[2], names[5])
    os.symlink(b"nothing/" + place.names[6][:200], names[6])
    os.symlink(b"../" + os.path.basename(root) + b"/" + place.names[1], names[0] + b"/" + place.names[11])
    os.mkfifo(names[7])
    os.mkfifo(root + b"/" + BLOCKING)
    os.link(actor, names[8])
    with open(names[9], "wb") as script:
        script.write(b"#!" + actor + b" again\n")
    os.chmod(names[9], 0o700)
    return place
