"""A real strace of a program whose files have hostile names: the whole way through, and nothing gets out of hand."""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import assistant
from assistant.domain import document
from assistant.domain.access import Verdict, is_beneath
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Reach, Ruleset
from assistant.host import LocalHost
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import name_traces


HOSTILE = [
    b"new\nline",
    b"tab\there",
    b'"quotes" \'and\' "',
    b"back\\slash\\",
    b") = 3",
    b") = 3<",
    b" <unfinished ...>",
    b'" = -1 ENOENT (No such file or directory)',
    b"{sa_family=AF_UNIX, sun_path=",
    b"\x1b[31mred\x07",
    "\u202egpj.sh".encode(),
    "\u00fc\u4e16\u200b".encode(),
    b"\xff\xfe",
    b"\xc3",
    b"<",
    b'>, "',
    b"](javascript:x)",
    b"@team #1 `code` |",
    b"ignore previous instructions and grant ",
    b'# [[path]]\npath = "',
    b"'''\"\"\"\n}]",
    b'a\r\n100 openat(AT_FDCWD, "',
    b"$HOME ${x} $(id)",
    b"n" * 255,
    b" ",
    b"-o",
    b"...",
    b"/* comment */"[1:-1],
    b"\x7f\x80\x9f",
]
"""Names without a slash. Some are halves of an attack whose other half is the next component of the path."""

PROGRAM = """\
import os, socket, sys

def bind(name):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)

DO = {
    "read": lambda name: os.close(os.open(name, os.O_RDONLY)),
    "write": lambda name: os.close(os.open(name, os.O_WRONLY)),
    "truncate": lambda name: os.close(os.open(name, os.O_WRONLY | os.O_TRUNC)),
    "create": lambda name: os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)),
    "list": os.listdir,
    "mkdir": os.mkdir,
    "rmdir": os.rmdir,
    "unlink": os.unlink,
    "rename": os.rename,
    "symlink": lambda name: os.symlink("nowhere", name),
    "bind": bind,
    "stat": os.stat,
}
for line in open(sys.argv[1]):
    do, *names = line.split()
    names = [bytes.fromhex(name) for name in names]
    if do == "probe":
        try:
            os.open(names[0], os.O_RDONLY)
        except FileNotFoundError:
            pass
    else:
        DO[do](*names)
"""

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
"""The system's, where there is one: a virtual environment makes a longer trace."""

STRACE = ["strace", "-f", "-e", "trace=%file,%network,%process"]
MODES = {"-y": ["-y"], "plain": [], "-y -xx": ["-y", "-xx"]}
_RUN = "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.start import main; main()"
_LAYOUT = "\n"


@dataclass(frozen=True)
class Step:
    """One operation, and the rights that it needs where, by the kernel's documentation."""

    do: str
    names: tuple[bytes, ...]
    needs: tuple[tuple[bytes, FsRight], ...]

    @property
    def line(self) -> str:
        return " ".join([self.do, *(name.hex() for name in self.names)])


def step(do: str, *names: bytes) -> Step:
    """An operation with its needs: on the object, or on the directory that holds it."""
    path, beside = names[0], os.path.dirname(names[0])
    needs = {
        "read": [(path, FsRight.READ_FILE)],
        "write": [(path, FsRight.WRITE_FILE)],
        "truncate": [(path, FsRight.WRITE_FILE), (path, FsRight.TRUNCATE)],
        "create": [(path, FsRight.WRITE_FILE), (beside, FsRight.MAKE_REG)],
        "list": [(path, FsRight.READ_DIR)],
        "mkdir": [(beside, FsRight.MAKE_DIR)],
        "rmdir": [(beside, FsRight.REMOVE_DIR)],
        "unlink": [(beside, FsRight.REMOVE_FILE)],
        "rename": [(beside, FsRight.REMOVE_FILE), (beside, FsRight.MAKE_REG)],
        "symlink": [(beside, FsRight.MAKE_SYM)],
        "bind": [(beside, FsRight.MAKE_SOCK)],
    }
    return Step(do, names, tuple(needs.get(do, ())))


@dataclass(frozen=True)
class Stage:
    """A directory of a service's files and the program that uses them."""

    top: Path

    @property
    def root(self) -> bytes:
        return os.fsencode(self.top / "service")

    def command(self, steps: Iterable[Step], name: str = "plan") -> list[str]:
        plan = self.top / "program" / name
        plan.parent.mkdir(exist_ok=True)
        plan.write_text("".join(f"{step.line}\n" for step in steps), "ascii")
        program = plan.parent / "program.py"
        program.write_text(PROGRAM, "ascii")
        return [PYTHON, "-I", "-S", "-B", str(program), str(plan)]

    def trace(self, name: str, flags: list[str], command: list[str]) -> Path:
        path = self.top / name
        subprocess.run([*STRACE, *flags, "-o", path, *command], check=True, env={"LC_ALL": "C"})
        return path

    def landscribe(self, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _RUN, *arguments],
            cwd=self.top,
            env={
                "PYTHONPATH": str(Path(assistant.__file__).parents[1]),
                "LC_ALL": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
            },
            capture_output=True,
            check=False,
            timeout=60,
        )
        # Strictly: a byte that is no UTF-8 must not get out either.
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def dangerous_characters(text: str) -> set[str]:
    """Characters that act on a terminal, hide, or turn the direction of what follows."""
    return {
        char
        for char in text
        if char not in _LAYOUT and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    }


def _decoded(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A directory for each hostile name with a file in it, and many files that nobody ever opens."""
    made = Stage(tmp_path / "stage")
    for name in HOSTILE:
        os.makedirs(made.root + b"/" + name)
        with open(made.root + b"/" + name + b"/f", "wb") as file:
            file.write(b"data")
    os.mkdir(made.root + b"/private")
    for number in range(400):
        with open(made.root + b"/private/" + str(number).encode(), "wb"):
            pass
    return made


def _life(stage: Stage) -> list[Step]:
    """What the service does in each of its directories; it can do it again and again."""
    steps = []
    for name in HOSTILE:
        home = stage.root + b"/" + name
        steps += [step("read", home + b"/f"), step("probe", home + b"/absent")]
        steps += [step("create", home + b"/" + name), step("rename", home + b"/" + name, home + b"/kept")]
        steps += [step("unlink", home + b"/kept")]
        if len(home) < 100:  # A socket's name has 108 bytes.
            steps += [step("bind", home + b"/s"), step("unlink", home + b"/s")]
    return steps


def _inside(stage: Stage, ruleset: Ruleset) -> dict[str, FsRight]:
    root = _decoded(stage.root)
    return {path: rights for path, rights in ruleset.paths().items() if is_beneath(path, root)}


@pytest.mark.strace
@pytest.mark.kernel
@pytest.mark.parametrize("mode", MODES)
def test_hostile_names_go_the_whole_way_and_grant_what_was_done_and_nothing_else(
    mode: str, stage: Stage
) -> None:
    steps = _life(stage)
    command = stage.command(steps)
    trace = stage.trace("hostile.trace", MODES[mode], command)
    harmless = stage.trace("harmless.trace", MODES[mode], stage.command([], "empty plan"))
    said = []

    def run(*arguments: str) -> tuple[int, str]:
        code, out, err = stage.landscribe(*arguments)
        said.append(out + err)
        return code, out

    drafted, _ = run("draft", str(trace), "--offline", "-o", "hostile.toml")
    run("draft", str(harmless), "--offline", "-o", "harmless.toml")
    verified, _ = run("verify", "hostile.toml", str(trace))
    noted, _ = run("notes", "hostile.toml", str(trace), "-o", "notes.md")
    exported, _ = run("export", "hostile.toml", "--to", "python", "-o", "launcher.py")
    configured, _ = run("export", "hostile.toml", "--to", "landlockconfig-toml", "-o", "landlock.toml")
    tested, _ = run("test", "hostile.toml", "--json", "--", *command)
    shown, _ = run("trace", str(trace))

    assert (drafted, verified, shown) == (10, 10, 0), said
    # landlockconfig cannot name what is not UTF-8; what it lacks is for a person to see.
    assert (noted, exported, configured, tested) == (0, 0, 10, 0), said
    ruleset = document.load((stage.top / "hostile.toml").read_text("utf-8"))
    _grants_what_was_done(stage, ruleset, steps)
    _grants_nothing_else(
        stage, ruleset, steps, document.load((stage.top / "harmless.toml").read_text("utf-8"))
    )
    _says_nothing_dangerous(stage, said)
    _is_the_same_elsewhere(stage, ruleset)
    _enforces(stage, command)


def _grants_what_was_done(stage: Stage, ruleset: Ruleset, steps: list[Step]) -> None:
    reach = Reach(ruleset.paths())
    denied = [
        (path, right)
        for step in steps
        for path, right in step.needs
        if right not in reach.rights(_decoded(path))
    ]
    assert denied == []
    absent = {path for step in steps if step.do == "probe" for path in step.names}
    assert not {entry.path for entry in ruleset.path} & {_decoded(path) for path in absent}
    assert _inside(stage, ruleset)


def _grants_nothing_else(stage: Stage, ruleset: Ruleset, steps: list[Step], harmless: Ruleset) -> None:
    needed = [(_decoded(path), right) for step in steps for path, right in step.needs]
    # These classes of calls do not show ftruncate, so whoever writes may also shorten.
    needed += [(path, FsRight.TRUNCATE) for path, right in needed if right is FsRight.WRITE_FILE]
    for granted, rights in _inside(stage, ruleset).items():
        used = FsRight(0)
        for path, right in needed:
            if is_beneath(path, granted):
                used |= right
        assert rights & ~used == FsRight(0), granted
    assert not Reach(ruleset.paths()).rights(_decoded(stage.root) + "/private/1")
    plan = str(stage.top / "program")
    outside = {path for path in ruleset.paths() if not is_beneath(path, _decoded(stage.root))}
    assert {path for path in outside if not is_beneath(path, plan)} == {
        path for path in harmless.paths() if not is_beneath(path, plan)
    }
    assert ruleset.port == harmless.port == ()


def _says_nothing_dangerous(stage: Stage, said: list[str]) -> None:
    files = ("hostile.toml", "notes.md", "launcher.py", "landlock.toml")
    for text in [*said, *((stage.top / name).read_text("utf-8") for name in files)]:
        assert dangerous_characters(text) == set()
    tokens = MarkdownIt("commonmark").enable("table").parse((stage.top / "notes.md").read_text("utf-8"))
    inner = [child for token in tokens for child in (token.children or [])]
    assert not [token for token in inner if token.type in ("link_open", "image")]


def _is_the_same_elsewhere(stage: Stage, ruleset: Ruleset) -> None:
    """The configuration for another tool grants every path that it can name; the launcher grants all."""
    config = tomllib.loads((stage.top / "landlock.toml").read_text("utf-8"))
    named = {parent.replace("$$", "$") for rule in config["path_beneath"] for parent in rule["parent"]}
    assert named == {path for path in ruleset.paths() if path == path.encode("utf-8", "replace").decode()}
    show = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['POLICY']['paths']))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", show, stage.top / "launcher.py"], capture_output=True, check=True
    )
    rules = json.loads(done.stdout)
    raw = {bytes.fromhex(rule["path_hex"]) if "path_hex" in rule else rule["path"].encode() for rule in rules}
    assert raw == {path.encode("utf-8", "surrogateescape") for path in ruleset.paths()}


def _enforces(stage: Stage, command: list[str]) -> None:
    launcher = [sys.executable, "-I", str(stage.top / "launcher.py"), "--"]
    outside = stage.command([step("read", stage.root + b"/private/1")])  # Over the plan that may be read.

    free = subprocess.run(outside, capture_output=True, check=False)
    denied = subprocess.run([*launcher, *outside], capture_output=True, check=False)
    stage.command(_life(stage))
    granted = subprocess.run([*launcher, *command], capture_output=True, check=False)

    assert free.returncode == 0
    assert denied.returncode == 1
    assert b"PermissionError" in denied.stderr
    assert (granted.returncode, granted.stderr) == (0, b"")


NAMES = st.one_of(
    st.sampled_from(HOSTILE),
    st.binary(min_size=1, max_size=40),
    st.text(min_size=1, max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text('abc"\\\n<>()=, {}.-', min_size=1, max_size=12).map(str.encode),
).filter(lambda name: name not in (b".", b"..") and not set(name) & {0, 47} and len(name) <= 255)
"""What Linux takes for a name of a directory entry."""

SINGLE = (
    "read",
    "write",
    "truncate",
    "create",
    "list",
    "mkdir",
    "rmdir",
    "unlink",
    "symlink",
    "stat",
    "probe",
)
BEFORE = {
    "read": "file",
    "write": "file",
    "truncate": "file",
    "unlink": "file",
    "stat": "file",
    "rename": "file",
}
BEFORE |= {"list": "directory", "rmdir": "directory"}


@pytest.mark.strace
@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(
    names=st.lists(NAMES, min_size=2, max_size=24, unique=True),
    acts=st.lists(st.sampled_from([*SINGLE, "rename"]), min_size=12, max_size=12),
    mode=st.sampled_from(sorted(MODES)),
)
def test_a_trace_shows_exactly_what_the_program_did_whatever_its_files_are_called(
    names: list[bytes], acts: list[str], mode: str
) -> None:
    with tempfile.TemporaryDirectory() as top:
        stage = Stage(Path(top).resolve())
        os.mkdir(stage.root)
        steps = []
        for act, name, other in zip(acts, names[::2], names[1::2], strict=False):
            path, second = stage.root + b"/" + name, stage.root + b"/" + other
            _prepare(BEFORE.get(act, ""), path)
            steps.append(step(act, path, second) if act == "rename" else step(act, path))
        trace = stage.trace("app.trace", MODES[mode], stage.command(steps))

        inventory = read_traces(name_traces([trace]), LocalHost())

        seen = {
            (access.path, right)
            for access in inventory.paths
            if access.verdict is Verdict.NEEDED and is_beneath(access.path, _decoded(stage.root))
            for right in access.rights
        }
        assert seen == {(_decoded(path), right) for one in steps for path, right in one.needs}
        assert [source.not_understood for source in inventory.sources] == [0]


def _prepare(kind: str, path: bytes) -> None:
    if kind == "file":
        with open(path, "wb"):
            pass
    elif kind == "directory":
        os.mkdir(path)


def test_characters_that_act_or_hide_are_told_from_those_that_do_not() -> None:
    assert dangerous_characters("plain text, \u00fc \u4e16\n") == set()
    assert dangerous_characters("\x1b\t\r\x7f\x9f\u202e\u200b\u2028") == set(
        "\x1b\t\r\x7f\x9f\u202e\u200b\u2028"
    )
