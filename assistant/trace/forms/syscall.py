"""A system call in the audit log, SYSCALL and the records beside it, as the line of strace for it."""

from collections.abc import Callable, Iterator, Sequence

from assistant.trace.forms import quoting
from assistant.trace.forms.layouts import LAYOUTS, X86_64
from assistant.trace.forms.record import Record
from assistant.trace.forms.symbols import errno_name, signed, words
from assistant.trace.text import AT_FDCWD


_X86_64 = b"c000003e"
_I386 = b"40000003"
_KNOWN = (_X86_64, _I386)
_PARENT = b"PARENT"
_INT64 = 1 << 64
_DIRECTORY = 0o040000
_TYPE_MASK = 0o170000
_OPAQUE = frozenset({"pointer", "text"})
_ENDS = ("exit_group",)
_TWO_NAMES = frozenset({"rename", "renameat", "renameat2"})
_IPV4, _IPV6, _UNIX = 2, 10, 1
_PORT_END, _IPV4_END, _IPV6_START, _IPV6_END = 4, 8, 8, 24


def name_of(told: Record) -> str:
    """The call's name; "" when its number says nothing here."""
    number = told.integer("syscall")
    said = told.words.get("SYSCALL", b"")
    if said and said.isascii():
        return said.decode("ascii")
    return X86_64.get(number or 0, "") if told.fields.get("arch") == _X86_64 and number is not None else ""


def is_foreign(told: Record) -> bool:
    """Whether the numbers are another architecture's, which are not known here."""
    arch = told.fields.get("arch", b"")
    return arch not in _KNOWN or (arch != _X86_64 and "SYSCALL" not in told.words)


def outcome_of(told: Record) -> str:
    """The errno's name, or "ok"."""
    code = told.integer("exit") or 0
    return errno_name(-code) if code < 0 else "ok"


class Event:
    """The records of one system call."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._call = next(told for told in records if told.type == "SYSCALL")
        self._records = records
        paths = [told for told in records if told.type == "PATH"]
        self._paths = sorted(paths, key=lambda told: told.integer("item") or 0)
        cwd = next((told for told in records if told.type == "CWD"), None)
        self._cwd = cwd.text("cwd") if cwd else None
        self._renders: dict[str, Callable[[int], bytes]] = {
            "dir": self._directory,
            "open": lambda place: self._flags(self._register(place)).encode("ascii"),
            "how": self._how,
            "address": self._address,
            "message": self._message,
            "rename": self._renaming,
            "stat": self._stat,
        }

    def line(self) -> bytes | None:
        """The line, without its end; None when the call carries no access, or failed on something unnamed."""
        name = name_of(self._call)
        pid = self._call.integer("pid") or 0
        if name in _ENDS:
            return b"%d +++ exited with 0 +++" % pid
        if name not in LAYOUTS or self._call.integer("exit") is None:
            return None
        names = self._names(name)
        shown = []
        for place, role in enumerate(LAYOUTS[name]):
            if role == "name":
                given = next(names, None)
                if given is None:
                    return None
                shown.append(self._name(given, after=LAYOUTS[name][place - 1] if place else "", place=place))
            else:
                shown.append(self._argument(role, place))
        head = b"%d " % pid + name.encode("ascii")
        return head + b"(" + b", ".join(shown) + b") = " + self._result()

    def _argument(self, role: str, place: int) -> bytes:
        if role in _OPAQUE:
            return b"0x0"
        render = self._renders.get(role)
        if render is not None:
            return render(place)
        # Audit logs four arguments.
        return words(role, self._register(place) if place < 4 else 0).encode("ascii")  # noqa: PLR2004

    def _message(self, place: int) -> bytes:
        return b"{msg_name=" + self._address(place) + b"}"

    def _renaming(self, place: int) -> bytes:
        """The fifth argument, which is not logged: that each name took the other's place shows it."""
        del place
        made = [path for path in self._paths if path.fields.get("nametype") == b"CREATE"]
        return b"RENAME_EXCHANGE" if len(made) > 1 else b"0"

    def _register(self, place: int) -> int:
        return self._call.integer(f"a{place}", 16) or 0

    def _directory(self, place: int) -> bytes:
        number = signed(self._register(place))
        return quoting.descriptor(number, self._cwd if number == AT_FDCWD else None)

    def _names(self, call: str) -> Iterator[bytes]:
        """The names that were given, in the order of the arguments."""
        entries = [path for path in self._paths if path.fields.get("nametype") != _PARENT]
        if call in _TWO_NAMES:
            gone = [path for path in entries if path.fields.get("nametype") == b"DELETE"]
            made = [path for path in entries if path.fields.get("nametype") == b"CREATE"]
            entries = [*gone[:1], *made[:1]] if gone and made else []
        elif call.startswith("symlink"):
            entries = [path for path in entries if path.fields.get("nametype") == b"CREATE"]
        for path in entries:
            name = path.text("name")
            if name is not None:
                yield name

    def _name(self, given: bytes, *, after: str, place: int) -> bytes:
        """A name, behind the working directory where no descriptor of the call says where it starts."""
        starts_here = after != "dir" or signed(self._register(place - 1)) == AT_FDCWD
        if starts_here and not given.startswith(b"/") and self._cwd:
            given = self._cwd.rstrip(b"/") + b"/" + given
        return quoting.quoted(given)

    def _flags(self, value: int) -> str:
        """Open flags, with what only audit tells: that the file was made, that a directory was opened."""
        flags = words("open", value)
        last = self._paths[-1] if self._paths else None
        if last is None or outcome_of(self._call) != "ok":
            return flags
        if "O_CREAT" in flags and last.fields.get("nametype") == b"CREATE" and "O_EXCL" not in flags:
            return flags + "|O_EXCL"
        is_directory = (last.integer("mode", 8) or 0) & _TYPE_MASK == _DIRECTORY
        if is_directory and not {"O_DIRECTORY", "O_CREAT", "O_TMPFILE", "O_PATH"} & set(flags.split("|")):
            return flags + "|O_DIRECTORY"
        return flags

    def _how(self, place: int) -> bytes:
        del place
        told = next((told for told in self._records if told.type == "OPENAT2"), None)
        if told is None:
            return b"0x0"
        flags = self._flags(told.integer("oflag", 8) or 0)
        resolve = words("resolve", told.integer("resolve", 16) or 0)
        return f"{{flags={flags}, resolve={resolve}}}".encode("ascii")

    def _stat(self, place: int) -> bytes:
        del place
        mode = self._paths[0].integer("mode", 8) if self._paths else None
        return b"0x0" if mode is None else b"{st_mode=" + words("mode", mode).encode("ascii") + b"}"

    def _address(self, place: int) -> bytes:
        del place
        told = next((told for told in self._records if told.type == "SOCKADDR"), None)
        raw = told.text("saddr") if told else None
        return address(raw, self._cwd) if raw else b"NULL"

    def _result(self) -> bytes:
        code = self._call.integer("exit") or 0
        if code >= _INT64 >> 1:
            code -= _INT64
        return quoting.failure(errno_name(-code)) if code < 0 else b"%d" % code


def address(raw: bytes, cwd: bytes | None) -> bytes:
    """A socket's address, from its bytes, as strace prints it."""
    family = int.from_bytes(raw[:2], "little")
    port = int.from_bytes(raw[2:_PORT_END], "big")
    if family == _UNIX:
        if raw[2:3] == b"\0":
            return quoting.address("AF_UNIX", path=raw[3:], abstract=True)
        name = raw[2:].split(b"\0", 1)[0]
        if name and not name.startswith(b"/") and cwd:
            name = cwd.rstrip(b"/") + b"/" + name
        return quoting.address("AF_UNIX", path=name) if name else b"{sa_family=AF_UNIX}"
    if family == _IPV4 and len(raw) >= _IPV4_END:
        host = ".".join(str(part) for part in raw[_PORT_END:_IPV4_END])
        return quoting.address("AF_INET", port=port, host=host)
    if family == _IPV6 and len(raw) >= _IPV6_END:
        host = raw[_IPV6_START:_IPV6_END].hex(":", 2)
        return quoting.address("AF_INET6", port=port, host=host)
    return quoting.address(words("family", family) if family in (0, 16, 17) else f"AF_{family}")
