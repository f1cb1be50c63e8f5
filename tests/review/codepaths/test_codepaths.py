"""Code paths of units and packages, and what traces can say of each."""

import shlex
from collections.abc import Mapping, Sequence

import pytest

from assistant.domain.access import Evidence, Execution, Inventory, Kind, PathAccess, TraceSource, Verdict
from assistant.domain.codepath import CodePath, Exercised, PackageFile, Signals
from assistant.domain.rights import FsRight
from assistant.domain.unit import parse
from assistant.review.codepaths.listing import code_paths
from assistant.review.codepaths.logrotate import Rotation, rotations
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.unit import signal_of
from assistant.review.codepaths.witness import Witness


YES, NO, UNKNOWN = Exercised.YES, Exercised.NO, Exercised.UNKNOWN
LINE = Evidence("run", 7)
APP = "ExecStart=/usr/sbin/app -c '/etc/app dir'"
SOURCE = TraceSource("run", "0" * 64, 9, 9, 0, 0, complete=True, calls=frozenset({"execve", "openat"}))


def witness(
    *signals: str,
    runs: dict[str, int] | None = None,
    shown: bool = True,
    paths: tuple[PathAccess, ...] = (),
    moved: dict[str, str] | None = None,
) -> Witness:
    executions = tuple(
        Execution(path, count, (LINE,)) for path, count in (runs or {"/usr/sbin/app": 1}).items()
    )
    inventory = Inventory((SOURCE,), paths=paths, executions=executions, moved=moved or {})
    return Witness(inventory, Signals(dict.fromkeys(signals, LINE), shown=shown))


def found(
    text: str,
    seen: Witness | None = None,
    files: tuple[PackageFile, ...] = (),
    scripts: Mapping[str, Sequence[PackageFile]] | None = None,
) -> dict[str, CodePath]:
    unit = parse("app.service", [f"[Service]\n{text}\n"])
    recorder = Recorder(unit, "app", "")
    made = code_paths("app", unit, files, scripts or {}, seen or Witness(None, Signals()), recorder)
    assert len({path.id for path in made.paths}) == len(made.paths)
    return {path.id: path for path in made.paths}


@pytest.mark.parametrize(
    ("text", "seen", "id_", "exercised"),
    [
        (APP, witness(), "start", YES),
        (APP, witness(runs={"/usr/bin/other": 1}), "start", NO),
        (APP, witness(), "restart", NO),
        (APP, witness(runs={"/usr/sbin/app": 2}), "restart", YES),
        (APP, None, "start", UNKNOWN),
        (APP, witness("SIGTERM"), "stop", YES),
        (APP, witness("SIGHUP"), "stop", NO),
        (APP, witness(shown=False), "stop", UNKNOWN),
        (f"{APP}\nKillSignal=SIGQUIT", witness("SIGTERM"), "stop", NO),
        (f"{APP}\nKillSignal=QUIT", witness("SIGQUIT"), "stop", YES),
        (f"{APP}\nExecStop=/sbin/start-stop-daemon --retry QUIT/5", witness("SIGTERM"), "stop", NO),
        (f"{APP}\nExecStop=/sbin/start-stop-daemon --retry QUIT/5", witness("SIGQUIT"), "stop", YES),
        (f"{APP}\nExecStop=/usr/bin/appctl stop", witness("SIGTERM"), "stop", UNKNOWN),
        (f"{APP}\nExecStop=/usr/bin/appctl stop", witness(), "stop", NO),
        (f"{APP}\nExecReload=/bin/kill -HUP $MAINPID", witness("SIGHUP"), "reload", YES),
        (f"{APP}\nExecReload=/bin/kill -HUP $MAINPID", witness("SIGUSR1"), "reload", NO),
        (f"{APP}\nExecReload=/bin/kill -s USR1 $MAINPID", witness("SIGUSR1"), "reload", YES),
        (f"{APP}\nExecReload=/usr/sbin/app -s reload", witness("SIGHUP"), "reload", YES),
        (f"{APP}\nExecReload=/usr/sbin/app -s reload", witness(), "reload", UNKNOWN),
        (f"{APP}\nType=notify-reload", witness("SIGHUP"), "reload", YES),
        (f"{APP}\nExecStartPre=/bin/mkdir -p /run/app", witness(), "pre-1", NO),
        (f"{APP}\nExecStartPre=/bin/mkdir -p /run/app", witness(runs={"/bin/mkdir": 1}), "pre-1", YES),
        (f"{APP}\nExecStartPre=/usr/sbin/app -t", witness(), "pre-1", UNKNOWN),
        (f"{APP}\nExecStopPost=/bin/rm /run/x", witness(), "after-1", NO),
        (APP, witness("SIGKILL"), "crash", UNKNOWN),
        (APP, witness(), "first-start", UNKNOWN),
    ],
)
def test_a_code_path_of_a_unit_is_exercised_when_the_traces_show_it_and_unknown_when_they_cannot(
    text: str, seen: Witness | None, id_: str, exercised: Exercised
) -> None:
    path = found(text, seen)[id_]

    assert path.exercised is exercised
    assert path.why
    assert bool(path.evidence) or exercised is not YES


def test_a_unit_without_a_reload_has_none() -> None:
    assert "reload" not in found(APP)


def test_the_command_that_records_is_quoted_for_a_shell_and_runs_as_the_units_user() -> None:
    text = f'{APP} "; rm -rf ~" $(id) `id`\nUser=web'

    record = found(text, witness())["restart"].record

    # A variable of the unit cannot be given on a command line, so the unit itself is recorded.
    assert record == "landscribe record --unit app"
    plain = found(f'{APP} "; rm -rf ~" `id`\nUser=web', witness())["restart"].record
    assert shlex.split(plain) == [
        *("landscribe", "record", "--run", "restart", "--user", "web", "--timeout", "30", "--"),
        *("/usr/sbin/app", "-c", "/etc/app dir", "; rm -rf ~", "`id`"),
    ]


def test_a_signal_is_sent_to_the_main_process_by_its_pid_file_or_its_name() -> None:
    by_file = found(f"{APP}\nPIDFile=/run/app's.pid\nExecReload=/bin/kill -HUP $MAINPID")["reload"].meanwhile
    by_name = found(f"{APP}\nExecReload=/bin/kill -HUP $MAINPID")["reload"].meanwhile

    assert by_file == "kill -HUP \"$(cat '/run/app'\"'\"'s.pid')\""
    assert by_name == 'kill -HUP "$(pgrep -o -x app)"'


@pytest.mark.parametrize(
    ("words", "signal"),
    [
        ("/bin/kill -HUP 1", "SIGHUP"),
        ("kill -s SIGUSR2 1", "SIGUSR2"),
        ("kill --signal=USR1 1", "SIGUSR1"),
        ("kill -1 5", "SIGHUP"),
        ("pkill -QUIT app", "SIGQUIT"),
        ("kill 5", "SIGTERM"),
        ("kill", "SIGTERM"),
        ("kill -s", ""),
        ("/usr/sbin/app -HUP", ""),
    ],
)
def test_the_signal_of_a_kill_command_is_read(words: str, signal: str) -> None:
    assert signal_of(words.split()) == signal


ROTATE = """\
# a remark {
compress
/var/log/app/*.log "/var/log/app err" {
    daily
    prerotate
        if [ -d /x ]; then { run-parts /x; }
        fi
    endscript
    postrotate
        [ ! -f /run/app.pid ] || kill -USR1 `cat /run/app.pid`
    endscript
}
/var/log/one
/var/log/two
{
    copytruncate
}
"""


def test_a_configuration_of_logrotate_is_read_entry_by_entry() -> None:
    first, second = rotations(ROTATE.replace('"/var/log/app err"', '"/var/log/app-err"'))

    assert first == Rotation(
        ("/var/log/app/*.log", "/var/log/app-err"),
        copies=False,
        told="[ ! -f /run/app.pid ] || kill -USR1 `cat /run/app.pid`",
    )
    assert second == Rotation(("/var/log/one", "/var/log/two"), copies=True, told="")


def _log(count: int) -> tuple[PathAccess, ...]:
    access = PathAccess(
        "/var/log/app/a.log",
        FsRight.WRITE_FILE,
        Kind.FILE,
        Verdict.NEEDED,
        "ok",
        "openat",
        evidence=(LINE,),
        runs=(("run", count),),
    )
    return (access,)


@pytest.mark.parametrize(
    ("script", "seen", "exercised"),
    [
        ("kill -USR1 1", witness("SIGUSR1", paths=_log(2)), YES),
        ("kill -USR1 1", witness("SIGUSR1", paths=_log(1)), UNKNOWN),
        ("kill -USR1 1", witness("SIGHUP", paths=_log(2)), NO),
        ("invoke-rc.d app rotate", witness("SIGUSR1", paths=_log(2)), YES),
        ("invoke-rc.d app rotate", witness(paths=_log(2)), NO),
        ("invoke-rc.d app rotate", witness("SIGHUP", paths=_log(2)), UNKNOWN),
        ("systemctl reload app", witness("SIGHUP", paths=_log(2)), YES),
        ("systemctl restart app", witness("SIGTERM", paths=_log(2)), UNKNOWN),
        ("", witness(paths=_log(5)), UNKNOWN),
        ("", witness(moved={"/var/log/app/a.log": "/var/log/app/a.log.1"}), YES),
        ("", witness(moved={"/var/log/app/deep/a.log": "/x"}), UNKNOWN),
        ("kill -USR1 1", None, UNKNOWN),
    ],
)
def test_a_rotation_was_exercised_when_the_service_was_told_and_opened_its_log_again(
    script: str, seen: Witness | None, exercised: Exercised
) -> None:
    told = f"postrotate\n{script}\nendscript\n" if script else ""
    file = PackageFile("/etc/logrotate.d/app", f"/var/log/app/*.log {{\n{told}}}\n")

    path = found(APP, seen, (file,))["rotate-app"]

    assert path.exercised is exercised
    assert path.meanwhile == "logrotate -f /etc/logrotate.d/app"


def test_jobs_of_cron_and_timers_are_listed_with_a_command_each() -> None:
    table = (
        "# remark\nSHELL=/bin/sh\nMAILTO=root\n"
        "09,39 * * * * root [ -x /usr/lib/app/clean ] && /usr/lib/app/clean --all; date +\\%F\n"
        "@daily app /usr/bin/app-report\n"
    )
    files = (
        PackageFile("/etc/cron.d/app", table),
        PackageFile("/etc/cron.daily/app", "#!/bin/sh\n"),
        PackageFile("/lib/systemd/system/app-clean.timer", "[Timer]\nOnCalendar=daily\n"),
        PackageFile(
            "/lib/systemd/system/app-clean.service", "[Service]\nExecStart=/usr/lib/app/clean --old\n"
        ),
        PackageFile("/lib/systemd/system/odd.timer", "[Timer]\nUnit=elsewhere.service\n"),
        PackageFile("/etc/cron.weekly/app", None),
    )

    paths = found(APP, witness(runs={"/usr/lib/app/clean": 1, "/usr/sbin/app": 1}), files)

    assert shlex.split(paths["cron-app-1"].record)[-3:] == [
        *("sh", "-c", "[ -x /usr/lib/app/clean ] && /usr/lib/app/clean --all; date +%F")
    ]
    assert paths["cron-app-1"].exercised is YES
    assert paths["cron-app-2"].exercised is NO
    assert shlex.split(paths["cron-app-2"].record)[:6] == [
        *("landscribe", "record", "--run", "cron-app-2", "--user", "app")
    ]
    assert paths["timer-app-clean"].exercised is YES
    assert paths["timer-odd"].exercised is UNKNOWN


def test_an_upgrade_is_a_code_path_where_the_packages_scripts_touch_services() -> None:
    scripts = {
        "app": (PackageFile("/x/app.postinst", "deb-systemd-invoke restart app\n"),),
        "app-data": (PackageFile("/x/app-data.postinst", "echo hello\n"),),
    }

    paths = found(APP, witness(), scripts=scripts)

    assert paths["upgrade-app"].exercised is UNKNOWN
    assert paths["upgrade-app"].meanwhile == "apt-get install --reinstall app"
    assert "upgrade-app-data" not in paths


def test_traces_that_show_no_execve_do_not_say_that_nothing_ran() -> None:
    blind = TraceSource("run", "0" * 64, 9, 9, 0, 0, complete=True, calls=frozenset({"openat"}))

    assert found(APP, Witness(Inventory((blind,)), Signals()))["start"].exercised is UNKNOWN
