"""A shop window: a page for each template, and how often it was seen."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


HERE = Path(__file__).parent


def app(environ: dict[str, str], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Answer one request (PEP 3333)."""
    name = environ["PATH_INFO"].strip("/") or "index"
    with sqlite3.connect("/var/lib/shop/shop.db") as database:
        database.execute("create table if not exists seen (name text)")
        database.execute("insert into seen values (?)", (name,))
        (count,) = database.execute("select count(*) from seen where name = ?", (name,)).fetchone()
    page = (HERE / "templates" / f"{name}.html").read_text("utf-8")
    body = page.format(title=os.environ["TITLE"], count=count).encode()
    with tempfile.TemporaryFile() as spill:
        spill.write(body)
    start("200 OK", [("Content-Type", "text/html")])
    return [body]
