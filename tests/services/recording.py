"""Real services, started, used and stopped under the real strace, and the rulesets that are drafted from that."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.domain.access import Inventory
from assistant.domain.ruleset import Provenance, Ruleset
from assistant.drafting.offline import Options
from assistant.host import LocalHost
from assistant.pipeline.drafting import draft_offline
from assistant.reading.naming import name_traces


SERVICES = ("nginx", "redis", "python")
SECONDS = 120.0


@dataclass(frozen=True)
class Recorded:
    """A service's trace and what was drafted from it."""

    trace: Path
    ruleset: Ruleset
    inventory: Inventory


def record(name: str, home: Path) -> Recorded:
    """Trace one service through a start, a request, a reload or a save, and a stop; then draft."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home.chmod(0o755)
    command, use = {"nginx": _nginx, "redis": _redis, "python": _python}[name](home, port)
    trace = home / f"{name}.trace"
    strace = ["strace", "-f", "-y", "-e", "trace=%file,%network,%process", "-o", str(trace), *command]
    with (home / "said").open("w") as said, subprocess.Popen(strace, stdout=said, stderr=said) as running:
        try:
            _wait(lambda: _answers(port), running)
            use(running)
            running.wait(SECONDS)
        finally:
            _end(running)
    options = Options(service=name, target_abi=7)
    drafted = draft_offline(name_traces([trace]), LocalHost(), options, Provenance(tool="test"))
    return Recorded(trace, drafted.ruleset, drafted.inventory)


Use = Callable[["subprocess.Popen[bytes]"], None]


def _nginx(home: Path, port: int) -> tuple[Sequence[str], Use]:
    for folder in ("www", "temp", "log"):
        (home / folder).mkdir()
    (home / "www/index.html").write_text("<p>a page</p>")
    temporary = "".join(
        f"{kind}_temp_path {home}/temp/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"user root; pid {home}/temp/nginx.pid; error_log {home}/log/error.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log {home}/log/access.log; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {home}/www; }} }}\n"
    )
    command = ["nginx", "-c", str(home / "nginx.conf"), "-e", f"{home}/log/error.log", "-g", "daemon off;"]

    def use(running: "subprocess.Popen[bytes]") -> None:
        _get(port)
        subprocess.run([*command, "-s", "reopen"], check=True, capture_output=True, timeout=SECONDS)
        _wait(lambda: _answers(port), running)
        subprocess.run([*command, "-s", "quit"], check=True, capture_output=True, timeout=SECONDS)

    return command, use


def _redis(home: Path, port: int) -> tuple[Sequence[str], Use]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]

    def use(_running: "subprocess.Popen[bytes]") -> None:
        for words in (b"SET greeting hello", b"SAVE", b"INFO memory", b"SHUTDOWN NOSAVE"):
            _say(port, words + b"\r\n")

    return command, use


def _python(home: Path, port: int) -> tuple[Sequence[str], Use]:
    (home / "site").mkdir()
    (home / "site/index.html").write_text("<p>a page</p>")
    serve = ["/usr/bin/python3", "-I", "-m", "http.server", str(port), "--bind", "127.0.0.1"]

    def use(running: "subprocess.Popen[bytes]") -> None:
        _get(port)
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)

    return [*serve, "--directory", str(home / "site")], use


def _get(port: int) -> None:
    assert b"a page" in _say(port, b"GET / HTTP/1.0\r\n\r\n")


def _say(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
        client.sendall(words)
        client.shutdown(socket.SHUT_WR)
        heard = b""
        with suppress(ConnectionResetError):
            while more := client.recv(65536):
                heard += more
    return heard


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _wait(ready: Callable[[], bool], running: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + SECONDS
    while not ready():
        assert running.poll() is None, "the service ended before it was ready"
        assert time.monotonic() < end, "the service was not ready in time"
        time.sleep(0.1)  # noqa: TID251 - until the service answers, with a deadline


def _end(running: "subprocess.Popen[bytes]") -> None:
    if running.poll() is None:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
