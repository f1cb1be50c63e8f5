"""The service: python3 -m notes CONFIG. SIGHUP reads the configuration again."""

import logging
import logging.handlers
import signal
import sys
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path

from notes.server import Server
from notes.store import Store


def _configured(path: str) -> ConfigParser:
    config = ConfigParser()
    with Path(path).open(encoding="utf-8") as file:
        config.read_file(file)
    return config


def _accounts() -> int:
    """How many accounts have a line in the shadow file; what such a look-up does when it is not allowed."""
    with suppress(OSError):
        return len(Path("/etc/shadow").read_text(encoding="utf-8").splitlines())
    return 0


def main(path: str) -> None:
    """Serve until SIGTERM."""
    log = logging.getLogger("notes")
    log.setLevel(logging.INFO)
    log.addHandler(logging.handlers.WatchedFileHandler("/var/log/notes/notes.log"))
    log.info("accounts with a password: %s", "known" if _accounts() else "unknown")
    config = _configured(path)
    store = Store("/var/lib/notes/notes.db")
    server = Server(config.getint("notes", "port"), config["notes"]["title"], store)

    def reload(*_: object) -> None:
        server.title = _configured(path)["notes"]["title"]

    signal.signal(signal.SIGHUP, reload)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


main(sys.argv[1])
