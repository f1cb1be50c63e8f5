"""What may be asked of the host's file system, as a value that is handed in.

Reading a trace, drafting and verifying stay pure: they see the host only through this protocol. The real one
is assistant.host.LocalHost; NoHost answers for a trace of another machine, FakeHost is the twin for tests.
"""

import posixpath
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from assistant.domain.access import Kind, is_beneath


@dataclass(frozen=True, slots=True)
class Content:
    """What lies beneath a directory on the host, not counting what is on other file systems' pseudo trees.

    Attributes:
        files: Paths of all files beneath it, or as many as were listed before the limit. Not symbolic links:
            they open nothing themselves.
        executables: Those that have an execute bit. May be looked for only when asked for.
        complete: False when the limit was reached: the true number is larger.
    """

    files: tuple[str, ...] = ()
    executables: Collection[str] = frozenset()
    complete: bool = True


class Host(Protocol):
    """Read-only questions about one machine's file system. Every answer may be "unknown"."""

    @property
    def known(self) -> bool:
        """Whether this is the machine the trace was made on, so that its answers mean something."""

    def resolve(self, path: str, *, follow: bool = True, root: str = "") -> str:
        """The path without symbolic links; the last component's link is kept when ``follow`` is False.

        Absolute links lead to beneath ``root``, as they do for who changed the root to there.
        """

    def kind(self, path: str, *, follow: bool = True) -> Kind | None:
        """What an existing path names, or None when it does not exist or is not known.

        Without ``follow`` a symbolic link is one itself.
        """

    def interpreters(self, path: str, *, root: str = "") -> tuple[str, ...]:
        """Resolved paths that the kernel also opens when this program is executed, beneath ``root``.

        The ``#!`` interpreter, the ELF interpreter, and theirs in turn. Empty for a static program or when
        the file cannot be read.
        """

    def raises(self, path: str) -> bool:
        """Whether executing the program gives more privileges: set-id bits or file capabilities."""

    def owned(self, path: str) -> str:
        """An object's mode in octal, user and group: "0750 user group". Empty when it is not known."""

    def content(self, directory: str) -> Content:
        """What lies beneath a directory."""


def walk(path: str, link: Callable[[str], str | None], *, follow: bool = True, root: str = "") -> str:
    """Follow links component by component, at most forty times, as the kernel does.

    Args:
        path: An absolute path.
        link: What a link says, by its path; None for what is none.
        follow: The last component is followed as well.
        root: Where absolute links lead to.
    """
    walked: list[str] = []
    pending = path.split("/")[::-1]
    left = 40
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        target = (
            link("/" + "/".join([*walked, name])) if left and name != ".." and (follow or pending) else None
        )
        if name == "..":
            walked = walked[:-1]
        elif target is not None:
            left -= 1
            walked = root.split("/")[1:] if target.startswith("/") else walked
            pending += target.split("/")[::-1]
        else:
            walked.append(name)
    return "/" + "/".join(walked)


class NoHost:
    """The host of a trace from another machine: nothing is known."""

    known = False

    def resolve(self, path: str, *, follow: bool = True, root: str = "") -> str:
        """Only "." and ".." are taken out; links are unknown."""
        del follow, root
        return posixpath.normpath(path)

    def kind(self, path: str, *, follow: bool = True) -> Kind | None:
        """Unknown."""
        del path, follow
        return None

    def interpreters(self, path: str, *, root: str = "") -> tuple[str, ...]:
        """Unknown."""
        del path, root
        return ()

    def raises(self, path: str) -> bool:
        """Unknown, so not claimed."""
        del path
        return False

    def owned(self, path: str) -> str:
        """Unknown."""
        del path
        return ""

    def content(self, directory: str) -> Content:
        """Unknown."""
        del directory
        return Content(complete=False)


class ToldHost(NoHost):
    """Another machine, of which somebody says where some links lead. All else is unknown.

    Args:
        links: Symbolic link to its target, which has no links in it.
    """

    def __init__(self, links: Mapping[str, str]) -> None:
        self._links = links

    def resolve(self, path: str, *, follow: bool = True, root: str = "") -> str:
        """Follow the links that are known."""
        return walk(path, self._links.get, follow=follow, root=root)


@dataclass(frozen=True)
class FakeHost:
    """A host made of literals, shipped for tests.

    Attributes:
        kinds: Path to kind; directories above a listed path exist by implication.
        links: Symbolic link to its absolute target.
        loaders: Program to the interpreters the kernel opens with it.
        programs: Paths with an execute bit.
        raising: Programs that give more privileges.
        owners: Mode, user and group of some paths.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    loaders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    programs: frozenset[str] = frozenset()
    raising: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)
    known: bool = True

    def resolve(self, path: str, *, follow: bool = True, root: str = "") -> str:
        """Follow ``links``."""
        return walk(path, self.links.get, follow=follow, root=root)

    def kind(self, path: str, *, follow: bool = True) -> Kind | None:
        """The listed kind, or a directory when something listed lies beneath."""
        path = self.resolve(path, follow=follow)
        if path in self.links:
            return Kind.SYMLINK
        if path in self.kinds:
            return self.kinds[path]
        return Kind.DIRECTORY if any(is_beneath(known, path) for known in self.kinds) else None

    def interpreters(self, path: str, *, root: str = "") -> tuple[str, ...]:
        """The listed loaders."""
        return tuple(root + loader for loader in self.loaders.get(path, ()))

    def raises(self, path: str) -> bool:
        """Whether the program is listed as one."""
        return path in self.raising

    def owned(self, path: str) -> str:
        """As listed."""
        return self.owners.get(path, "")

    def content(self, directory: str) -> Content:
        """All listed non-directories beneath."""
        files = tuple(
            sorted(p for p, k in self.kinds.items() if k is not Kind.DIRECTORY and is_beneath(p, directory))
        )
        return Content(files, frozenset(files) & self.programs)
