"""``landscribe trace``: every line is accounted for, and what was not understood is shown."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.usefixtures("service")
def test_each_access_is_shown_with_its_rights_and_its_first_line(landscribe: Callable[..., Any]) -> None:
    done = landscribe("trace", "app.trace")

    assert done.code == 0
    assert "app: 11 lines: 9 understood, 2 without an access, 0 not understood" in done.out
    assert "/etc/ld.so.cache  read_file  openat  ok  1x  app:2" in done.out
    assert "port 8080  bind_tcp  tcp  ok  1x  app:7" in done.out


def test_a_line_that_is_not_understood_is_counted_and_named(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    service.write("app.trace", [*service.lines[:-1], "100 openat(\x1b[31mAT_FDCWD, ", service.lines[-1]])

    done = landscribe("trace", "app.trace")
    data = json.loads(landscribe("trace", "app.trace", "--json").out)

    assert done.code == 10
    assert "1 not understood" in done.out
    assert "not-understood: app" in done.err
    assert "\x1b" not in done.out + done.err
    assert data["report"]["exit"] == 10


@pytest.mark.usefixtures("service")
def test_a_trace_from_a_pipe_is_read_as_well(landscribe: Callable[..., Any], service: Any) -> None:
    with service.trace.open("rb") as file:
        done = landscribe("trace", f"/dev/fd/{file.fileno()}", pass_fds=[file.fileno()])

    assert done.code == 0
    assert "11 lines" in done.out
