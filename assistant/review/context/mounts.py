"""What a service sees of the file system: read-only, hidden, its own, or as everybody does.

Source: systemd.exec(5), and for settings on one path the order of namespace.c: hidden before replaced before
read-only before writable. On different paths the deeper one counts, but for what lies in a hidden one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from assistant.domain.access import is_beneath, parent
from assistant.domain.unit import Unit, listed


class View(IntEnum):
    """How a path looks from inside, the strongest first. OWN: something else is mounted there.

    LEFT: writable because a wider setting leaves it out, not because anybody asked for it.
    """

    HIDDEN = 0
    OWN = 1
    READ_ONLY = 2
    WRITABLE = 3
    LEFT = 4


@dataclass(frozen=True, slots=True)
class Mount:
    """One setting: a path, how it looks, and the directive that says so."""

    path: str
    view: View
    why: str


_HOMES = ("/home", "/root", "/run/user")
_SYSTEM = {
    "yes": ("/usr", "/boot", "/efi"),
    "full": ("/usr", "/boot", "/efi", "/etc"),
    "strict": ("/",),
}
_LEFT_OUT = ("/dev", "/proc", "/sys", *_HOMES)
_SWITCHES = (
    ("PrivateTmp", View.OWN, ("/tmp", "/var/tmp")),
    ("PrivateDevices", View.OWN, ("/dev",)),
    ("ProtectKernelTunables", View.READ_ONLY, ("/proc/sys", "/sys")),
    ("ProtectKernelTunables", View.HIDDEN, ("/proc/kcore", "/proc/kallsyms")),
    ("ProtectKernelTunables", View.LEFT, ("/sys/fs/cgroup",)),
    ("ProtectKernelModules", View.HIDDEN, ("/usr/lib/modules",)),
    ("ProtectKernelLogs", View.HIDDEN, ("/proc/kmsg", "/dev/kmsg")),
    ("ProtectControlGroups", View.READ_ONLY, ("/sys/fs/cgroup",)),
)
_LISTS = (
    ("ReadWritePaths", View.WRITABLE),
    ("ReadWriteDirectories", View.WRITABLE),
    ("ReadOnlyPaths", View.READ_ONLY),
    ("ReadOnlyDirectories", View.READ_ONLY),
    ("InaccessiblePaths", View.HIDDEN),
    ("InaccessibleDirectories", View.HIDDEN),
    ("TemporaryFileSystem", View.OWN),
)
_DIRECTORIES = (
    ("RuntimeDirectory", "/run"),
    ("StateDirectory", "/var/lib"),
    ("CacheDirectory", "/var/cache"),
    ("LogsDirectory", "/var/log"),
)
OTHER_ROOTS = ("RootDirectory", "RootImage")


class Mounts:
    """The settings of a unit that change what it sees.

    Attributes:
        other_root: The directive that gives it another root, whose contents are not known; else empty.
    """

    def __init__(self, unit: Unit) -> None:
        self.other_root = next((f"{key}=" for key in OTHER_ROOTS if unit.last(key) not in ("", "/")), "")
        self._at: dict[str, Mount] = {}
        for mount in (*_system(unit), *_home(unit), *_switched(unit), *_named(unit), *_bound(unit)):
            known = self._at.get(mount.path)
            if known is None or mount.view < known.view:
                self._at[mount.path] = mount

    def at(self, path: str) -> Mount | None:
        """The setting that counts for a path; None when it looks as everybody sees it."""
        found = None
        while True:
            mount = self._at.get(path)
            if mount is not None and mount.view is View.HIDDEN:
                return mount
            found = found or mount
            if path == "/":
                return found
            path = parent(path)

    def writable_in(self, path: str) -> list[str]:
        """Paths strictly beneath one that are writable because somebody asked for it."""
        return sorted(
            one.path
            for one in self._at.values()
            if one.view is View.WRITABLE and one.path != path and is_beneath(one.path, path)
        )


def protects_system(unit: Unit) -> str:
    """ProtectSystem= as it counts: "", "yes", "full" or "strict"."""
    if unit.says("DynamicUser"):
        return "strict"
    value = unit.last("ProtectSystem").lower()
    return "yes" if unit.says("ProtectSystem") else value if value in _SYSTEM else ""


def _system(unit: Unit) -> Iterator[Mount]:
    value = protects_system(unit)
    why = "DynamicUser=yes" if unit.says("DynamicUser") else f"ProtectSystem={value}"
    yield from (Mount(path, View.READ_ONLY, why) for path in _SYSTEM.get(value, ()))
    if value == "strict":
        yield from (Mount(path, View.LEFT, why) for path in _LEFT_OUT)


def _home(unit: Unit) -> Iterator[Mount]:
    value = unit.last("ProtectHome").lower()
    view = {"read-only": View.READ_ONLY, "tmpfs": View.OWN}.get(value)
    view = View.HIDDEN if unit.says("ProtectHome") else view
    why = f"ProtectHome={value}"
    if view is None and unit.says("DynamicUser"):
        view, why = View.READ_ONLY, "DynamicUser=yes"
    if view is not None:
        yield from (Mount(path, view, why) for path in _HOMES)


def _switched(unit: Unit) -> Iterator[Mount]:
    for key, view, paths in _SWITCHES:
        if unit.says(key) or (key == "PrivateTmp" and unit.last(key).lower() == "disconnected"):
            yield from (Mount(path, view, f"{key}={unit.last(key)}") for path in paths)
        elif key == "PrivateTmp" and unit.says("DynamicUser"):
            yield from (Mount(path, view, "DynamicUser=yes") for path in paths)


def _named(unit: Unit) -> Iterator[Mount]:
    for key, view in _LISTS:
        for word in listed(unit.all(key)):
            path = word.partition(":")[0] if key == "TemporaryFileSystem" else word.lstrip("-+")
            if path.startswith("/"):
                yield Mount(_plain(path), view, f"{key}={path}")
    for key, above in _DIRECTORIES:
        for word in listed(unit.all(key)):
            name = word.partition(":")[0].strip("/")
            yield Mount(f"{above}/{name}", View.WRITABLE, f"{key}={name}")
            if unit.says("DynamicUser") and key != "RuntimeDirectory":
                yield Mount(f"{above}/private/{name}", View.WRITABLE, f"{key}={name}")


def _bound(unit: Unit) -> Iterator[Mount]:
    for key, view in (("BindPaths", View.WRITABLE), ("BindReadOnlyPaths", View.READ_ONLY)):
        for word in listed(unit.all(key)):
            source, _, rest = word.lstrip("-").partition(":")
            path = rest.partition(":")[0] or source
            if path.startswith("/"):
                yield Mount(_plain(path), view, f"{key}={word}")


def _plain(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


def not_executable(unit: Unit, path: str) -> str:
    """The setting by which nothing at a path can be executed; else empty. The deeper of two counts."""
    deepest, found = -1, ""
    for key in ("NoExecPaths", "ExecPaths"):
        for word in listed(unit.all(key)):
            named = _plain(word.lstrip("-+"))
            if is_beneath(path, named) and len(named) > deepest:
                deepest, found = len(named), f"{key}={named}" if key == "NoExecPaths" else ""
    return found
