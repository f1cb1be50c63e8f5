"""The drop-in: the unit's own command word for word behind the launcher, read back by systemd itself."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.domain.unit import parse
from assistant.errors import InputError, UsageError
from assistant.render.systemd import default_launcher, systemd


LAUNCHER = "/etc/landscribe/a.py"
WRAP = ["/usr/bin/python3", "-I"]


def ruleset(paths: dict[str, FsRight] | None = None, abi: int = 7) -> Ruleset:
    grants = tuple(PathGrant(path=path, rights=rights, by="person") for path, rights in (paths or {}).items())
    return Ruleset(service="a", target_abi=abi, provenance=Provenance(tool="t"), path=grants)


def settings(unit_text: str, launcher: str = LAUNCHER, made_from: Ruleset | None = None) -> list[str]:
    """The assignments of the drop-in for a unit, without comments."""
    export = systemd(made_from or ruleset(), parse("a.service", [unit_text]), launcher)
    return [line for line in export.text.splitlines() if not line.startswith(("#", "["))]


# ---------------------------------------------------------------- systemd reads it


UNITS = sorted(Path("/usr/lib/systemd/system").glob("*.service"))


def commands_of(folder: Path, name: str) -> list[list[str]]:
    """The words of every ExecStart of a unit in a folder with its drop-ins, as systemd's own parser has them."""
    done = subprocess.run(
        ["systemd-analyze", "verify", f"./{name}"],
        cwd=folder,
        env={"PATH": os.defpath, "SYSTEMD_LOG_LEVEL": "debug", "SYSTEMD_LOG_TARGET": "console"},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=120,
    )
    block = ""
    found: list[list[str]] = []
    here = False
    for printed in done.stdout.splitlines():
        text = printed.strip()
        here = (text == f"-> Unit {name}:") if text.startswith("-> Unit ") else here
        block = text if text.startswith("-> ") else block
        if here and block == "-> ExecStart:" and text.startswith("Command Line: "):
            # It quotes for a shell; shlex does not know that a shell takes \\$ and \\` for one character.
            line = re.sub(r"\\(.)", lambda pair: pair[1] if pair[1] in "$`" else pair[0], text)
            found.append(shlex.split(line.removeprefix("Command Line: ")))
    return found


def complaints(folder: Path, name: str) -> str:
    """What systemd says about a unit, but for its documentation and programs that are not there."""
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", f"./{name}"],
        cwd=folder,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stderr


def wrapped(folder: Path, name: str, text: str, launcher: str = LAUNCHER) -> str:
    """Put a unit and its drop-in into a folder."""
    (folder / name).write_text(text)
    export = systemd(ruleset(), parse(name, [text]), launcher)
    (folder / f"{name}.d").mkdir(exist_ok=True)
    (folder / f"{name}.d/50-landscribe.conf").write_text(export.text)
    return export.text


COMMANDS = (
    "/bin/true",
    "-/bin/true a",
    ":/bin/true $A $$B",
    '/bin/true \'one word\' "two \\" words" back\\x20slash',
    "/bin/true %n 100%% $A ${B} $$C",
    '/bin/true "" \'\' "a\\tb"',
    "/bin/true \\; two",
    '"/bin/true" a',
    "/bin/true 'a;b' ;",
    "!!/bin/true x",
    "/bin/true -- --check --best-effort",
)


@pytest.mark.systemd
@pytest.mark.parametrize("command", COMMANDS)
def test_systemd_starts_the_very_words_of_the_unit_behind_the_launcher(command: str, tmp_path: Path) -> None:
    text = f"[Service]\nExecStart={command}\n"
    (tmp_path / "a.service").write_text(text)
    before = commands_of(tmp_path, "a.service")
    wrapped(tmp_path, "a.service", text)

    after = commands_of(tmp_path, "a.service")

    assert before[0][0] == "/bin/true"
    assert after == [[*WRAP, LAUNCHER, "--", *before[0]]]
    assert "50-landscribe" not in complaints(tmp_path, "a.service")


@pytest.mark.systemd
@pytest.mark.parametrize(
    "launcher",
    [
        '/opt/a b/la\'unch "er".py',
        "/opt/100%/$HOME/${x}/%n.py",
        "/opt/back\\slash\\x20.py",
        "/opt/-lead;ing#.py",
        "/opt/caf\xe9.py",
    ],
)
def test_the_launchers_own_path_is_one_word_whatever_it_holds(launcher: str, tmp_path: Path) -> None:
    wrapped(tmp_path, "a.service", "[Service]\nExecStart=/bin/true\n", launcher)

    words = commands_of(tmp_path, "a.service")[0]

    # What is left for the start itself: a doubled dollar sign is one, and a single one would be a variable.
    assert "$" not in words[2].replace("$$", "")
    assert [*words[:2], words[2].replace("$$", "$"), *words[3:]] == [*WRAP, launcher, "--", "/bin/true"]


@pytest.mark.systemd
def test_units_of_this_machine_keep_their_commands_and_please_systemd(tmp_path: Path) -> None:
    tried = 0
    for path in filter(Path.is_file, UNITS):  # Packages come and go while tests run.
        text = path.read_text("utf-8", "replace")
        name = path.name.replace("@.", "@instance.")
        (tmp_path / name).write_text(text)
        before = commands_of(tmp_path, name)
        try:
            wrapped(tmp_path, name, text)
        except InputError:
            continue
        after = commands_of(tmp_path, name)
        assert [words[4:] if words[:2] == WRAP else words for words in after] == before, name
        assert "50-landscribe" not in complaints(tmp_path, name), name
        tried += 1
        if tried >= 25:
            break
    assert tried >= 3


@pytest.mark.systemd
@pytest.mark.strace
@pytest.mark.kernel
def test_a_launcher_needs_no_call_that_a_hardened_unit_of_system_services_forbids(tmp_path: Path) -> None:
    from assistant.enforce import launcher
    from assistant.render.launcher import python_launcher

    usr = ruleset({"/usr": FsRight.EXECUTE | FsRight.READ_FILE | FsRight.READ_DIR, "/etc": FsRight.READ_FILE})
    start = tmp_path / "start.py"
    start.write_text(python_launcher(usr, Path(launcher.__file__).read_text("utf-8")).text)
    trace = tmp_path / "trace"
    subprocess.run(
        ["strace", "-o", trace, "--", "/usr/bin/python3", "-I", start, "--", "/bin/true"],
        check=True,
        timeout=120,
    )

    used = {line.split("(")[0] for line in trace.read_text("utf-8", "replace").splitlines() if "(" in line}

    forbidden = used - (_calls("@system-service") - _calls("@privileged") - _calls("@resources"))
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= used
    assert forbidden <= {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}


def _calls(group: str) -> set[str]:
    """All calls of one of systemd's groups."""
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True, timeout=60
    )
    found: set[str] = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= _calls(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


# ---------------------------------------------------------------- what it sets


def test_new_privileges_are_forbidden_and_the_old_command_is_emptied_first() -> None:
    assert settings("[Service]\nExecStart=/bin/a\n") == [
        "NoNewPrivileges=yes",
        "ExecStart=",
        f"ExecStart=/usr/bin/python3 -I {LAUNCHER} -- /bin/a",
    ]


@pytest.mark.parametrize(
    ("filters", "added"),
    [
        ([], False),
        (["@system-service"], True),
        (["@system-service", "~@privileged"], True),
        (["~@mount"], False),
        (["~@mount", "~@sandbox:EPERM"], True),
        (["~landlock_add_rule"], True),
        (["@system-service", ""], False),
    ],
)
def test_the_three_calls_are_allowed_where_a_list_would_forbid_them(filters: list[str], added: bool) -> None:  # noqa: FBT001 - a case
    lines = "".join(f"SystemCallFilter={value}\n" for value in filters)

    made = settings(f"[Service]\nExecStart=/bin/a\n{lines}")

    assert any(line.startswith("SystemCallFilter=landlock_create_ruleset ") for line in made) is added


def test_python_may_run_where_programs_are_listed() -> None:
    assert "ExecPaths=/usr/bin/python3" in settings("[Service]\nExecStart=/bin/a\nNoExecPaths=/\n")


def test_a_command_with_full_privileges_stays_outside_and_is_a_finding() -> None:
    text = "[Service]\nType=oneshot\nExecStart=+/bin/setup\nExecStart=|/bin/shell\nExecStart=/bin/a\n"
    export = systemd(ruleset(), parse("a.service", [text]), LAUNCHER)

    assert "ExecStart=+/bin/setup\n" in export.text
    assert [(loss.effect, loss.subject) for loss in export.losses] == [
        ("opens", "/bin/setup"),
        ("opens", "/bin/shell"),
    ]
    assert {finding.id for finding in export.findings()} == {"export-opens"}


def test_what_runs_beside_the_service_is_said_to_be_outside() -> None:
    text = "[Service]\nExecStart=/bin/a\nExecStartPre=/bin/b\nExecReload=/bin/kill $MAINPID\n"
    export = systemd(ruleset(), parse("a.service", [text]), LAUNCHER)

    assert "Outside of the sandbox: ExecStartPre=, ExecReload=" in export.notes
    assert export.losses == ()


def test_an_own_name_is_lost_and_a_variable_in_the_first_word_stays_none() -> None:
    made = systemd(ruleset(), parse("a.service", ["[Service]\nExecStart=@/bin/a$b name x\n"]), LAUNCHER)

    assert f"ExecStart=/usr/bin/python3 -I {LAUNCHER} -- /bin/a$$b x\n" in made.text
    assert "The name that it gives itself (@) is lost: /bin/a$b" in made.notes


def test_a_unit_that_has_the_drop_in_already_gets_the_same_one() -> None:
    text = "[Service]\nExecStart=-/bin/a 'b c' $$d\nSystemCallFilter=@system-service\n"
    first = systemd(ruleset(), parse("a.service", [text]), LAUNCHER).text

    again = systemd(ruleset(), parse("a.service", [text, first]), LAUNCHER).text

    assert again == first


def test_directories_of_its_own_are_suggested_and_not_set() -> None:
    makes, reads = FsRight.MAKE_REG | FsRight.WRITE_FILE, FsRight.READ_FILE
    grants = {
        "/var/lib/a/state": makes,
        "/var/log/a": makes,
        "/var/cache/a b": makes,
        "/run/a%n": makes,
        "/run/declared": makes,
        "/var/lib/only-read": reads,
        "/srv/a": makes,
    }
    unit = parse("a.service", ["[Service]\nExecStart=/bin/a\nRuntimeDirectory=declared:x other\n"])

    lines = systemd(ruleset(grants), unit, LAUNCHER).text.splitlines()

    assert [line for line in lines if line.startswith("#") and "Directory=" in line] == [
        "#StateDirectory=a/state",
        "#LogsDirectory=a",
    ]


@pytest.mark.parametrize(("abi", "granted", "said"), [(8, False, False), (9, False, True), (9, True, False)])
def test_a_service_that_could_not_say_that_it_is_ready_is_found(abi: int, granted: bool, said: bool) -> None:  # noqa: FBT001 - a case
    grants = {"/run/systemd": FsRight.RESOLVE_UNIX} if granted else {}
    unit = parse("a.service", ["[Service]\nType=notify\nExecStart=/bin/a\n"])

    notes = systemd(ruleset(grants, abi), unit, LAUNCHER).notes

    assert any("cannot say that it is ready" in note for note in notes) is said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[Service]\nType=oneshot\n", "it has no ExecStart="),
        ("[Service]\nExecStart=/bin/a\nRootDirectory=/srv\n", "a root of its own"),
        ("[Service]\nExecStart=+/bin/a\n", "no command of a.service can be started"),
        ("[Service]\nExecStart=/bin/a \x1b[2J\n", "invisible character"),
        ("[Service]\nExecStart=/bin/a \u202e\n", "invisible character"),
    ],
)
def test_a_unit_that_cannot_be_wrapped_is_an_error_that_says_why(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        systemd(ruleset(), parse("a.service", [text]), LAUNCHER)
    assert caught.value.hint


@pytest.mark.parametrize(
    "launcher", ["a.py", "./a.py", "/a\n[Service]\nExecStart=/bin/sh", "/a\udcff", "/a\u202e"]
)
def test_a_launcher_that_no_unit_can_name_is_refused(launcher: str) -> None:
    with pytest.raises(UsageError, match="cannot be the launcher"):
        systemd(ruleset(), parse("a.service", ["[Service]\nExecStart=/bin/a\n"]), launcher)


def test_the_launcher_is_named_for_the_unit() -> None:
    assert default_launcher(parse("nginx@a.service", [])) == "/etc/landscribe/nginx@a.py"


def test_no_hostile_name_leaves_its_comment(hostile: Ruleset) -> None:
    export = systemd(hostile, parse("a.service", ["[Service]\nExecStart=/bin/a\n"]), LAUNCHER)

    assert [line for line in export.text.splitlines() if not line.startswith("#")] == [
        "[Service]",
        "NoNewPrivileges=yes",
        "ExecStart=",
        f"ExecStart=/usr/bin/python3 -I {LAUNCHER} -- /bin/a",
    ]
