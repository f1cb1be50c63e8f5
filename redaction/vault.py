"""The vault: which placeholder stands for which private value, with the project's key.

A value's tag is a keyed hash of it, so a project's placeholders are the same in every run and tell nothing
to who has no key. Equal means equal byte for byte: ``Acme`` and ``acme`` are two values, for file names
are. The kind is that of the first time a value is seen. Where two values want one tag, the later gets a
longer one.

The file holds the private values in plain JSON: mode 0600, its place is the caller's decision.
"""

import contextlib
import fcntl
import hmac
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from redaction.errors import VaultError
from redaction.placeholders import PLACEHOLDER, SHORTEST_TAG, Kind, full_tag, keyed, tag_of, written


FORMAT = "redaction-vault"
VERSION = 1
KEY_SIZE = 32


class Vault:
    """Placeholders and values of one project.

    Args:
        key: The project's key; a fresh one when it is not given, which is what tests and single runs want.
        path: The file that ``save`` writes; "" keeps the vault in memory.
    """

    __slots__ = ("_begun", "_key", "_path", "_placeholders", "_saved", "_tags", "_values")

    def __init__(self, key: bytes = b"", *, path: str = "") -> None:
        self._key = key or secrets.token_bytes(KEY_SIZE)
        self._begun = keyed(self._key)
        self._path = path
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._tags: set[str] = set()
        self._saved = 0

    @classmethod
    def open(cls, path: str) -> "Vault":
        """Read a project's vault; make it, with a fresh key, when there is none.

        Raises:
            VaultError: It is corrupt, of another version or owner, open to others, or cannot be read. The
                file is
                left as it is.
        """
        with _locked(path):
            found = _read(path)
            if found is None:
                vault = cls(path=path)
                _write(path, vault._document())
                return vault
        vault = cls(found[0], path=path)
        vault._take(found[1])
        vault._saved = len(vault)
        return vault

    def placeholder(self, value: str, kind: Kind) -> str:
        """The placeholder of a value; the same ever after, whatever kind is asked for then."""
        found = self._placeholders.get(value)
        if found is not None:
            return found
        tag = full_tag(self._begun, value)
        size = SHORTEST_TAG
        while tag[:size] in self._tags:
            size += 1
        made = written(kind, tag[:size])
        self._enter(made, tag[:size], value)
        return made

    def value(self, placeholder: str) -> str | None:
        """What a placeholder stands for; None when this vault never gave it out."""
        return self._values.get(placeholder)

    def known(self, value: str) -> str | None:
        """The placeholder of a value that was met before."""
        return self._placeholders.get(value)

    def values(self) -> Iterator[str]:
        """All private values, in the order in which they were met."""
        return iter(self._placeholders)

    def save(self) -> None:
        """Write what is new, with what other runs wrote meanwhile; the old file or the new one is there.

        Raises:
            VaultError: It cannot be written, or another run gave one of our placeholders to another value.
        """
        if not self._path or len(self) == self._saved:
            return
        with _locked(self._path):
            found = _read(self._path)
            if found is not None:
                if found[0] != self._key:
                    raise VaultError("the vault was replaced by one with another key while it was in use")
                self._take(found[1])
            _write(self._path, self._document())
        self._saved = len(self)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Vault({len(self)} entries)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault is not pickled: its values would be written somewhere else")

    def _enter(self, placeholder: str, tag: str, value: str) -> None:
        self._placeholders[value] = placeholder
        self._values[placeholder] = value
        self._tags.add(tag)

    def _take(self, entries: Mapping[str, str]) -> None:
        for placeholder, value in entries.items():
            if (
                self._values.get(placeholder, value) != value
                or self._placeholders.get(value, placeholder) != placeholder
            ):
                raise VaultError(
                    "two runs gave one placeholder to two values, or one value two placeholders",
                    hint="run again: what this run redacted was not saved, the file is as it was",
                )
            if placeholder not in self._values:
                self._enter(placeholder, tag_of(placeholder), value)

    def _document(self) -> dict[str, object]:
        entries = {placeholder: _stored(value) for placeholder, value in self._values.items()}
        check = _check(self._key, entries)
        return {
            "format": FORMAT,
            "version": VERSION,
            "key": self._key.hex(),
            "entries": entries,
            "check": check,
        }


def _stored(value: str) -> str:
    """A value as JSON can keep it: JSON would join two halves of a surrogate pair."""
    return value.encode("utf-8", "surrogatepass").decode("latin-1")


def _met(stored: str) -> str:
    return stored.encode("latin-1").decode("utf-8", "surrogatepass")


def _check(key: bytes, entries: Mapping[str, str]) -> str:
    text = json.dumps(list(entries.items()), ensure_ascii=True)
    return hmac.new(key, text.encode("ascii"), "sha256").hexdigest()


def _read(path: str) -> tuple[bytes, dict[str, str]] | None:
    """Key and entries; None when there is no file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultError("the vault cannot be read", why=os.strerror(error.errno or 0)) from None
    try:
        _check_owner(os.fstat(fd))
        with os.fdopen(fd, "rb", closefd=False) as file:
            data = file.read()
    except OSError as error:
        raise VaultError("the vault cannot be read", why=os.strerror(error.errno or 0)) from None
    finally:
        os.close(fd)
    found = _understood(data)
    if found is None:
        raise VaultError(
            "the vault is corrupt, or is no vault",
            hint="restore it from a backup, or move it away: placeholders of earlier answers are lost then",
        )
    return found


def _understood(data: bytes) -> tuple[bytes, dict[str, str]] | None:
    try:
        return _parsed(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # The error quotes what it read, values, so it is not passed on, not even as a context.
        return None


def _check_owner(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise VaultError("the vault is not a regular file")
    if found.st_uid != os.geteuid():
        raise VaultError("the vault belongs to another user", hint="use a vault of your own")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise VaultError("the vault is open to other users", hint="see who read it, then chmod 600")


def _parsed(document: Any) -> tuple[bytes, dict[str, str]]:
    if document["format"] != FORMAT:
        raise ValueError
    if document["version"] != VERSION:
        raise VaultError(
            "the vault is of a version that is not understood", hint="use the release that wrote it"
        )
    key, entries = bytes.fromhex(document["key"]), document["entries"]
    if len(key) != KEY_SIZE or not isinstance(entries, dict):
        raise ValueError
    if not all(PLACEHOLDER.fullmatch(name) and isinstance(value, str) for name, value in entries.items()):
        raise ValueError
    if len(set(entries.values())) != len(entries) or not hmac.compare_digest(
        document["check"], _check(key, entries)
    ):
        raise ValueError
    return key, {placeholder: _met(value) for placeholder, value in entries.items()}


def _write(path: str, document: Mapping[str, object]) -> None:
    folder = os.path.dirname(path) or "."
    temporary = ""
    try:
        # mkstemp makes it 0600 from the start.
        fd, temporary = tempfile.mkstemp(prefix=".vault-", dir=folder)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            json.dump(document, file, ensure_ascii=True)
            file.flush()
            os.fsync(fd)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise VaultError("the vault cannot be written", why=os.strerror(error.errno or 0)) from None


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """One process at a time; the lock file stays, for removing it would let two hold it."""
    try:
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise VaultError("the vault's folder cannot be written", why=os.strerror(error.errno or 0)) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
