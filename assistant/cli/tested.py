"""Results of `test`, read back for the notes. What is about other grants is refused."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError


if TYPE_CHECKING:
    from assistant.domain.minimality import Minimality
    from assistant.domain.ruleset import Ruleset
    from assistant.domain.trial import TrialSummary


def trial_of(path: Path | None, ruleset: "Ruleset") -> "TrialSummary | None":
    """The test result, if it is about this very ruleset."""
    from assistant.cli import console
    from assistant.domain.trial import TrialSummary

    if path is None:
        return None
    try:
        data = json.loads(console.read_file(path, "the test result"))
        verdicts = [probe["verdict"] for probe in data["probes"]]
        summary = TrialSummary(
            worked={"works": True, "fails": False}.get(data["work"]["verdict"]),
            command=" ".join(data["command"]),
            denied=verdicts.count("denied"),
            allowed=verdicts.count("allowed"),
            inconclusive=verdicts.count("inconclusive"),
            kernel=data["kernel"],
            abi=data["abi"],
            skipped=tuple(sorted({p["reason"] for p in data["probes"] if p["reason"]})),
        )
        digest = data["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!a} is no test result",
            why=f"{type(error).__name__}: {error}",
            hint="write one with: landscribe test RULESET -o FILE -- CMD",
        ) from error
    _check_version(path, digest, ruleset)
    return summary


def minimality_of(path: Path | None, ruleset: "Ruleset") -> "Minimality | None":
    """What was proven, if it is about this very ruleset."""
    from assistant.cli import console
    from assistant.domain.minimality import load

    if path is None:
        return None
    found = load(console.read_file(path, "the result"), source=f"{str(path)!a}")
    _check_version(path, found.digest, ruleset)
    return found


def _check_version(path: Path, digest: str, ruleset: "Ruleset") -> None:
    if digest != ruleset.digest():
        raise InputError(
            f"{str(path)!a} is the test of another version of the grants",
            why=f"it says {digest}, the ruleset is {ruleset.digest()}",
            hint="test the ruleset again",
        )
