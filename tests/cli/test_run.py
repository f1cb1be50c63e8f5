"""``landscribe run``: becomes the command inside the sandbox, or says why not and does not start it."""

import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest


pytestmark = pytest.mark.kernel

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
SYSTEM = """
[[path]]
path = "/usr"
rights = ["execute", "read_file", "read_dir"]
by = "person"
"""


def test_what_is_granted_works_and_what_is_not_is_denied(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    granted = landscribe("run", "app.toml", "--", "cat", drafted.home / "etc/app.conf")
    denied = landscribe("run", "app.toml", "--", "cat", "/etc/hostname", "/etc/passwd")

    assert (granted.code, granted.out, granted.err) == (0, "colour = blue\n", "")
    assert (denied.code, denied.out) == (1, "")
    assert denied.err.count("Permission denied") == 2


@pytest.mark.parametrize("code", [0, 1, 7, 125, 255])
def test_the_exit_code_is_the_commands(code: int, drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add(SYSTEM)

    done = landscribe("run", "app.toml", "--", "sh", "-c", f"echo out; echo err >&2; exit {code}")

    assert (done.code, done.out, done.err) == (code, "out\n", "err\n")


def test_a_signal_reaches_the_command_itself(
    drafted: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    drafted.add(SYSTEM)
    running = popen(
        "run", "app.toml", "--", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do :; done"
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"

    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)

    assert running.returncode == 9


def test_arguments_behind_the_dashes_are_the_commands(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add(SYSTEM)

    done = landscribe("run", "app.toml", "--", "printf", "%s|", "--help", "-o", "--", "a b", "")

    assert done.out == "--help|-o|--|a b||"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("no-such-program", 127, "cannot find 'no-such-program'"),
        ("/usr/bin/env", 126, "cannot execute '/usr/bin/env': Permission denied"),
        ("/etc/ld.so.cache", 126, "cannot execute '/etc/ld.so.cache': Permission denied"),
        ("\x1b[31mred", 127, r"cannot find '\x1b[31mred'"),
    ],
    ids=["absent", "not granted", "no program", "hostile name"],
)
def test_a_command_that_cannot_be_started_is_said_and_has_the_code_that_shells_use(
    command: str, code: int, said: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    before = drafted.snapshot()

    done = landscribe("run", "app.toml", "--", command)

    assert done.code == code
    assert said in done.plain_error
    assert "\n  next: " in done.err
    assert drafted.snapshot() == before


def test_a_rule_for_a_path_that_does_not_exist_stops_the_start_unless_it_is_ignored(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/srv/not\\nhere"\nrights = ["read_file"]\nby = "person"\n')
    conf = drafted.home / "etc/app.conf"

    refused = landscribe("run", "app.toml", "--", "cat", conf)
    ignored = landscribe("run", "app.toml", "--ignore-missing", "--", "cat", conf)

    assert refused.code == 125
    assert r"'/srv/not\nhere'" in refused.plain_error
    assert "--ignore-missing" in refused.err
    assert (ignored.code, ignored.out) == (0, "colour = blue\n")
    assert ignored.err == "landscribe: '/srv/not\\nhere' does not exist: no rule was made for it\n"


def test_a_sandbox_without_grants_starts_nothing(service: Any, landscribe: Callable[..., Any]) -> None:
    service.ruleset.write_text(
        'schema = 1\nservice = "x"\ntarget_abi = 1\n[provenance]\ntool = "t"\n', "utf-8"
    )

    done = landscribe("run", "app.toml", "--", "true")

    assert done.code == 126
    assert "cannot execute 'true'" in done.plain_error


def test_a_ruleset_for_a_newer_kernel_is_refused_unless_best_effort_will_do(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    abi = next(
        line for line in drafted.ruleset.read_text("utf-8").splitlines() if line.startswith("target_abi")
    )
    drafted.edit(abi, "target_abi = 11")
    conf = drafted.home / "etc/app.conf"

    refused = landscribe("run", "app.toml", "--", "cat", conf)
    effort = landscribe("run", "app.toml", "--best-effort", "--", "cat", conf)

    if "resolve_unix" not in refused.err:
        pytest.skip("this kernel knows every right that landscribe knows")
    assert refused.code == 125
    assert "this kernel enforces less" in refused.plain_error
    assert (effort.code, effort.out) == (0, "colour = blue\n")
    assert "cannot deny resolve_unix" in effort.err


GONE = '\n[[path]]\npath = "/srv/gone"\nrights = ["read_file"]\nby = "person"\n'


@pytest.mark.parametrize(
    ("added", "options", "command"),
    [
        ("", [], ["cat", "CONF"]),
        ("", [], ["cat", "/etc/passwd"]),
        ("", [], ["no-such-program"]),
        ("", [], ["/usr/bin/env"]),
        (GONE, [], ["cat", "CONF"]),
        (GONE, ["--ignore-missing"], ["cat", "CONF"]),
        (GONE + "optional = true\n", [], ["cat", "CONF"]),
        (SYSTEM, [], ["sh", "-c", "exit 7"]),
        (SYSTEM, [], ["sh", "-c", "kill -TERM $$"]),
        (SYSTEM, [], ["sh", "-c", "exec 9</etc/ld.so.cache; echo ok"]),
    ],
)
def test_run_and_the_exported_launcher_agree(
    drafted: Any, landscribe: Callable[..., Any], added: str, options: list[str], command: list[str]
) -> None:
    drafted.add(added)
    landscribe("export", "app.toml", "--to", "python", "-o", "launcher.py")
    words = [str(drafted.home / "etc/app.conf") if word == "CONF" else word for word in command]

    ran = landscribe("run", "app.toml", *options, "--", *words)
    launched = subprocess.run(
        [drafted.root / "launcher.py", *options, "--", *words],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
        timeout=60,
    )

    assert (ran.code, ran.out) == (launched.returncode, launched.stdout)
    assert _said(ran.err) == _said(launched.stderr)


def _said(err: str) -> str:
    """What was said, without who says it and where the line ends."""
    return err.replace("landscribe-launcher: ", "landscribe: ").replace("\n  next: ", "; ")
