import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from assistant.domain.access import Kind
from assistant.domain.host import FakeHost
from assistant.domain.ruleset import Ruleset
from assistant.enforce.attempts import attempt
from assistant.enforce.candidates import derive
from assistant.enforce.probes import Probe
from assistant.enforce.scratch import Scratch, scratch
from assistant.host import LocalHost


Make = Callable[..., Ruleset]
NOWHERE = Scratch("", "no place", 0, 0, "", os.getpid())


@pytest.fixture
def service(tmp_path: Path, ruleset: Make) -> Ruleset:
    """A service with a configuration, a state directory and a neighbour."""
    for name in ("etc", "state"):
        (tmp_path / name).mkdir()
    for name in ("etc/app.conf", "etc/other.conf", "state/data"):
        (tmp_path / name).write_text(name)
    (tmp_path / "etc/tool").write_text("#!/bin/sh\n")
    (tmp_path / "etc/tool").chmod(0o755)
    grants = {str(tmp_path / "etc/app.conf"): "read_file", str(tmp_path / "state"): "read_file read_dir"}
    return ruleset(grants, refused={str(tmp_path / "etc/other.conf"): "read_file write_file"})


@pytest.fixture
def ground(service: Ruleset) -> Iterator[Scratch]:
    with scratch(service) as made:
        yield made


def _about(probes: list[Probe], root: Path) -> set[tuple[str, str]]:
    prefix = f"{root}/"
    return {(p.action, p.subject.removeprefix(prefix)) for p in probes if p.subject.startswith(prefix)}


def test_probes_stand_beside_and_beneath_the_grants(
    service: Ruleset, ground: Scratch, tmp_path: Path
) -> None:
    assert _about(derive(service, LocalHost(), ground), tmp_path) == {
        ("read", "etc/other.conf"),
        ("write", "etc/other.conf"),
        ("read", "etc/tool"),
        ("write", "etc/app.conf"),
        ("write", "state/data"),
        ("list", "etc"),
        ("tmpfile", "state"),
    }


def test_the_same_ruleset_gives_the_same_probes(service: Ruleset, ground: Scratch) -> None:
    assert derive(service, LocalHost(), ground) == derive(service, LocalHost(), ground)


def test_probes_that_can_be_tried_succeed_without_a_sandbox(service: Ruleset, ground: Scratch) -> None:
    derived = derive(service, LocalHost(), ground)
    answers = {
        (p.action, p.subject): attempt(p)
        for p in derived
        if not p.skip and p.action not in ("execute", "read")
    }

    assert set(answers.values()) == {"ok"}


def test_both_ports_and_both_scopes_are_probed(service: Ruleset, ground: Scratch) -> None:
    derived = {probe.action: probe.subject for probe in derive(service, LocalHost(), ground)}

    assert derived["connect"] == str(ground.connect_port)
    assert derived["bind"] == str(ground.bind_port)
    assert derived["signal"] == str(os.getpid())
    assert derived["abstract"] == ground.abstract


def test_what_the_target_abi_does_not_deny_is_not_probed(ruleset: Make, ground: Scratch) -> None:
    actions = {probe.action for probe in derive(ruleset(target_abi=2), LocalHost(), ground)}

    assert actions.isdisjoint({"connect", "bind", "signal", "abstract", "truncate"})
    assert {"read", "write", "create"} <= actions


def test_what_this_kernel_does_not_know_is_skipped_aloud(service: Ruleset, ground: Scratch) -> None:
    derived = derive(service, LocalHost(), ground, abi=3)
    skipped = {probe.action: probe.skip for probe in derived if probe.skip}

    assert set(skipped) == {"connect", "bind", "signal", "abstract"}
    assert skipped["bind"] == "the right came with Landlock ABI 4, this kernel has 3"


def test_a_scope_that_is_off_is_not_probed(ruleset: Make, ground: Scratch) -> None:
    actions = {probe.action for probe in derive(ruleset(scope=False), LocalHost(), ground)}

    assert actions.isdisjoint({"signal", "abstract"})


def test_without_a_scratch_the_missing_probe_is_a_value(service: Ruleset) -> None:
    create = [probe for probe in derive(service, LocalHost(), NOWHERE) if probe.action == "create"]

    assert [probe.skip for probe in create] == ["no place"]


def test_a_ruleset_that_grants_everything_leaves_nothing_in_files_to_probe(
    ruleset: Make, ground: Scratch, everything: list[str]
) -> None:
    derived = derive(ruleset({"/": " ".join(everything)}), LocalHost(), ground)

    assert {probe.action for probe in derived} == {"connect", "bind", "signal", "abstract"}


def test_many_grants_still_give_a_bounded_number_of_probes(tmp_path: Path, ruleset: Make) -> None:
    grants, refused = {}, {}
    for number in range(150):
        (tmp_path / f"d{number}/inner").mkdir(parents=True)
        for name in ("file", "beside"):
            (tmp_path / f"d{number}/{name}").touch()
        (tmp_path / f"d{number}/inner/data").touch()
        grants[str(tmp_path / f"d{number}/file")] = "read_file"
        grants[str(tmp_path / f"d{number}/inner")] = "read_file"
        refused[str(tmp_path / f"d{number}/beside")] = "read_file write_file"
    wide = ruleset(grants, refused=refused)

    with scratch(wide) as ground:
        derived = derive(wide, LocalHost(), ground)

    assert 100 <= len(derived) <= 200
    assert [p.skip for p in derived if p.skip] == [
        "284 more of what the ruleset refuses are left out: 16 are tried"
    ]
    assert len({Path(subject).parts[0] for _, subject in _about(derived, tmp_path)}) > 10


def test_refused_objects_that_must_not_be_opened_are_skipped_aloud(tmp_path: Path, ruleset: Make) -> None:
    os.mkfifo(tmp_path / "fifo")
    refused = {str(tmp_path / "fifo"): "read_file", "/dev/null": "write_file", "/proc/1/environ": "read_file"}
    refused[str(tmp_path / "gone")] = "read_file"

    derived = derive(ruleset(refused=refused), LocalHost(), NOWHERE)

    skipped = {probe.subject: probe.skip for probe in derived if probe.why == "the ruleset refuses it"}
    assert set(skipped) == set(refused)
    assert skipped.pop(str(tmp_path / "gone")) == "it does not exist"
    assert set(skipped.values()) == {"only regular files and directories are opened"}


def test_a_refused_object_that_is_granted_after_all_is_not_outside(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "file").touch()
    both = {str(tmp_path / "file"): "read_file"}

    derived = derive(ruleset(both, refused=both), LocalHost(), NOWHERE)

    assert ("read", "file") not in _about(derived, tmp_path)


def test_programs_are_asked_about_but_never_opened_for_writing(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    path = str(tmp_path / "tool")

    derived = derive(ruleset({path: "read_file"}, refused={path: "write_file execute"}), LocalHost(), NOWHERE)

    assert _about(derived, tmp_path) == {("execute", "tool")}


def test_a_second_name_of_a_granted_file_is_no_probe(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").touch()
    (tmp_path / "granted/hard").hardlink_to(tmp_path / "granted/file")
    (tmp_path / "granted/link").symlink_to("file")

    derived = derive(ruleset({str(tmp_path / "granted/file"): "read_file write_file"}), LocalHost(), NOWHERE)

    assert _about(derived, tmp_path) == {("list", "granted")}


def test_nothing_is_derived_in_pseudo_file_systems(ruleset: Make) -> None:
    grants = {
        "/proc/meminfo": "read_file",
        "/proc/sys/kernel": "read_file",
        "/sys/kernel": "read_file",
        "/dev": "read_file",
    }

    derived = derive(ruleset(grants), LocalHost(), NOWHERE)

    assert not [p for p in derived if p.subject.startswith(("/proc", "/sys", "/dev/"))]


def test_refused_paths_are_resolved_first(ruleset: Make) -> None:
    host = FakeHost(kinds={"/real/secret": Kind.FILE}, links={"/alias": "/real"})

    derived = derive(ruleset(refused={"/alias/secret": "read_file"}), host, NOWHERE)

    assert ("read", "/real/secret") in {(probe.action, probe.subject) for probe in derived}


def test_what_is_closed_without_a_sandbox_gives_way_to_what_is_open(tmp_path: Path, ruleset: Make) -> None:
    for name in ("granted", "a", "b", "c"):
        (tmp_path / name).touch()
    grants = ruleset({str(tmp_path / "granted"): "read_file"})

    def answers(probes: Sequence[Probe]) -> list[str]:
        return ["EACCES" if p.subject.endswith("/a") else "ok" for p in probes]

    derived = derive(grants, LocalHost(), NOWHERE, answers)

    assert [subject for action, subject in _about(derived, tmp_path) if action == "read"] == ["b"]


def test_where_all_of_a_kind_is_closed_already_one_is_tried_all_the_same(
    tmp_path: Path, ruleset: Make
) -> None:
    for name in ("granted", "a", "b"):
        (tmp_path / name).touch()
    grants = ruleset({str(tmp_path / "granted"): "read_file"})

    derived = derive(grants, LocalHost(), NOWHERE, lambda probes: ["EACCES"] * len(probes))

    assert [subject for action, subject in _about(derived, tmp_path) if action == "read"] == ["a"]


def test_where_a_service_may_write_it_must_not_run_move_out_or_make_more_than_is_granted(
    tmp_path: Path, ruleset: Make
) -> None:
    (tmp_path / "state").mkdir()
    grants = ruleset({str(tmp_path / "state"): "write_file read_file make_reg remove_file"})

    with scratch(grants) as ground:
        derived = {p.action: p for p in derive(grants, LocalHost(), ground) if p.why.endswith("may write")}

    assert set(derived) == {"run", "move", "mkdir", "symlink"}
    assert derived["move"].to.startswith(f"{tmp_path}/.landscribe-probe-")
    assert derived["move"].subject.startswith(f"{tmp_path}/state/.landscribe-probe-")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_what_is_granted_in_a_writable_tree_is_no_probe(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "state").mkdir()
    grants = ruleset({str(tmp_path / "state"): "make_reg make_dir make_sym execute"})

    with scratch(grants) as ground:
        actions = {p.action for p in derive(grants, LocalHost(), ground) if p.why.endswith("may write")}

    assert actions == {"move"}


def test_ports_beside_those_that_are_granted_are_probed(ruleset: Make, ground: Scratch) -> None:
    derived = derive(ruleset(ports={80: "bind_tcp", 81: "bind_tcp", 65535: "bind_tcp"}), LocalHost(), ground)

    assert [p.subject for p in derived if p.action == "bind"] == [str(ground.bind_port), "82"]


def test_udp_and_sockets_in_files_are_probed_where_the_target_denies_them(
    ruleset: Make, ground: Scratch
) -> None:
    new, old = (
        {p.action: p.skip for p in derive(ruleset(target_abi=abi), LocalHost(), ground, abi=7)}
        for abi in (10, 8)
    )

    assert {"send-udp", "bind-udp", "socket"} <= set(new)
    assert new["socket"] == "the right came with Landlock ABI 9, this kernel has 7"
    assert {"send-udp", "bind-udp", "socket"}.isdisjoint(old)
