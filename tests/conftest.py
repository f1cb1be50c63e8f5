"""What this machine can do, for the tests that need it: they skip aloud elsewhere, and fail in CI."""

import functools
import os
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.isolation import MACHINES_NETWORK, STILL_CONNECTED, leave_the_network, the_network_of, this_network


# How fast examples come says what else the machine does: that is measured by benchmarks, not asserted by tests.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

pytest_plugins = ["tests.endpoint.fixture"]
"""The ``endpoint`` fixture, a strict Messages API on the loopback, for every folder of tests."""


def _kernel() -> str:
    from assistant.enforce import support

    return "" if support.probe().abi >= 1 else "this kernel has no Landlock, or it is not enabled"


def _strace() -> str:
    if shutil.which("strace") is None:
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "strace may not trace here (ptrace is denied)"


def _root() -> str:
    return "" if os.geteuid() == 0 else "not root"


def _services() -> str:
    absent = [name for name in ("nginx", "redis-server", "curl") if not _installed(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


def _systemd() -> str:
    return "" if shutil.which("systemd-analyze") else "systemd-analyze is not installed"


def _installed(name: str) -> bool:
    # Daemons live in sbin, which is not on every user's PATH.
    return shutil.which(name) is not None or Path("/usr/sbin", name).exists()


NEEDS: dict[str, Callable[[], str]] = {
    "kernel": _kernel,
    "strace": _strace,
    "root": _root,
    "services": _services,
    "systemd": _systemd,
}
"""Marker to the check that answers why this machine cannot, or "" when it can."""


@functools.cache
def missing(need: str) -> str:
    """Why tests that are marked with ``need`` cannot run here, or ""."""
    return NEEDS[need]()


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[MACHINES_NETWORK] = this_network()
    session.config.stash[STILL_CONNECTED] = leave_the_network()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if item.get_closest_marker("kernel") is None or item.config.stash[STILL_CONNECTED]:
        return (yield)
    with the_network_of(item.config.stash[MACHINES_NETWORK]):
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for need in NEEDS:
        if item.get_closest_marker(need) and missing(need):
            pytest.skip(f"needs {need}: {missing(need)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marked = any(item.get_closest_marker(need) for need in NEEDS)
    in_ci = bool(os.environ.get("CI"))  # noqa: TID251 - the one place where tests ask who runs them
    if marked and in_ci and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport) -> str:
    where = report.longrepr
    return where[2].removeprefix("Skipped: ") if isinstance(where, tuple) else str(where)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reasons[_reason(report)] += 1
    counted = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
    terminalreporter.write_line(f"not tested on this machine: {counted or 'nothing'}")
    why = terminalreporter.config.stash[STILL_CONNECTED]
    where = f"for this process alone, the ones it starts are free ({why})" if why else "for every process"
    terminalreporter.write_line(f"sockets beyond the loopback are refused {where}")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Tests reach this machine only."""

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any) -> Any:
            if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                pytest.fail(f"a test tried to connect to {address[0]!r}")
            return real(sock, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
