"""Where things are kept: the user's settings, vaults, what was sent, and where a project begins."""

import hashlib
import os
from collections.abc import Mapping


FILE = "landscribe.toml"


def config_folder(environ: Mapping[str, str]) -> str:
    """Where the user's own settings are."""
    return os.path.join(_base(environ, "XDG_CONFIG_HOME", ".config"), "landscribe")


def state_folder(environ: Mapping[str, str]) -> str:
    """Where vaults and the list of what was sent are kept."""
    return os.path.join(_base(environ, "XDG_STATE_HOME", ".local/state"), "landscribe")


def cache_folder(environ: Mapping[str, str]) -> str:
    """What can be made again."""
    return os.path.join(_base(environ, "XDG_CACHE_HOME", ".cache"), "landscribe")


def _base(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    given = environ.get(variable, "")
    home = environ.get("HOME") or os.path.expanduser("~")
    # The specification wants a relative one to be ignored.
    return given if os.path.isabs(given) else os.path.join(home, below_home)


def project_file(folder: str) -> str:
    """The nearest landscribe.toml above a folder; "" when there is none."""
    found = (os.path.join(one, FILE) for one in _upwards(folder) if _is_file(one, FILE))
    return next(found, "")


def project_of(folder: str) -> str:
    """The project that a folder is in: where the nearest landscribe.toml or .git is, else the folder."""
    return next((one for one in _upwards(folder) if _begins_a_project(one)), folder)


def _begins_a_project(folder: str) -> bool:
    return _is_file(folder, FILE) or os.path.exists(os.path.join(folder, ".git"))


def _is_file(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name))


def _upwards(folder: str) -> list[str]:
    found = [folder]
    while os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found


def vault_file(environ: Mapping[str, str], project: str) -> str:
    """The vault of a project, by its folder."""
    digest = hashlib.sha256(os.fsencode(project)).hexdigest()[:16]
    return os.path.join(state_folder(environ), "vaults", f"{digest}.json")
