"""Starts one command inside a Landlock sandbox; refuses to start it with less protection than was asked for.

Usage: launcher [--best-effort] [--ignore-missing] [--check] -- COMMAND [ARGUMENT...]

  --best-effort     go on when this kernel enforces less than the policy asks for, and say what is lost
  --ignore-missing  go on when a path of the policy does not exist, and say which
  --check           start nothing: print what would be enforced and lost; exit 0 (all of it) or 1

Exit codes of its own: 125 no sandbox, 126 the command may not be executed, 127 it was not found.
Standard library only: this file works alone, as any user, with Python 3.9 or newer. It reads no other file.
The command inherits stdin, stdout, stderr and the sockets that a service manager passed (LISTEN_FDS).
"""
# ruff: noqa: UP037 - the line POLICY is replaced as it stands when this file is exported
# mypy: disable-error-code="type-arg"

from __future__ import annotations

import ctypes
import errno
import fcntl
import grp
import os
import pwd
import resource
import signal
import stat
import struct
import sys
import warnings  # noqa: F401 - os.execvp imports it, when the sandbox may already forbid to
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn


POLICY: "dict | None" = None

Table = dict[str, tuple[int, int]]


def _table(*brought: tuple[int, str]) -> Table:
    names = [(name, abi) for abi, words in brought for name in words.split()]
    return {name: (1 << position, abi) for position, (name, abi) in enumerate(names)}


# Name: (bit, ABI that brought it), in the order of include/uapi/linux/landlock.h.
FS = _table(
    (1, "execute write_file read_file read_dir remove_dir remove_file"),
    (1, "make_char make_dir make_reg make_sock make_fifo make_block make_sym"),
    (2, "refer"),
    (3, "truncate"),
    (5, "ioctl_dev"),
    (9, "resolve_unix"),
)
NET = _table((4, "bind_tcp connect_tcp"), (10, "bind_udp connect_send_udp"))
SCOPE = _table((6, "abstract_unix_socket signal"))
NEWEST_ABI, LOG_ABI = 11, 7
ON_FILE = ("execute", "write_file", "read_file", "truncate", "ioctl_dev", "resolve_unix")
REFER = FS["refer"][0]

# These numbers are the same on every architecture but alpha.
CLOSE_RANGE, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 436, 444, 445, 446
PATH_BENEATH, NET_PORT, LOG_NEW_EXEC_ON, PR_SET_NO_NEW_PRIVS = 1, 2, 2, 38
NO_SANDBOX, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class LaunchError(Exception):
    """Why nothing was started. ``code`` is the exit code."""

    def __init__(self, what: str, why: str, hint: str, code: int = NO_SANDBOX) -> None:
        super().__init__(what)
        self.what, self.why, self.hint, self.code = what, why, hint, code


@dataclass(frozen=True)
class Plan:
    """What a kernel would handle, as bits; in words what it cannot (``losses``), and what else to know."""

    abi: int
    fs: int
    net: int
    scope: int
    losses: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class Sandbox:
    """A ruleset in the kernel (descriptor; -1: none). ``keep``: descriptors that must outlive exec."""

    plan: Plan
    ruleset: int = -1
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keep: list[int] = field(default_factory=list)

    def said(self) -> list[str]:
        """Everything that is not as the policy has it, one sentence each."""
        nothing = [] if self.plan.fs else ["nothing is enforced: the command runs without a sandbox"]
        missing = [f"{path} does not exist: no rule was made for it" for path in self.missing]
        return [*self.plan.losses, *nothing, *self.plan.notes, *self.notes, *missing]

    def refusal(self, *, best_effort: bool = False, ignore_missing: bool = False) -> LaunchError | None:
        """Why this must not be enforced as it is, if it must not."""
        losses, missing = self.plan.losses, self.missing
        if losses and not best_effort:
            why = (self.plan.abi == 0 and landlock_abi()[1]) or "; ".join(losses)
            return LaunchError("this kernel enforces less than the policy", why, "--best-effort goes on")
        if missing and not ignore_missing:
            hint = "create them, or go on with --ignore-missing"
            return LaunchError("paths of the policy do not exist", ", ".join(missing), hint)
        return None


def call(number: int, *arguments: int | bytes | None) -> int:
    """A raw system call. Raises OSError."""
    words = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *words))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def prctl(option: int, value: int) -> None:
    """Set one attribute of this process. Raises OSError."""
    if _libc.prctl(option, *(ctypes.c_ulong(word) for word in (value, 0, 0, 0))):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def landlock_abi() -> tuple[int, str]:
    """The running kernel's ABI, or 0 and the reason why there is none."""
    try:
        return call(CREATE_RULESET, None, 0, 1), ""
    except OSError as error:
        known = {
            errno.ENOSYS: "this kernel was built without Landlock",
            errno.EOPNOTSUPP: "Landlock was disabled when this kernel was booted (lsm=)",
            errno.EPERM: "a seccomp filter forbids Landlock's calls (in a unit: SystemCallFilter=)",
        }
        return 0, known.get(error.errno or 0, f"the kernel says: {error.strerror}")


def threads() -> int:
    """How many threads this process has, not only Python's; 0 where there is no /proc to say so."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0


def passed() -> range:
    """Descriptors that a service manager passed to this very process; sd_listen_fds(3)."""
    named = os.environ  # noqa: TID251 - the protocol of service managers
    count = named.get("LISTEN_FDS", "") if named.get("LISTEN_PID") == str(os.getpid()) else ""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return (
        range(3, min(3 + int(count), most))
        if count.isdecimal() and len(count) <= len(str(most))
        else range(0)
    )


def path_bytes(rule: dict[str, Any]) -> bytes:
    """The path of a rule as the kernel takes it."""
    if "path_hex" in rule:
        return bytes.fromhex(rule["path_hex"])
    return str(rule["path"]).encode("utf-8", "surrogateescape")


def shown(path: bytes) -> str:
    """A path that cannot disturb a terminal or a log."""
    return ascii(path.decode("utf-8", "surrogateescape"))


def bits(table: Table, names: Iterable[str]) -> int:
    """Named rights as a mask. Raises LaunchError for a name that is not in the table."""
    total = 0
    for name in names:
        if name not in table:
            raise LaunchError(
                f"unknown right {name!a}", "this launcher is older than the policy", "export it again"
            )
        total |= table[name][0]
    return total


def words(table: Table, mask: int, *, above: int = 0) -> list[str]:
    """The names of the rights in a mask that came after one ABI."""
    return [name for name, (bit, since) in table.items() if bit & mask and since > above]


def _known(table: Table, abi: int) -> int:
    return sum(bit for bit, since in table.values() if since <= abi)


def plan(policy: dict[str, Any], abi: int) -> Plan:
    """What a kernel with this ABI would handle of a policy, and what it would not. Pure.

    All rights up to the lower of both ABIs are handled, granted or not: what is not handled is allowed.
    """
    target = policy["target_abi"]
    if target > NEWEST_ABI:
        why = f"this launcher knows the ABIs up to {NEWEST_ABI}"
        raise LaunchError(f"the policy asks for Landlock ABI {target}", why, "export it again")
    fs = bits(FS, (name for rule in policy["paths"] for name in rule["rights"]))
    net = bits(NET, (name for rule in policy["ports"] for name in rule["rights"]))
    scope = bits(SCOPE, policy["scope"])
    # What "/" grants is denied nowhere; every kernel denies refer, those before ABI 2 cannot grant it.
    anywhere = bits(
        FS, (name for rule in policy["paths"] if path_bytes(rule) == b"/" for name in rule["rights"])
    )
    denied = (
        (FS, _known(FS, target) & ~anywhere & ~REFER),
        (NET, _known(NET, target)),
        (SCOPE, _known(SCOPE, target) & scope),
    )
    losses = [
        f"this kernel (Landlock ABI {abi}) cannot deny {name} (ABI {table[name][1]})"
        for table, mask in denied
        for name in words(table, mask, above=abi)
    ]
    notes = [
        f"{name} is above the policy's own target ABI {target}: it is neither granted nor denied"
        for table, mask in ((FS, fs), (NET, net), (SCOPE, scope))
        for name in words(table, mask, above=target)
    ]
    if fs & _known(FS, target) & REFER and abi < FS["refer"][1]:
        notes.append(f"this kernel (Landlock ABI {abi}) cannot grant refer: moves between directories fail")
    both = min(target, abi)
    handled = (_known(FS, both), _known(NET, both), _known(SCOPE, both) & scope)
    return Plan(abi, *handled, tuple(losses), tuple(notes))


def build(policy: dict[str, Any], planned: Plan) -> Sandbox:
    """Make the kernel's ruleset. Restricts nothing yet: every path is opened while it still can be."""
    sandbox = Sandbox(planned)
    try:
        if planned.fs:
            attributes = struct.pack("=QQQ", planned.fs, planned.net, planned.scope)
            sandbox.ruleset = call(CREATE_RULESET, attributes, len(attributes), 0)
        for rule in policy["ports"]:
            access = bits(NET, rule["rights"]) & planned.net
            if access:
                call(ADD_RULE, sandbox.ruleset, NET_PORT, struct.pack("=QQ", access, rule["port"]), 0)
    except OSError as error:
        raise LaunchError(
            "cannot make the ruleset", str(error.strerror), "landscribe doctor says more"
        ) from error
    for rule in policy["paths"]:
        path = path_bytes(rule)
        try:
            if rule.get("made"):
                _make(path, rule["made"])
            _add_path(sandbox, path, bits(FS, rule["rights"]) & planned.fs)
        except (FileNotFoundError, NotADirectoryError):
            if rule.get("optional"):
                sandbox.notes.append(f"{shown(path)} does not exist: its optional rule was left out")
            else:
                sandbox.missing.append(shown(path))
        except OSError as error:
            hint = "start as a user who can reach it, or remove it from the ruleset"
            raise LaunchError(f"cannot make a rule for {shown(path)}", str(error.strerror), hint) from error
    return sandbox


def _make(path: bytes, how: str) -> None:
    """Make a directory of /run that is gone since a boot: "0750 user group". Raises OSError, LaunchError."""
    mode, user, group = how.split()
    try:
        uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
        gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise LaunchError(f"cannot make {shown(path)}", str(error.args[0]), "correct 'made'") from error
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    made = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchown(made, uid, gid)
        os.fchmod(made, int(mode, 8))
    finally:
        os.close(made)


def _add_path(sandbox: Sandbox, path: bytes, access: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        info = os.fstat(opened)
        dropped = 0 if stat.S_ISDIR(info.st_mode) else access & ~bits(FS, ON_FILE)
        if dropped:
            sandbox.notes.append(f"{shown(path)} is no directory: left out {', '.join(words(FS, dropped))}")
            access &= ~dropped
        if access:
            call(ADD_RULE, sandbox.ruleset, PATH_BENEATH, struct.pack("=Qi", access, opened), 0)
            proc = Path("/proc")
            if proc.is_mount() and info.st_dev == proc.stat().st_dev:
                # procfs forgets an unused inode and the rule on it: an open descriptor holds both.
                floor = min(200, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
                sandbox.keep.append(fcntl.fcntl(opened, fcntl.F_DUPFD, floor))
    finally:
        os.close(opened)


def enforce(
    policy: dict[str, Any],
    *,
    best_effort: bool = False,
    ignore_missing: bool = False,
    log_new_exec: bool = False,
    abi: int | None = None,
) -> Sandbox:
    """Restrict this thread, and all that it will start, for ever.

    Args:
        policy: See ``landscribe export --to python``: service, target_abi, paths, ports, scope.
        best_effort: Go on when the kernel enforces less than the policy asks for.
        ignore_missing: Go on without the rules whose paths do not exist.
        log_new_exec: Let the kernel log what it denies after exec, where it can.
        abi: What to take the kernel's ABI for, instead of asking it.

    Raises:
        LaunchError: nothing may be started. The calling process may be restricted or not: end it.
    """
    alone = threads()
    if alone > 1:
        why = "a sandbox holds the thread that makes it, and would leave the others free"
        raise LaunchError(
            f"this process has {alone} threads", why, "restrict it before any thread is started"
        )
    sandbox = build(policy, plan(policy, landlock_abi()[0] if abi is None else abi))
    if not alone:
        sandbox.notes.append("whether this process has other threads is unknown: there is no /proc")
    refused = sandbox.refusal(best_effort=best_effort, ignore_missing=ignore_missing)
    if refused:
        raise refused
    try:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        if sandbox.ruleset >= 0:
            logged = log_new_exec and sandbox.plan.abi >= LOG_ABI
            call(RESTRICT_SELF, sandbox.ruleset, LOG_NEW_EXEC_ON if logged else 0)
            os.close(sandbox.ruleset)
    except OSError as error:
        hint = "at most 16 sandboxes can be nested" if error.errno == errno.E2BIG else "see landscribe doctor"
        raise LaunchError("cannot enforce the ruleset", str(error.strerror), hint) from error
    return sandbox


def execute(command: list[str], keep: Iterable[int]) -> NoReturn:
    """Become the command; of descriptors above 2 only ``keep`` and those passed stay. Raises LaunchError."""
    low = 3
    for high in (*sorted({*keep, *passed()}), 1 << 31):
        if high > low:  # An open descriptor would reach around the sandbox.
            try:
                call(CLOSE_RANGE, low, high - 1, 0)
            except OSError:
                os.closerange(low, min(high, os.sysconf("SC_OPEN_MAX")))
        low = high + 1
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's choice for itself, not the command's.
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        hint = "check its name, and its interpreter if it is a script"
        raise LaunchError(f"cannot find {command[0]!a}", ascii(str(error)), hint, NOT_FOUND) from error
    except OSError as error:
        grants = (
            "the ruleset must grant execute and read_file on it, its #! interpreter and its loader (ld.so)"
        )
        hint = grants if error.errno == errno.EACCES else "is it a program for this machine?"
        raise LaunchError(
            f"cannot execute {command[0]!a}", str(error.strerror), hint, NOT_EXECUTABLE
        ) from error


def tell(line: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"landscribe-launcher: {line}\n")
    sys.stderr.flush()


def check(policy: dict[str, Any]) -> int:
    """Print what would be enforced and what would be lost. 0 when nothing would be, else 1."""
    later = [rule for rule in policy["paths"] if rule.get("made") and not os.path.lexists(path_bytes(rule))]
    there = [rule for rule in policy["paths"] if rule not in later]
    sandbox = build({**policy, "paths": there}, plan(policy, landlock_abi()[0]))
    planned = sandbox.plan
    handled = words(FS, planned.fs) + words(NET, planned.net) + words(SCOPE, planned.scope)
    lines = [
        f"service {policy['service']!a}: target ABI {policy['target_abi']}, this kernel's ABI {planned.abi}",
        f"denied unless granted: {', '.join(handled) or 'nothing'}",
        f"rules for {len(policy['paths']) - len(sandbox.missing)} of {len(policy['paths'])} paths",
        *(f"{shown(path_bytes(rule))} is made at the start: {rule['made']}" for rule in later),
        *sandbox.said(),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if sandbox.refusal() else 0


def run(arguments: list[str], policy: dict[str, Any] | None) -> int:
    """Do what the command line says. Returns only when nothing was to be started. Raises LaunchError."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = set(arguments[:cut]), arguments[cut + 1 :]
    if options & {"-h", "--help"}:
        sys.stdout.write(str(__doc__))
        return 0
    unknown = sorted(options - {"--best-effort", "--ignore-missing", "--check"})
    if unknown or not (command or "--check" in options):
        what = f"unknown argument {unknown[0]!a}" if unknown else "no command"
        raise LaunchError(what, "the command stands after --", "--help shows the options")
    if policy is None:
        raise LaunchError("no policy", "none was written into this file", "landscribe export --to python")
    if "--check" in options:
        return check(policy)
    wide, partial = "--best-effort" in options, "--ignore-missing" in options
    sandbox = enforce(policy, best_effort=wide, ignore_missing=partial)
    for line in sandbox.said():
        tell(line)
    execute(command, sandbox.keep)


def main(arguments: list[str], policy: dict[str, Any] | None) -> int:
    """The exit code of a run that did not become the command."""
    try:
        return run(arguments, policy)
    except LaunchError as error:
        tell(f"{error.what}: {error.why}; {error.hint}")
        return error.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], POLICY))
