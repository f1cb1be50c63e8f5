"""A trace or a ruleset that is none: exit code 3 from every command, one error in words, nothing written."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


READ_A_TRACE = {
    "draft": ["draft", "TRACE", "--offline", "-o", "new.toml"],
    "verify": ["verify", "app.toml", "TRACE"],
    "trace": ["trace", "TRACE"],
    "notes": ["notes", "app.toml", "TRACE", "-o", "notes.md"],
    "second of two": ["draft", "app.trace", "TRACE", "--offline", "-o", "new.toml"],
}
READ_A_RULESET = {
    "verify": ["verify", "RULESET", "app.trace"],
    "test": ["test", "RULESET", "--", "true"],
    "run": ["run", "RULESET", "--", "true"],
    "export": ["export", "RULESET", "--to", "python", "-o", "launcher.py"],
    "notes": ["notes", "RULESET", "-o", "notes.md"],
}
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Root without the two capabilities that make it read everything."""


def _with(arguments: list[str], word: str, value: str) -> list[str]:
    return [value if argument == word else argument for argument in arguments]


def _fails(landscribe: Callable[..., Any], drafted: Any, arguments: list[str], **options: Any) -> str:
    """The error in words, which is all that the command did."""
    before = drafted.snapshot()
    done = landscribe(*arguments, **options)
    assert done.code == 3, done
    assert "\n  next: " in done.plain_error
    assert drafted.snapshot() == before
    return str(done.plain_error)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ("hello world\n", "holds no system call"),
        ("", "is empty"),
        ("\x7fELF\x02\x01\x01\0\0\n\0", "is a program"),
        ("100 +++ exited with 0 +++\n", "holds no system call"),
    ],
    ids=["prose", "empty", "binary", "only an exit"],
)
def test_a_file_that_is_no_trace(
    contents: str, said: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "bad.trace").write_text(contents, "utf-8")

    error = _fails(landscribe, drafted, _with(READ_A_TRACE["draft"], "TRACE", "bad.trace"))

    assert "'bad.trace'" in error
    assert said in error


@pytest.mark.parametrize("command", READ_A_TRACE)
def test_every_command_refuses_an_empty_trace(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "bad.trace").write_text("")

    assert "is empty" in _fails(landscribe, drafted, _with(READ_A_TRACE[command], "TRACE", "bad.trace"))


def test_a_trace_that_is_missing_or_a_directory(drafted: Any, landscribe: Callable[..., Any]) -> None:
    missing = _fails(landscribe, drafted, ["trace", "missing.trace"])
    directory = _fails(landscribe, drafted, ["verify", "app.toml", str(drafted.home)])

    assert "No such file or directory" in missing
    assert "holds no trace" in directory


@pytest.mark.root
def test_a_trace_or_a_ruleset_that_may_not_be_read(drafted: Any, landscribe: Callable[..., Any]) -> None:
    secret = drafted.root / "secret"
    secret.write_text("")
    secret.chmod(0)

    trace = _fails(landscribe, drafted, ["trace", "secret"], prefix=UNPRIVILEGED)
    ruleset = _fails(landscribe, drafted, ["export", "secret", "--to", "python"], prefix=UNPRIVILEGED)

    assert "the trace 'secret' cannot be read: Permission denied" in trace
    assert "the ruleset 'secret' cannot be read: Permission denied" in ruleset


def test_a_trace_that_ends_in_the_middle_of_a_line_is_drafted_with_a_finding(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    cut = service.root / "cut.trace"
    cut.write_text("\n".join(service.lines)[:-40], "utf-8")

    done = landscribe("draft", "cut.trace", "--offline", "-o", "cut.toml")

    assert done.code == 10
    assert "truncated-trace" in done.err
    assert f'path = "{service.home}/etc"' in (service.root / "cut.toml").read_text("utf-8")


def test_a_ruleset_that_is_missing_or_a_directory(drafted: Any, landscribe: Callable[..., Any]) -> None:
    missing = _fails(landscribe, drafted, ["run", "missing.toml", "--", "true"])
    directory = _fails(landscribe, drafted, ["notes", str(drafted.home)])

    assert "'missing.toml' cannot be read: No such file or directory" in missing
    assert "Is a directory" in directory


@pytest.mark.parametrize("command", READ_A_RULESET)
def test_every_command_refuses_a_ruleset_with_a_key_that_it_does_not_know(
    command: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit('service = "cat"', 'service = "cat"\ncolour = "blue"')

    error = _fails(landscribe, drafted, _with(READ_A_RULESET[command], "RULESET", "app.toml"))

    assert "'app.toml'" in error
    assert "colour" in error


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "schema = 2"),
        ("schema = 1\n", "", "the key 'schema' is missing"),
        ("port = 8080", "port = 70000", "port.0.port"),
        ('rights = ["bind_tcp"]', 'rights = ["fly"]', "'fly'"),
        ('path = "/etc/ld.so.cache"', 'path = "etc/ld.so.cache"', "not absolute"),
        ('path = "/etc/ld.so.cache"', 'path = "/etc/../x"', "'..'"),
        ('path = "/etc/ld.so.cache"', r'path = "/etc/ld\u0000.so.cache"', "NUL"),
        ('evidence = ["app:7"]', "evidence = []", "cite"),
        ('service = "cat"', "service = cat", "not TOML"),
        ('service = "cat"', "<<<<<<< ours\n", "resolve the merge conflict first"),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_a_ruleset_with_a_value_that_cannot_be(
    old: str, new: str, said: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit(old, new)

    assert said in _fails(landscribe, drafted, ["verify", "app.toml", "app.trace"])


def test_a_ruleset_that_is_no_text(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.ruleset.write_bytes(b"\xff\xfe\0")

    assert "it is not UTF-8 text" in _fails(landscribe, drafted, ["notes", "app.toml"])


@pytest.mark.root
def test_a_hostile_name_of_a_file_that_may_not_be_read_is_escaped(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    secret = drafted.root / "\x1b[31mred\u202e\nlandscribe: all is well"
    secret.write_text("")
    secret.chmod(0)

    done = landscribe("trace", secret.name, prefix=UNPRIVILEGED)

    assert done.code in (2, 3)
    assert "\x1b" not in done.plain_error
    assert "\u202e" not in done.plain_error


@pytest.mark.parametrize("what", ["ruleset", "trace"])
def test_a_hostile_file_name_is_escaped_in_the_error(
    what: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    name = "\x1b[31mred\u202e\nlandscribe: all is well"
    arguments = {"ruleset": ["export", name, "--to", "python"], "trace": ["trace", name]}[what]

    error = _fails(landscribe, drafted, arguments)

    assert "\x1b" not in error
    assert "\u202e" not in error
    assert len(error.splitlines()) == 2


def test_a_hostile_key_or_value_in_a_ruleset_is_escaped_in_the_error(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit('service = "cat"', 'service = "cat"\n"\\u001b[31m\\n" = 1')
    key = _fails(landscribe, drafted, ["notes", "app.toml"])
    drafted.edit('\n"\\u001b[31m\\n" = 1', "")
    drafted.edit('rights = ["bind_tcp"]', 'rights = ["\\u001b[31m\\nfly"]')
    value = _fails(landscribe, drafted, ["notes", "app.toml"])

    assert "\x1b" not in key + value
    assert [len(error.splitlines()) for error in (key, value)] == [2, 2]


def test_a_grant_that_stands_twice_is_a_finding_and_no_error(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/etc/ld.so.cache"\nrights = ["read_file"]\nby = "person"\n')

    done = landscribe("verify", "app.toml", "app.trace")

    assert done.code == 10
    assert "duplicate-grant: /etc/ld.so.cache" in done.out


def test_a_path_with_control_characters_is_a_finding_and_shown_escaped(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/etc/a\\nb\\u001b[31m"\nrights = ["read_file"]\nby = "person"\n')

    done = landscribe("verify", "app.toml", "app.trace")

    assert done.code == 10
    assert r"odd-name: /etc/a\nb\x1b[31m" in done.out
    assert "\x1b" not in done.out + done.err


def test_a_ruleset_that_never_ends_is_an_error_and_no_crash(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    # 512 MiB of addresses: who reads it to its end is stopped by the kernel, and not by the machine's memory.
    limited = ["prlimit", "--as=536870912"]

    error = _fails(landscribe, drafted, ["notes", "/dev/zero"], prefix=limited)

    assert "'/dev/zero'" in error


def test_a_ruleset_may_come_from_a_pipe(drafted: Any, landscribe: Callable[..., Any]) -> None:
    with subprocess.Popen(["cat", drafted.ruleset], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        descriptor = cat.stdout.fileno()
        done = landscribe("export", f"/dev/fd/{descriptor}", "--to", "python", pass_fds=[descriptor])

    assert done.code == 0
    assert Path("/etc/ld.so.cache").as_posix() in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["notes", "app.toml", "-o", "app.toml"],
        ["notes", "app.toml", "app.trace", "-o", "app.trace"],
        ["export", "app.toml", "--to", "python", "-o", "app.toml"],
        ["verify", "app.toml", "app.trace", "--junit", "app.trace"],
        ["draft", "app.trace", "--offline", "--force", "-o", "app.trace"],
        ["test", "app.toml", "-o", "app.toml", "--", "true"],
        ["test", "app.toml", "--denials", "app.toml", "--", "true"],
    ],
)
def test_nothing_that_a_command_reads_is_written_over(
    arguments: list[str], drafted: Any, landscribe: Callable[..., Any]
) -> None:
    before = drafted.snapshot()

    done = landscribe(*arguments)

    assert done.code == 2
    assert "is read by this command" in done.plain_error
    assert drafted.snapshot() == before


def test_what_a_person_writes_into_a_ruleset_while_it_is_drafted_stays(
    drafted: Any, popen: Callable[..., Any]
) -> None:
    os.mkfifo(drafted.root / "fifo")
    running = popen("draft", "fifo", "--offline", "-o", "app.toml")
    with (drafted.root / "fifo").open("w", encoding="utf-8") as fifo:  # Opens when landscribe reads it.
        drafted.add("\n# a person's remark\n")
        fifo.write("\n".join(drafted.lines) + "\n")
    out, error = running.communicate(timeout=60)

    assert running.returncode == 13
    assert "'app.toml' was changed meanwhile" in error
    assert "# a person's remark" in (drafted.root / "app.toml").read_text("utf-8")
    assert "[[path]]" in out
