"""Planted private parts: how the corpora are read, and what of them a Redactor lets through."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from redaction.placeholders import PLACEHOLDER
from redaction.private import Private
from redaction.redactor import Redactor
from redaction.text import Redacted


HERE = Path(__file__).parent
_PLANTED = re.compile("«([^»]*)»")


class Case(NamedTuple):
    """One name of a trace, with what in it is private."""

    kind: str
    field: str
    text: str
    parts: tuple[str, ...]


class Corpus(NamedTuple):
    """The cases of a file, the operator's words, and why parts are missed that are known to be."""

    cases: tuple[Case, ...]
    words: tuple[Private, ...]
    limits: dict[str, str]


def read(name: str) -> Corpus:
    """A corpus that lies beside this file."""
    data = tomllib.loads((HERE / name).read_text("utf-8"))
    cases = [
        Case(kind, section["field"], _bytes(marked).replace("«", "").replace("»", ""), _parts(_bytes(marked)))
        for kind, section in data["cases"].items()
        for marked in section["texts"]
    ]
    words = tuple(Private(word) for word in data.get("private", ()))
    return Corpus(tuple(cases), words, data.get("limits", {}))


def _bytes(marked: str) -> str:
    """TOML holds no surrogates: this sign stands for a byte that is no UTF-8."""
    return marked.replace("¤", "\udce9")


def _parts(marked: str) -> tuple[str, ...]:
    return tuple(part for found in _PLANTED.findall(marked) for part in found.split("/") if part)


def shown(redactor: Redactor, case: Case) -> Redacted:
    """The case as it would leave."""
    redact = {
        "path": redactor.path,
        "user": redactor.user,
        "host": redactor.host,
        "address": redactor.address,
        "abstract": redactor.abstract,
        "unit": redactor.unit,
        "text": redactor.text,
    }[case.field]
    return redact(case.text)


def leaks(redactor: Redactor, case: Case) -> Iterator[str]:
    """The private parts of a case that can be read in what would leave."""
    left = PLACEHOLDER.sub("<>", str(shown(redactor, case))).lower()
    yield from (part for part in case.parts if part.lower() in left)
