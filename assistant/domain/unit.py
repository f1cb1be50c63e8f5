"""A systemd unit as its text means it: settings in order, lists that a drop-in resets, commands as words.

Source: systemd.syntax(7), systemd.service(5). Specifiers (%n) and variables stay as they are written.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


_SECTION = re.compile(r"\[([^\]\[]+)\]$")
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_SECONDS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("us", "usec"), 1e-6),
}
_YES = frozenset({"1", "yes", "y", "true", "t", "on"})
_PREFIXES = "@-:+!|"


@dataclass(frozen=True, slots=True)
class Setting:
    """One assignment: ``[section]``, ``key=value``; continued lines are joined."""

    section: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with its drop-ins.

    Attributes:
        name: "nginx.service".
        settings: In the order in which systemd reads them.
        strange: Lines that are no setting, as they stand.
    """

    name: str
    settings: tuple[Setting, ...]
    strange: tuple[str, ...] = ()

    def all(self, key: str, section: str = "Service") -> list[str]:
        """The values of a list; an empty assignment empties it."""
        values: list[str] = []
        for setting in self.settings:
            if (setting.section, setting.key) == (section, key):
                values = [*values, setting.value] if setting.value else []
        return values

    def last(self, key: str, section: str = "Service") -> str:
        """The value that counts; empty when there is none."""
        return next(
            (one.value for one in reversed(self.settings) if (one.section, one.key) == (section, key)), ""
        )

    def sets(self, key: str, section: str = "Service") -> list[str]:
        """Every assignment of a key, empty ones too: what an empty one means differs from key to key."""
        return [one.value for one in self.settings if (one.section, one.key) == (section, key)]

    def says(self, key: str, section: str = "Service") -> bool:
        """Whether a switch is on."""
        return self.last(key, section).lower() in _YES


@dataclass(frozen=True, slots=True)
class Command:
    """One command of an Exec line.

    Attributes:
        prefixes: Of "@-:+!|", as written.
        words: Raw: with quotes, escapes, specifiers and variables.
    """

    prefixes: str
    words: tuple[str, ...]

    @property
    def privileged(self) -> bool:
        """Runs as root, whatever User= says. "!!" meant so on kernels without ambient capabilities only."""
        return "+" in self.prefixes or self.prefixes.count("!") == 1


def parse(name: str, texts: Iterable[str]) -> Unit:
    """Read a unit file and its drop-ins, in order; what ``systemctl cat`` prints is one text."""
    settings: list[Setting] = []
    strange: list[str] = []
    for text in texts:
        section = ""
        for line in _logical_lines(text):
            header = _SECTION.match(line)
            key, equals, value = line.partition("=")
            if header:
                section = header[1]
            elif equals and section and key.strip():
                settings.append(Setting(section, key.strip(), value.strip()))
            else:
                strange.append(line)
    return Unit(name, tuple(settings), tuple(strange))


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, continued ones joined by a blank."""
    pending = ""
    for line in text.splitlines():
        if line.lstrip().startswith(("#", ";")):
            continue  # Between continued lines too.
        if line.endswith("\\"):
            pending += line[:-1] + " "
        elif whole := (pending + line).strip():
            yield whole
            pending = ""
        else:
            pending = ""
    if pending.strip():
        yield pending.strip()


def commands(value: str) -> list[Command]:
    """The commands of one Exec line: usually one, several around a lone ";"."""
    found: list[Command] = []
    words: list[str] = []
    for word in [*_words(value), ";"]:
        if word != ";":
            words.append(word)
        elif words:
            program = words[0].lstrip(_PREFIXES)
            prefixes = words[0][: len(words[0]) - len(program)]
            found.append(Command(prefixes, (program, *words[1:])))
            words = []
    return found


def _words(text: str) -> list[str]:
    """Raw words: blanks within quotes and behind a backslash belong to the word."""
    return re.findall(r"""(?:\\.|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s\\])+|\\$""", text, re.DOTALL)


def listed(values: Iterable[str]) -> list[str]:
    """The words of a list, over all its assignments, without quotes; an escaped character is itself."""
    return [_bare(word) for value in values for word in _words(value)]


def unquoted(words: Iterable[str]) -> list[str]:
    """The words of a command as the program gets them; variables and specifiers stay as they are written."""
    return [_bare(word) for word in words]


def _bare(word: str) -> str:
    for quote in ("'", '"'):
        if len(word) > 1 and word[0] == word[-1] == quote:
            word = word[1:-1]
            break
    return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL)


def seconds(span: str) -> float | None:
    """A time span ("1min 30s", "90"); None when it is none, or has no end ("infinity")."""
    total, position = 0.0, 0
    while position < len(span.rstrip()):
        match = _SPAN.match(span, position)
        if match is None or match[2].lower() not in _SECONDS:
            return None
        total += float(match[1]) * _SECONDS[match[2].lower()]
        position = match.end()
    return total if span.strip() else None
