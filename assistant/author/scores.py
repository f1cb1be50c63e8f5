"""What models scored in the primer, kept by model and version of the questions."""

import json
import os
import tempfile

from assistant.author.library import library
from assistant.author.primer import Score


FILE = "primer.json"


def keep(folder: str, model: str, score: Score) -> None:
    """Remember a score. A cache that cannot be written is none."""
    known = _read(folder)
    known[_key(model)] = round(score.share, 4)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(known, file)
        os.replace(temporary, os.path.join(folder, FILE))
    except OSError:
        return


def kept(folder: str, model: str) -> float | None:
    """The share of right answers, from 0 to 1; None when this version was never asked."""
    found = _read(folder).get(_key(model))
    return found if isinstance(found, float) and 0 <= found <= 1 else None


def _key(model: str) -> str:
    return f"{model} {library()['questions'].name}"


def _read(folder: str) -> dict[str, object]:
    try:
        with open(os.path.join(folder, FILE), encoding="ascii") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
