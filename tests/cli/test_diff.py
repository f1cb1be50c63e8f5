"""``landscribe diff``: what changed in effect, in words, for people, pipelines and git."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


HEAD = 'schema = 1\nservice = "app"\ntarget_abi = 7\n\n[provenance]\ntool = "hand"\n'


def grants(**rights: str) -> str:
    """A ruleset: path (with _ for /) or port to rights."""
    parts = [HEAD]
    for name, words in rights.items():
        subject = f"port = {name[1:]}" if name[1:].isdigit() else f'path = "/{name.replace("_", "/")}"'
        table = "port" if name[1:].isdigit() else "path"
        listed = ", ".join(f'"{word}"' for word in words.split())
        parts.append(f'\n[[{table}]]\n{subject}\nrights = [{listed}]\nby = "person"\n')
    return "".join(parts)


OLD = grants(srv_a="read_file", srv_b="read_file write_file")


@pytest.fixture
def diff(service: Any, landscribe: Callable[..., Any]) -> Callable[..., Any]:
    """Runs diff on two texts."""

    def run(old: str, new: str, *options: str) -> Any:
        (service.root / "old.toml").write_text(old, "utf-8")
        (service.root / "new.toml").write_text(new, "utf-8")
        return landscribe("diff", "old.toml", "new.toml", *options)

    return run


def test_a_ruleset_and_itself_in_another_order_do_not_differ(diff: Callable[..., Any]) -> None:
    done = diff(OLD, grants(srv_b="write_file read_file", srv_a="read_file") + "# a word\n")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("no difference: both allow the same (2 paths and ports), and an approval")


def test_wider_and_narrower_are_said_in_words_with_the_gravest_first(diff: Callable[..., Any]) -> None:
    done = diff(OLD, grants(srv_b="read_file", srv="read_file", srv_c="execute", p443="connect_tcp"))

    assert done.code == 10
    assert done.out.splitlines() == [
        "wider (execute, connect, read): 2 added, 1 widened, 1 narrowed, 1 equal",
        "A path stands for itself and all that lies beneath it.",
        "+ added: may now execute /srv/c [execute]",
        "+ added: may now connect to port 443 [connect_tcp]",
        "+ widened: may now read /srv [read_file]; had some of it before: /srv/a, /srv/b",
        "- narrowed: may no longer write /srv/b [write_file]; as before: read_file",
    ]


@pytest.mark.parametrize(
    ("new", "fail_on", "code"),
    [
        (grants(srv_a="read_file write_file", srv_b="read_file write_file"), "wider:write", 11),
        (grants(srv_a="read_file write_file", srv_b="read_file write_file"), "wider", 11),
        (grants(srv_a="read_file write_file", srv_b="read_file write_file"), "wider:execute,connect", 10),
        (grants(srv_a="read_file", srv_b="read_file"), "wider", 10),
        (OLD, "wider", 0),
        (OLD.replace("= 7", "= 3"), "wider:connect", 11),
        (OLD + "[scope]\nsignal = false\n", "wider:signal", 11),
    ],
)
def test_the_exit_code_says_whether_it_became_wider_in_what_matters(
    diff: Callable[..., Any], new: str, fail_on: str, code: int
) -> None:
    assert diff(OLD, new, "--fail-on", fail_on).code == code


@pytest.mark.parametrize("fail_on", ["narrower", "wider:", "wider:writing", "write", "wider:write,"])
def test_a_wrong_fail_on_is_refused_and_not_taken_for_nothing(diff: Callable[..., Any], fail_on: str) -> None:
    done = diff(OLD, grants(), "--fail-on", fail_on)

    assert done.code == 2
    assert "execute,write,connect" in done.plain_error


def test_rights_of_directories_on_a_file_of_this_machine_are_left_out_unless_it_is_foreign(
    diff: Callable[..., Any],
) -> None:
    old, new = grants(etc_hostname="read_file"), grants(etc_hostname="read_file read_dir")

    here, foreign = diff(old, new), diff(old, new, "--foreign")

    assert (here.code, foreign.code) == (0, 10)
    assert "/etc/hostname is a file on this machine" in here.out
    assert "may now list /etc/hostname" in foreign.out


def test_the_json_has_each_change_with_the_bytes_of_its_path(diff: Callable[..., Any]) -> None:
    new = HEAD + '[[path]]\npath_hex = "2fff"\nrights = ["write_file"]\nby = "person"\n'

    done = diff(HEAD, new, "--json", "--fail-on", "wider:write")

    data = json.loads(done.out)
    assert done.code == 11
    assert data["failed"] == 1
    assert data["changes"] == [
        {
            "way": "added",
            "wider": True,
            "path_hex": "2fff",
            "rights": ["write_file"],
            "classes": ["write"],
            "as_before": [],
            "apart": [],
            "apart_count": 0,
        }
    ]


def test_a_name_cannot_steer_the_terminal(diff: Callable[..., Any]) -> None:
    name = "/a\\u001b[2J\\n+ added: nothing\\u202e"
    done = diff(HEAD, HEAD + f'[[path]]\npath = "{name}"\nrights = ["read_file"]\nby = "person"\n')

    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert len(done.out.splitlines()) == 3


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("<<<<<<< HEAD\n" + OLD, "resolve the merge conflict first"),
        (OLD.replace("schema = 1", "schema = 9"), "written by a newer landscribe"),
        (OLD.replace("schema = 1", "schema = 0"), "a ruleset starts with: schema = 1"),
        (OLD.replace('"read_file"', '"read"'), "unknown right"),
        (OLD.replace("/srv/a", "srv"), "not absolute"),
        ("", "the key 'schema' is missing"),
    ],
)
def test_what_is_no_ruleset_is_one_clear_error(diff: Callable[..., Any], old: str, expected: str) -> None:
    for done in (diff(old, OLD), diff(OLD, old)):
        assert done.code == 3
        assert expected in done.plain_error


def test_a_ruleset_that_went_away_is_no_narrowing(service: Any, landscribe: Callable[..., Any]) -> None:
    service.write("old.toml", [OLD])

    done = landscribe("diff", "old.toml", "/dev/null")

    assert done.code == 3
    assert "without one nothing is restricted" in done.plain_error


def test_two_services_are_named(diff: Callable[..., Any]) -> None:
    assert "two services: 'app' and 'other'" in diff(OLD, OLD.replace('"app"', '"other"')).err


@pytest.fixture
def repository(service: Any, tmp_path: Path) -> Callable[..., str]:
    """A git repository with a ruleset in it, set up as docs/reviewing.md says, and git in it."""
    program = tmp_path / "bin/landscribe"
    program.parent.mkdir()
    command = "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.start import main; main()"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "{command}" "$@"\n', "utf-8")
    program.chmod(0o755)

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
            cwd=service.root,
            env={
                "PATH": f"{program.parent}:/usr/bin:/bin",
                "HOME": str(tmp_path),
                "PYTHONPATH": _import_path(),
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        ).stdout

    git("init", "-q")
    service.write(".gitattributes", ["*.landlock.toml diff=landscribe"])
    for line in _documented():
        assert line.startswith("git config ")
        subprocess.run(
            ["sh", "-c", line],
            cwd=service.root,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            check=True,
        )
    service.write("app.landlock.toml", [OLD])
    git("add", ".gitattributes", "app.landlock.toml")
    git("commit", "-qm", "one")
    return git


def _import_path() -> str:
    import assistant

    return str(Path(assistant.__file__).parents[1])


def _documented() -> list[str]:
    text = (Path(__file__).parents[2] / "docs/reviewing.md").read_text("utf-8")
    return text.partition("<!-- git -->\n```sh\n")[2].partition("```")[0].splitlines()


def test_git_diff_shows_what_changed_in_effect_and_nothing_for_prose(
    service: Any, repository: Callable[..., str]
) -> None:
    path = service.root / "app.landlock.toml"
    path.write_text(OLD.replace('by = "person"', 'by = "person"\nwhy = "a better reason"'), "utf-8")
    prose = repository("diff")
    path.write_text(OLD.replace('["read_file"]', '["read_file", "write_file"]'), "utf-8")

    lines = repository("diff").splitlines()

    assert [line for line in prose.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")] == []
    assert "+write    /srv/a: write_file" in lines
    assert [line for line in lines if line.startswith("-")][1:] == [
        line for line in lines if line.startswith("-digest ")
    ]


def test_git_shows_a_version_that_was_no_ruleset_as_it_was(
    service: Any, repository: Callable[..., str]
) -> None:
    (service.root / "app.landlock.toml").write_text("<<<<<<< HEAD\n" + OLD, "utf-8")

    shown = repository("diff")

    assert "+not a ruleset: " in shown
    assert "+<<<<<<< HEAD" in shown


def test_git_difftool_shows_the_difference_in_words(service: Any, repository: Callable[..., str]) -> None:
    path = service.root / "app.landlock.toml"
    path.write_text(OLD.replace('["read_file"]', '["read_file", "write_file"]'), "utf-8")

    shown = repository("difftool", "-y", "-t", "landscribe", "--", "app.landlock.toml")

    assert "+ widened: may now write /srv/a [write_file]; as before: read_file" in shown
