"""Settings come from five places, the nearest wins, and each value says where it came from."""

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import CeilingError, UsageError
from assistant.settings import Settings, read_settings
from assistant.settings.ceiling import Policy, read_policy
from assistant.settings.folders import cache_folder, project_of, state_folder, vault_file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/.config/landscribe").mkdir(parents=True)
    (tmp_path / "project/sub").mkdir(parents=True)
    return tmp_path / "home"


def read(home: Path, flags: dict[str, Any] | None = None, **environ: str) -> Settings:
    folder = str(home.parent / "project/sub")
    return read_settings(flags or {}, {"HOME": str(home), **environ}, folder)


def user_file(home: Path, text: str) -> None:
    (home / ".config/landscribe/config.toml").write_text(text)


def project_file(home: Path, text: str) -> None:
    (home.parent / "project/landscribe.toml").write_text(text)


def test_without_any_source_the_defaults_hold(home: Path) -> None:
    found = read(home)

    assert (found.model, found.platform, found.origin) == ("claude-opus-5-5", "anthropic", {})


def test_the_nearer_source_wins_and_is_named(home: Path) -> None:
    user_file(home, 'model = "of the user"\nmax_cost = 2')
    project_file(home, 'model = "of the project"\ntimeout = 9.5')

    found = read(home, {"timeout": None}, LANDSCRIBE_MAX_COST="3.5")
    flagged = read(home, {"model": "of a flag"}, LANDSCRIBE_MODEL="of the environment")

    assert (found.model, found.max_cost, found.timeout) == ("of the project", 3.5, 9.5)
    assert found.origin["max_cost"] == "LANDSCRIBE_MAX_COST"
    assert found.origin["model"].endswith("project/landscribe.toml")
    assert (flagged.model, flagged.origin["model"]) == ("of a flag", "the command line")


def test_a_project_found_in_a_checkout_may_not_say_where_names_are_sent_or_what_is_run(home: Path) -> None:
    for line in (
        'endpoint = "https://evil.example"',
        'key_helper = "cat ~/.ssh/id_rsa"',
        'platform = "vertex"',
    ):
        project_file(home, line)
        with pytest.raises(UsageError, match="a project may not"):
            read(home)


@pytest.mark.parametrize(
    "text",
    [
        "model = 3",
        "max_cost = 'much'",
        "max_cost = -1",
        "max_cost = true",
        "private = 'word'",
        "private = [1]",
        "unknown = 1",
        "model = ",
        "\x00",
    ],
)
def test_a_value_that_cannot_be_is_an_error_that_names_the_file(home: Path, text: str) -> None:
    user_file(home, text)

    with pytest.raises(UsageError) as caught:
        read(home)

    assert "config.toml" in str(caught.value)


def test_lists_in_the_environment_are_separated_by_commas(home: Path) -> None:
    assert read(home, LANDSCRIBE_PRIVATE="acme,globex").private == ("acme", "globex")


@pytest.mark.parametrize("value", ["much", "nan", "inf", ""])
def test_a_number_in_the_environment_that_is_none_is_an_error(home: Path, value: str) -> None:
    with pytest.raises(UsageError, match="max_cost"):
        read(home, LANDSCRIBE_MAX_COST=value)


def test_the_sdks_own_variable_names_the_endpoint_and_ours_wins(home: Path) -> None:
    url = "https://gateway.example"

    theirs = read(home, ANTHROPIC_BASE_URL=url)
    ours = read(home, ANTHROPIC_BASE_URL=url, LANDSCRIBE_ENDPOINT="http://127.0.0.1:1")

    assert (theirs.endpoint, ours.endpoint) == (url, "http://127.0.0.1:1")


def policy(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return read_policy(str(file))


def test_without_a_policy_nothing_is_forbidden(tmp_path: Path) -> None:
    read_policy(str(tmp_path / "absent")).check(Settings(max_cost=None), "https://api.anthropic.com")


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("egress = false", Settings()),
        ('endpoints = ["https://gateway.example"]', Settings()),
        ("endpoints = []", Settings()),
        ('models = ["claude-haiku-*"]', Settings()),
        ("max_cost = 0.5", Settings(max_cost=1.0)),
        ("max_cost = 0.5", Settings(max_cost=None)),
        ("declared = false", Settings(public=("acme",))),
    ],
)
def test_what_the_policy_forbids_is_stopped(tmp_path: Path, text: str, settings: Settings) -> None:
    with pytest.raises(CeilingError) as caught:
        policy(tmp_path, text).check(settings, "https://api.anthropic.com")

    assert caught.value.code == 13


def test_what_the_policy_allows_goes_on(tmp_path: Path) -> None:
    text = 'endpoints = ["https://api.anthropic.com/"]\nmodels = ["claude-opus-*"]\nmax_cost = 1'

    policy(tmp_path, text).check(Settings(), "https://api.anthropic.com")


@pytest.mark.parametrize(
    "text", ["egres = false", "egress = 1", "endpoints = 'x'", "max_cost = '1'", "[[", "\x00"]
)
def test_a_policy_that_is_not_understood_allows_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(CeilingError):
        policy(tmp_path, text)


def test_a_policy_that_cannot_be_read_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").mkdir()

    with pytest.raises(CeilingError):
        read_policy(str(tmp_path / "policy.toml"))


def test_a_project_begins_where_its_file_or_its_repository_is(home: Path) -> None:
    sub = home.parent / "project/sub"

    assert project_of(str(sub)) == str(sub)
    (home.parent / "project/.git").mkdir()
    assert project_of(str(sub)) == str(home.parent / "project")


def test_folders_follow_the_xdg_variables_and_ignore_relative_ones() -> None:
    assert state_folder({"HOME": "/h", "XDG_STATE_HOME": "/s"}) == "/s/landscribe"
    assert cache_folder({"HOME": "/h", "XDG_CACHE_HOME": "rel"}) == "/h/.cache/landscribe"
    one, other = (vault_file({"HOME": "/h"}, project) for project in ("/a", "/b"))
    assert one != other
    assert one.startswith("/h/.local/state/landscribe/vaults/")
