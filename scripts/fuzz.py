#!/usr/bin/env python3
"""Throws spoiled traces at the reader for a while, and says how many and what broke.

    scripts/fuzz.py --seconds 600

With atheris installed (`pip install atheris`: CPython on x86-64 only) the search is guided by the coverage of
the reader's code, as far as that is Python: a compiled reader (hatch_build.py) shows it nothing. Without
atheris, or with --blind, real lines are spoiled at random. What broke is written to a
file that `scripts/fuzz.py FILE` tries again. What must hold: tests/trace/fuzzing/properties.py.

Exit codes: 0 nothing broke, 1 something did, 2 usage.
"""

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random


# After the installed packages: the fuzzer shares what must hold with the tests, and tries what is installed.
sys.path.append(str(Path(__file__).parents[1]))

_SLOW = 5.0
"""Seconds of CPU that no input of this size may take."""
_LONGEST = 4096


def check(data: bytes) -> None:
    """Try one input.

    Raises:
        AssertionError: something does not hold.
        Exception: the reader raised.
    """
    from tests.trace.fuzzing.properties import faults

    before = time.process_time()
    sizes = [size % 97 for size in hashlib.sha256(data).digest()]
    found = faults(data, sizes)
    spent = time.process_time() - before
    if spent > _SLOW:
        found.append(f"{len(data)} bytes took {spent:.1f} s")
    if found:
        raise AssertionError(ascii(found[0]))


def blind(seconds: float, seed: int, keep: Path) -> int:
    """Spoil real lines at random until the time is over or something breaks."""
    from tests.trace.fuzzing.mutate import lines, spoil

    random, known = Random(seed), lines()  # noqa: S311 - to be repeatable is the point
    begin = time.monotonic()
    tried = 0
    while time.monotonic() - begin < seconds:
        data = spoil(random, known)
        tried += 1
        try:
            check(data)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what is looked for
            place = keep / f"broke-{hashlib.sha256(data).hexdigest()[:16]}"
            place.write_bytes(data)
            print(f"broke: {type(error).__name__}: {ascii(str(error))[:300]}\nthe input: {place}")
            return 1
    spent = time.monotonic() - begin
    print(f"blind, seed {seed}: {tried} inputs in {spent:.0f} s ({tried / spent:.0f}/s), nothing broke")
    return 0


def guided(seconds: float, keep: Path) -> int:
    """Have atheris search in a process of its own, which it ends as it likes."""
    from tests.trace.fuzzing.mutate import TOKENS, lines

    known = lines()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch, "corpus")
        corpus.mkdir()
        for number in range(0, len(known), 3):
            (corpus / str(number)).write_bytes(b"".join(known[number : number + 6]))
        words = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
        Path(scratch, "words").write_text("".join(f'"{word}"\n' for word in words), encoding="ascii")
        options = [
            *(f"-max_total_time={int(seconds)}", f"-dict={scratch}/words", f"-artifact_prefix={keep}/broke-"),
            *(f"-max_len={_LONGEST}", "-timeout=20", "-print_final_stats=1", "-verbosity=0"),
        ]
        command = [sys.executable, __file__, "--search", *options, str(corpus)]
        return 1 if subprocess.run(command, check=False).returncode else 0


def search(options: list[str]) -> None:
    """The process that atheris searches in."""
    import atheris

    with atheris.instrument_imports(include=["assistant.trace"]):
        import tests.trace.fuzzing.properties as _loaded
    del _loaded
    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


def main() -> int:
    """Parse the command line and search, or try one input again."""
    if sys.argv[1:2] == ["--search"]:
        search(sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, help="try this input again")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument("--blind", action="store_true", help="at random even where atheris is installed")
    parser.add_argument(
        "--seed", type=int, default=int.from_bytes(os.urandom(4), "big"), help="of the blind search"
    )
    parser.add_argument(
        "--keep", type=Path, default=Path("build"), help="where to write what broke (default build)"
    )
    chosen = parser.parse_args()
    if chosen.file:
        check(chosen.file.read_bytes())
        print("nothing broke")
        return 0
    chosen.keep.mkdir(parents=True, exist_ok=True)
    if chosen.blind or importlib.util.find_spec("atheris") is None:
        return blind(chosen.seconds, chosen.seed, chosen.keep)
    return guided(chosen.seconds, chosen.keep)


if __name__ == "__main__":
    sys.exit(main())
