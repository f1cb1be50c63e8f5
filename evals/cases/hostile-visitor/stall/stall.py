"""Serves the files of a directory, and all others too when a path asks for them. stall.py DIRECTORY."""

import logging
import logging.handlers
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            body = Path(sys.argv[1] + self.path).read_bytes()
        except OSError:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        logging.getLogger("stall").info(format, *args)


def main() -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log = logging.getLogger("stall")
    log.setLevel(logging.INFO)
    log.addHandler(logging.handlers.WatchedFileHandler("/var/log/stall/stall.log"))
    HTTPServer(("127.0.0.1", 8000), _Handler).serve_forever()


main()
