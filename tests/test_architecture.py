"""The walls of the house: which room may import which, and what may be touched where. docs/adr/0001-layout.md.

``violations`` reads one module's source; it is a lint for honest people, not a sandbox: getattr() defeats it.
"""

import ast
import builtins
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


REPO = Path(__file__).parent.parent

WORDS = {"domain", "errors"}
MIDDLE = {"trace", "drafting", "verify", "enforce", "render", "review"}
BELOW = {
    "errors": set[str](),
    "redaction": set[str](),
    "prompts": set[str](),
    "domain": {"errors"},
    **dict.fromkeys(MIDDLE, WORDS),
    "author": WORDS | {"redaction", "prompts"},
    "host": WORDS,
    # The machine's package database: another question than what its files are, asked by other commands.
    "packages": WORDS,
    "settings": {"errors"},
    "intake": WORDS,
    "reading": WORDS | {"trace", "intake"},
    "pipeline": WORDS | MIDDLE | {"author", "settings", "redaction", "reading"},
}
# What a test in the kernel shows goes back to where drafts come from: a circle round the pipeline.
BELOW["proving"] = BELOW["pipeline"] | {"pipeline"}
BELOW["session"] = BELOW["fleet"] = BELOW["proving"] | {"proving", "host", "packages", "assistant"}
BELOW["cli"] = BELOW["session"] | {"session", "fleet", "prompts"}
BELOW["assistant"] = BELOW["pipeline"] | {"pipeline", "host"}
"""Room to the rooms it may import; "assistant" is the package itself, which holds the public names."""

PACKAGES = ("assistant", "redaction", "prompts")
PURE = tuple(f"assistant.{room}" for room in ("domain", "trace", "drafting", "verify", "render", "review"))
TOUCH_FILES = (
    "assistant.host",
    "assistant.packages",
    "assistant.enforce",
    "assistant.cli",
    "assistant.intake",
    "assistant.reading",
    # The prompts that ship with it.
    "assistant.author.library",
    "assistant.author.primer",
    "assistant.author.scores",
    "assistant.settings",
    # What was sent is kept.
    "assistant.author.sent",
    # Its own rim: redaction is usable alone.
    *(f"redaction.{rim}" for rim in ("apt", "packages", "rpm", "seeds", "vault", "vocabulary", "words")),
)

HOMES = {
    "pydantic": ("assistant", "redaction"),
    "typer": ("assistant.cli",),
    "rich": ("assistant.cli",),
    "anthropic": ("assistant.author.claude",),
    "httpx2": ("assistant.author.claude", "assistant.author.transport", "assistant.author.ways"),
    "tenacity": ("assistant.author.claude",),
    "xllamacpp": ("assistant.author.local.model",),
    "presidio_analyzer": ("redaction.presidio",),
    "zstandard": ("assistant.intake.packed",),
}
"""Third party to the modules it may be imported in. What is not listed has not been decided on."""

PURE_OS = {"os", "os.fsdecode", "os.fsencode", "os.fspath"}
ASKS_THE_DISK = (
    "exists",
    "lexists",
    "isfile",
    "isdir",
    "islink",
    "ismount",
    "realpath",
    "abspath",
    "getsize",
)
FILES = (
    *("open", "io.open", "codecs.open", "pathlib.Path", "pathlib.PosixPath", "importlib.resources"),
    *("shutil", "tempfile", "glob", "mmap", "sqlite3"),
    *(f"os.{name}" for name in ("open", "stat", "lstat", "listdir", "scandir", "walk", "readlink", "access")),
    *(
        f"os.{name}"
        for name in ("mkdir", "makedirs", "remove", "unlink", "rename", "replace", "rmdir", "link")
    ),
    *(f"{module}.{name}" for module in ("os.path", "posixpath") for name in ASKS_THE_DISK),
)
PROCESSES = (
    *("subprocess", "multiprocessing", "pty", "os.fork", "os.forkpty", "os.system", "os.popen"),
    *(
        f"os.{name}"
        for name in ("execv", "execve", "execvp", "execvpe", "execl", "posix_spawn", "posix_spawnp")
    ),
)
WORLD = (
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "asyncio",
    "time",
    "datetime",
    "random",
    "secrets",
    "getpass",
)
TALK = (
    *("print", "input", "sys.stdout", "sys.stderr", "rich.print", "rich.console"),
    *(f"{module}.{name}" for module in ("typer", "click") for name in ("echo", "secho", "confirm", "prompt")),
)
CLIENTS = (
    *("anthropic.Client", "anthropic.AsyncClient"),
    *(
        f"anthropic.{kind}Anthropic{platform}"
        for kind in ("", "Async")
        for platform in ("", "AWS", "Bedrock", "BedrockMantle", "Foundry", "GoogleCloud", "Vertex")
    ),
    *(f"anthropic.Default{kind}Client" for kind in ("Httpx", "AsyncHttpx", "AioHttp")),
    *("httpx2.Client", "httpx2.AsyncClient"),
)
"""What sends, and asks no guard unless it is given one."""
NETWORK = (
    *("socket", "ssl", "asyncio", "http.client", "http.server", "socketserver", "urllib.request", "xmlrpc"),
    *("ftplib", "imaplib", "poplib", "smtplib", "telnetlib", "nntplib"),
    *("httpx2.HTTPTransport", "httpx2.AsyncHTTPTransport"),
    *(f"httpx2.{verb}" for verb in ("get", "post", "put", "patch", "delete", "head", "options")),
    *("httpx2.request", "httpx2.stream"),
)
SILENT = {
    f"sys.{stream}.{method}" for stream in ("stdout", "stderr") for method in ("flush", "fileno", "isatty")
}

KEPT_IN: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("ctypes", "_ctypes", "cffi"), ("assistant.enforce",), "only enforce/ calls the kernel"),
    # Large traces are read in processes of our own making.
    (PROCESSES, ("assistant.enforce", "assistant.reading.parallel"), "only enforce/ starts processes"),
    # The launcher is also exported as a program that works alone.
    (
        TALK,
        ("assistant.cli.console", "assistant.enforce.launcher"),
        "only cli/console.py writes to the terminal",
    ),
    (FILES, TOUCH_FILES, "the file system is asked through domain.host"),
    (
        ("redaction.text.sealed", "redaction.text._SEAL"),
        ("redaction.redactor",),
        "only the Redactor says that a name is redacted",
    ),
    (
        ("redaction.text.shipped",),
        ("assistant.author.library", "assistant.author.primer"),
        "only what ships with us is shown unread",
    ),
    (
        ("redaction.text.returned",),
        ("assistant.author.request",),
        "only what an endpoint wrote goes back unread",
    ),
    (
        CLIENTS,
        ("assistant.author.claude.clients",),
        "clients are made in one place, with the guarded transport",
    ),
    (
        NETWORK,
        (
            "assistant.enforce",
            "assistant.author.ways",
            # The names of failures, a model on the loopback, and this machine's own name.
            *("assistant.author.claude.failures", "assistant.author.local.shim", "redaction.seeds"),
        ),
        "the network is reached through author/transport.py",
    ),
    (("__import__", "importlib.import_module"), (), "imports are written down"),
)
"""Names, the modules they are kept in, and why."""

BAD_NOUNS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
LONGEST_STRING = 300


def violations(source: str, module: str) -> list[str]:
    """Everything in one module that the house does not allow, as "module:line: what: why"."""
    tree = ast.parse(source)
    found = [(0, f"{noun}: a room is named for what it holds") for noun in BAD_NOUNS & set(module.split("."))]
    if room_of(module) not in BELOW:
        found.append((0, f"{room_of(module)}: a room that the table does not know"))
    found += [
        (node.lineno, "a relative import: imports are absolute")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    for line, name in imports(tree):
        found += [(line, f"{name}: {why}") for why in import_faults(name, module)]
    for line, name in used_names(tree):
        found += [(line, f"{name}: {why}") for why in use_faults(name, module)]
    found += [
        (line, f"a string of {size} characters: prose lives in files") for line, size in long_strings(tree)
    ]
    return [f"{module}:{line}: {what}" for line, what in sorted(set(found))]


def room_of(module: str) -> str:
    """The room a module is in: below ``assistant`` its first folder or file, else its top-level name."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] or top if top == "assistant" else top


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that is imported, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def used_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of all that is imported and of each imported or built-in name that is used."""
    meaning = {name: name for name in dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            tops = {alias.name.partition(".")[0] for alias in node.names if not alias.asname}
            meaning.update(zip(tops, tops, strict=True))
            meaning.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom) and node.module:
            meaning.update(
                {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            )
    yield from imports(tree)
    parts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in parts:
            first, dot, rest = ast.unparse(node).partition(".")
            if first in meaning:
                yield node.lineno, meaning[first] + dot + rest


def import_faults(name: str, module: str) -> Iterator[str]:
    """Why ``module`` may not import ``name``."""
    top = name.partition(".")[0]
    if top in PACKAGES:
        target = room_of(name)
        target = target if target in BELOW else "assistant"  # a public name, such as __version__
        own = room_of(module)
        if target != own and target not in BELOW.get(own, set()):
            yield f"{own} does not import {target}"
    elif top not in sys.stdlib_module_names and not inside(module, HOMES.get(top, ())):
        yield f"{top} is not for {module}"


def use_faults(name: str, module: str) -> Iterator[str]:
    """Why ``module`` may not use ``name``."""
    for names, homes, why in KEPT_IN:
        if inside(name, names) and name not in SILENT and not inside(module, homes):
            yield why
    if inside(module, PURE) and (
        inside(name, WORLD) or (inside(name, ("os", "os.path")) and name not in PURE_OS)
    ):
        yield f"{room_of(module)} is pure"


def inside(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the prefixes or lies beneath one."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def long_strings(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Line and length of constants that are long prose; not documentation, which stands alone, nor lists of paths."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
        size = sum(len(text) for text in texts if not all(word.startswith("/") for word in text.split()))
        if size > LONGEST_STRING and id(node) not in alone:
            yield getattr(node, "lineno", 0), size


def check_tree(root: Path) -> list[str]:
    """All violations of all modules of the shipped packages beneath ``root``."""
    found = []
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found += violations(path.read_text("utf-8"), module)
    return found


def test_the_whole_tree_keeps_the_walls() -> None:
    assert check_tree(REPO) == []


def test_a_forbidden_import_planted_in_a_copy_of_the_tree_is_found(tmp_path: Path) -> None:
    shutil.copytree(REPO / "assistant", tmp_path / "assistant", ignore=shutil.ignore_patterns("__pycache__"))
    before = set(check_tree(tmp_path))
    with (tmp_path / "assistant/domain/access.py").open("a", encoding="utf-8") as planted:
        planted.write("\nimport assistant.cli.main\n")
    (tmp_path / "assistant/domain/utils.py").write_text("")

    found = sorted(set(check_tree(tmp_path)) - before)

    assert [violation.split(":", 1)[0] for violation in found] == [
        *("assistant.domain.access", "assistant.domain.utils")
    ]
    assert "domain does not import cli" in found[0]
    assert "a room is named for what it holds" in found[1]


MIDDLE_PAIRS = [(one, other) for one in sorted(MIDDLE) for other in sorted(MIDDLE) if one != other]


@pytest.mark.parametrize(("one", "other"), MIDDLE_PAIRS)
def test_rooms_of_the_middle_never_import_each_other(one: str, other: str) -> None:
    assert violations(f"from assistant.{other} import anything", f"assistant.{one}.planted")
    assert violations(f"def f():\n    import assistant.{other}", f"assistant.{one}.planted")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("errors", "from assistant.domain import access"),
        ("domain.planted", "from assistant import __version__"),
        ("domain.planted", "from assistant import host"),
        ("domain.planted", "import typer"),
        ("domain.planted", "import jsonschema"),
        ("trace.planted", "import tests.conftest"),
        ("host", "from assistant.trace import scan"),
        ("host", "from assistant.pipeline.drafting import draft_offline"),
        ("intake.planted", "from assistant.trace import scan"),
        ("trace.planted", "from assistant.intake import source"),
        ("reading.planted", "from assistant.drafting import tree"),
        ("trace.planted", "import zstandard"),
        ("pipeline", "from assistant.session import journal"),
        ("pipeline", "from assistant.cli import console"),
        ("session.planted", "from assistant.fleet import plan"),
        ("fleet.planted", "from assistant.cli import main"),
        ("render.planted", "import redaction"),
        ("cupboard.planted", ""),
        ("domain.planted", "from . import access"),
        ("trace.helpers.planted", ""),
    ],
)
def test_an_import_against_the_direction_is_a_violation(module: str, source: str) -> None:
    assert len(violations(source, f"assistant.{module}")) == 1


@pytest.mark.parametrize("room", ["domain", "trace", "drafting", "verify", "render", "review"])
@pytest.mark.parametrize(
    "source",
    [
        "text = open('/etc/passwd').read()",
        "from pathlib import Path",
        "import pathlib\ntext = pathlib.Path('/').exists()",
        "import posixpath\nposixpath.realpath('/x')",
        "import socket",
        "import subprocess",
        "import os\nhome = os.environ['HOME']",
        "from os import environ as settings",
        "import os as system\nsystem.stat('/')",
        "import time",
        "from datetime import datetime",
        "import random",
        "print('x')",
        "import ctypes",
    ],
)
def test_the_pure_rooms_touch_nothing_outside(room: str, source: str) -> None:
    assert violations(source, f"assistant.{room}.planted")


@pytest.mark.parametrize(
    ("source", "home", "elsewhere"),
    [
        ("import ctypes", "enforce.uapi", "host"),
        ("import subprocess", "enforce.record", "cli.run"),
        ("import os\nos.fork()", "enforce.sandbox", "pipeline"),
        ("print('x')", "cli.console", "cli.main"),
        ("from typer import echo as say\nsay('x')", "cli.console", "cli.draft"),
        ("import sys\nsys.stdout.write('x')", "cli.console", "enforce.record"),
        ("import os\nos.listdir('/')", "host", "review.context"),
        ("import typer", "cli.main", "session.planted"),
    ],
)
def test_what_is_kept_in_one_place_is_a_violation_elsewhere(source: str, home: str, elsewhere: str) -> None:
    assert violations(source, f"assistant.{home}") == []
    assert violations(source, f"assistant.{elsewhere}")


@pytest.mark.parametrize(
    "source",
    [
        "import os\nname = os.fsdecode(b'x')",
        "import posixpath\nposixpath.normpath('/x')",
        "from pathlib import PurePosixPath",
        "def time(open_: int) -> int:\n    return open_",
        "from assistant.domain.access import Access\nfrom assistant.errors import TraceError",
        "def f(line):\n    return line.open, line.print",
        "def f(socket):\n    return socket.number, [time for time in socket]",
    ],
)
def test_what_only_looks_like_a_violation_is_none(source: str) -> None:
    assert violations(source, "assistant.trace.planted") == []


def test_only_the_redactor_declares_names_redacted_and_only_one_module_imports_presidio() -> None:
    assert violations("from redaction.text import sealed", "assistant.pipeline")
    assert violations("from redaction import text\ntext.sealed('x')", "assistant.pipeline")
    assert violations("from redaction.text import sealed", "redaction.redactor") == []
    assert violations("import presidio_analyzer", "redaction.guard")
    assert violations("from assistant.domain import access", "redaction.guard")


@pytest.mark.parametrize(
    ("source", "elsewhere"),
    [
        ("import anthropic\nanthropic.Anthropic(api_key='x')", "author.claude.author"),
        ("from anthropic import AnthropicBedrock", "author.claude.author"),
        ("from anthropic import AsyncAnthropic as Claude", "author.claude.heard"),
        ("import anthropic", "author.chat"),
        ("import httpx2\nhttpx2.Client()", "author.transport"),
        ("import httpx2\nhttpx2.post('https://x')", "author.claude.author"),
        ("import httpx2\nhttpx2.HTTPTransport()", "author.claude.clients"),
        ("import urllib.request\nurllib.request.urlopen('https://x')", "author.claude.author"),
        ("import http.client", "pipeline"),
        ("import socket", "cli.draft"),
        ("import requests", "author.transport"),
        ("import tenacity", "author.transport"),
        ("import xllamacpp", "author.local.shim"),
    ],
)
def test_only_the_guarded_transport_sends(source: str, elsewhere: str) -> None:
    assert violations(source, f"assistant.{elsewhere}")


def test_the_table_of_clients_has_all_that_the_sdk_has() -> None:
    import anthropic
    from anthropic._base_client import BaseClient

    clients = {
        f"anthropic.{name}"
        for name, value in vars(anthropic).items()
        if isinstance(value, type) and issubclass(value, BaseClient)
    }

    assert clients
    assert clients <= set(CLIENTS)


def test_long_strings_are_for_files_and_docstrings() -> None:
    prose = "a sentence for a model " * 20

    assert violations(f"PROMPT = {prose!r}", "assistant.pipeline")
    assert violations(f"x = 1\nPROMPT = f'{prose}{{x}}'", "assistant.pipeline")
    assert violations(f"PATHS = {'/etc/a /etc/b ' * 40!r}", "assistant.pipeline") == []
    assert violations(f'"""{prose}"""\nX = 1\n"""{prose}"""', "assistant.pipeline") == []
