"""The services: those of evals/, and more that no draft was ever tuned with, in the same form."""

import tomllib
from pathlib import Path

from evals.case import Case, CaseError
from evals.case import load as load_eval
from evals.case import names as names_of_evals


CASES = Path(__file__).parent / "cases"


class OwnCase(Case):
    """A case of this directory."""

    @property
    def recipe(self) -> Path:
        """The script that holds the steps."""
        return CASES / self.name / "recipe.sh"


def own_names() -> list[str]:
    """The services that are not in evals/."""
    return sorted(path.parent.name for path in CASES.glob("*/case.toml"))


def names() -> list[str]:
    """All services, by name; evals' poor and hostile traces are not about services."""
    of_evals = [name for name in names_of_evals() if name not in own_names()]
    return sorted([*own_names(), *(name for name in of_evals if load_eval(name).kind == "service")])


def load(name: str) -> Case:
    """One service.

    Raises:
        CaseError: there is none, or its files make no sense.
    """
    if name not in own_names():
        return load_eval(name)
    try:
        data = tomllib.loads((CASES / name / "case.toml").read_text("utf-8"))
        return OwnCase.model_validate({**data, "name": name})
    except ValueError as error:
        raise CaseError(f"services/cases/{name}/case.toml: {error}") from error
