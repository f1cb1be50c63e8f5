import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.enforce import launcher
from assistant.enforce.sandbox import launch, losses
from assistant.enforce.support import Support
from assistant.errors import SandboxError


Make = Callable[..., Ruleset]


def test_a_policy_is_plain_values(ruleset: Make) -> None:
    plain = policy(
        ruleset({"/a": "execute", "/b": "read_dir read_file"}, ports={80: "bind_tcp", 443: "connect_tcp"})
    )

    assert plain == json.loads(json.dumps(plain))
    assert plain == {
        "service": "a service",
        "target_abi": 6,
        "paths": [{"path": "/a", "rights": ["execute"]}, {"path": "/b", "rights": ["read_file", "read_dir"]}],
        "ports": [{"port": 80, "rights": ["bind_tcp"]}, {"port": 443, "rights": ["connect_tcp"]}],
        "scope": ["abstract_unix_socket", "signal"],
    }


def test_a_name_that_is_not_utf8_goes_as_hex(ruleset: Make) -> None:
    paths = policy(ruleset({"/\udcff": "read_file"}))["paths"]

    assert paths == [{"path_hex": "2fff", "rights": ["read_file"]}]
    assert launcher.path_bytes(paths[0]) == b"/\xff"


def test_scopes_that_are_off_or_above_the_target_are_not_asked_for(ruleset: Make) -> None:
    assert policy(ruleset(scope=False))["scope"] == []
    assert policy(ruleset(target_abi=5))["scope"] == []


def test_losses_are_said_for_another_kernel(ruleset: Make) -> None:
    assert losses(ruleset(), Support(6, 0, "6.12")) == []
    assert [sentence.split()[-3] for sentence in losses(ruleset(), Support(5, 0, "6.10"))] == [
        "abstract_unix_socket",
        "signal",
    ]


@pytest.mark.kernel
def test_what_cannot_be_launched_is_an_error_with_a_hint(ruleset: Make) -> None:
    with pytest.raises(SandboxError) as caught:
        launch(ruleset({"/no/where": "read_file"}), ["true"])

    assert caught.value.why == "'/no/where'"
    assert "--ignore-missing" in caught.value.hint


@pytest.mark.kernel
def test_launch_becomes_the_command_and_says_what_is_missing_first(
    ruleset: Make, system: dict[str, str], tmp_path: Path
) -> None:
    document = ruleset({**system, "/no/where": "read_file"}).model_dump_json(by_alias=True)
    (tmp_path / "document").write_text(document)
    program = """
import json, sys
from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.domain.document import parse
from assistant.enforce.sandbox import launch
data = json.load(open(sys.argv[1]))
data = {key: value for key, value in data.items() if value is not None}
launch(parse(data), ["cat", "/etc/ld.so.cache", "/etc/passwd"], ignore_missing=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "document")],
        capture_output=True,
        timeout=30,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    said, denied = done.stderr.splitlines()
    assert said == b"landscribe-launcher: '/no/where' does not exist: no rule was made for it"
    assert denied == b"cat: /etc/passwd: Permission denied"
    assert done.stdout == Path("/etc/ld.so.cache").read_bytes()
    assert os.access("/etc/passwd", os.R_OK)
