"""What may be asked of the machine's package database, as a value that is handed in. Unknown is an answer.

The real one is assistant.packages.Dpkg; FakePackages is the twin for tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Packages(Protocol):
    """Read-only questions about packages. None means that it is not known."""

    def owners(self, path: str) -> tuple[str, ...] | None:
        """Names of the packages that hold a path, sorted; empty when none does."""


class NoPackages:
    """A machine whose packages are not known."""

    @staticmethod
    def owners(path: str) -> None:
        """Unknown."""
        del path


@dataclass(frozen=True)
class FakePackages:
    """A package database made of literals, shipped for tests.

    Attributes:
        files: Package to its paths.
    """

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def owners(self, path: str) -> tuple[str, ...] | None:
        """Those that list it."""
        return tuple(sorted(name for name, paths in self.files.items() if path in paths))
