"""Records tests/trace/recorded/FORM/NAME.trace: each operation of tests/trace/operations once under strace.

Run it as root after a change of the operations, or to have them as another strace prints them:

    .venv/bin/python scripts/record_operations.py

Forms: ``annotated`` is what ``landscribe record`` asks strace for; ``plain`` is the same without -y. It all
happens under one directory whose name stands in the traces; --root gives another, as the tests do.
"""

import argparse
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assistant.enforce.tracer import find_tracer


TESTS = Path(__file__).parent.parent / "tests" / "trace"
SOURCES = TESTS / "operations"
ROOT = Path("/tmp/landscribe-op")
FORMS = ("annotated", "plain")
_SECONDS = 30.0


def operations() -> dict[str, dict[str, Any]]:
    """All descriptions, by name."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(SOURCES.glob("*.toml")):
        found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def build(root: Path) -> Path:
    """Compile the program and what it runs into ``root``; gives the program."""
    root.mkdir(parents=True, exist_ok=True)
    # Some operations give up root: they must still reach the tree.
    root.chmod(0o755)
    program = root / "operations"
    sources = [str(file) for file in sorted(SOURCES.glob("*.c")) if file.name != "hello.c"]
    alone = ["-nostdlib", "-nostartfiles", str(SOURCES / "hello.c")]
    _compile("-static", *sources, "-o", str(program))
    _compile("-static", *alone, "-o", str(root / "hello"))
    interpreter = f"-Wl,--dynamic-linker={root}/tree/here/hello"
    _compile("-fPIE", "-pie", interpreter, *alone, "-o", str(root / "greeter"))
    return program


def _compile(*words: str) -> None:
    subprocess.run(["gcc", "-O1", "-Wall", "-Wextra", "-Werror", *words], check=True)


def record(program: Path, steps: dict[str, Any], flags: Iterable[str], trace: Path) -> None:
    """Trace one operation.

    Raises:
        subprocess.CalledProcessError: the operation did not end as its description says.
    """
    words = [word for step in steps.get("before", ()) for word in ("before", step)]
    words += [word for step in steps["steps"] for word in ("step", step)]
    done = subprocess.run(
        [program, program.parent, "trace", *words, "--", "strace", *flags, "-o", trace],
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    wanted = steps.get("outcome", " ".join(["ok"] * len(steps["steps"])))
    if done.stdout.strip() != wanted:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)


def main() -> int:
    """Record what was asked for; without arguments, everything where it is committed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="where the operations happen; removed in the end"
    )
    parser.add_argument("--into", type=Path, default=TESTS / "recorded", help="where the traces go")
    parser.add_argument("--form", choices=FORMS, action="append", help="only this form")
    parser.add_argument("names", nargs="*", help="only these operations")
    asked = parser.parse_args()
    program = build(asked.root)
    flags = {"annotated": find_tracer().flags}
    flags["plain"] = tuple(flag for flag in flags["annotated"] if flag != "-y")
    chosen = {name: steps for name, steps in operations().items() if name in (asked.names or operations())}
    for form in asked.form or FORMS:
        folder = asked.into / form
        if not asked.names and folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, steps in chosen.items():
            try:
                record(program, steps, flags[form], folder / f"{name}.trace")
            except subprocess.CalledProcessError as error:
                print(f"{name}: {error.stdout!r} is not what was expected; {error.stderr!r}", file=sys.stderr)
                return 1
    shutil.rmtree(asked.root)
    print(f"{len(chosen)} operations recorded in {asked.into}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
