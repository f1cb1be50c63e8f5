"""Makes the source tree that the recorded compilers build: many small files and headers, as in real ones."""

import random
from pathlib import Path


_AREAS = ("net", "store", "parse", "log", "auth", "queue", "http", "index", "cache", "cli")
_SYSTEM = ("stdio.h", "stdlib.h", "string.h", "errno.h", "unistd.h", "sys/types.h", "sys/stat.h", "signal.h")


def write_tree(root: Path, *, sources: int, headers: int) -> None:
    """Write a program of C sources with its Makefile.

    Args:
        root: An empty directory.
        sources: How many .c files.
        headers: How many .h files, spread over one include directory per area.
    """
    chance = random.Random(3)  # noqa: S311 - the same tree each time
    included = [_header(root, number) for number in range(headers)]
    functions = [_source(root, number, included, chance) for number in range(sources)]
    declared = "".join(f"int {name}(int);\n" for name in functions)
    summed = " + ".join(f"{name}(1)" for name in functions)
    (root / "main.c").write_text(f"{declared}int main(void) {{ return ({summed}) == 0; }}\n")
    places = " ".join(f"-Iinclude/{area}" for area in _AREAS)
    (root / "Makefile").write_text(
        f"CFLAGS = -O1 {places}\nSOURCES := main.c $(wildcard src/*/*.c)\nOBJECTS := $(SOURCES:.c=.o)\n"
        "all: program library.a\nprogram: $(OBJECTS)\n\t$(CC) -o $@ $^\n"
        "library.a: $(filter-out main.o,$(OBJECTS))\n\t$(AR) rc $@ $^\n"
    )


def _header(root: Path, number: int) -> str:
    area = _AREAS[number % len(_AREAS)]
    name = f"{area}_{number}.h"
    path = root / "include" / area / name
    path.parent.mkdir(parents=True, exist_ok=True)
    guard = f"{area.upper()}_{number}_H"
    below = number // 2
    nested = f'#include "{_AREAS[below % len(_AREAS)]}_{below}.h"\n' if below != number else ""
    path.write_text(
        f"#ifndef {guard}\n#define {guard}\n{nested}struct {area}_{number} {{ int value; }};\n#endif\n"
    )
    return name


def _source(root: Path, number: int, headers: list[str], chance: random.Random) -> str:
    area = chance.choice(_AREAS)
    function = f"{area}_function_{number}"
    path = root / "src" / area / f"{function}.c"
    path.parent.mkdir(parents=True, exist_ok=True)
    own = chance.sample(headers, min(len(headers), 12))
    lines = [f"#include <{name}>" for name in chance.sample(_SYSTEM, 4)]
    lines += [f'#include "{name}"' for name in own]
    lines.append(f"int {function}(int x) {{ return x * {number}; }}")
    path.write_text("\n".join(lines) + "\n")
    return function
