"""Notes in a database file."""

import sqlite3


class Store:
    """A table of notes by name.

    Args:
        path: The database; made when it is not there.
    """

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        with self._database as database:
            database.execute("CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, text TEXT)")

    def get(self, name: str) -> str | None:
        """A note, or None."""
        row = self._database.execute("SELECT text FROM note WHERE name = ?", (name,)).fetchone()
        return row and str(row[0])

    def put(self, name: str, text: str) -> None:
        """Keep a note."""
        with self._database as database:
            database.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, text))
