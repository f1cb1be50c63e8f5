"""Makes ``evals`` importable while the checkout stays off the path: the package that is tested is installed."""

import importlib.util
import sys
from pathlib import Path


FOLDER = Path(__file__).parent.parent.parent / "evals"
_spec = importlib.util.spec_from_file_location(
    "evals", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
)
assert _spec is not None
sys.modules.setdefault("evals", importlib.util.module_from_spec(_spec))
