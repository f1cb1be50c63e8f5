"""Rulesets of real services in every form: each says the same, and the kernel answers the same."""

import os
import runpy
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import landlockpy
import pytest

from assistant.domain.host import Host
from assistant.domain.policy import policy
from assistant.domain.rights import FsRight, NetRight, Scope
from assistant.domain.rules import Rules, rules_of
from assistant.domain.ruleset import Ruleset
from assistant.domain.unit import parse
from assistant.enforce import launcher
from assistant.host import LocalHost
from assistant.render.export import Export
from assistant.render.landlockconfig import landlockconfig_json, landlockconfig_toml
from assistant.render.landrun import landrun
from assistant.render.launcher import python_launcher
from assistant.render.sandboxer import sandboxer
from assistant.render.setpriv import setpriv
from assistant.render.systemd import default_launcher, systemd
from tests.render.readers import landlockconfig as landlockconfig_reader
from tests.render.readers import landrun as landrun_reader
from tests.render.readers import python as python_reader
from tests.render.readers import sandboxer as sandboxer_reader
from tests.render.readers import setpriv as setpriv_reader
from tests.render.readers.said import Said, compare
from tests.render.readers.scripts import Shell
from tests.services.questions import Question, answers, expected, questions
from tests.services.recording import SERVICES, Recorded, record


pytestmark = [pytest.mark.services, pytest.mark.strace, pytest.mark.root, pytest.mark.kernel]

SOURCE = Path(launcher.__file__).read_text("utf-8")


@pytest.fixture(scope="module", params=SERVICES)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """One service, traced and drafted."""
    return record(request.param, tmp_path_factory.mktemp(request.param))


Exporter = Callable[[Ruleset, Host], Export]


def _is_directory(path: str) -> bool | None:
    return os.path.isdir(path) if os.path.exists(path) else None


def test_every_form_of_a_real_ruleset_says_what_it_says_but_for_its_losses(
    recorded: Recorded, tmp_path: Path
) -> None:
    ruleset, host, shell = recorded.ruleset, LocalHost(), Shell(tmp_path)
    assert len(ruleset.path) > 3

    readers: list[tuple[Exporter, Callable[[str], Said]]] = [
        (landlockconfig_toml, lambda text: landlockconfig_reader.read_toml(text, _is_directory)),
        (landlockconfig_json, lambda text: landlockconfig_reader.read_json(text, _is_directory)),
        (landrun, lambda text: landrun_reader.read(shell.called(text)[0], _is_directory)[0]),
        (setpriv, lambda text: setpriv_reader.read(shell.called(text)[0], _is_directory)[0]),
        (sandboxer, lambda text: sandboxer_reader.read(shell.called(text)[1], _is_directory)),
    ]

    for exporter, read in readers:
        export = exporter(ruleset, host)
        compare(ruleset, export, read(export.text), _is_directory)
        bundles = exporter in (landrun, sandboxer)
        assert any(loss.effect == "opens" for loss in export.losses) is bundles, exporter
    exported = python_launcher(ruleset, SOURCE)
    compare(ruleset, exported, python_reader.read(exported.text, _is_directory), _is_directory)


def test_the_drop_in_starts_the_launcher_that_holds_the_ruleset(recorded: Recorded, tmp_path: Path) -> None:
    unit = parse("a.service", ["[Service]\nExecStart=/usr/sbin/service --flag 'two words'\n"])
    place = str(tmp_path / "launcher.py")
    Path(place).write_text(python_launcher(recorded.ruleset, SOURCE).text)

    text = systemd(recorded.ruleset, unit, place).text

    started = next(line for line in text.splitlines() if line.startswith("ExecStart=/"))
    words = started.removeprefix("ExecStart=").split(" ")
    assert words[:4] == ["/usr/bin/python3", "-I", place, "--"]
    assert python_reader.policy(Path(words[2]).read_text()) == policy(recorded.ruleset)
    assert f"# Digest of the grants: {recorded.ruleset.digest()}" in text
    assert default_launcher(unit) == "/etc/landscribe/a.py"


# ---------------------------------------------------------------- the kernel's answers


@pytest.fixture
def asked(recorded: Recorded) -> Iterator[list[Question]]:
    name = f"landscribe-services-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server, socket.socket() as other:
        server.bind(f"\0{name}")
        server.listen(64)
        other.bind(("127.0.0.1", 0))
        other.listen(64)
        yield questions(recorded.ruleset, name, other.getsockname()[1])


def _from_rules(rules: Rules) -> Callable[[], object]:
    """Restrict by landlockpy, another implementation, from a ruleset's own words."""

    def restrict() -> None:
        sandbox = landlockpy.Ruleset(
            handled_fs=landlockpy.AccessFS(rules.fs.value),
            handled_net=landlockpy.AccessNet(rules.net.value),
            scoped=landlockpy.Scope(rules.scope.value),
            best_effort=False,
        )
        for path, rights in rules.paths.items():
            sandbox.allow_path(path, landlockpy.AccessFS(rights.value))
        for port, net in rules.ports.items():
            sandbox.allow_port(port, landlockpy.AccessNet(net.value))
        sandbox.restrict()

    return restrict


def _bits(names: frozenset[str], kind: type[FsRight] | type[NetRight] | type[Scope]) -> int:
    return sum(int(kind[name.upper()].value) for name in names)


def _from_said(said: Said) -> Callable[[], object]:
    """Restrict by landlockpy from what a reader understood."""

    def restrict() -> None:
        sandbox = landlockpy.Ruleset(
            handled_fs=landlockpy.AccessFS(_bits(said.fs, FsRight)),
            handled_net=landlockpy.AccessNet(_bits(said.net, NetRight)),
            scoped=landlockpy.Scope(_bits(said.scope, Scope)),
            best_effort=False,
        )
        for path, rights in said.paths.items():
            sandbox.allow_path(path, landlockpy.AccessFS(_bits(rights, FsRight)))
        for port, net in said.ports.items():
            sandbox.allow_port(port, landlockpy.AccessNet(_bits(net, NetRight)))
        sandbox.restrict()

    return restrict


def test_the_kernel_answers_as_the_ruleset_says_whoever_restricts(
    recorded: Recorded, asked: list[Question], tmp_path: Path
) -> None:
    ruleset = recorded.ruleset
    rules = rules_of(ruleset, LocalHost())
    exported = tmp_path / "exported.py"
    exported.write_text(python_launcher(ruleset, SOURCE).text)
    config = landlockconfig_toml(ruleset, LocalHost()).text

    def from_file() -> None:
        program = runpy.run_path(str(exported))
        program["enforce"](program["POLICY"])

    free = answers(asked, lambda: None)
    wanted = [expected(question, answer, rules) for question, answer in zip(asked, free, strict=True)]
    restricted = {
        "the launcher": answers(asked, lambda: launcher.enforce(policy(ruleset))),
        "the exported file": answers(asked, from_file),
        "landlockpy": answers(asked, _from_rules(rules)),
        "landlockconfig": answers(asked, _from_said(landlockconfig_reader.read_toml(config, _is_directory))),
    }

    for who, got in restricted.items():
        different = [
            (question.name, question.subject, answer, want)
            for question, answer, want in zip(asked, got, wanted, strict=True)
            if answer != want
        ]
        assert different == [], who
    denied = sum(
        answer in ("EACCES", "EPERM") and answer != was for answer, was in zip(wanted, free, strict=True)
    )
    assert denied > 20
    assert sum(answer == "ok" for answer in wanted) > 10
