"""Reads a systemd unit with its drop-ins: from systemd where it runs, else from the files it would read."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from assistant.domain.unit import Unit, parse
from assistant.errors import InputError, UsageError


_NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,240}\.service")
_SECONDS = 20.0
_LONGEST = 1 << 20
_ROOTS = (
    *("/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator"),
    *("/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"),
)
"""Where units are, the most important first; systemd.unit(5)."""


def read_unit(unit: str, roots: tuple[str, ...] = _ROOTS) -> tuple[Unit, str]:
    """A unit by its name, or by the path of its file.

    Args:
        unit: "nginx", "nginx.service", or a path with a slash.
        roots: Where to look when systemd does not run here.

    Returns:
        The unit, and where it was read from, as words.

    Raises:
        UsageError: it is no name of a service.
        InputError: there is no such unit, it is masked, or its file cannot be read.
    """
    if "/" in unit:
        path = Path(unit)
        name = _named(path.name)
        drop_ins = sorted(path.parent.glob(f"{path.name}.d/*.conf"))
        return parse(name, [_text(one) for one in (path, *drop_ins)]), f"read from {str(path)!a}"
    name = _named(unit if "." in unit else f"{unit}.service")
    said = _asked(name)
    if said is not None:
        return parse(name, [said]), "read with systemctl cat"
    files = _files(name, roots)
    if not files:
        raise InputError(f"there is no unit {name!a} on this machine", hint="give the path of its file")
    return parse(
        name, [_text(path) for path in files]
    ), "systemd does not run here: read from the unit's files"


def sockets_of(unit: str, roots: tuple[str, ...] = _ROOTS) -> tuple[str, ...]:
    """Names of the socket units that start a service by their own name, as far as there are files of them.

    Args:
        unit: As for ``read_unit``.
        roots: Where to look.
    """
    stem = re.sub(r"\.service$", "", Path(unit).name)
    names = dict.fromkeys((f"{stem}.socket", re.sub(r"@.*$", "@.socket", f"{stem}.socket")))
    folders = [Path(unit).parent] if "/" in unit else [Path(root) for root in roots]
    return tuple(name for name in names if any((folder / name).is_file() for folder in folders))


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!a} is no name of a service", hint="like nginx.service, or a path to such a file"
        )
    return name


def _asked(name: str) -> str | None:
    """What systemd says; None where it does not run or does not know the unit."""
    systemctl = shutil.which("systemctl")
    if systemctl is None or not os.path.isdir("/run/systemd/system"):
        return None
    try:
        done = subprocess.run(
            [systemctl, "--no-pager", "cat", "--", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _files(name: str, roots: tuple[str, ...]) -> list[Path]:
    """The unit's file, or its template's, and the drop-ins in the order in which they count."""
    template = re.sub(r"@.*\.service$", "@.service", name)
    names = list(dict.fromkeys((name, template)))
    main = next((path for one in names for root in roots if (path := Path(root, one)).exists()), None)
    if main is None:
        return []
    found: dict[str, Path] = {}
    for folder in (*names, "service"):
        for root in roots:
            for path in Path(root, f"{folder}.d").glob("*.conf"):
                found.setdefault(path.name, path)
    return [main, *(found[one] for one in sorted(found) if found[one].resolve() != Path(os.devnull))]


def _text(path: Path) -> str:
    try:
        if path.resolve() == Path(os.devnull):
            raise InputError(f"the unit {path.name!a} is masked", hint=f"systemctl unmask {path.name}")
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise InputError(f"{str(path)!a} cannot be read", why=why, hint="check the path") from error
