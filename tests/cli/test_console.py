"""Files are written whole or not at all, results and talk never mix, and a device is not replaced by a file."""

import json
import os
import resource
import stat
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.cli import console


WRITE = {
    "draft": ["draft", "app.trace", "--offline", "-o", "OUTPUT"],
    "export": ["export", "app.toml", "--to", "python", "-o", "OUTPUT"],
    "notes": ["notes", "app.toml", "app.trace", "-o", "OUTPUT"],
}
JSON = {
    "draft": ["draft", "app.trace", "--offline"],
    "verify": ["verify", "app.toml", "app.trace"],
    "export": ["export", "app.toml", "--to", "landlockconfig-toml"],
    "notes": ["notes", "app.toml", "app.trace"],
    "diff": ["diff", "app.toml", "app.toml"],
    "explain": ["explain", "app.toml", "8080", "app.trace"],
    "trace": ["trace", "app.trace"],
    "doctor": ["doctor"],
}


def _to(arguments: list[str], output: object) -> list[str]:
    return [str(output) if argument == "OUTPUT" else argument for argument in arguments]


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("command", JSON)
def test_json_is_one_object_with_a_version_and_nothing_else_is_on_stdout(
    command: str, landscribe: Callable[..., Any]
) -> None:
    plain, done = landscribe(*JSON[command]), landscribe(*JSON[command], "--json")

    assert json.loads(done.out)["schema_version"] == 1
    assert done.out.isascii()
    assert done.code == plain.code == 0
    assert done.err == plain.err


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text(), _VALUES), items=st.lists(_VALUES))
def test_json_is_written_as_pythons_own_writer_does_and_what_comes_one_by_one_a_line_each(
    data: dict[str, Any], items: list[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    console.result_json(data)
    assert capfd.readouterr().out == json.dumps(data, indent=2) + "\n"

    console.result_json({**data, "items": iter([json.dumps(item) for item in items])})
    written = capfd.readouterr().out
    assert json.loads(written) == {**data, "items": items}
    assert {f"    {json.dumps(item)}" for item in items} <= {line.rstrip(",") for line in written.split("\n")}


def test_the_result_of_a_draft_is_the_ruleset_and_the_talk_is_on_stderr(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("draft", "app.trace", "--offline")
    (drafted.root / "second.toml").write_text(done.out, "utf-8")

    assert done.out.startswith("# Landlock ruleset")
    assert "6 path grants" in done.err
    assert landscribe("verify", "second.toml", "app.trace").code == 0


@pytest.mark.parametrize("command", WRITE)
def test_an_output_file_takes_the_result_and_stdout_stays_empty(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    shown = landscribe(*WRITE[command][:-2])

    done = landscribe(*_to(WRITE[command], "out.txt"))

    assert (done.code, done.out) == (0, "")
    assert "written: 'out.txt'" in done.err
    written = (drafted.root / "out.txt").read_text("utf-8")
    assert _undated(written) == _undated(shown.out)


def _undated(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("created = ")]


@pytest.mark.parametrize("command", WRITE)
def test_an_output_in_a_missing_directory_or_onto_a_directory_is_exit_code_2(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "directory").mkdir()
    before = drafted.snapshot()

    for output in ("nowhere/out.txt", "directory"):
        done = landscribe(*_to(WRITE[command], output))
        assert done.code == 2, done
        assert f"'{output}'" in done.plain_error
        assert "\n  next: " in done.plain_error

    assert drafted.snapshot() == before


@pytest.mark.parametrize("command", WRITE)
def test_a_disk_that_is_full_leaves_the_old_file_as_it_was(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.ruleset.chmod(0o640)
    old = drafted.ruleset.read_bytes()
    drafted.edit("schema = 1", "schema = 1  # a comment that a new version would keep")
    output = drafted.root / ("app.toml" if command == "draft" else "old.txt")
    if command != "draft":
        output.write_bytes(old)
    drafted.write("app.trace", [*drafted.lines[:4], *drafted.lines[4:5] * 2, *drafted.lines[5:]])
    before = drafted.snapshot()

    done = landscribe(*_to(WRITE[command], output), preexec_fn=_almost_nothing_fits)

    assert done.code == 1
    assert "File too large" in done.plain_error
    assert drafted.snapshot() == before


def _almost_nothing_fits() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.root
def test_a_file_system_that_is_full_leaves_the_old_file_as_it_was(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit("schema = 1", "schema = 1  # by hand")
    (drafted.root / "disk").mkdir()
    script = (
        "mount -t tmpfs -o size=16k none disk; cp app.toml disk; cat /dev/zero >disk/filler; "
        '"$@"; code=$?; ls -A disk; cmp app.toml disk/app.toml && exit $code'
    )

    done = landscribe(
        *("draft", "app.trace", "--service", "other", "--offline", "-o", "disk/app.toml"),
        prefix=["unshare", "--mount", "sh", "-c", script, "sh"],
    )

    assert done.code == 1
    assert done.out.split() == ["app.toml", "filler"]
    assert "No space left on device" in done.err
    assert "internal error" not in done.err


@pytest.mark.parametrize("command", WRITE)
def test_an_existing_file_keeps_its_mode_and_a_link_stays_a_link(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    real, link = drafted.root / "real.toml", drafted.root / "link.toml"
    real.write_bytes(drafted.ruleset.read_bytes())
    real.chmod(0o640)
    link.symlink_to("real.toml")

    done = landscribe(*_to(WRITE[command], "link.toml"))

    assert done.code == 0, done
    assert link.is_symlink()
    executable = 0o111 if command == "export" else 0
    assert stat.S_IMODE(real.stat().st_mode) & ~executable == 0o640


@pytest.mark.root
@pytest.mark.parametrize("command", ["export", "notes"])
def test_a_device_as_output_is_written_to_and_not_replaced(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    null = drafted.root / "null"
    os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))

    done = landscribe(*_to(WRITE[command], "null"))

    assert null.is_char_device()
    assert done.code in (0, 2), done


@pytest.mark.usefixtures("drafted")
def test_stdout_can_be_named_as_the_output(landscribe: Callable[..., Any]) -> None:
    done = landscribe("notes", "app.toml", "-o", "/dev/stdout")

    assert done.code == 0, done
    assert done.out.startswith("# Sandbox of ")


def test_a_second_draft_of_the_same_trace_differs_by_its_date_only(landscribe: Callable[..., Any]) -> None:
    first, second = (landscribe("draft", "app.trace", "--offline") for _ in range(2))

    assert _undated(first.out) == _undated(second.out)
    assert len(_undated(first.out)) == len(first.out.splitlines()) - 1
    assert first.err == second.err


def test_the_output_does_not_depend_on_pythons_hash_seed(
    popen: Callable[..., subprocess.Popen[str]],
) -> None:
    outputs = set()
    for _ in range(3):  # Each process has a seed of its own.
        out, err = popen("draft", "app.trace", "--offline").communicate(timeout=60)
        outputs.add((tuple(_undated(out)), err))

    assert len(outputs) == 1
