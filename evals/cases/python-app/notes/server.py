"""Answers: /page/NAME is a template, /note/NAME a row of the database."""

import logging
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from string import Template

from notes.store import Store


TEMPLATES = Path("/opt/notes/templates")


class Server(HTTPServer):
    """One request at a time.

    Args:
        port: On the loopback.
        title: What pages are headed with.
        store: Where notes are kept.
    """

    def __init__(self, port: int, title: str, store: Store) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.title = title
        self.store = store


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        kind, _, name = self.path.strip("/").partition("/")
        text = self.server.store.get(name) if kind == "note" else ""
        template = TEMPLATES / ("note.html" if kind == "note" else f"{Path(name).name}.html")
        if text is None or not template.is_file():
            self.send_error(404)
            return
        page = Template(template.read_text(encoding="utf-8"))
        self._answer(page.substitute(title=self.server.title, text=text))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.store.put(self.path.rpartition("/")[2], body)
        self._answer("kept\n")

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        logging.getLogger("notes").info(format, *args)
