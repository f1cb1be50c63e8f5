"""Which rights earn their place, asked of the real kernel with planted ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.minimality import Minimality, load
from assistant.domain.mutation import Unit, without
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import load as scenarios
from assistant.enforce.room import Room
from assistant.errors import InputError
from assistant.proving.dropping import droppable
from assistant.proving.minimal import Effort, MinimalResult, prove_minimal
from assistant.proving.trial import Setting


Make = Callable[..., Ruleset]
Set = Callable[..., Setting]
pytestmark = pytest.mark.kernel

LOADER = "/lib64/ld-linux-x86-64.so.2"


@pytest.fixture
def loader() -> dict[str, str]:
    """What cat needs on this machine, and no more."""
    import subprocess

    said = subprocess.run(["ldd", "/usr/bin/cat"], capture_output=True, text=True, check=True).stdout
    libraries = {str(Path(path).resolve()) for path in re.findall(r"(/\S+\.so\S*)", said)}
    interpreter = next(path for path in libraries if "/ld" in path)
    return {
        **dict.fromkeys(sorted(libraries), "read_file"),
        interpreter: "read_file execute",
        "/usr/bin/cat": "read_file execute",
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("text")
    return tmp_path / "granted/file"


def verdicts(result: MinimalResult) -> dict[tuple[str, str], str]:
    assert result.document is not None
    return {(right.object, right.right): right.verdict for right in result.document.rights}


def test_a_planted_right_is_found_and_every_needed_one_is_proven(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    planted = ruleset({**loader, str(file): "read_file", "/srv": "read_file write_file"}, evidence=("run:7",))

    result = prove_minimal(planted, setting("cat", str(file)), Effort(narrow=False))

    unneeded = {key for key, verdict in verdicts(result).items() if verdict != "needed"}
    assert unneeded == {("/srv", "read_file"), ("/srv", "write_file")}
    assert result.document is not None
    assert result.document.proven == len(result.document.rights) - 2
    assert {(f.id, f.subject, f.evidence) for f in result.findings} == {
        ("unneeded-right", "/srv", ("run:7",))
    }
    assert (result.document.complete, result.interrupted) == (True, False)


@pytest.mark.root
def test_the_reason_is_the_kernels_own_word(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    # cat goes on without its locale: a right that it asks for and does not need.
    granted = ruleset(
        {**loader, str(file): "read_file", "/etc/locale.alias": "read_file", "/srv": "read_file"}
    )

    result = prove_minimal(granted, setting("cat", str(file)), Effort(narrow=False))

    assert result.document is not None
    why = {right.object: right.why for right in result.document.rights}
    assert why["/srv"] == "the scenarios never ask for it"
    assert why[str(file)].startswith(
        f"openat by /usr/bin/cat, read_file denied on {file}: 'command' exited with 1"
    )
    assert why["/etc/locale.alias"].endswith("and the scenarios work all the same")


def test_without_audit_what_fails_is_tried_twice(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    granted = ruleset({**loader, str(file): "read_file"})

    result = prove_minimal(granted, setting("cat", str(file), audit=False), Effort(narrow=False))

    assert set(verdicts(result).values()) == {"needed"}
    assert result.document is not None
    # One with all rights, and two for each.
    assert result.document.runs == 1 + 2 * len(result.document.rights)


def test_a_right_that_another_grant_gives_too_is_not_needed(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    granted = ruleset({**loader, str(file.parent): "read_file", str(file): "read_file"})

    result = prove_minimal(granted, setting("cat", str(file)), Effort(narrow=False))

    assert verdicts(result)[str(file), "read_file"] == "not needed"
    assert verdicts(result)[str(file.parent), "read_file"] == "not needed"
    assert result.document is not None
    # Each can go, and not both.
    assert len(result.document.together) == 1


def test_a_scenario_that_fails_once_for_no_reason_proves_nothing(
    ruleset: Make, setting: Set, system: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "count").write_text("0")
    # After the whole ruleset and the look by strace it is the first that lacks something.
    script = f"n=$(($(cat {tmp_path}/count) + 1)); echo $n > {tmp_path}/count; [ $n != 3 ]"
    used = {**system, "/usr": "read_file execute"}
    granted = {"/srv": "read_file", **used, str(tmp_path): "read_file write_file truncate"}

    result = prove_minimal(ruleset(granted), setting("sh", "-c", script), Effort(narrow=False))

    assert verdicts(result)["/srv", "read_file"] == "unsteady"
    assert [f.subject for f in result.findings if f.id == "unsteady-scenario"] == ["/srv"]


@pytest.mark.root
def test_directories_are_narrowed_to_what_is_used(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    for name in ("other", "third", "fourth"):
        (file.parent / name).write_text("")
    state = file.parent.parent / "state"
    state.mkdir()
    granted = ruleset(
        {
            **loader,
            "/usr/bin/dash": "read_file execute",
            str(file.parent): "read_file",
            str(state): "make_reg write_file",
        }
    )

    result = prove_minimal(
        granted,
        setting("/usr/bin/dash", "-c", f"echo x > {state}/new && cat {file}", room=Room()),
        Effort(at_once=2),
    )

    assert result.document is not None
    narrowed = {one.directory: one for one in result.document.directories}
    assert narrowed[str(file.parent)].needed == ("file",)
    assert narrowed[str(file.parent)].entries == 4
    assert narrowed[str(state)].needed == ()
    assert "the directory itself is needed" in narrowed[str(state)].why
    assert [f.subject for f in result.findings if f.id == "wide-directory"] == [str(file.parent)]


@pytest.mark.root
def test_several_at_once_find_the_same_as_one_after_another(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    granted = ruleset({**loader, str(file): "read_file", "/srv": "read_file", "/opt": "read_dir"})

    def found(at_once: int) -> list[tuple[str, str, str]]:
        result = prove_minimal(granted, setting("cat", str(file), room=Room()), Effort(at_once, narrow=False))
        assert result.document is not None
        return [(right.object, right.right, right.verdict) for right in result.document.rights]

    assert found(3) == found(1)


def test_scenarios_that_fail_with_all_rights_prove_nothing(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    inside = prove_minimal(ruleset(system), setting("cat", str(file)), Effort())
    outside = prove_minimal(ruleset(system), setting("false"), Effort())

    assert (inside.document, outside.document) == (None, None)
    assert [finding.id for finding in inside.findings] == ["command-failed"]
    assert [finding.id for finding in outside.findings] == ["command-broken"]


def test_when_the_time_is_over_the_rest_is_not_tried_and_said(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    result = prove_minimal(
        ruleset({**loader, str(file): "read_file"}), setting("cat", str(file)), Effort(budget=0)
    )

    assert set(verdicts(result).values()) == {"not tried"}
    assert result.document is not None
    assert (result.document.complete, result.document.reason) == (False, "the time was over")


def test_an_interrupt_keeps_what_was_found(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("[2/"):
            raise KeyboardInterrupt

    granted = ruleset({str(file): "read_file", **loader})

    result = prove_minimal(granted, setting("cat", str(file), tell=interrupt), Effort())

    counted = list(verdicts(result).values())
    assert result.interrupted
    assert counted.count("needed") == 2
    assert counted.count("not tried") == len(counted) - 2
    assert result.document is not None
    assert result.document.reason == "it was interrupted"


def test_each_scenario_can_prove_a_right(
    ruleset: Make, setting: Set, loader: dict[str, str], file: Path
) -> None:
    (file.parent / "second").write_text("")
    document = scenarios(
        f'schema = 1\ncommand = ["cat", "{file}"]\n[[scenario]]\nname = "one"\n'
        f'[[scenario]]\nname = "two"\ncommand = ["cat", "{file.parent}/second"]\n',
        source="it",
    )
    granted = ruleset({**loader, str(file): "read_file", f"{file.parent}/second": "read_file"})

    result = prove_minimal(granted, setting(document=document), Effort(narrow=False))

    assert set(verdicts(result).values()) == {"needed"}


@pytest.mark.parametrize("must_stay", [set(), {3}, {0, 7}, {1, 2, 5}, set(range(8))])
def test_as_many_as_can_go_together_go(must_stay: set[int]) -> None:
    tried: list[int] = []

    def works_without(some: object) -> bool:
        tried.append(1)
        return not must_stay & set(some)  # type: ignore[call-overload]

    assert set(droppable(range(8), works_without)) == set(range(8)) - must_stay
    assert len(tried) <= 15


def test_of_two_of_which_one_must_stay_one_goes() -> None:
    assert droppable("ab", lambda some: len(list(some)) < 2) == ["a"]


def test_the_document_is_read_back_and_what_is_none_is_refused() -> None:
    document = Minimality(
        service="app",
        digest="sha256:" + "0" * 64,
        kernel="6",
        abi=7,
        scenarios=("serve",),
        rights=(),
        runs=3,
        seconds=1.5,
        complete=True,
    )
    import json

    assert load(json.dumps(document.as_data()), source="it") == document
    for text in (
        "",
        "[]",
        "{}",
        '{"kind": "minimality"}',
        '{"kind": "minimality", "schema_version": 2}',
        "[" * 5000,
    ):
        with pytest.raises(InputError, match="no result of --prove-minimal"):
            load(text, source="it")


def test_dropping_is_what_the_document_says(ruleset: Make) -> None:
    granted = ruleset({"/a": "read_file write_file"})

    assert without(granted, [Unit("/a", None, FsRight.READ_FILE)]).paths() == {"/a": FsRight.WRITE_FILE}
