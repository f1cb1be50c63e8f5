"""The prompt library: the files of the package ``prompts``, filled strictly, with Redacted text alone."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

from assistant.errors import LandscribeError
from redaction.text import Redacted, shipped


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt of the catalog.

    Attributes:
        id: Its name.
        version: Rises with every change.
        title: What it is for.
        use: Where it stands in a conversation: "system" or "user".
        answer: The form that is answered in: "proposal", "primer" or "prose".
        text: The template: ``$name`` stands for a variable, ``$$`` for a dollar.
        variables: What it is filled with, and what each is.
        changes: What changed in each version and what was measured.
    """

    id: str
    version: int
    title: str
    use: str
    answer: str
    text: str
    variables: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The prompt and its version: ``draft@1``."""
        return f"{self.id}@{self.version}"

    @property
    def own(self) -> Redacted:
        """The words of the prompt itself, without what it is filled with."""
        return shipped(self.text)

    def filled(self, parts: Mapping[str, Redacted | int]) -> Redacted:
        """The prompt with its variables' values.

        Raises:
            LandscribeError: a variable is missing, or one is given that the prompt does not have.
        """
        if parts.keys() != self.variables.keys():
            raise LandscribeError(
                f"the prompt {self.id} cannot be filled",
                why=f"it takes {_listed(self.variables)}, and was given {_listed(parts)}",
                hint="report it: code and prompts do not fit",
            )
        return _joined(self.text, parts)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _joined(text: str, parts: Mapping[str, Redacted | int]) -> Redacted:
    """Template and values side by side: a value that looks like a variable is none."""
    pieces, end = [], 0
    for found in Template.pattern.finditer(text):
        name = found["named"] or found["braced"]
        pieces.append(shipped(text[end : found.start()]))
        pieces.append(shipped("$") if name is None else _value(parts[name]))
        end = found.end()
    return shipped("").join([*pieces, shipped(text[end:])])


def _value(part: Redacted | int) -> Redacted:
    if type(part) is int:
        return shipped(str(part))
    if not isinstance(part, Redacted):
        raise TypeError("a prompt is filled with Redacted text and numbers")
    return part


@cache
def library() -> Mapping[str, Entry]:
    """The shipped prompts by their ids.

    Raises:
        LandscribeError: the catalog and the files do not fit: the installation is damaged.
    """
    folder = files("prompts")
    try:
        catalog = tomllib.loads((folder / "catalog.toml").read_text("utf-8"))
        return {
            name: _entry(name, row, (folder / row["file"]).read_text("utf-8"))
            for name, row in catalog.items()
        }
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise LandscribeError(
            "the prompt library is damaged", why=f"{type(error).__name__}: {error}", hint="install again"
        ) from error


def _entry(name: str, row: Mapping[str, object], text: str) -> Entry:
    known = {key: value for key, value in row.items() if key not in ("file", "changes")}
    changes = row["changes"]
    entry = Entry(id=name, text=text.strip(), changes=tuple(changes), **known)  # type: ignore[arg-type]
    used = {found["named"] or found["braced"] for found in Template.pattern.finditer(entry.text)} - {None}
    if used != entry.variables.keys():
        raise ValueError(f"{name} uses {sorted(map(str, used))}, the catalog says {sorted(entry.variables)}")
    return entry
