"""The landlockconfig format: nothing handled by inference, nothing lost in silence."""

import json
import tomllib
from typing import Any

import pytest

from assistant.domain.access import Kind
from assistant.domain.host import FakeHost, NoHost
from assistant.domain.rights import FsRight, NetRight, parse_names
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Ruleset, ScopeGrant
from assistant.render.landlockconfig import landlockconfig_json, landlockconfig_toml


def ruleset(abi: int = 6, **parts: Any) -> Ruleset:
    return Ruleset(service="s", target_abi=abi, provenance=Provenance(tool="t"), **parts)


def grant(path: str, rights: FsRight = FsRight.READ_FILE) -> PathGrant:
    return PathGrant(path=path, rights=rights, by="person")


def paths(data: dict[str, Any]) -> dict[str, FsRight]:
    """Rights by path, as the format's reader joins them."""
    found: dict[str, FsRight] = {}
    for rule in data["path_beneath"]:
        for parent in rule["parent"]:
            path = parent.replace("$$", "$")
            found[path] = found.get(path, FsRight(0)) | parse_names(FsRight, rule["allowed_access"])
    return found


def test_the_file_says_what_the_ruleset_says_but_for_the_losses(hostile: Ruleset) -> None:
    export = landlockconfig_toml(hostile, NoHost())
    data = tomllib.loads(export.text)
    expressible = {
        path: rights for path, rights in hostile.paths().items() if path.isascii() or "\udce9" not in path
    }
    assert paths(data) == expressible
    assert len(expressible) == len(hostile.paths()) - 1
    assert any(loss.sentence.startswith("/srv/\\xe9: read_file is denied") for loss in export.losses)
    assert data["net_port"] == [{"allowed_access": ["connect_tcp"], "port": [443]}]
    assert set(data) == {"abi", "ruleset", "path_beneath", "net_port"}


def test_no_name_leaves_its_comment_or_its_string(hostile: Ruleset) -> None:
    export = landlockconfig_toml(hostile, NoHost())
    assert all(char.isprintable() or char == "\n" for char in export.text)
    assert all(loss.sentence.isprintable() for loss in export.losses)
    lines = export.text.splitlines()
    assert sum(line.startswith("# why (model): why ") for line in lines) == 12
    assert sum(line.startswith("# evidence: run") for line in lines) == 12


def test_a_dollar_is_doubled_so_that_no_variable_is_read() -> None:
    data = tomllib.loads(landlockconfig_toml(ruleset(path=(grant("/a${b}$"),)), NoHost()).text)
    assert data["path_beneath"][0]["parent"] == ["/a$${b}$$"]


@pytest.mark.parametrize(
    ("abi", "count", "net", "scoped"),
    [
        (1, 13, False, False),
        (2, 14, False, False),
        (3, 15, False, False),
        (4, 15, True, False),
        (5, 16, True, False),
    ]
    + [(abi, 16, True, True) for abi in (6, 7, 9, 11)],
)
def test_every_right_of_the_target_is_handled_by_name(abi: int, count: int, net: bool, scoped: bool) -> None:  # noqa: FBT001 - columns of the table
    data = tomllib.loads(landlockconfig_toml(ruleset(abi), NoHost()).text)
    handled = data["ruleset"][0]
    assert data["abi"] == min(abi, 6)
    assert len(handled["handled_access_fs"]) == count
    assert handled.get("handled_access_net") == (["bind_tcp", "connect_tcp"] if net else None)
    assert handled.get("scoped") == (["abstract_unix_socket", "signal"] if scoped else None)


def test_a_scope_that_is_off_is_not_asked_for() -> None:
    off = ScopeGrant(abstract_unix_socket=False, signal=False)
    assert "scoped" not in tomllib.loads(landlockconfig_toml(ruleset(scope=off), NoHost()).text)["ruleset"][0]
    half = ScopeGrant(signal=False)
    data = tomllib.loads(landlockconfig_toml(ruleset(scope=half), NoHost()).text)
    assert data["ruleset"][0]["scoped"] == ["abstract_unix_socket"]


def test_an_empty_ruleset_denies_everything_and_loses_nothing() -> None:
    export = landlockconfig_toml(ruleset(), NoHost())
    assert set(tomllib.loads(export.text)) == {"abi", "ruleset"}
    assert export.losses == ()


def test_rights_that_the_format_does_not_know_are_losses() -> None:
    newest = ruleset(
        11,
        path=(grant("/run/x", FsRight.RESOLVE_UNIX), grant("/a", FsRight.READ_FILE | FsRight.RESOLVE_UNIX)),
        port=(PortGrant(port=53, rights=NetRight.CONNECT_SEND_UDP, by="person"),),
    )
    export = landlockconfig_toml(newest, NoHost())
    data = tomllib.loads(export.text)
    assert paths(data) == {"/a": FsRight.READ_FILE}
    assert "net_port" not in data
    assert [loss.sentence for loss in export.losses] == [
        "everywhere: resolve_unix is open too: the format does not know it",
        "everywhere: bind_udp, connect_send_udp are open too: the format does not know it",
    ]


def test_rights_that_only_a_directory_can_have_are_not_written_for_a_file() -> None:
    host = FakeHost(kinds={"/a": Kind.FILE, "/b": Kind.FILE, "/c": Kind.DIRECTORY})
    both = FsRight.READ_DIR | FsRight.READ_FILE
    made = ruleset(path=(grant("/a", both), grant("/b", FsRight.READ_DIR), grant("/c", both)))

    export = landlockconfig_toml(made, host)

    assert paths(tomllib.loads(export.text)) == {"/a": FsRight.READ_FILE, "/c": both}
    assert export.losses == ()


def test_the_json_form_holds_the_same_rules_and_says_that_reasons_are_lost(hostile: Ruleset) -> None:
    export = landlockconfig_json(hostile, NoHost())
    data = json.loads(export.text)
    toml = tomllib.loads(landlockconfig_toml(hostile, NoHost()).text)
    assert set(data) == {"abi", "ruleset", "pathBeneath", "netPort"}
    assert data["ruleset"][0]["handledAccessFs"] == toml["ruleset"][0]["handled_access_fs"]
    assert [(rule["parent"], rule["allowedAccess"]) for rule in data["pathBeneath"]] == [
        (rule["parent"], rule["allowed_access"]) for rule in toml["path_beneath"]
    ]
    assert data["netPort"] == [{"allowedAccess": ["connect_tcp"], "port": [443]}]
    assert export.text.isascii()
    assert "Reasons" in export.notes[-1]
