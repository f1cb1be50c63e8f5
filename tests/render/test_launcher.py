"""The launcher with a ruleset in it."""

import ast
from pathlib import Path

import pytest

from assistant.domain.policy import policy
from assistant.domain.rights import FsRight, NetRight, Scope, parse_names
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.errors import LandscribeError
from assistant.render.launcher import EMPTY, python_launcher
from tests.render.readers.python import path_of
from tests.render.readers.python import policy as policy_in


ROOT = Path(__file__).parents[2]
SOURCE = f'"""A launcher."""\n\n{EMPTY}\n\nprint("end")\n'


def test_the_policy_in_the_source_is_the_ruleset(hostile: Ruleset) -> None:
    found = policy_in(python_launcher(hostile, SOURCE).text)
    assert found == policy(hostile)
    assert found["service"] == hostile.service
    assert found["target_abi"] == hostile.target_abi
    paths = {path_of(entry): parse_names(FsRight, entry["rights"]) for entry in found["paths"]}
    assert paths == hostile.paths()
    assert {e["port"]: parse_names(NetRight, e["rights"]) for e in found["ports"]} == hostile.ports()
    assert parse_names(Scope, found["scope"]) == Scope.ABSTRACT_UNIX_SOCKET


def test_no_name_becomes_code_or_leaves_ascii(hostile: Ruleset) -> None:
    text = python_launcher(hostile, SOURCE).text
    assert text.isascii()
    assert all(char.isprintable() or char == "\n" for char in text)
    kinds = [type(node) for node in ast.parse(text).body]
    assert kinds == [ast.Expr, ast.AnnAssign, ast.Expr]


def test_a_path_that_is_not_utf8_is_written_in_hex() -> None:
    grant = PathGrant(path="/\udce9", rights=FsRight.EXECUTE, by="person")
    ruleset = Ruleset(service="s", target_abi=1, provenance=Provenance(tool="t"), path=(grant,))
    assert policy(ruleset)["paths"] == [{"path_hex": "2fe9", "rights": ["execute"]}]


def test_a_scope_that_the_target_abi_does_not_have_is_not_asked_for() -> None:
    assert policy(Ruleset(service="s", target_abi=5, provenance=Provenance(tool="t")))["scope"] == []


def test_each_entry_stands_under_its_reason_and_the_file_under_its_digest(hostile: Ruleset) -> None:
    lines = python_launcher(hostile, SOURCE).text.splitlines()
    assert lines[0] == "#!/usr/bin/python3 -I"
    assert lines[1].startswith("# Landlock sandbox of ](javascript:x)@team")
    assert lines[2] == f"# Digest of the grants: {hostile.digest()}"
    assert sum(line.strip().startswith("# why (model): ") for line in lines) == len(hostile.path)
    at = lines.index("        # why (person): not UTF-8")
    assert "path_hex" in lines[at + 1]


def test_an_empty_ruleset_is_a_policy_that_allows_nothing() -> None:
    empty = Ruleset(service="s", target_abi=7, provenance=Provenance(tool="t"))
    found = policy_in(python_launcher(empty, SOURCE).text)
    assert found == {
        "service": "s",
        "target_abi": 7,
        "paths": [],
        "ports": [],
        "scope": ["abstract_unix_socket", "signal"],
    }


@pytest.mark.parametrize("source", ["", "POLICY = None\n", SOURCE + EMPTY + "\n", "    " + EMPTY + "\n"])
def test_a_source_without_exactly_one_empty_policy_is_refused(source: str, hostile: Ruleset) -> None:
    with pytest.raises(LandscribeError, match="cannot take a policy") as caught:
        python_launcher(hostile, source)
    assert caught.value.hint


def test_the_shipped_launcher_takes_a_policy(hostile: Ruleset) -> None:
    source = (ROOT / "assistant" / "enforce" / "launcher.py").read_text(encoding="utf-8")
    text = python_launcher(hostile, source).text
    assert policy_in(text) == policy(hostile)
    assert ast.get_docstring(ast.parse(text)) == ast.get_docstring(ast.parse(source))
