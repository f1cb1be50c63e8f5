"""The real command in a process of its own, and a small service whose trace and draft every test may bend."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import assistant
from assistant.author.terms import Patience
from assistant.cli import asking, modelled
from assistant.domain import document
from assistant.domain.ruleset import Ruleset
from tests.endpoint.fixture import Endpoint


if TYPE_CHECKING:
    from redaction.packages import Known

RUN = "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.start import main; main()"
ENVIRONMENT = {
    "COLUMNS": "110",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PYTHONPATH": str(Path(assistant.__file__).parents[1]),
}
COMMAND = [sys.executable, "-P", "-c", RUN]
SECONDS = 60
TABLE = pytest.StashKey[list[str]]()

Draft = Callable[..., "Drafted"]


@dataclass(frozen=True)
class Done:
    """How one run of landscribe ended."""

    code: int
    out: str
    err: str

    @property
    def plain_error(self) -> str:
        """What stderr says, which must be one error in words: what, why, and what next."""
        lines = self.err.splitlines()
        assert "Traceback" not in self.err
        assert "internal error" not in self.err
        assert lines
        assert lines[0].startswith("landscribe: "), self.err
        assert [line for line in lines if line.startswith("landscribe: ")] == lines[:1], self.err
        assert self.out == ""
        return self.err


@dataclass(frozen=True)
class Drafted:
    """How one draft ended: in this process, for presidio takes seconds to load."""

    code: int
    out: str
    err: str
    ruleset: Ruleset | None


@dataclass(frozen=True)
class Service:
    """A directory of the test's own with a trace and, once drafted, a ruleset. ``home``: the service's files."""

    root: Path
    home: Path
    lines: list[str]

    @property
    def trace(self) -> Path:
        return self.root / "app.trace"

    @property
    def ruleset(self) -> Path:
        return self.root / "app.toml"

    def write(self, name: str, lines: list[str]) -> Path:
        """Another trace."""
        path = self.root / name
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return path

    def edit(self, old: str, new: str) -> Path:
        """The ruleset with one text replaced everywhere; it must be there."""
        text = self.ruleset.read_text("utf-8")
        assert old in text
        self.ruleset.write_text(text.replace(old, new), "utf-8")
        return self.ruleset

    def add(self, text: str) -> Path:
        """The ruleset with a text added to its end."""
        with self.ruleset.open("a", encoding="utf-8") as file:
            file.write(text)
        return self.ruleset

    def snapshot(self) -> dict[str, bytes]:
        """Everything in the directory, name to contents."""
        files = (path for path in sorted(self.root.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


def run(*arguments: str | Path, cwd: Path, **options: Any) -> Done:
    """Run landscribe to its end."""
    command = [*options.pop("prefix", []), *COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        **options,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def _libc() -> str:
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return next(line.split()[-1] for line in maps if Path(line.split()[-1]).name.startswith("libc."))


def calls(home: Path) -> list[str]:
    """The trace of a service that is cat: it reads its configuration, listens, and keeps a state file."""
    program, libc = Path(shutil.which("cat") or "/bin/cat").resolve(), _libc()
    address = '{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}'
    return [
        f'100 execve("{program}", ["cat"], 0x7ffd /* 10 vars */) = 0',
        f'100 openat(AT_FDCWD<{home}>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>',
        f'100 openat(AT_FDCWD<{home}>, "{libc}", O_RDONLY|O_CLOEXEC) = 3<{libc}>',
        f'100 chdir("{home}") = 0',
        f'100 openat(AT_FDCWD<{home}>, "{home}/etc/app.conf", O_RDONLY) = 3<{home}/etc/app.conf>',
        "100 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 4<TCP:[55]>",
        f"100 bind(4<TCP:[55]>, {address}, 16) = 0",
        f'100 openat(AT_FDCWD<{home}>, "{home}/state/new", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 5<{home}/state/new>',
        f'100 rename("{home}/state/new", "{home}/state/now") = 0',
        "100 exit_group(0)                           = ?",
        "100 +++ exited with 0 +++",
    ]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The service with its trace and its draft, made once: a draft costs half a second."""
    home = tmp_path_factory.mktemp("service")
    for name in ("etc", "state"):
        (home / name).mkdir()
    (home / "etc/app.conf").write_text("colour = blue\n", "utf-8")
    made = Service(tmp_path_factory.mktemp("pristine"), home, calls(home))
    made.write("app.trace", made.lines)
    done = run("draft", "app.trace", "--offline", "-o", "app.toml", cwd=made.root)
    assert (done.code, done.out) == (0, ""), done.err
    return made


@pytest.fixture
def service(pristine: Service, tmp_path: Path) -> Service:
    """The service and its trace; no ruleset yet."""
    root = tmp_path / "work"
    root.mkdir()
    shutil.copy(pristine.trace, root)
    return Service(root, pristine.home, pristine.lines)


@pytest.fixture
def landscribe(service: Service) -> Callable[..., Done]:
    """Runs landscribe in the service's directory."""

    def landscribe_there(*arguments: str | Path, **options: Any) -> Done:
        return run(*arguments, cwd=service.root, **options)

    return landscribe_there


@pytest.fixture
def drafted(service: Service, pristine: Service) -> Service:
    """The service with its ruleset, as drafted."""
    shutil.copy(pristine.ruleset, service.root)
    return service


@pytest.fixture
def popen(service: Service) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts landscribe in the service's directory; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        running = subprocess.Popen(
            [*COMMAND, *map(str, arguments)], cwd=service.root, env=ENVIRONMENT, text=True, **pipes
        )
        started.append(running)
        return running

    yield start
    for running in started:
        if running.poll() is None:
            running.kill()
            running.communicate()


@pytest.fixture
def home(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Run in this process, in the service's directory, as somebody with a home of their own and no settings."""
    monkeypatch.chdir(service.root)
    for name in list(os.environ):  # noqa: TID251 - what the person who runs the tests has set must not matter
        if name.lower().endswith("_proxy") or name.startswith(("ANTHROPIC", "LANDSCRIBE", "AWS", "XDG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def asked(home: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The endpoint, as the one that this home's models are asked at."""
    del home
    monkeypatch.setenv("ANTHROPIC_API_KEY", endpoint.key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", endpoint.url)
    return endpoint


@pytest.fixture(scope="session")
def packages() -> "Known":
    """What this host's packages own: asked once, for every run would read a thousand lists again."""
    from redaction.packages import host_paths

    return host_paths()


@pytest.fixture
def inside(
    home: Path, packages: "Known", monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs landscribe in this process: presidio takes seconds to load."""
    from assistant.cli import redacting
    from assistant.cli.main import run_command

    del home
    monkeypatch.setattr(redacting, "host_paths", lambda **_: packages)

    def run_here(*arguments: str) -> Done:
        capfd.readouterr()
        code = run_command(list(arguments))
        told = capfd.readouterr()
        return Done(code, told.out, told.err)

    return run_here


@pytest.fixture
def patient(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint may take its time; between two tries nobody waits, for tests/author has a clock for that."""
    del home
    monkeypatch.setenv("LANDSCRIBE_TIMEOUT", "120")
    monkeypatch.setattr(asking, "Patience", partial(Patience, sleep=lambda _: None))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """One home for all, and the digest that its first look at the request shows: it is the same for all."""
    return tmp_path_factory.mktemp("home"), []


@pytest.fixture
def draft(
    service: Service,
    asked: Endpoint,
    inside: Callable[..., Done],
    shown: tuple[Path, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Draft:
    """Drafts with the endpoint as the model's; what would be sent is approved first."""
    del asked
    home, digests = shown
    monkeypatch.setenv("HOME", str(home))
    # The project is known by its folder, and each test has another.
    monkeypatch.setattr(modelled, "project_of", lambda _: "the same")

    def run(*arguments: str, approved: bool = True) -> Drafted:
        if approved:
            if not digests:
                digests.append(digest_in(inside("draft", "app.trace", "--show-request").err))
            arguments = (*arguments, "--approve-send", digests[0])
        done = inside("draft", "app.trace", "-o", "app.toml", *arguments)
        text = service.ruleset.read_text() if service.ruleset.exists() else ""
        return Drafted(done.code, done.out, done.err, document.load(text) if text else None)

    return run


@pytest.fixture
def in_the_table(pytestconfig: pytest.Config) -> Callable[[str, int, str], None]:
    """Puts a scenario, the exit code and what came of it into the table at the end of the tests' output."""
    rows = pytestconfig.stash.setdefault(TABLE, [])
    return lambda name, code, text: rows.append(f"{name:20} {code:4}  {text}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rows := config.stash.get(TABLE, []):
        terminalreporter.section("drafting with a model: scenario, exit code, what came of it")
        for row in rows:
            terminalreporter.write_line(row)


def digest_in(text: str) -> str:
    """The digest that a request is to be approved by."""
    found = re.search(r"sha256:[0-9a-f]{64}", text)
    assert found, text
    return found[0]
