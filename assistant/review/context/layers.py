"""What each layer of a launch says of one kind of access: denied, allowed, unknown, or not its business."""

from collections.abc import Iterable

from assistant.domain.context import NO_CELL, Cell, Layer, State
from assistant.domain.unit import Unit, listed
from assistant.review.context.exposures import Exposure
from assistant.review.context.launch import Launch, is_on
from assistant.review.context.listing import Listing
from assistant.review.context.mounts import Mount, View, not_executable


_CLOSED_DEVICES = ("closed", "strict")
_FILTER_PROGRAMS = ("IPIngressFilterPath", "IPEgressFilterPath", "BPFProgram")


def _allow(why: str) -> Cell:
    return Cell(State.ALLOW, why)


def _deny(why: str) -> Cell:
    return Cell(State.DENY, why)


def _unknown(why: str) -> Cell:
    return Cell(State.UNKNOWN, why)


def _closing(launch: Launch, exposure: Exposure, layer: Layer) -> str:
    """The directive that denies it on this layer; else empty."""
    for where, spelled in exposure.closed:
        key, _, words = spelled.partition("=")
        value = launch.unit.last(key)
        if where is layer and (value.lower() in words.split("|") if words else launch.unit.says(key)):
            return f"{key}={value}"
    return ""


def user(launch: Launch, exposure: Exposure) -> Cell:
    """File permissions, as far as they follow from who the service is."""
    if not (exposure.owned_by_root or exposure.up_to_owners):
        return NO_CELL
    who = f"User={launch.user}"
    if launch.root is None:
        return _unknown(f"{who} is not known")
    if launch.root:
        return _allow("it runs as root")
    if exposure.areas and launch.has("CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"):
        return _allow("CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH passes over file permissions")
    member = sorted(set(exposure.groups) & set(launch.groups))
    if member:
        return _allow(f"it is in the group {member[0]}")
    return _unknown("it hangs on permissions that others chose") if exposure.up_to_owners else _deny(who)


def capabilities(launch: Launch, exposure: Exposure) -> Cell:
    """The kernel's privileges, and whether new ones can be gained."""
    if exposure.id == "privileges":
        kept = launch.no_new_privileges
        return _deny(kept) if kept else _allow("NoNewPrivileges= is not set")
    if not exposure.capabilities:
        return NO_CELL
    held = launch.has(*exposure.capabilities)
    named = " or ".join(exposure.capabilities)
    if held is None:
        return _unknown(f"whether it has {named} is not known")
    if held:
        return _allow(f"it may have {named}")
    if exposure.setting:
        return _unknown(f"without {named} the setting {exposure.setting} decides")
    return _deny(f"it has no {named}")


def seccomp(launch: Launch, exposure: Exposure) -> Cell:
    """Filters of system calls and of socket families."""
    if closed := _closing(launch, exposure, Layer.SECCOMP):
        return _deny(closed)
    if exposure.id == "namespaces" and (restricted := _restricts_namespaces(launch.unit)):
        return _deny(restricted)
    cells = [
        _filtered(launch.calls, exposure.calls, "SystemCallFilter="),
        _filtered(launch.families, exposure.families, "RestrictAddressFamilies="),
    ]
    judged = [cell for cell in cells if cell.state is not State.NONE]
    by_state = {cell.state: cell for cell in judged}
    for state in (State.DENY, State.UNKNOWN, State.ALLOW):
        if state in by_state:
            return by_state[state]
    unset = [spelled for layer, spelled in exposure.closed if layer is Layer.SECCOMP]
    return _allow(f"{unset[0].partition('=')[0]}= is not set") if unset else NO_CELL


def _filtered(listing: Listing, names: Iterable[str], directive: str) -> Cell:
    passes = {name: listing.passes(name) for name in names}
    if not passes:
        return NO_CELL
    if not listing.given:
        return _allow(f"{directive} is not set")
    through = [name for name, passing in passes.items() if passing]
    if through:
        return _allow(f"{directive} lets {through[0]} through")
    if None in passes.values():
        return _unknown(f"{directive} names groups that are not known here: {', '.join(listing.unknown)}")
    return _deny(directive)


def _restricts_namespaces(unit: Unit) -> str:
    """The directive, when it forbids user namespaces."""
    values = unit.all("RestrictNamespaces")
    if not values or not is_on(unit, "RestrictNamespaces"):
        return ""
    everything = unit.says("RestrictNamespaces")
    return "" if not everything and Listing(values).passes("user") else f"RestrictNamespaces={values[-1]}"


def mounts(launch: Launch, exposure: Exposure) -> Cell:
    """What the service sees of the file system."""
    if closed := _closing(launch, exposure, Layer.MOUNTS):
        if launch.has("CAP_SYS_PTRACE") is not False:
            return _allow(f"{closed} hides nothing from CAP_SYS_PTRACE")
        return _deny(closed)
    if not exposure.areas or exposure.id == "sockets":
        return _sockets(launch) if exposure.id == "sockets" else NO_CELL
    if launch.mounts.other_root:
        return _unknown(f"what is in the root of {launch.mounts.other_root} is not known")
    if exposure.id == "run":
        found = [not_executable(launch.unit, area) for area in exposure.areas]
        return _deny(found[0]) if all(found) else _allow("NoExecPaths= leaves it")
    return _areas(launch, exposure)


def _areas(launch: Launch, exposure: Exposure) -> Cell:
    settings = [launch.mounts.at(area) for area in exposure.areas]
    for area, setting in zip(exposure.areas, settings, strict=True):
        if not _denies(setting, exposure):
            return _allow(f"{area} is {'writable' if exposure.writes else 'visible'}")
    whys = dict.fromkeys(setting.why for setting in settings if setting)
    left = [path for area in exposure.areas for path in launch.mounts.writable_in(area)]
    but = f", but for {', '.join(left)}" if left and exposure.writes else ""
    return _deny(f"{', '.join(whys)}{but}")


def _denies(setting: Mount | None, exposure: Exposure) -> bool:
    if setting is None or setting.view in (View.WRITABLE, View.LEFT):
        return False
    return exposure.writes or setting.view is not View.READ_ONLY


def _sockets(launch: Launch) -> Cell:
    """Read-only mounts do not keep anybody from connecting; only hiding does."""
    setting = launch.mounts.at("/run")
    if setting and setting.view in (View.HIDDEN, View.OWN):
        return _deny(setting.why)
    return _allow("/run is visible")


def namespaces(launch: Launch, exposure: Exposure) -> Cell:
    """Namespaces of its own: network, host name, IPC."""
    keys = [spelled for layer, spelled in exposure.closed if layer is Layer.NAMESPACES]
    if not keys:
        return NO_CELL
    path = {"PrivateNetwork": "NetworkNamespacePath", "PrivateIPC": "IPCNamespacePath"}.get(keys[0], "")
    if path and launch.unit.last(path):
        return _unknown(f"{path}= leads to a namespace that is not known")
    closed = _closing(launch, exposure, Layer.NAMESPACES)
    return _deny(closed) if closed else _allow(f"{keys[0]}= is not set")


def cgroup(launch: Launch, exposure: Exposure) -> Cell:
    """Devices, addresses and ports, as the control group's programs filter them."""
    if exposure.id in ("devices", "device-nodes"):
        return _devices(launch.unit)
    if exposure.id == "bind":
        return _ports(launch.unit)
    if exposure.id in ("connect", "udp", "addresses"):
        return _addresses(launch.unit, exposure)
    return NO_CELL


def _devices(unit: Unit) -> Cell:
    allowed = [words[0] for value in unit.all("DeviceAllow") if (words := listed([value]))]
    policy = unit.last("DevicePolicy").lower()
    closed = [key for key in ("PrivateDevices", "ProtectClock") if unit.says(key)]
    if policy in _CLOSED_DEVICES:
        closed.append(f"DevicePolicy={policy}")
    if allowed and policy in ("", "auto"):
        closed.append("DeviceAllow=")
    if not closed:
        return _allow("DevicePolicy= is not set")
    but = f", but for {', '.join(dict.fromkeys(allowed))}" if allowed else ""
    return _deny(closed[0] + but)


def _ports(unit: Unit) -> Cell:
    denied = listed(unit.all("SocketBindDeny"))
    families = {family: {f"{family}:tcp", family} & set(denied) for family in ("ipv4", "ipv6")}
    if {"any", "tcp"} & set(denied) or all(families.values()):
        left = listed(unit.all("SocketBindAllow"))
        return _deny("SocketBindDeny=" + (f", but for {', '.join(left)}" if left else "any"))
    return _programs(unit) or _allow("SocketBindDeny= leaves it" if denied else "SocketBindDeny= is not set")


def _addresses(unit: Unit, exposure: Exposure) -> Cell:
    denied, left = listed(unit.all("IPAddressDeny")), listed(unit.all("IPAddressAllow"))
    if "any" in denied or {"0.0.0.0/0", "::/0"} <= set(denied):
        if not left:
            return _deny("IPAddressDeny=any")
        if exposure.id == "addresses":
            return _deny(f"IPAddressDeny=any, but for {', '.join(left)}")
        return _allow(f"IPAddressAllow= leaves {', '.join(left)}, whatever the port")
    return _programs(unit) or _allow("IPAddressDeny= leaves some" if denied else "IPAddressDeny= is not set")


def _programs(unit: Unit) -> Cell | None:
    found = next((key for key in _FILTER_PROGRAMS if unit.last(key)), "")
    return _unknown(f"{found}= is a program that is not read") if found else None
