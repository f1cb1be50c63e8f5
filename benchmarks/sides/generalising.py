"""Prints the seconds that drafting takes on an inventory of N distinct paths: python generalising.py N.

The paths are those of a made-up tree: a few large directories, many small ones, as on a real system.
"""

import random
import sys
import time
from collections.abc import Iterator

from assistant.domain.host import NoHost
from assistant.drafting.offline import Options, draft
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


_ROOTS = ("/usr/lib", "/usr/share", "/opt/product", "/srv/data", "/var/lib/service", "/etc/service")
_WRITTEN = ("/srv", "/var")


def lines(count: int) -> Iterator[bytes]:
    """A trace that opens ``count`` distinct files."""
    chance = random.Random(count)  # noqa: S311 - the same tree each time
    yield b'1 execve("/usr/bin/service", ["service"], 0x1 /* 1 var */) = 0\n'
    directories = [*_ROOTS]
    made = 0
    while made < count:
        directory = chance.choice(directories)
        if directory.count("/") < 9:  # noqa: PLR2004 - how deep real trees go
            directory = f"{directory}/part{len(directories)}"
            directories.append(directory)
        flags = "O_RDWR|O_CREAT, 0644" if directory.startswith(_WRITTEN) else "O_RDONLY|O_CLOEXEC"
        for number in range(min(int(chance.paretovariate(0.9)), 4000, count - made)):
            made += 1
            yield f'1 openat(AT_FDCWD, "{directory}/file{number}", {flags}) = 3\n'.encode("ascii")


if __name__ == "__main__":
    reader = Reader("/")
    reader.read("trace", lines(int(sys.argv[1])))
    inventory = ground(reader.inventory(), NoHost())
    begun = time.perf_counter()
    draft(inventory, NoHost(), Options(service="service", target_abi=7))
    print(time.perf_counter() - begun)
