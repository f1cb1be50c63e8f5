"""The vault keeps placeholders and values of one project, and loses nothing."""

import json
import logging
import os
import pickle
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.errors import VaultError
from redaction.placeholders import PLACEHOLDER, Kind
from redaction.vault import Vault


KEY = b"k" * 32
ANY_TEXT = st.text(st.characters(), max_size=40)


def path_of(folder: Path) -> str:
    return str(folder / "vault.json")


def test_a_value_has_the_same_placeholder_in_every_run_of_a_project(tmp_path: Path) -> None:
    first = Vault.open(path_of(tmp_path))
    given_out = first.placeholder("alice", Kind.USER)
    first.save()

    second = Vault.open(path_of(tmp_path))

    assert second.placeholder("alice", Kind.NAME) == given_out
    assert second.value(given_out) == "alice"


def test_two_projects_have_different_placeholders() -> None:
    assert Vault().placeholder("alice", Kind.USER) != Vault().placeholder("alice", Kind.USER)


def test_the_same_key_gives_the_same_placeholders_whatever_came_before() -> None:
    one, other = Vault(KEY), Vault(KEY)
    one.placeholder("bob", Kind.USER)

    assert one.placeholder("alice", Kind.USER) == other.placeholder("alice", Kind.USER)


def test_names_that_differ_in_case_are_two_values() -> None:
    vault = Vault(KEY)

    assert vault.placeholder("Acme", Kind.ORG) != vault.placeholder("acme", Kind.ORG)


def test_two_values_that_want_one_tag_are_not_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {"one": "aaaaaa11", "other": "aaaaaa22", "third": "aaaaaa2233"}
    monkeypatch.setattr("redaction.vault.full_tag", lambda _key, value: tags[value])
    vault = Vault(KEY)

    found = [vault.placeholder(value, Kind.NAME) for value in tags]

    assert found == ["<NAME_aaaaaa>", "<NAME_aaaaaa2>", "<NAME_aaaaaa22>"]
    assert [vault.value(placeholder) for placeholder in found] == list(tags)


@given(st.lists(ANY_TEXT))
def test_every_value_comes_back_and_every_placeholder_is_well_formed(values: list[str]) -> None:
    vault = Vault(KEY)

    found = [vault.placeholder(value, Kind.NAME) for value in values]

    assert [vault.value(placeholder) for placeholder in found] == values
    assert len(set(found)) == len(set(values))
    assert all(PLACEHOLDER.fullmatch(placeholder) for placeholder in found)


def test_every_string_survives_the_file(tmp_path: Path) -> None:
    values = ["\udce9", "\ud83d\ude00", "\U0001f600", "a\nb", '"', "\\", "\u202e", "\x00", "", "x" * 255, "é"]
    vault = Vault.open(path_of(tmp_path))
    found = [vault.placeholder(value, Kind.NAME) for value in values]
    vault.save()

    again = Vault.open(path_of(tmp_path))

    assert [again.value(placeholder) for placeholder in found] == values


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        vault = Vault.open(path_of(tmp_path))
        vault.placeholder("alice", Kind.USER)
        vault.save()
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "vault.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vault.json", "vault.json.lock"]


def test_neither_repr_nor_logs_nor_pickles_show_values(caplog: pytest.LogCaptureFixture) -> None:
    vault = Vault(KEY)
    vault.placeholder("alice", Kind.USER)

    logging.getLogger("test").warning("%r %s", vault, vault)

    assert "alice" not in caplog.text
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(vault)


def written(folder: Path) -> Path:
    vault = Vault.open(path_of(folder))
    vault.placeholder("alice", Kind.USER)
    vault.save()
    return folder / "vault.json"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-10],
        lambda _: "",
        lambda _: "[]",
        lambda _: "null",
        lambda _: '{"format": "redaction-vault"}',
        lambda text: text.replace("alice", "malice"),
        lambda text: text.replace("redaction-vault", "other"),
        lambda text: text.replace("<USER_", "<NOBODY_"),
        lambda _: "[" * 100_000,
        lambda text: text.replace('"key": "', '"key": "00'),
    ],
)
def test_a_damaged_file_is_an_error_and_stays_as_it_is(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    file = written(tmp_path)
    file.write_text(damage(file.read_text()))
    before = file.read_bytes()

    with pytest.raises(VaultError) as raised:
        Vault.open(str(file))

    assert file.read_bytes() == before
    assert "alice" not in f"{raised.value} {raised.value.why} {raised.value.hint}"
    assert raised.value.__cause__ is None


def test_a_file_of_a_later_version_is_not_touched(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace('"version": 1', '"version": 2'))

    with pytest.raises(VaultError, match="version"):
        Vault.open(str(file))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path)
    file.chmod(mode)

    with pytest.raises(VaultError, match="open to other users"):
        Vault.open(str(file))


@pytest.mark.root
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    os.chown(file, 12345, 12345)

    with pytest.raises(VaultError, match="another user"):
        Vault.open(str(file))


def test_links_folders_and_fifos_are_no_vaults(tmp_path: Path) -> None:
    written(tmp_path).rename(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()

    for name in ("link", "folder"):
        with pytest.raises(VaultError):
            Vault.open(str(tmp_path / name))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="folder"):
        Vault.open(str(tmp_path / "absent/vault.json"))


def test_two_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    one, other = Vault.open(path_of(tmp_path)), Vault.open(path_of(tmp_path))
    first, second = one.placeholder("alice", Kind.USER), other.placeholder("bob", Kind.USER)
    one.save()
    other.save()

    both = Vault.open(path_of(tmp_path))

    assert (both.value(first), both.value(second)) == ("alice", "bob")


def test_a_conflict_with_another_run_is_an_error_and_the_file_stays(tmp_path: Path) -> None:
    one, other = Vault.open(path_of(tmp_path)), Vault.open(path_of(tmp_path))
    one.placeholder("alice", Kind.USER)
    other.placeholder("alice", Kind.HOST)
    one.save()
    before = (tmp_path / "vault.json").read_bytes()

    with pytest.raises(VaultError, match="two runs"):
        other.save()

    assert (tmp_path / "vault.json").read_bytes() == before


def test_a_vault_that_was_replaced_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    vault = Vault.open(path_of(tmp_path))
    vault.placeholder("alice", Kind.USER)
    file = tmp_path / "vault.json"
    data = json.loads(file.read_text())
    file.unlink()
    Vault.open(path_of(tmp_path))

    with pytest.raises(VaultError, match="another key"):
        vault.save()

    assert json.loads(file.read_text())["key"] != data["key"]


RUN = """
import sys
from redaction.placeholders import Kind
from redaction.vault import Vault
path, name = sys.argv[1:]
for number in range(20):
    vault = Vault.open(path)
    vault.placeholder(f"{name}-{number}", Kind.NAME)
    vault.placeholder(f"common-{number}", Kind.NAME)
    vault.save()
"""


def test_runs_in_many_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"run{number}" for number in range(6)]
    command = [sys.executable, "-c", RUN, path_of(tmp_path)]

    runs = [subprocess.Popen([*command, name]) for name in names]

    assert [run.wait() for run in runs] == [0] * len(names)
    found = set(Vault.open(path_of(tmp_path)).values())
    assert found == {f"{name}-{number}" for name in (*names, "common") for number in range(20)}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vault.json", "vault.json.lock"]


def test_neither_a_traceback_nor_what_it_holds_on_to_shows_a_value(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text()[:-4] + "alice")

    with pytest.raises(VaultError) as raised:
        Vault.open(str(file))

    shown = "".join(traceback.format_exception(raised.value))
    assert "corrupt" in shown
    assert "alice" not in shown
    assert raised.value.__context__ is None


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path)
    before = file.read_bytes()
    vault = Vault.open(str(file))
    vault.placeholder("bob", Kind.USER)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="cannot be written"):
        vault.save()

    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vault.json", "vault.json.lock"]
    monkeypatch.undo()
    vault.save()
    assert "bob" in set(Vault.open(str(file)).values())
