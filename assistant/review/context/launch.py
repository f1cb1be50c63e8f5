"""How a service is started: user, capabilities, filters and mounts, as its unit's settings add up."""

from dataclasses import dataclass

from assistant.domain.unit import Setting, Unit, listed
from assistant.review.context.listing import Groups, Listing
from assistant.review.context.mounts import Mounts


_NUMBERED = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE",
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT",
    "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE",
    "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ",
    "PERFMON BPF CHECKPOINT_RESTORE",
)
CAPABILITIES = frozenset(f"CAP_{name}" for row in _NUMBERED for name in row.split())
"""All capabilities of Linux 6. Source: capabilities(7)."""

_TAKEN_BY = {
    "PrivateDevices": {"CAP_MKNOD", "CAP_SYS_RAWIO"},
    "ProtectKernelModules": {"CAP_SYS_MODULE"},
    "ProtectKernelLogs": {"CAP_SYSLOG"},
    "ProtectClock": {"CAP_SYS_TIME", "CAP_WAKE_ALARM"},
}
_NO_NEW = (
    "SystemCallFilter SystemCallArchitectures RestrictAddressFamilies RestrictNamespaces PrivateDevices",
    "ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectClock ProtectHostname",
    "MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID LockPersonality SystemCallLog",
)
IMPLY_NO_NEW_PRIVILEGES = tuple(name for row in _NO_NEW for name in row.split())
"""Directives that set no_new_privs for a service that lacks CAP_SYS_ADMIN. Source: systemd.exec(5)."""

_OFF = frozenset({"", "0", "no", "n", "false", "f", "off"})


@dataclass(frozen=True, slots=True)
class Launch:
    """What is known of a launch.

    Attributes:
        unit: Its settings, specifiers expanded.
        user: A name or number, "root", or "(dynamic)".
        root: Whether that is root; None when it cannot be told.
        groups: The groups that the unit names.
        capabilities: Those that the service can have without gaining new privileges; None: not known.
        no_new_privileges: The directive that sets no_new_privs; empty when nothing does.
        calls: The filter of system calls.
        families: The filter of socket families.
        mounts: What it sees of the file system.
    """

    unit: Unit
    user: str
    root: bool | None
    groups: tuple[str, ...]
    capabilities: frozenset[str] | None
    no_new_privileges: str
    calls: Listing
    families: Listing
    mounts: Mounts

    def has(self, *names: str) -> bool | None:
        """Whether it can have one of some capabilities."""
        return None if self.capabilities is None else not self.capabilities.isdisjoint(names)


def launch(unit: Unit, groups: Groups | None) -> Launch:
    """The launch of a unit.

    Args:
        unit: Its specifiers are expanded.
        groups: What systemd's groups of system calls hold; None when that is not known.
    """
    dynamic = unit.says("DynamicUser")
    user = unit.last("User") or ("(dynamic)" if dynamic else "root")
    root = None if "%" in user or "$" in user else user in ("root", "0")
    held = _capabilities(unit, root)
    families = [value for value in unit.all("RestrictAddressFamilies") if value != "none"]
    # An allow-list of nothing: "none" means just that, and a list that begins with it allows what follows.
    none = ["_"] if "none" in unit.all("RestrictAddressFamilies") else []
    default = (groups or {}).get("@default", frozenset({"execve", "exit", "exit_group"}))
    return Launch(
        unit=unit,
        user=user,
        root=root,
        groups=tuple(dict.fromkeys(listed([unit.last("Group"), *unit.all("SupplementaryGroups")]))),
        capabilities=held,
        no_new_privileges=_no_new_privileges(unit, held),
        calls=Listing(unit.all("SystemCallFilter"), groups, default),
        families=Listing([*none, *families]),
        mounts=Mounts(unit),
    )


def command_unit(name: str, command: str, user: str, capabilities: frozenset[str]) -> Unit:
    """A command line as a unit would start it: nothing but the user and the capabilities restricts it.

    Args:
        name: What to call it.
        command: The command line.
        user: Who it runs as.
        capabilities: Those that it has beyond its user's; of root, those that it keeps, if any are named.
    """
    pairs = [("ExecStart", command), ("User", user)]
    if capabilities:
        key = "CapabilityBoundingSet" if user in ("root", "0") else "AmbientCapabilities"
        pairs.append((key, " ".join(sorted(capabilities))))
    return Unit(name, tuple(Setting("Service", key, value) for key, value in pairs))


def is_on(unit: Unit, key: str) -> bool:
    """Whether a switch, or a list that switches something on, is set to anything but no."""
    return unit.last(key).lower() not in _OFF


def _capabilities(unit: Unit, root: bool | None) -> frozenset[str] | None:  # noqa: FBT001 - three-valued
    if is_on(unit, "PrivateUsers"):
        return frozenset()
    bounding = _merged(unit.sets("CapabilityBoundingSet"), CAPABILITIES)
    for key, taken in _TAKEN_BY.items():
        bounding -= taken if unit.says(key) else set()
    ambient = _merged(unit.sets("AmbientCapabilities"), frozenset())
    if root is None:
        return frozenset() if not bounding else None
    return bounding if root else bounding & ambient


def _merged(assignments: list[str], unset: frozenset[str]) -> frozenset[str]:
    """A set of capabilities: lists add, "~" takes away, an empty assignment empties, a lone "~" fills."""
    held: frozenset[str] | None = None
    for value in assignments:
        named = frozenset(word.upper() for word in value.removeprefix("~").split())
        if not named:
            held = CAPABILITIES if value.startswith("~") else frozenset()
        elif value.startswith("~"):
            held = (CAPABILITIES if held is None else held) - named
        else:
            held = (held or frozenset()) | named
    return unset if held is None else held


def _no_new_privileges(unit: Unit, held: frozenset[str] | None) -> str:
    if unit.says("NoNewPrivileges"):
        return "NoNewPrivileges=yes"
    if unit.says("DynamicUser"):
        return "DynamicUser=yes"
    if held is None or "CAP_SYS_ADMIN" in held:
        return ""
    return next((f"{key}= without CAP_SYS_ADMIN" for key in IMPLY_NO_NEW_PRIVILEGES if is_on(unit, key)), "")
