"""One record of the kernel's audit, from audit.log, ausearch, dmesg, /dev/kmsg or the journal."""

import re
from dataclasses import dataclass, field


# What may stand before a record. A name within a line can be anyone's, so nothing is searched for further in.
_FRONT = (
    rb"(?:<[0-9]{1,3}>)?(?:\[[^\]\n]{1,40}\] ?)*"
    rb"(?:[0-9]{1,3},[0-9]{1,20},[0-9]{1,20},[^;\n]{0,40};)?"
    rb"(?:(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:.]{8,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,+Z-]{8,24}) "
    rb"[^ \n]{1,64} )?"
    rb"(?:kernel: )?(?:\[[^\]\n]{1,40}\] ?)*"
)
_KERNEL = re.compile(
    _FRONT + rb"(?:audit: )?(?:node=[^ \n]{1,255} )?type=(?P<type>[A-Z0-9_]{1,40}(?:\[[0-9]{1,5}\])?) "
    rb"(?:msg=)?audit\((?P<stamp>[0-9]{1,12}\.[0-9]{1,6}:[0-9]{1,20})\) ?: ?(?P<rest>.*)$",
    re.DOTALL,
)
_JOURNAL = re.compile(
    _FRONT + rb"audit(?:\[[0-9]{1,10}\])?: (?P<type>[A-Z][A-Z0-9_]{2,40}(?:\[[0-9]{1,5}\])?)"
    rb"(?: msg=[^ ]{1,64})? (?P<rest>.*)$",
    re.DOTALL,
)
_READ_BY_PEOPLE = re.compile(rb"type=[A-Z_]{1,40} msg=audit\([0-9]{1,2}[/.][0-9]{1,2}[/.]")
_KERNEL_LOG = re.compile(
    rb"(?:<[0-9]{1,3}>)?\[ *[0-9]{1,9}\.[0-9]{6}\] |[0-9]{1,3},[0-9]+,[0-9]+,[^;\n]{0,40};"
    rb"|(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:.]{8,15}|[0-9-]{10}T[0-9:.,+Z-]{8,24}) [^ \n]{1,64} kernel: "
)
_FIELD = re.compile(rb'([a-zA-Z][\w-]{0,30})=("[^"\n]*"|[^ \n]*)')
_HEX = re.compile(rb"(?:[0-9A-F]{2})+$")
_NUMBERED = re.compile(r"(?:UNKNOWN\[)?([0-9]{4})\]?$")
_ENRICHED = b"\x1d"
_TYPES = {
    "1300": "SYSCALL",
    "1302": "PATH",
    "1306": "SOCKADDR",
    "1307": "CWD",
    "1309": "EXECVE",
    "1320": "EOE",
    "1327": "PROCTITLE",
    "1337": "OPENAT2",
    "1423": "LANDLOCK_ACCESS",
    "1424": "LANDLOCK_DOMAIN",
}
_UNREAD = frozenset({"EOE", "PROCTITLE", "MMAP", "BPRM_FCAPS"})
BREAK = b"----"
"""The line that ausearch puts between events."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        type: Its name, "SYSCALL"; a number that has none here stays a number.
        stamp: Time and serial, the same in all records of an event; empty where the journal left them out.
        fields: Its fields, as they stand there.
        words: What an enriched log adds: numbers in words.
        number: The line.
        raw: The line whole.
    """

    type: str
    stamp: str
    fields: dict[str, bytes]
    words: dict[str, bytes] = field(default_factory=dict)
    number: int = 0
    raw: bytes = b""

    def text(self, name: str) -> bytes | None:
        """A field that audit writes in quotes, or in hexadecimal when it holds anything unusual.

        None when it is absent, is ``(null)``, or is neither.
        """
        value = self.fields.get(name, b"")
        if value.startswith(b'"') and value.endswith(b'"') and len(value) > 1:
            return value[1:-1]
        return bytes.fromhex(value.decode("ascii")) if _HEX.match(value) else None

    def integer(self, name: str, base: int = 10) -> int | None:
        """A number, or None when there is none."""
        try:
            return int(self.fields.get(name, b""), base)
        except ValueError:
            return None


def record(raw: bytes, number: int) -> Record | None:
    """The record in a line, or None."""
    match = _KERNEL.match(raw) or _JOURNAL.match(raw)
    if match is None:
        return None
    name = match["type"].decode("ascii")
    numbered = _NUMBERED.match(name)
    if numbered:
        name = _TYPES.get(numbered[1], numbered[1])
    stamp = match.groupdict().get("stamp", b"") or b""
    if name in _UNREAD:
        return Record(name, stamp.decode("ascii"), {}, {}, number, raw)
    plain, _, enriched = match["rest"].partition(_ENRICHED)
    return Record(name, stamp.decode("ascii"), _fields(plain), _fields(enriched), number, raw)


def _fields(text: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(name.decode("ascii", "replace"), value)
    return found


def is_kernel_log(first: bytes) -> bool:
    """Whether this is dmesg, /dev/kmsg or the journal: records may come after thousands of other lines."""
    return _KERNEL_LOG.match(first) is not None


def is_interpreted(first: bytes) -> bool:
    """Whether this is ``ausearch -i``: made for people, names in it are neither quoted nor escaped."""
    return any(_READ_BY_PEOPLE.match(line) for line in first.split(b"\n", 50)[:50])
