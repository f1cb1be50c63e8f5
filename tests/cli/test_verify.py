"""``landscribe verify``: the gate. What is invented, what is missing, and what a new trace needs."""

from collections.abc import Callable
from typing import Any

import pytest


HOSTS = '100 openat(AT_FDCWD</>, "/etc/hosts", O_RDONLY) = 3</etc/hosts>'


def _verify(landscribe: Callable[..., Any], *traces: str) -> Any:
    return landscribe("verify", "app.toml", *(traces or ["app.trace"]))


@pytest.mark.usefixtures("drafted")
def test_an_untouched_draft_passes(landscribe: Callable[..., Any]) -> None:
    done = _verify(landscribe)

    assert (done.code, done.err) == (0, "")
    assert "1 fragile-rule" in done.out


def test_an_invented_path_is_blocking(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add(
        '\n[[path]]\npath = "/srv/invented"\nrights = ["read_file"]\nby = "offline"\nevidence = ["app:5"]\n'
    )

    done = _verify(landscribe)

    assert done.code == 11
    assert "/srv/invented" in done.out


@pytest.mark.parametrize(
    ("right", "path"),
    [
        ('"write_file", ', "state"),
        ('"remove_file", ', "state"),
        ('"make_reg", ', "state"),
        (', "truncate"', "state"),
    ],
)
def test_a_right_that_was_removed_by_hand_is_missing(
    right: str, path: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit(right, "")

    done = _verify(landscribe)

    assert done.code == 11
    assert "missing-access" in done.out
    assert f"{drafted.home}/{path}" in done.out
    assert right.strip(', "') in done.out


def test_a_right_that_no_line_shows_is_blocking(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.edit(
        'rights = ["execute", "read_file"]\ngroup = "the program"',
        'rights = ["execute", "read_file", "write_file"]\ngroup = "the program"',
    )

    done = _verify(landscribe)

    assert done.code == 11
    assert "write_file" in done.out


def test_a_citation_of_another_line_is_blocking(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.edit('evidence = ["app:7"]', 'evidence = ["app:9"]')

    done = _verify(landscribe)

    assert done.code == 11
    assert "false-citation: port 8080" in done.out


def test_a_new_trace_that_needs_more_is_drift(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.write("new.trace", [*drafted.lines[:-2], HOSTS, *drafted.lines[-2:]])

    done = _verify(landscribe, "app.trace", "new.trace")

    assert done.code == 12
    assert "drift: /etc/hosts: openat needs read_file here" in done.out
    assert "[new:10]" in done.out


def test_a_new_trace_that_needs_no_more_is_no_drift(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.write("new.trace", [line.replace("100 ", "200 ", 1) for line in drafted.lines])

    assert _verify(landscribe, "app.trace", "new.trace").code == 0


def test_drift_and_an_invented_path_are_blocking_together(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.write("new.trace", [*drafted.lines[:-2], HOSTS, *drafted.lines[-2:]])
    drafted.edit('evidence = ["app:7"]', 'evidence = ["app:9"]')

    assert _verify(landscribe, "app.trace", "new.trace").code == 11


def test_a_trace_is_known_by_its_contents_and_not_by_its_file_name(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.trace.rename(drafted.root / "renamed")

    assert _verify(landscribe, "renamed").code == 0


def test_a_new_trace_under_the_old_files_name_is_a_new_trace(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.write("app.trace", [*drafted.lines[:-2], HOSTS, *drafted.lines[-2:]])

    done = _verify(landscribe)

    assert done.code == 12
    assert "[app-2:10]" in done.out
    assert "citation-unchecked: app: 8 citations" in done.out


def test_what_a_person_refused_on_purpose_is_not_missing(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    text = drafted.ruleset.read_text("utf-8")
    blocks = text.split("\n\n")
    kept = [block for block in blocks if 'path = "/etc/ld.so.cache"' not in block]
    drafted.ruleset.write_text("\n\n".join(kept), "utf-8")
    without = _verify(landscribe)
    drafted.add(
        '\n[[refused]]\npath = "/etc/ld.so.cache"\nrights = ["read_file"]\nwhy = "Only makes it faster."\n'
    )

    refused = _verify(landscribe)

    assert len(kept) == len(blocks) - 1
    assert without.code == 11
    assert refused.code == 0
    assert "refused-access" in refused.out
