"""Every export says what the ruleset says, but for the losses that it lists: read back by readers of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.domain.access import Kind
from assistant.domain.host import FakeHost, Host, NoHost
from assistant.domain.rights import FsRight, NetRight, Scope
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Ruleset, ScopeGrant
from assistant.enforce import launcher
from assistant.render.export import EVERYWHERE, Export
from assistant.render.landlockconfig import landlockconfig_json, landlockconfig_toml
from assistant.render.landrun import landrun
from assistant.render.launcher import python_launcher
from assistant.render.sandboxer import sandboxer
from assistant.render.setpriv import setpriv
from tests.render.readers import landlockconfig as landlockconfig_reader
from tests.render.readers import landrun as landrun_reader
from tests.render.readers import python as python_reader
from tests.render.readers import sandboxer as sandboxer_reader
from tests.render.readers import setpriv as setpriv_reader
from tests.render.readers.said import IsDirectory, Said, compare
from tests.render.readers.scripts import COMMAND, Shell


SOURCE = Path(launcher.__file__).read_text("utf-8")
SHELLS = [shell for shell in ("/bin/sh", "/bin/bash", "/bin/dash") if Path(shell).exists()]
"""The scripts are for any POSIX shell."""


def _python(ruleset: Ruleset, host: Host) -> Export:
    del host
    return python_launcher(ruleset, SOURCE)


EXPORTERS: dict[str, Callable[[Ruleset, Host], Export]] = {
    "python": _python,
    "landlockconfig-toml": landlockconfig_toml,
    "landlockconfig-json": landlockconfig_json,
    "landrun": landrun,
    "setpriv": setpriv,
    "sandboxer": sandboxer,
}


SCRIPTS = ("landrun", "setpriv", "sandboxer")
ASKING = ("landrun", "setpriv")
"""Those that would stop at a path that is absent, and so ask first whether an optional one is there."""


def read_back(to: str, text: str, is_directory: IsDirectory, shell: Shell) -> Said:
    """What an exported text says; for a script also that the command arrives as it was given."""
    if to == "python":
        return python_reader.read(text, is_directory)
    if to == "landlockconfig-toml":
        return landlockconfig_reader.read_toml(text, is_directory)
    if to == "landlockconfig-json":
        return landlockconfig_reader.read_json(text, is_directory)
    called, variables = shell.called(text, KEPT="a\nB=c", LL_TCP_BIND="666", LL_SCOPED="a:s")
    if to == "landrun":
        said, command, passed = landrun_reader.read(called, is_directory)
        assert {"KEPT", "PATH"} <= passed
    elif to == "setpriv":
        said, command = setpriv_reader.read(called, is_directory)
    else:
        said, command = sandboxer_reader.read(variables, is_directory), called
    assert command == list(COMMAND)
    return said


# ---------------------------------------------------------------- any ruleset

_CHARS = st.sampled_from(
    [
        *"ab -.:,;%$#'\"`\\&|(){}[]*?~=\n\t\r\x0b\x1b\x7f",
        "é",
        "\u202e",
        "\u2028",
        "\xa0",
        "\x85",
        "\udc80",
        "\udcff",
    ]
)
_COMPONENTS = st.text(_CHARS, min_size=1, max_size=6).filter(lambda name: name not in (".", ".."))
_PATHS = st.lists(_COMPONENTS, max_size=3).map(lambda parts: "/" + "/".join(parts))
_THERE = st.sampled_from(["/", "/etc", "/etc/passwd", "/no/such/file"])
_TEXT = st.text(_CHARS.filter(lambda char: not "\udc80" <= char <= "\udcff"), max_size=12)


def _some(kind: type[FsRight] | type[NetRight]) -> st.SearchStrategy[Any]:
    return st.integers(1, (1 << len(kind)) - 1).map(kind)


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    """Rulesets of any ABI whose names and words try to break out of what they are written into."""
    paths = draw(st.lists(st.tuples(_PATHS | _THERE, _some(FsRight), _TEXT, st.booleans()), max_size=5))
    ports = draw(st.lists(st.tuples(st.integers(0, 65535), _some(NetRight)), max_size=3))
    may: dict[str, bool] = {}
    return Ruleset(
        service=draw(_TEXT) or "s",
        target_abi=draw(st.integers(1, 11)),
        provenance=Provenance(tool="t" + draw(_TEXT)),
        scope=ScopeGrant(abstract_unix_socket=draw(st.booleans()), signal=draw(st.booleans())),
        path=tuple(
            # Two grants on one path agree on whether it may be absent: else nothing starts, whatever is said.
            PathGrant(path=path, rights=rights, by="person", why=why, optional=may.setdefault(path, optional))
            for path, rights, why, optional in paths
        ),
        port=tuple(PortGrant(port=port, rights=rights, by="person") for port, rights in ports),
    )


def _host(ruleset: Ruleset, choices: list[bool]) -> Host:
    """A host on which each path is a directory or a file, or one that knows nothing."""
    if not choices:
        return NoHost()
    kinds = {
        path: Kind.DIRECTORY if choices[number % len(choices)] else Kind.FILE
        for number, path in enumerate(ruleset.paths())
    }
    return FakeHost(kinds={**kinds, "/": Kind.DIRECTORY})


def _is_directory(host: Host) -> IsDirectory:
    def answer(path: str) -> bool | None:
        kind = host.kind(path)
        return None if kind is None else kind is Kind.DIRECTORY

    return answer


@pytest.mark.parametrize("to", EXPORTERS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ruleset=rulesets(), choices=st.lists(st.booleans(), max_size=3))
def test_an_export_says_what_the_ruleset_says_but_for_its_losses(
    to: str, ruleset: Ruleset, choices: list[bool], tmp_path: Path
) -> None:
    host = _host(ruleset, choices)
    export = EXPORTERS[to](ruleset, host)

    read = read_back(to, export.text, _is_directory(host), Shell(tmp_path))

    compare(ruleset, export, read, _is_directory(host), looked=to in ASKING)
    assert all(
        sentence.isprintable() for sentence in [*export.notes, *(loss.sentence for loss in export.losses)]
    )
    lines = export.text.splitlines()
    assert len(lines) == export.text.count("\n")
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("to", SCRIPTS)
def test_a_script_means_the_same_to_every_shell(
    to: str, shell: str, hostile: Ruleset, tmp_path: Path
) -> None:
    export = EXPORTERS[to](hostile, NoHost())

    read = read_back(to, export.text, lambda _: None, Shell(tmp_path, shell))

    compare(hostile, export, read, lambda _: None)


def test_a_reader_that_is_told_something_else_would_notice(hostile: Ruleset, tmp_path: Path) -> None:
    for to, exporter in EXPORTERS.items():
        export = exporter(hostile, NoHost())
        read = read_back(to, export.text, lambda _: None, Shell(tmp_path))
        more = {path: rights | {"make_fifo"} for path, rights in read.paths.items()}
        for changed in (
            Said(read.fs, read.net, read.scope, more, read.ports),
            Said(read.fs, read.net, read.scope, dict(list(read.paths.items())[1:]), read.ports),
            Said(read.fs - {"execute"}, read.net, read.scope, read.paths, read.ports),
            Said(read.fs, read.net, read.scope, read.paths, {}),
            Said(read.fs, read.net, read.scope ^ {"signal"}, read.paths, read.ports),
        ):
            with pytest.raises(AssertionError):
                compare(hostile, export, changed, lambda _: None)


# ---------------------------------------------------------------- each format's own losses


def _ruleset(paths: dict[str, FsRight], *, abi: int = 7, **parts: Any) -> Ruleset:
    grants = tuple(PathGrant(path=path, rights=rights, by="person") for path, rights in paths.items())
    return Ruleset(service="s", target_abi=abi, provenance=Provenance(tool="t"), path=grants, **parts)


R, W, X, D = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE, FsRight.READ_DIR
TREE = FakeHost(kinds={"/d/f": Kind.FILE, "/f": Kind.FILE, "/e": Kind.DIRECTORY})


def _losses(export: Export) -> set[tuple[str, str, FsRight | NetRight | Scope]]:
    return {(loss.effect, loss.subject, loss.rights) for loss in export.losses}


@pytest.mark.parametrize("to", ["python", "landlockconfig-toml", "landlockconfig-json", "setpriv"])
def test_what_names_every_right_loses_nothing_of_a_usual_ruleset(to: str) -> None:
    usual = _ruleset({"/d": R | D | FsRight.MAKE_REG, "/f": R | W | FsRight.TRUNCATE})

    assert EXPORTERS[to](usual, TREE).losses == ()
    assert list(EXPORTERS[to](usual, TREE).findings()) == []


def test_landrun_and_the_sandboxer_say_right_by_right_what_their_bundles_open() -> None:
    ruleset = _ruleset({"/d": R, "/f": W, "/e": D | FsRight.MAKE_REG})

    assert {("opens", "/d", D), ("opens", "/f", R | FsRight.TRUNCATE | FsRight.IOCTL_DEV)} <= _losses(
        landrun(ruleset, TREE)
    )
    assert {("opens", "/d", D | X), ("opens", "/f", R | X | FsRight.TRUNCATE | FsRight.IOCTL_DEV)} <= _losses(
        sandboxer(ruleset, TREE)
    )


def test_what_a_rule_above_gives_anyway_is_not_said_to_be_opened() -> None:
    export = landrun(_ruleset({"/d": R | D, "/d/f": R}), TREE)

    assert [loss for loss in export.losses if loss.effect == "opens"] == []


def test_every_loss_is_a_finding_and_the_one_that_opens_is_high() -> None:
    export = landrun(_ruleset({"/d": R, "/a,b": R}), TREE)

    found = {(finding.id, finding.subject, finding.severity.name) for finding in export.findings()}
    assert ("export-opens", "/d", "HIGH") in found
    assert ("export-lacks", "/a,b", "MEDIUM") in found
    assert "# opens: /d: read_dir is open too: landrun knows bundles of rights only" in export.text


@pytest.mark.parametrize(
    ("to", "path", "why"),
    [
        ("landrun", "/a,b", "comma"),
        ("landrun", "/a\u2003", "white space"),
        ("landrun", "/a\n", "white space"),
        ("sandboxer", "/a:b", "colon"),
        ("landlockconfig-toml", "/\udcff", "not UTF-8"),
        ("landlockconfig-json", "/\udcff", "not UTF-8"),
    ],
)
def test_a_name_that_a_format_cannot_hold_is_left_out_with_its_reason(to: str, path: str, why: str) -> None:
    export = EXPORTERS[to](_ruleset({path: R, "/d": R}), NoHost())

    lacks = [loss for loss in export.losses if loss.effect == "lacks" and loss.subject == path]
    assert [loss.rights for loss in lacks] == [R]
    assert why in lacks[0].why


@pytest.mark.parametrize("to", ["landrun", "setpriv", "sandboxer", "python"])
def test_a_name_that_ends_in_line_breaks_keeps_them(to: str, tmp_path: Path) -> None:
    ruleset = _ruleset({"/a\x1b\n\n": R, "/a": W})
    export = EXPORTERS[to](ruleset, NoHost())

    read = read_back(to, export.text, lambda _: None, Shell(tmp_path))

    assert ("/a\x1b\n\n" in read.paths) is (to != "landrun")
    compare(ruleset, export, read, lambda _: None)


def test_scopes_that_landrun_can_only_close_together_stay_closed_and_are_said() -> None:
    half = landrun(_ruleset({}, scope=ScopeGrant(signal=False)), NoHost())
    none = landrun(_ruleset({}, scope=ScopeGrant(signal=False, abstract_unix_socket=False)), NoHost())

    assert ("lacks", EVERYWHERE, Scope.SIGNAL) in _losses(half)
    assert "--unrestricted-scoped" in none.text
    assert not any(isinstance(loss.rights, Scope) for loss in none.losses)


@pytest.mark.parametrize("to", ["landrun", "sandboxer", "landlockconfig-json"])
def test_udp_is_open_where_a_format_does_not_know_it(to: str) -> None:
    udp = NetRight.BIND_UDP | NetRight.CONNECT_SEND_UDP
    newest = _ruleset({}, abi=11, port=(PortGrant(port=53, rights=udp, by="person"),))

    assert ("opens", EVERYWHERE, udp) in _losses(EXPORTERS[to](newest, NoHost()))
    assert _losses(setpriv(newest, NoHost())) == set()


def test_landrun_goes_on_with_less_only_where_the_ruleset_asks_for_less_than_it() -> None:
    assert "--best-effort" in landrun(_ruleset({}, abi=8), NoHost()).text
    assert "--best-effort" not in landrun(_ruleset({}, abi=9), NoHost()).text
    assert "--unrestricted-network" in landrun(_ruleset({}, abi=3), NoHost()).text


def test_a_setpriv_that_ignores_what_it_does_not_know_is_not_used(tmp_path: Path) -> None:
    newer, older = _ruleset({"/d": R}, abi=4), _ruleset({"/d": R}, abi=3)
    ignoring = Shell(tmp_path, answer=0)

    done = ignoring.run(setpriv(newer, TREE).text)

    assert done.returncode == 125
    assert b"ignores what it does not know" in done.stderr
    assert not (tmp_path / "record.words").exists()
    assert setpriv_reader.read(ignoring.called(setpriv(older, TREE).text)[0], lambda _: None)[1] == list(
        COMMAND
    )


def test_setpriv_is_told_no_directory_rights_on_a_file_and_what_could_not_be_looked_at_is_said() -> None:
    ruleset = _ruleset({"/f": R | D, "/gone": R | D})

    export = setpriv(ruleset, TREE)

    assert "path-beneath:read-file:/f" in export.text
    assert [note for note in export.notes if "must be a directory" in note] == [
        "/gone must be a directory, or setpriv stops: it could not be looked at."
    ]


@pytest.mark.parametrize("to", SCRIPTS)
def test_a_script_without_a_command_starts_nothing(to: str, tmp_path: Path) -> None:
    done = Shell(tmp_path).run(EXPORTERS[to](_ruleset({}), NoHost()).text, command=())

    assert done.returncode == 125
    assert b"the command stands behind this script" in done.stderr
    assert not (tmp_path / "record.words").exists()


@pytest.mark.parametrize("to", EXPORTERS)
def test_an_empty_ruleset_denies_everything_in_every_form(to: str, tmp_path: Path) -> None:
    read = read_back(to, EXPORTERS[to](_ruleset({}), NoHost()).text, lambda _: None, Shell(tmp_path))

    assert {"read_file", "write_file", "execute", "make_reg", "ioctl_dev"} <= read.fs
    assert read.net == frozenset({"bind_tcp", "connect_tcp"})
    assert read.scope == frozenset({"abstract_unix_socket", "signal"})
    assert (dict(read.paths), dict(read.ports)) == ({}, {})


def test_a_right_above_the_target_is_left_out_everywhere_and_said() -> None:
    late = _ruleset({"/d": W | FsRight.TRUNCATE}, abi=2)

    for to, exporter in EXPORTERS.items():
        assert "/d: truncate left out: newer than the target ABI 2" in exporter(late, NoHost()).notes, to


def test_json_has_no_place_for_reasons_and_says_so() -> None:
    export = landlockconfig_json(_ruleset({"/d": R}), TREE)

    assert set(json.loads(export.text)) == {"abi", "ruleset", "pathBeneath"}
    assert export.notes[-1].startswith("Reasons, authors and evidence are left out")


@pytest.mark.parametrize("to", ASKING)
def test_an_optional_rule_is_asked_for_only_where_its_path_is(to: str, tmp_path: Path) -> None:
    there, absent = tmp_path / "it's", tmp_path / "a;b"
    there.touch()
    grants = tuple(
        PathGrant(path=str(path), rights=R, by="person", optional=True) for path in (there, absent)
    )
    ruleset = Ruleset(service="s", target_abi=7, provenance=Provenance(tool="t"), path=grants)
    shell = tmp_path / "shell"
    shell.mkdir()

    read = read_back(to, EXPORTERS[to](ruleset, NoHost()).text, lambda _: False, Shell(shell))

    assert set(read.paths) == {str(there)}


@pytest.mark.parametrize("to", SCRIPTS)
def test_a_thousand_rules_are_no_burden_for_a_shell_and_each_keeps_its_reason(
    to: str, tmp_path: Path
) -> None:
    grants = tuple(
        PathGrant(path=f"/srv/{number}", rights=R, by="person", why=f"reason {number}")
        for number in range(1000)
    )
    ruleset = Ruleset(service="s", target_abi=7, provenance=Provenance(tool="t"), path=grants)
    export = EXPORTERS[to](ruleset, NoHost())

    read = read_back(to, export.text, lambda _: None, Shell(tmp_path))

    assert len(read.paths) == 1000
    assert "#   /srv/999\n#     why (person): reason 999\n" in export.text


@pytest.mark.parametrize("to", sorted(set(EXPORTERS) - {"python"}))
def test_who_cannot_keep_a_rule_on_a_file_of_proc_says_so(to: str) -> None:
    def said(path: str) -> bool:
        return any(
            "beneath /proc can be lost" in note for note in EXPORTERS[to](_ruleset({path: R}), NoHost()).notes
        )

    assert said("/proc/meminfo")
    assert not said("/proc")
