import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.ruleset import Ruleset
from assistant.enforce.account import Account
from assistant.enforce.scratch import scratch


Make = Callable[..., Ruleset]


def test_the_scratch_lies_outside_every_grant_and_is_taken_away(tmp_path: Path, ruleset: Make) -> None:
    for name in ("granted", "free"):
        (tmp_path / name).mkdir()
    places = [str(tmp_path / "granted"), str(tmp_path / "free")]

    with scratch(ruleset({places[0]: "read_file"}), places) as ground:
        assert Path(ground.directory).parent == tmp_path / "free"
        names = sorted(path.name for path in Path(ground.directory).iterdir())
        assert names == ["empty", "file", "program", "socket"]
        assert ground.pid == os.getpid()

    assert list((tmp_path / "free").iterdir()) == []


def test_where_every_place_is_granted_the_least_granted_is_taken(tmp_path: Path, ruleset: Make) -> None:
    for name in ("wide", "narrow"):
        (tmp_path / name).mkdir()
    places = [str(tmp_path / "wide"), str(tmp_path / "narrow")]

    with scratch(ruleset({"/": "read_file", places[0]: "write_file"}), places) as ground:
        assert Path(ground.directory).parent == tmp_path / "narrow"


def test_without_a_place_there_is_a_reason(ruleset: Make, everything: list[str]) -> None:
    with scratch(ruleset({"/": " ".join([*everything, "resolve_unix"])}, target_abi=9)) as ground:
        assert ground.directory == ""
        assert ground.reason == "no writable directory lies outside the ruleset"


def test_the_listeners_listen_as_long_as_the_scratch_lives(ruleset: Make) -> None:
    with scratch(ruleset()) as ground:
        with socket.socket() as client:
            client.connect(("127.0.0.1", ground.connect_port))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"\0{ground.abstract}")
        with socket.socket() as server:
            server.bind(("127.0.0.1", ground.bind_port))

    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", ground.connect_port)) != 0


def test_granted_ports_are_never_taken(ruleset: Make) -> None:
    with scratch(ruleset(ports=dict.fromkeys(range(65536), "bind_tcp connect_tcp"))) as ground:
        assert (ground.connect_port, ground.bind_port) == (0, 0)


def test_directories_that_may_be_written_get_things_of_the_harness_and_lose_them(
    tmp_path: Path, ruleset: Make
) -> None:
    for name in ("state", "readable"):
        (tmp_path / name).mkdir()
    grants = {str(tmp_path / "state"): "make_reg write_file", str(tmp_path / "readable"): "read_file"}

    with scratch(ruleset(grants)) as ground:
        assert [Path(planted.within).parent for planted in ground.planted] == [tmp_path / "state"]
        assert [Path(planted.beside).parent for planted in ground.planted] == [tmp_path]

    assert sorted(tmp_path.rglob("*")) == [tmp_path / "readable", tmp_path / "state"]


def test_pseudo_file_systems_files_and_what_is_gone_get_nothing(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "file").touch()
    grants = dict.fromkeys(
        ("/proc", "/sys", "/dev", "/", str(tmp_path / "file"), "/no/such"), "make_reg write_file"
    )

    with scratch(ruleset(grants)) as ground:
        assert ground.planted == ()


@pytest.mark.root
def test_the_scratch_is_the_service_users(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "state").mkdir()
    account = Account("nobody", 65534, 65534, ())

    with scratch(ruleset({str(tmp_path / "state"): "make_reg"}), account=account) as ground:
        owned = [ground.directory, *(planted.within for planted in ground.planted)]
        assert {Path(path).stat().st_uid for path in owned} == {65534}
        assert {path.stat().st_uid for path in Path(ground.directory).iterdir()} == {65534}
        assert "\nUid:\t65534\t" in Path(f"/proc/{ground.pid}/status").read_text("ascii")

    assert not Path(f"/proc/{ground.pid}").exists()
