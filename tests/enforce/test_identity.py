"""Who somebody is, is asked of the real git."""

from pathlib import Path

import pytest

from assistant.enforce.identity import git_identity


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("[user]\n\tname = Ada\n\temail = ada@example.org\n", "Ada <ada@example.org>"),
        ("[user]\n\tname = Ada\n", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_name_and_an_address_together_are_an_identity(
    config: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text(config, "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    assert git_identity(tmp_path) == expected


def test_without_git_nobody_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert git_identity(tmp_path) == ""
