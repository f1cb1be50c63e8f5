"""nginx, traced for real, drafted with a real small model on this machine, and lived in the kernel.

The model answers badly; what comes out must be a ruleset in which nginx works and nothing else does.
"""

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.domain import document
from tests.author.test_local import with_model
from tests.cli.conftest import COMMAND, ENVIRONMENT, Done, digest_in


pytestmark = with_model
"""And root, strace, nginx and a kernel with Landlock; CI never runs it."""

CONFIGURATION = """\
daemon off; user root; worker_processes 2; pid {top}/run/nginx.pid; error_log {top}/log/error.log;
events {{}}
http {{
    access_log {top}/log/access.log;
    client_body_temp_path {top}/tmp; proxy_temp_path {top}/tmp; fastcgi_temp_path {top}/tmp;
    uwsgi_temp_path {top}/tmp; scgi_temp_path {top}/tmp;
    server {{ listen 127.0.0.1:{port}; root {top}/www; }}
}}
"""
ANSWERS_IN = 900
"""Seconds: some thousand tokens in, two thousand out, three times, on a small machine."""


@dataclass(frozen=True)
class Nginx:
    """A web server of the test's own."""

    top: Path
    home: Path
    port: int

    @property
    def command(self) -> list[str]:
        return ["nginx", "-c", f"{self.top}/nginx.conf"]

    @property
    def check(self) -> str:
        return f"curl -sf http://127.0.0.1:{self.port}/"

    def landscribe(self, *arguments: str) -> Done:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.top,
            env={**ENVIRONMENT, "HOME": str(self.home), "LANDSCRIBE_TIMEOUT": str(ANSWERS_IN)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def answers(self) -> bool:
        patient = f"until {self.check}; do sleep 0.1; done"
        return (
            subprocess.run(
                ["timeout", "60", "sh", "-c", patient], capture_output=True, check=False
            ).returncode
            == 0
        )


@pytest.fixture
def nginx(tmp_path: Path) -> Nginx:
    # What lies beside its files is counted in the offer, so the home that is written to lies elsewhere.
    top, home = tmp_path / "srv/site", tmp_path / "home"
    top.mkdir(parents=True)
    for name in ("run", "log", "tmp", "www"):
        (top / name).mkdir()
    (top / "www/index.html").write_text("hello\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (top / "nginx.conf").write_text(CONFIGURATION.format(top=top, port=port))
    return Nginx(top, home, port)


def test_a_draft_with_a_small_model_holds_nginx(nginx: Nginx) -> None:
    recording = subprocess.Popen(
        [*COMMAND, "record", "--run", "nginx", "--timeout", "15", "--", *nginx.command],
        cwd=nginx.top,
        env=ENVIRONMENT,
    )
    assert nginx.answers()
    recording.wait(60)

    shown = nginx.landscribe("draft", "nginx.trace", "--model", "local", "--show-request")
    draft = ["draft", "nginx.trace", "--model", "local", "--approve-send", digest_in(shown.err)]
    drafted = nginx.landscribe(*draft, "-o", "nginx.toml")
    tested = nginx.landscribe("test", "nginx.toml", "--check", nginx.check, "--", *nginx.command)

    assert drafted.code in (0, 10), drafted.err
    ruleset = document.load((nginx.top / "nginx.toml").read_text())
    assert ruleset.provenance.model is not None
    assert ruleset.provenance.model.sent > 0
    assert tested.code == 0, tested.err
    assert ", 0 allowed" in tested.out
