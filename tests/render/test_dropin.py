"""A drop-in records a unit without changing what the unit is, and says what it could not keep."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.domain.unit import Unit, parse
from assistant.errors import InputError
from assistant.render.dropin import dropin


FLAGS = ("-f", "-s", "0", "-e", "trace=%file,%network")
UNITS = sorted(Path("/lib/systemd/system").glob("*.service"))


def _unit(*lines: str) -> Unit:
    return parse("app.service", ["[Service]\n" + "\n".join(lines) + "\n"])


def _lines(*lines: str) -> list[str]:
    text = dropin(_unit(*lines), "/usr/bin/strace", FLAGS).text
    return text.partition("[Service]\n")[2].splitlines()


def _values(key: str, *lines: str) -> list[str]:
    return [line.partition("=")[2] for line in _lines(*lines) if line.startswith(f"{key}=")]


def _remarks(*lines: str) -> str:
    return " ".join(dropin(_unit(*lines), "/usr/bin/strace", FLAGS).remarks)


def test_the_whole_drop_in_of_a_plain_service() -> None:
    made = dropin(_unit("ExecStart=/usr/bin/app --port 80"), "/usr/bin/strace", FLAGS)
    wrapped = (
        "/usr/bin/strace -D -f -s 0 -e trace=%%file,%%network"
        " -o /run/landscribe/%n/traces/${INVOCATION_ID}.trace"
    )

    assert made.text.splitlines() == [
        "# Records app.service with strace. Written by landscribe, for:",
        "#   /run/systemd/system/app.service.d/zz-landscribe-record.conf",
        "# Undo:",
        "#   rm '/run/systemd/system/app.service.d/zz-landscribe-record.conf'",
        "#   systemctl daemon-reload",
        "#   systemctl restart 'app.service'",
        "# Set-user-ID programs run without their rights, as they do in a sandbox.",
        "[Service]",
        "ExecStart=",
        f"ExecStart={wrapped} -- /usr/bin/app --port 80",
        "RuntimeDirectory=landscribe/%n",
        "RuntimeDirectoryPreserve=yes",
        "ExecStartPre=/bin/mkdir -p -m 0700 /run/landscribe/%n/traces",
        "TimeoutStartSec=180",
        "TimeoutStopSec=180",
    ]
    assert made.traces == "/run/landscribe/app.service/traces"
    assert made.undo[0] == f"rm '{made.path}'"


def test_the_command_is_reset_before_it_is_wrapped() -> None:
    assert _values("ExecStart", "ExecStart=/bin/a")[0] == ""


def test_a_command_with_full_privileges_stays_as_it_is() -> None:
    values = _values(
        "ExecStart", "Type=oneshot", "ExecStart=+/bin/a 1", "ExecStart=!/bin/b", "ExecStart=-/bin/c"
    )

    assert values[1:3] == ["+/bin/a 1", "!/bin/b"]
    assert values[3].startswith("-/usr/bin/strace ")
    assert values[3].endswith(" -- /bin/c")
    assert "full privileges: /bin/a" in _remarks("ExecStart=+/bin/a 1", "ExecStart=/bin/b")


def test_a_unit_that_has_only_privileged_commands_cannot_be_recorded() -> None:
    with pytest.raises(InputError, match="full privileges"):
        _lines("ExecStart=+/bin/a")


def test_each_command_of_one_start_has_its_own_trace() -> None:
    values = _values("ExecStart", "Type=oneshot", "ExecStart=/bin/a ; /bin/b", "ExecStart=/bin/c")

    assert [value.split(" -o ")[1].split(" -- ") for value in values[1:]] == [
        ["/run/landscribe/%n/traces/${INVOCATION_ID}.trace", "/bin/a"],
        ["/run/landscribe/%n/traces/${INVOCATION_ID}-2.trace", "/bin/b"],
        ["/run/landscribe/%n/traces/${INVOCATION_ID}-3.trace", "/bin/c"],
    ]


def test_a_name_of_its_own_is_dropped_and_that_is_said() -> None:
    lines = ("ExecStart=@/bin/a other-name 1",)

    assert _values("ExecStart", *lines)[1].endswith(" -- /bin/a 1")
    assert "name (@) is lost" in _remarks(*lines)


def test_variables_stay_literal_where_they_were() -> None:
    assert _values("ExecStart", "ExecStart=:/bin/a $HOME")[1].endswith(" -- /bin/a $$HOME")
    assert _values("ExecStart", "ExecStart=/bin/a $HOME %i")[1].endswith(" -- /bin/a $HOME %i")


def test_quotes_and_continued_lines_arrive_as_they_were() -> None:
    (value,) = _values("ExecStart", "ExecStart=/bin/sh -c 'a; \\", '  b\' "c d"')[1:]

    assert shlex.split(value.partition(" -- ")[2]) == ["/bin/sh", "-c", "a;    b", "c d"]


def test_a_list_is_extended_only_where_there_is_one() -> None:
    plain = _lines("ExecStart=/bin/a")
    assert not [
        line for line in plain if line.startswith(("SystemCallFilter", "CapabilityBounding", "ExecPaths"))
    ]

    assert _values("SystemCallFilter", "ExecStart=/bin/a", "SystemCallFilter=@system-service") == [
        "@debug process_vm_readv seccomp"
    ]
    assert _values("SystemCallFilter", "ExecStart=/bin/a", "SystemCallFilter=x", "SystemCallFilter=") == []
    assert _values("CapabilityBoundingSet", "ExecStart=/bin/a", "CapabilityBoundingSet=CAP_CHOWN") == [
        "CAP_SYS_PTRACE"
    ]
    assert (
        _values("CapabilityBoundingSet", "User=www", "ExecStart=/bin/a", "CapabilityBoundingSet=CAP_CHOWN")
        == []
    )
    assert _values("ExecPaths", "ExecStart=/bin/a", "NoExecPaths=/") == ["/usr/bin/strace /bin/mkdir"]


@pytest.mark.parametrize(
    ("lines", "start", "stop"),
    [
        (["TimeoutSec=1min 30s"], ["180"], ["180"]),
        (["TimeoutStartSec=infinity", "TimeoutStopSec=5"], [], ["10"]),
        (["TimeoutStartSec=0", "TimeoutStopSec=500ms"], [], ["1"]),
        (["Type=oneshot"], [], ["180"]),
        (["Type=oneshot", "TimeoutStartSec=2h"], ["14400"], ["180"]),
    ],
)
def test_a_traced_service_has_twice_the_time(lines: list[str], start: list[str], stop: list[str]) -> None:
    assert _values("TimeoutStartSec", "ExecStart=/bin/a", *lines) == start
    assert _values("TimeoutStopSec", "ExecStart=/bin/a", *lines) == stop


def test_a_time_that_is_not_understood_stays_and_is_named() -> None:
    assert _values("TimeoutStopSec", "ExecStart=/bin/a", "TimeoutStopSec=soon") == []
    assert "TimeoutStopSec=soon was not understood" in _remarks("ExecStart=/bin/a", "TimeoutStopSec=soon")


def test_the_watchdog_is_given_twice_the_time_and_not_turned_off() -> None:
    assert _values("WatchdogSec", "ExecStart=/bin/a", "WatchdogSec=3min") == ["360"]


@pytest.mark.parametrize("mode", ["mixed", "process", "none"])
def test_all_processes_are_stopped_so_that_strace_can_finish(mode: str) -> None:
    assert _values("KillMode", "ExecStart=/bin/a", f"KillMode={mode}") == ["control-group"]
    assert f"KillMode={mode} would cut" in _remarks("ExecStart=/bin/a", f"KillMode={mode}")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["ExecReload=/bin/kill -HUP $MAINPID"], "outside the sandbox as well: ExecReload="),
        (["Type=forking"], "Without PIDFile="),
        (["KillSignal=SIGUSR1"], "also ends strace"),
        (["AppArmorProfile=app"], "must allow it"),
        (["RuntimeDirectory=app"], "kept as well"),
        (["PermissionsStartOnly=yes"], "other users may read"),
        (["nonsense"], "1 line(s) of the unit were not understood"),
    ],
)
def test_what_a_drop_in_cannot_keep_is_said(lines: list[str], words: str) -> None:
    assert words in _remarks("ExecStart=/bin/a", *lines)
    assert words not in _remarks("ExecStart=/bin/a")


def test_a_type_that_depends_on_the_process_id_is_not_changed() -> None:
    for kind in ("notify", "forking", "dbus", "exec"):
        assert _values("Type", "ExecStart=/bin/a", f"Type={kind}", "PIDFile=/run/a.pid") == []


@pytest.mark.parametrize(
    "lines",
    [
        ["ExecStart=/bin/a", "RootDirectory=/srv/a"],
        ["ExecStart=/bin/a\x1b[31m"],
        ["ExecStart="],
        ["ExecStart=/usr/bin/strace -o /run/landscribe/%n/traces/x.trace -- /bin/a"],
    ],
)
def test_a_unit_that_a_drop_in_cannot_record_is_refused(lines: list[str]) -> None:
    with pytest.raises(InputError):
        _lines(*lines)


def test_a_drop_in_of_the_unit_counts() -> None:
    unit = parse(
        "app.service", ["[Service]\nExecStart=/bin/a\n", "[Service]\nExecStart=\nExecStart=/bin/b\n"]
    )

    text = dropin(unit, "/usr/bin/strace", FLAGS).text

    assert " -- /bin/b\n" in text
    assert "/bin/a" not in text


REAL = [path for path in UNITS if path.name in ("nginx.service", "redis-server.service")]


@pytest.mark.skipif(not shutil.which("systemd-analyze") or not REAL, reason="no systemd-analyze, or no units")
def test_units_of_real_packages_get_a_drop_in_that_systemd_understands(tmp_path: Path) -> None:
    for path in REAL:
        name, text = path.name, path.read_text("utf-8")
        (tmp_path / name).write_text(text, "utf-8")
        before = _verified(tmp_path, name)
        (tmp_path / f"{name}.d").mkdir()
        made = dropin(parse(name, [text]), "/usr/bin/strace", FLAGS)
        (tmp_path / f"{name}.d/zz.conf").write_text(made.text, "utf-8")

        assert _verified(tmp_path, name) == before
        assert "Unknown" not in before


def _verified(folder: Path, name: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", "verify", f"./{name}"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr


@pytest.mark.services
def test_every_unit_of_this_machine_is_recorded_or_refused_with_a_reason() -> None:
    recorded = 0
    for path in UNITS:
        unit = parse(path.name, [path.read_text("utf-8")])
        try:
            made = dropin(unit, "/usr/bin/strace", FLAGS)
        except InputError as error:
            assert error.hint  # noqa: PT017 - which units there are is the machine's affair
        else:
            recorded += 1
            assert (
                made.text.count("\nExecStart=/usr/bin/strace ")
                + made.text.count("\nExecStart=-/usr/bin/strace ")
                + made.text.count("\nExecStart=!!/usr/bin/strace ")
                >= 1
            )
    assert recorded
