"""The Redactor: raw names in, ``Redacted`` out. What is not known to be public becomes a placeholder.

Works component by component: a public name stays, anything else becomes ``<KIND_tag>`` between its leading
dot and its public suffixes. Slashes, so depth, stay; equal parts get equal placeholders wherever they
stand.
"""

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from redaction.outcomes import Fate, Restored, Treated, restored
from redaction.placeholders import Kind
from redaction.private import PrivateWords
from redaction.shapes import address_kind, has_address, kind_of
from redaction.text import Redacted, sealed
from redaction.vault import Vault
from redaction.vocabulary import NOWHERE, ROOT, Place, Vocabulary, hint
from redaction.words import Split, is_public, numbers_in, shipped_words, split


class Scanner(Protocol):
    """A second opinion on names: presidio, or nothing."""

    def kinds(self, texts: Sequence[str]) -> list[Kind | None]:
        """What each text holds that is private; None where nothing was found.

        Raises:
            ScannerError: It did not finish.
        """
        ...


_TEMPLATE = frozenset(
    [".service", ".socket", ".timer", ".mount", ".path", ".target", ".slice", ".scope", ".device", ".network"]
)
_DESCRIPTOR = re.compile(
    r"(socket|pipe|net|mnt|user|pid|ipc|uts|cgroup|time|anon_inode):\[([^\]]*)\]|anon_inode:(\[?[a-z_-]+\]?)"
)
_INODES = frozenset(
    [
        "eventpoll",
        "eventfd",
        "signalfd",
        "timerfd",
        "inotify",
        "fanotify",
        "perf_event",
        "bpf-map",
        "bpf-prog",
        "io_uring",
        "pidfd",
    ]
)
_DELETED = " (deleted)"
_MEMORY = "memfd:"
_ENDPOINT = re.compile(r"(?P<open>\[?)(?P<host>[^\[\]]*?)(?P<close>\]?)(?P<port>:\d{1,5})?", re.DOTALL)
_BLANKS = re.compile(r"([ \t\n]+)")
_PUNCTUATED = re.compile(r"([(\"'`]*)(.*?)([)\"'`.,;:!?]*)", re.DOTALL)


class Redactor:
    """Redacts names of one project.

    Args:
        vocabulary: What is public.
        vault: Where placeholders come from; saving it is the caller's.
        private: Seeds and the operator's words: never shown, wherever they stand.
        scanner: A second net over what the vocabulary lets through, and a better opinion on kinds.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        vault: Vault,
        private: PrivateWords | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._vault = vault
        self._private = private or PrivateWords()
        self._scanner = scanner
        self._scanned: dict[str, Kind | None] = {}
        self._kinds: dict[str, Kind | None] = {}
        self._folders: dict[str, tuple[str, Place]] = {"": ("", ROOT)}
        self._paths: dict[str, Redacted] = {}
        self._steps: dict[tuple[Place, str], tuple[str, Place]] = {}
        self._fates: dict[tuple[str, str], Fate] = {}

    def learn(self, paths: Iterable[str]) -> None:
        """See all paths before any is shown: kinds do not hang on their order then, and scanning is faster.

        A name that is a user's in one path and stands anywhere in another is a user's in both.

        Raises:
            ScannerError: It did not finish.
        """
        known = dict.fromkeys(paths)
        if self._scanner is not None:
            parts = {part for path in known for part in path.split("/") if part} - self._scanned.keys()
            ordered = sorted(parts)
            self._scanned.update(zip(ordered, self._scanner.kinds(ordered), strict=True))
        words = shipped_words()
        users, owners = (
            tuple(f"{root}/" for root in roots) for roots in (words.users_below, words.owners_below)
        )
        with _uncollected():
            for below in (users, owners, ""):
                for path in known:
                    if path.startswith(below):
                        self.path(path)

    def path(self, path: str | Redacted) -> Redacted:
        """A path, absolute or not, with what strace adds: ``(deleted)``, ``socket:[123]``."""
        if isinstance(path, Redacted):
            return path
        found = self._paths.get(path)
        if found is None:
            found = self._paths[path] = sealed(self._path(path))
        return found

    def name(self, name: str | Redacted) -> Redacted:
        """One component by itself, without a place: a service's name, a command's, a user's."""
        if isinstance(name, Redacted):
            return name
        return sealed("/".join(self._step(NOWHERE, part)[0] for part in name.split("/")))

    def suffix(self, text: str | Redacted) -> Redacted:
        """What the names of a family end in: ``.pyc`` and ``.log.1`` stay, of ``.acme.gz`` only ``.gz``."""
        if isinstance(text, Redacted):
            return text
        if split(f"x{text}").suffix == text and self._is_private(text) is None:
            return sealed(self._record(text, text, Fate.VERBATIM) if text else "")
        return self.name(text)

    def unit(self, name: str | Redacted) -> Redacted:
        """A unit's name, with its template: ``getty@tty1.service``."""
        return self.name(name)

    def host(self, host: str | Redacted) -> Redacted:
        """A host's name or address; names that every machine has stay."""
        if isinstance(host, Redacted):
            return host
        if self._is_private(host) is None and (host in shipped_words().addresses or host == "localhost"):
            return sealed(self._record(host, host, Fate.VERBATIM))
        return sealed(self._value(host, address_kind(host) or Kind.HOST) if host else "")

    def user(self, user: str | Redacted) -> Redacted:
        """An account or a group; the distribution's own stay."""
        if isinstance(user, Redacted):
            return user
        if self._is_private(user) is None and (
            user in shipped_words().services or user in ("root", "daemon", "nogroup")
        ):
            return sealed(self._record(user, user, Fate.VERBATIM))
        return sealed(self._value(user, Kind.NUMBER if user.isdigit() else Kind.USER) if user else "")

    def address(self, address: str | Redacted) -> Redacted:
        """An address or a host, with its port, which stays: ``10.1.2.3:5432``, ``[::1]:80``."""
        if isinstance(address, Redacted):
            return address
        if address_kind(address) is None and (parts := _ENDPOINT.fullmatch(address)) and parts["port"]:
            inner = self.host(parts["host"])
            return sealed(f"{parts['open']}{inner}{parts['close']}{parts['port']}")
        return self.host(address)

    def abstract(self, name: str | Redacted) -> Redacted:
        """An abstract socket's name, with or without its leading ``@``; a path in it is redacted as one."""
        if isinstance(name, Redacted):
            return name
        mark = "@" if name.startswith("@") else ""
        return sealed(mark + str(self.path(name[len(mark) :])))

    def text(self, text: str | Redacted) -> Redacted:
        """Free text: blanks, everyday words and public paths stay, all else is replaced word by word."""
        if isinstance(text, Redacted):
            return text
        return sealed("".join(self._word(part) for part in _BLANKS.split(text)))

    def restore(self, text: str | Redacted) -> Restored:
        """Put the values back. What looks like a placeholder and is none of ours stays, and is reported."""
        return restored(str(text), self._vault)

    def treated(self) -> Iterator[Treated]:
        """Every distinct component that was redacted or shown, in the order in which they were met."""
        for (raw, shown), fate in self._fates.items():
            yield Treated(raw, sealed(shown), fate)

    def tally(self) -> dict[Fate, int]:
        """How many distinct components met each fate."""
        counted = Counter(self._fates.values())
        return {fate: counted[fate] for fate in Fate}

    def drop(self, raw: str) -> None:
        """Note that a value was left out altogether, for the tally."""
        self._record(raw, "", Fate.DROPPED)

    def _path(self, path: str) -> str:
        if path.endswith(_DELETED):
            return self._path(path[: -len(_DELETED)]) + _DELETED
        absolute = path.startswith("/")
        kernel = None if absolute else _DESCRIPTOR.fullmatch(path)
        if kernel:
            return self._descriptor(path, kernel)
        folder, slash, last = path.rpartition("/")
        shown, place = self._folder(folder) if slash else ("", NOWHERE)
        if slash and not absolute:
            shown, place = self._relative(folder)
        return shown + slash + self._step(place, last)[0]

    def _folder(self, folder: str) -> tuple[str, Place]:
        """A directory as it is shown, and where it is; "" is the root."""
        found = self._folders.get(folder)
        if found is None:
            above, _, name = folder.rpartition("/")
            known = self._folders.get(above)
            if known is None:
                known = self._folders[above] = self._walked(above)
            shown, place = known
            step, place = self._step(place, name)
            found = self._folders[folder] = f"{shown}/{step}", place
        return found

    def _walked(self, folder: str) -> tuple[str, Place]:
        # Not by recursion: a path may be thousands of slashes long.
        shown, place = "", ROOT
        for part in folder.split("/")[1:]:
            step, place = self._step(place, part)
            shown = f"{shown}/{step}"
        return shown, place

    def _relative(self, folder: str) -> tuple[str, Place]:
        place, shown = NOWHERE, []
        for part in folder.split("/"):
            step, place = self._step(place, part)
            shown.append(step)
        return "/".join(shown), place

    def _step(self, place: Place, component: str) -> tuple[str, Place]:
        if component in ("", "."):
            return component, place
        if component == "..":
            return component, self._vocabulary.back(place)
        key = (place, component)
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._decide(place, component)
        return found

    def _decide(self, place: Place, component: str) -> tuple[str, Place]:
        there, public = self._vocabulary.step(place, component)
        if public and self._denied(there, component) is None:
            return self._record(component, component, Fate.VERBATIM), there
        # Below a public name that the operator denies, the vocabulary knows its way all the same.
        head = self._public_head(place, component)
        shown, fate = self._shown(component[len(head) :], hint(place))
        return self._record(component, head + shown, fate), there

    def _public_head(self, place: Place, component: str) -> str:
        """A whole public name before a dot, with the dot: of ``nginx.pid.Xq3PzL`` only the end is private."""
        parts = split(component)
        at = len(parts.lead) + len(parts.stem)
        if "." not in parts.stem or has_address(component) or self._is_private(component):
            return ""  # what is private may reach over the dot
        while (at := component.rfind(".", 0, at)) > 0:
            if component[at - 1].isdigit() and component[at + 1 : at + 2].isdigit():
                continue  # a number is hidden whole: of a network's the first would tell the most
            if self._is_whole(place, component[:at]):
                return component[: at + 1]
        return ""

    def _is_whole(self, place: Place, name: str) -> bool:
        there, public = self._vocabulary.step(place, name)
        return bool(there.known) or (public and (split(name).suffix != "" or name in shipped_words().files))

    def _shown(self, component: str, expected: Kind) -> tuple[str, Fate]:
        private, parts = self._is_private(component), split(component)
        like_mail = _is_instance(parts) and private is Kind.EMAIL and not self._private.kind_in(component)
        if like_mail:
            private = None  # an instance of a template has the form of an address of mail, and is none
        if component.startswith(_MEMORY):
            parts = Split(_MEMORY, component[len(_MEMORY) :], "")
        if has_address(component) or address_kind(component) is not None:
            parts = _without_numbers(parts, component)
        if private and (self._is_private(parts.suffix) or not self._is_private(parts.stem)):
            parts = Split("", component, "")  # what is private reaches over the parts
        if _is_instance(parts) and (private is None or self._in_pieces(parts)):
            return self._template(parts, like_mail=like_mail)
        kind = private or self._scan(component) or kind_of(parts.stem, expected)
        numbers = numbers_in(parts.stem)
        if numbers and private is None:
            return f"{parts.lead}{self._counted(numbers)}{parts.suffix}", Fate.PSEUDONYMISED
        fate = Fate.UNDECIDED if kind is Kind.NAME else Fate.PSEUDONYMISED
        return f"{parts.lead}{self._vault.placeholder(parts.stem, kind)}{parts.suffix}", fate

    def _counted(self, parts: Sequence[str]) -> str:
        numbers = (self._vault.placeholder(part, Kind.NUMBER) for part in parts[1::2])
        return "".join(text + number for text, number in zip(parts[::2], (*numbers, ""), strict=True))

    def _template(self, parts: Split, *, like_mail: bool) -> tuple[str, Fate]:
        before, _, instance = parts.stem.partition("@")
        shown = self._piece(instance) if instance else ""
        if like_mail and shown == instance:
            # Two public names would be found again in the final bytes.
            shown = self._vault.placeholder(instance, Kind.NAME)
        head = self._piece(before) if before else ""
        return f"{parts.lead}{head}@{shown}{parts.suffix}", Fate.PSEUDONYMISED

    def _in_pieces(self, parts: Split) -> bool:
        """Whether what is private is in one of a template's pieces, and does not reach over its mark."""
        return any(piece and self._is_private(piece) for piece in parts.stem.partition("@")[::2])

    def _piece(self, piece: str) -> str:
        if is_public(piece) and self._is_private(piece) is None:
            return piece
        return self._vault.placeholder(piece, self._is_private(piece) or kind_of(piece))

    def _value(self, value: str, kind: Kind) -> str:
        fate = Fate.UNDECIDED if kind is Kind.NAME else Fate.PSEUDONYMISED
        return self._record(value, self._vault.placeholder(value, kind), fate)

    def _is_private(self, component: str) -> Kind | None:
        """The kind of what is private in a public name: a private word, or what the scanner sees."""
        if component not in self._kinds:
            found = self._private.kind_in(component) if self._private else None
            self._kinds[component] = found or self._scan(component)
        return self._kinds[component]

    def _denied(self, place: Place, component: str) -> Kind | None:
        """The same for a name at a place: what a package holds is private only where a word says so.

        ``RelNotes/1.5.5.5.txt`` looks like an address, and names of build ids like tokens.
        """
        if self._vocabulary.is_packaged(place):
            return self._private.kind_in(component) if self._private else None
        return self._is_private(component)

    def _scan(self, component: str) -> Kind | None:
        if self._scanner is None or not component:
            return None
        if component not in self._scanned:
            self._scanned[component] = self._scanner.kinds([component])[0]
        return self._scanned[component]

    def _descriptor(self, path: str, found: re.Match[str]) -> str:
        if found[3] is not None or found[2].strip("[]") in _INODES:
            known = (found[3] or found[2]).strip("[]") in _INODES
            return path if known else self._value(path, Kind.NAME)
        return f"{found[1]}:[{self._value(found[2], kind_of(found[2]))}]" if found[2] else path

    def _word(self, word: str) -> str:
        if not word or _BLANKS.fullmatch(word):
            return word
        parts = _PUNCTUATED.fullmatch(word)
        if parts is None or not parts[2]:
            return word if word.isascii() and word.isprintable() else self._value(word, Kind.NAME)
        inner = parts[2]
        return parts[1] + self._inner(inner) + parts[3]

    def _inner(self, word: str) -> str:
        if word.lower() in shipped_words().prose and self._is_private(word) is None:
            return self._record(word, word, Fate.VERBATIM)
        if "/" in word:
            return str(self.path(word))
        return str(self.address(word)) if address_kind(word) else self._step(NOWHERE, word)[0]

    def _record(self, raw: str, shown: str, fate: Fate) -> str:
        self._fates[raw, shown] = fate
        return shown


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python's collector of cycles off: it would walk over all that was redacted, again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _is_instance(parts: Split) -> bool:
    """Whether it is a unit of a template, as ``getty@tty1.service``, or the directory of its drop-ins."""
    return "@" in parts.stem and parts.suffix.removesuffix(".d") in _TEMPLATE


def _without_numbers(parts: Split, component: str) -> Split:
    """An address keeps no part of it outside its placeholder."""
    kept = [part for part in parts.suffix.split(".") if part]
    cut = next((len(kept) - at for at, part in enumerate(reversed(kept)) if part.isdigit()), 0)
    suffix = "".join(f".{part}" for part in kept[cut:])
    return Split(parts.lead, component[len(parts.lead) : len(component) - len(suffix)], suffix)
