"""Makes ``evals`` and ``services`` importable while the checkout stays off the path."""

import importlib.util
import sys
from pathlib import Path


for _name in ("evals", "services"):
    _folder = Path(__file__).parents[2] / _name
    _spec = importlib.util.spec_from_file_location(
        _name, _folder / "__init__.py", submodule_search_locations=[str(_folder)]
    )
    assert _spec is not None
    sys.modules.setdefault(_name, importlib.util.module_from_spec(_spec))
