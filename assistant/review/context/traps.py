"""What makes a sandbox fail in this launch, or hold less than it seems. Each with what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.domain.access import is_beneath, parent
from assistant.domain.context import Trap
from assistant.domain.rights import SINCE, FsRight
from assistant.domain.ruleset import Reach, Ruleset
from assistant.domain.unit import Command, commands, listed
from assistant.review.context.launch import Launch
from assistant.review.context.mounts import not_executable, protects_system
from assistant.review.context.suggesting import LANDLOCK_CALLS


_OTHERS = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
_PRIVILEGED_GROUPS = {
    "docker": "root on this machine, through the container engine",
    "lxd": "root on this machine, through the container engine",
    "libvirt": "the machine's hypervisor",
    "disk": "every disk, past all file permissions",
    "kmem": "the machine's memory",
    "shadow": "the password hashes",
    "sudo": "root, with a password",
    "wheel": "root, with a password",
    "adm": "the machine's logs",
    "systemd-journal": "the machine's logs",
}
_STREAMS = ("StandardInput", "StandardOutput", "StandardError")
_OPENED = ("file:", "append:", "truncate:", "socket", "fd", "tty")
_NOTIFY = "/run/systemd/notify"
_INTERPRETER = "/usr/bin/python3"
_CREDENTIALS = ("LoadCredential", "LoadCredentialEncrypted", "SetCredential", "SetCredentialEncrypted")
_PRIVATE = (("StateDirectory", "/var/lib"), ("CacheDirectory", "/var/cache"), ("LogsDirectory", "/var/log"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the unit's own text does not say.

    Attributes:
        sockets: Names of socket units that start it, as far as they were found.
        raising: Programs that the ruleset lets run and that have set-user-ID bits or file capabilities here.
    """

    sockets: tuple[str, ...] = ()
    raising: tuple[str, ...] = ()


def traps(launch: Launch, ruleset: Ruleset | None, around: Surroundings) -> Iterator[Trap]:
    """All traps of a launch; those about a ruleset only where there is one."""
    yield from _filter(launch)
    yield from _outside(launch)
    yield from _inherited(launch, around)
    yield from _type(launch, ruleset)
    yield from _directories(launch, ruleset)
    yield from _privileges(launch, ruleset, around)


def _filter(launch: Launch) -> Iterator[Trap]:
    calls, key = launch.calls, "SystemCallFilter="
    needed = (*LANDLOCK_CALLS, "prctl")
    forbidden = [name for name in needed if calls.passes(name) is False]
    remedy = f"add {key}{' '.join(LANDLOCK_CALLS)}"
    if forbidden:
        answer = launch.unit.last("SystemCallErrorNumber")
        end = f"gets {answer}" if answer else "is killed (SIGSYS)"
        what = f"the filter forbids {', '.join(forbidden)}: a launcher inside it {end}"
        yield Trap("landlock-filtered", key, what, remedy)
    elif any(calls.passes(name) is None for name in needed):
        what = f"whether it lets the Landlock calls through hangs on {', '.join(calls.unknown)}"
        yield Trap("landlock-unknown", key, what, f"look at its members, or {remedy}")
    elif "@sandbox" in calls.unknown:
        what = "this machine's systemd does not know @sandbox; a newer one forbids the Landlock calls with it"
        yield Trap("landlock-filtered", key, what, f"there, {remedy}")


def _outside(launch: Launch) -> Iterator[Trap]:
    """Commands that no launcher around ExecStart= covers."""
    for key in ("ExecStart", *_OTHERS):
        for command in _commands(launch, key):
            if command.privileged:
                what = f"{command.words[0]} runs as root with all capabilities and no filter"
                shown = f"{key}={command.prefixes}"
                yield Trap("full-privileges", shown, what, "drop the prefix, or wrap this command as well")
    others = [f"{key}=" for key in _OTHERS if _commands(launch, key)]
    if others:
        what = "a launcher around ExecStart= does not cover these commands"
        yield Trap("not-covered", ", ".join(others), what, "wrap each, or let them run without Landlock")
    for key in ("PermissionsStartOnly", "RootDirectoryStartOnly"):
        if launch.unit.says(key):
            what = "User= and the like hold for ExecStart= only"
            yield Trap(
                "not-covered", f"{key}=yes", what, "remove it, and use the + prefix where it is needed"
            )
    starts = len(_commands(launch, "ExecStart"))
    if starts > 1:
        what = f"there are {starts} commands, and a launcher covers the one that it starts"
        yield Trap("not-covered", "ExecStart=", what, "wrap each")


def _commands(launch: Launch, key: str) -> list[Command]:
    return [command for value in launch.unit.all(key) for command in commands(value)]


def _inherited(launch: Launch, around: Surroundings) -> Iterator[Trap]:
    """Descriptors that are open before the sandbox starts."""
    unit = launch.unit
    also = [name for name in listed(unit.all("Also", "Install")) if name.endswith(".socket")]
    sockets = dict.fromkeys([*listed(unit.all("Sockets")), *also, *around.sockets])
    if sockets:
        what = "the service manager binds its sockets: a trace shows no bind, and no rule denies one"
        yield Trap("socket-activation", ", ".join(sockets), what, "review the ports of the socket unit")
    opened = [f"{key}={unit.last(key)}" for key in _STREAMS if unit.last(key).startswith(_OPENED)]
    if opened:
        what = "opened before the sandbox starts: no rule is asked when it is used"
        yield Trap("inherited", ", ".join(opened), what, "review it here; the ruleset says nothing of it")
    given = [key for key in _CREDENTIALS if unit.all(key)]
    if given:
        what = f"credentials are files in /run/credentials/{unit.name}, which the ruleset must grant"
        yield Trap("credentials", f"{given[0]}=", what, "grant read_file and read_dir there")


def _type(launch: Launch, ruleset: Ruleset | None) -> Iterator[Trap]:
    kind = launch.unit.last("Type")
    if kind == "forking":
        yield from _forking(launch, ruleset)
    if kind in ("notify", "notify-reload"):
        yield from _notifying(launch, ruleset)


def _forking(launch: Launch, ruleset: Ruleset | None) -> Iterator[Trap]:
    pid_file = launch.unit.last("PIDFile")
    path = pid_file if pid_file.startswith("/") else f"/run/{pid_file}"
    path = "/run" + path.removeprefix("/var/run") if is_beneath(path, "/var/run") else path
    if not pid_file:
        what = "without PIDFile= the main process is guessed among those that are left"
        yield Trap("forking", "Type=forking", what, "run it in the foreground (Type=exec), or set PIDFile=")
    elif ruleset is not None and not _can_make(ruleset, path):
        what = f"the ruleset does not let it make {path}: it would start, and time out"
        yield Trap("forking", f"PIDFile={pid_file}", what, "grant make_reg and write_file on its directory")


def _can_make(ruleset: Ruleset, path: str) -> bool:
    held = Reach(ruleset.paths()).inside(parent(path))
    return FsRight.MAKE_REG in held and FsRight.WRITE_FILE in held


def _notifying(launch: Launch, ruleset: Ruleset | None) -> Iterator[Trap]:
    if launch.families.passes("AF_UNIX") is False:
        what = "without AF_UNIX it cannot say that it is ready, and times out"
        yield Trap("notify", "Type=notify", what, "add AF_UNIX to RestrictAddressFamilies=")
    if ruleset is None or ruleset.target_abi < SINCE[FsRight.RESOLVE_UNIX]:
        return
    if FsRight.RESOLVE_UNIX not in Reach(ruleset.paths()).rights(_NOTIFY):
        what = f"the ruleset denies resolve_unix on {_NOTIFY}: it would start, and time out"
        yield Trap("notify", "Type=notify", what, f"grant resolve_unix on {_NOTIFY}")


def _directories(launch: Launch, ruleset: Ruleset | None) -> Iterator[Trap]:
    for key, above in _PRIVATE if launch.unit.says("DynamicUser") else ():
        for name in (word.partition(":")[0] for word in listed(launch.unit.all(key))):
            link, real = f"{above}/{name}", f"{above}/private/{name}"
            named = ruleset is not None and any(is_beneath(path, link) for path in ruleset.paths())
            what = f"with DynamicUser= {link} is a link to {real}" + "; a rule names the link" * named
            yield Trap("private-directory", f"{key}={name}", what, f"grant {real}")
    if launch.mounts.other_root:
        what = "the launcher, its interpreter and all paths of the ruleset must exist in that root"
        yield Trap("other-root", launch.mounts.other_root, what, "draft and test the ruleset in that root")
    closed = not_executable(launch.unit, _INTERPRETER)
    if closed:
        what = f"{_INTERPRETER}, which runs the launcher, cannot be executed"
        yield Trap("launcher-not-executable", closed, what, "add it and the launcher to ExecPaths=")


def _privileges(launch: Launch, ruleset: Ruleset | None, around: Surroundings) -> Iterator[Trap]:
    for group in launch.groups:
        if group in _PRIVILEGED_GROUPS:
            what = f"members have {_PRIVILEGED_GROUPS[group]}"
            yield Trap("privileged-group", f"group {group}", what, "take it out of the group, or accept that")
    if around.raising:
        what = (
            "no_new_privs takes their set-user-ID bit or file capabilities away, and every launcher sets it"
        )
        yield Trap("set-id-helpers", ", ".join(around.raising), what, "run these helpers outside the sandbox")
    undone = launch.has("CAP_SYS_ADMIN") and launch.calls.passes("mount") is not False
    if undone and ruleset is None and protects_system(launch.unit):
        what = "it has CAP_SYS_ADMIN and may mount: it can undo what is read-only or hidden"
        remedy = "CapabilityBoundingSet=~CAP_SYS_ADMIN or SystemCallFilter=~@mount"
        yield Trap("mounts-undone", "CAP_SYS_ADMIN", what, remedy)
    if launch.root and launch.has("CAP_SETUID"):
        what = "it starts as root: whether and when it becomes another user, no unit says"
        remedy = "set User=, with AmbientCapabilities= for what it needs root for"
        yield Trap("starts-as-root", "User=", what, remedy)
