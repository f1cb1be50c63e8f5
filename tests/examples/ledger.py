"""The demo service, laid out for a test."""

import socket
import subprocess
import sys
from pathlib import Path


INSTALL = Path(__file__).parents[2] / "examples/ledger/install.sh"


def _python() -> str:
    # The system's own runs for every user; the test's may lie in a home directory.
    system = Path("/usr/bin/python3")
    asked = [str(system), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    fits = system.exists() and subprocess.run(asked, check=False).returncode == 0
    return str(system if fits else Path(sys.executable).resolve())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def install(root: Path, **options: str) -> list[str]:
    """The command that starts it; ``options``: all of the installer's environment."""
    subprocess.run([INSTALL, root, str(_free_port())], check=True, env=options or None)
    return [
        *(_python(), "-IB", str(root / "lib/ledger/ledgerd.py")),
        *("--config", str(root / "etc/ledger/ledger.conf")),
    ]
