"""Directives that close a gap, made for this unit and this ruleset, for a person to put into a drop-in."""

from collections.abc import Callable

from assistant.domain.access import is_beneath
from assistant.domain.context import Suggestion
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Ruleset
from assistant.review.context.exposures import CHANGE, Exposure
from assistant.review.context.launch import Launch
from assistant.review.context.mounts import View


LANDLOCK_CALLS = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
"""System calls that a launcher makes and that no filter of "system services" lets through everywhere."""

_SWITCHES = {
    "temporary": ("PrivateTmp=yes", "what it shares with other programs through /tmp is gone"),
    "homes": ("ProtectHome=yes", "not for a service that serves people's files"),
    "homes-write": ("ProtectHome=yes", "not for a service that writes people's files"),
    "secrets": (
        "InaccessiblePaths=-/etc/shadow -/etc/gshadow -/etc/ssl/private",
        "not for a service that checks passwords, or reads a key from there",
    ),
    "set-id-files": ("RestrictSUIDSGID=yes", ""),
    "privileges": ("NoNewPrivileges=yes", "set-user-ID helpers (sudo, mail) lose their rights"),
    "memory": ("MemoryDenyWriteExecute=yes", "not for programs that compile while they run (JIT)"),
    "personality": ("LockPersonality=yes", ""),
    "architectures": ("SystemCallArchitectures=native", "not for 32-bit programs"),
    "look-into": ("CapabilityBoundingSet=~CAP_SYS_PTRACE", ""),
    "signals": (
        "CapabilityBoundingSet=~CAP_KILL",
        "not for a root process that stops workers of other users",
    ),
    "ipc": ("PrivateIPC=yes", "not for a service that shares memory with others"),
    "realtime": ("RestrictRealtime=yes", ""),
    "raw": ("CapabilityBoundingSet=~CAP_NET_RAW", "ping and DHCP need it"),
    "devices": ("PrivateDevices=yes", "use DeviceAllow= instead when it needs a real device"),
    "device-nodes": ("PrivateDevices=yes", ""),
    "raw-io": ("PrivateDevices=yes", ""),
    "modules": ("ProtectKernelModules=yes", ""),
    "tunables": ("ProtectKernelTunables=yes", ""),
    "cgroups": ("ProtectControlGroups=yes", "not for a service that makes containers"),
    "kernel-log": ("ProtectKernelLogs=yes", ""),
    "clock": ("ProtectClock=yes", ""),
    "hostname": ("ProtectHostname=yes", ""),
    "namespaces": ("RestrictNamespaces=yes", "not for browsers and containers, which sandbox themselves"),
}
"""One line that is the same for every unit, and what to mind."""

_API = ("/dev", "/proc", "/sys", "/home", "/root", "/run/user")


def suggest(exposure: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion | None:
    """What closes a gap; None when no directive does without knowing the service better."""
    if exposure.id in _SWITCHES:
        line, mind = _SWITCHES[exposure.id]
        return Suggestion((line,), mind)
    if exposure.id in _WORDS:
        return Suggestion((), _WORDS[exposure.id])
    made = _MADE.get(exposure.id)
    return made(exposure, launch, ruleset) if made else None


def _read_only(_: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    lines = ["ProtectSystem=strict"]
    if ruleset is None:
        return Suggestion(
            tuple(lines), "name what it writes in StateDirectory=, LogsDirectory= or ReadWritePaths="
        )
    written = sorted(path for path, rights in ruleset.paths().items() if rights & CHANGE)
    needed = [path for path in written if not _stays_writable(path, launch)]
    spelled = [word for path in needed if (word := _word(path))]
    lines += [f"ReadWritePaths={word}" for word in spelled]
    mind = "each path of ReadWritePaths= must exist when it starts"
    if len(spelled) < len(needed):
        mind += "; a path whose name a unit file cannot hold was left out"
    return Suggestion(tuple(lines), mind if needed else "")


def _stays_writable(path: str, launch: Launch) -> bool:
    """Whether a path is written as before once all else is read-only."""
    setting = launch.mounts.at(path)
    own = setting is not None and setting.view in (View.WRITABLE, View.OWN)
    return own or any(is_beneath(path, api) for api in _API)


def _word(path: str) -> str:
    """A path as a unit file has it; empty when it cannot."""
    if not path.isprintable() or any(ord(char) > 0x7F for char in path):  # noqa: PLR2004 - ASCII
        return ""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if set(escaped) & set(" '\"\\;#") else escaped


def _executable(_: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    del launch
    if ruleset is None:
        return Suggestion((), "NoExecPaths=/ with ExecPaths= for its programs; a ruleset says which")
    runs = sorted(path for path, rights in ruleset.paths().items() if rights & FsRight.EXECUTE)
    programs = [f"ExecPaths={word}" for path in runs if (word := _word(path))]
    lines = ("NoExecPaths=/", "ExecPaths=/usr/lib -/usr/lib64 -/usr/local/lib", *programs)
    return Suggestion(lines, "add the launcher and its interpreter")


def _bound(_: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    del launch
    if ruleset is None:
        return Suggestion((), "SocketBindDeny=any with SocketBindAllow= for its ports; a ruleset says which")
    ports = sorted(port for port, rights in ruleset.ports().items() if rights & NetRight.BIND_TCP)
    allowed = [f"SocketBindAllow=tcp:{port}" for port in ports if port]
    mind = "add the UDP ports that it listens on" + (
        "; it also binds ports that the kernel picks" * (0 in ports)
    )
    return Suggestion(("SocketBindDeny=any", *allowed), mind)


def _rare_families(exposure: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    """As for system calls: a list that is there is tightened."""
    del ruleset
    if launch.families.given:
        return Suggestion((f"RestrictAddressFamilies=~{' '.join(exposure.families)}",))
    line = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"
    return Suggestion((line,), "leave out what it does not use; AF_NETLINK is for looking up interfaces")


def _unseen(_: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    del ruleset
    lines = ["ProtectProc=invisible"]
    lines += ["CapabilityBoundingSet=~CAP_SYS_PTRACE"] if launch.has("CAP_SYS_PTRACE") else []
    return Suggestion(tuple(lines))


def _filtered(exposure: Exposure, launch: Launch, ruleset: Ruleset | None) -> Suggestion:
    """A filter that is there is tightened: a list that allows, added to one that denies, would open it."""
    if launch.calls.given:
        return Suggestion((f"SystemCallFilter=~{' '.join(exposure.calls)}",))
    lines = ["SystemCallFilter=@system-service"]
    lines += [f"SystemCallFilter={' '.join(LANDLOCK_CALLS)}"] if ruleset else []
    mind = "a call that is missing kills the service: try it"
    return Suggestion(tuple(lines), mind + ("; the second line is for the launcher" if ruleset else ""))


_WORDS = {
    **dict.fromkeys(
        ("addresses", "connect", "udp"),
        "IPAddressDeny=any with IPAddressAllow= for its clients and peers; without any, PrivateNetwork=yes",
    ),
    "sockets": "a ruleset with target ABI 9 or newer; InaccessiblePaths= hides single ones (docker.sock)",
    "abstract": "the scope abstract_unix_socket in the ruleset, with target ABI 6 or newer",
}
"""What only who knows the service can write down."""

_MADE: dict[str, Callable[[Exposure, Launch, Ruleset | None], Suggestion]] = {
    **dict.fromkeys(("programs", "configuration", "data", "metadata"), _read_only),
    "run": _executable,
    "bind": _bound,
    "families": _rare_families,
    **dict.fromkeys(("mount", "reboot", "interfaces"), _filtered),
    "see": _unseen,
}
