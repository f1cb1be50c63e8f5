"""Units are found with their drop-ins as systemd would find them, and the wrapped command is still the service."""

import os
import shlex
import signal
import socket
import struct
import sys
import time
from pathlib import Path

import pytest

from assistant.domain.unit import parse
from assistant.enforce.tracer import find_tracer
from assistant.enforce.units import read_unit
from assistant.errors import InputError, UsageError
from assistant.render.dropin import dropin


@pytest.fixture(autouse=True)
def _no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read, whether or not systemd runs on the machine of the tests."""
    monkeypatch.setattr("assistant.enforce.units.shutil.which", lambda _: None)


@pytest.fixture
def roots(tmp_path: Path) -> tuple[str, str]:
    for name in ("etc", "lib"):
        (tmp_path / name).mkdir()
    return (str(tmp_path / "etc"), str(tmp_path / "lib"))


def _put(root: str, name: str, text: str) -> None:
    path = Path(root, name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"[Service]\n{text}\n", "utf-8")


def test_a_unit_is_found_by_name_and_the_nearer_file_wins(roots: tuple[str, str]) -> None:
    _put(roots[1], "app.service", "ExecStart=/bin/far")
    _put(roots[0], "app.service", "ExecStart=/bin/near")

    unit, said = read_unit("app", roots)

    assert (unit.name, unit.all("ExecStart")) == ("app.service", ["/bin/near"])
    assert "systemd does not run here" in said


def test_drop_ins_of_all_places_count_in_the_order_of_their_names(roots: tuple[str, str]) -> None:
    _put(roots[1], "app.service", "A=0")
    _put(roots[0], "app.service.d/20.conf", "A=2")
    _put(roots[1], "app.service.d/10.conf", "A=1")
    _put(roots[1], "app.service.d/20.conf", "A=hidden")
    _put(roots[1], "app.service.d/30.conf", "A=masked")
    Path(roots[0], "app.service.d/30.conf").symlink_to("/dev/null")

    assert read_unit("app.service", roots)[0].all("A") == ["0", "1", "2"]


def test_an_instance_is_read_from_its_template(roots: tuple[str, str]) -> None:
    _put(roots[1], "app@.service", "A=%i")
    _put(roots[0], "app@one.service.d/x.conf", "A=more")

    unit, _ = read_unit("app@one.service", roots)

    assert (unit.name, unit.all("A")) == ("app@one.service", ["%i", "more"])


def test_a_file_is_read_with_the_drop_ins_beside_it(roots: tuple[str, str]) -> None:
    _put(roots[0], "app.service", "A=1")
    _put(roots[0], "app.service.d/x.conf", "A=2")

    assert read_unit(f"{roots[0]}/app.service")[0].all("A") == ["1", "2"]


def test_a_unit_that_is_masked_absent_or_unreadable_is_no_input(roots: tuple[str, str]) -> None:
    Path(roots[0], "masked.service").symlink_to("/dev/null")
    Path(roots[0], "binary.service").write_bytes(b"\xff")

    for name, words in (("masked", "is masked"), ("absent", "no unit"), ("binary", "cannot be read")):
        with pytest.raises(InputError, match=words):
            read_unit(name, roots)


@pytest.mark.parametrize("name", ["app.socket", "a b", "", "x\n.service", "/etc/passwd", "a'b"])
def test_only_services_can_be_recorded(name: str, roots: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="no name of a service"):
        read_unit(name, roots)


_SERVICE = """
import os, signal, socket
assert os.environ["LISTEN_PID"] == str(os.getpid())
child = os.fork()
if child == 0:
    signal.pause()
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.connect("notify")
sender.send(b"READY=1")
signal.pause()
"""


@pytest.mark.strace
def test_the_wrapped_command_keeps_the_process_id_that_systemd_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a service manager does, done by hand: sockets are passed by process id, SIGTERM goes to everybody."""
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    service = f"[Service]\nExecStart={sys.executable} -I -S service.py\n"
    (tmp_path / "service.py").write_text(_SERVICE, "ascii")
    tracer = find_tracer()
    made = dropin(parse("app.service", [service]), tracer.path, tracer.flags)
    line = made.text.partition("ExecStart=/")[2].partition("\n")[0]
    line = line.replace("/run/landscribe/%n/traces/${INVOCATION_ID}", "app").replace("%%", "%")

    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind("notify")
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    receiver.settimeout(10)
    manager = os.fork()
    if manager == 0:
        os.setsid()
        os.environ["LISTEN_PID"] = str(os.getpid())  # noqa: TID251 - it is the manager that sets it
        os.execv(f"/{line.split()[0]}", shlex.split(f"/{line}"))
    with receiver:
        _, control, _, _ = receiver.recvmsg(99, socket.CMSG_SPACE(12))
    (sender, _, _) = struct.unpack("iii", control[0][2])
    os.killpg(manager, signal.SIGTERM)
    status = os.waitpid(manager, 0)[1]

    assert sender == manager
    assert os.waitstatus_to_exitcode(status) == -signal.SIGTERM
    trace = _whole(tmp_path / "app.trace")
    assert trace.count("+++ killed by SIGTERM +++") == 2
    assert '"notify"' in trace


def _whole(path: Path) -> str:
    """The trace once strace, which is detached, has ended it."""
    deadline = time.monotonic() + 10
    text = ""
    while time.monotonic() < deadline and text.count(" +++\n") < 2:
        text = path.read_text("ascii")
        time.sleep(0.02)  # noqa: TID251 - a test waits for a process
    return text
