"""The kinds of access that are reviewed: what a service that was taken over could do, and what would deny it.

A table: each row says what the access needs, so that each layer can say whether it has it. Source: the manual
pages of systemd and capabilities(7); for Landlock, domain.rights.
"""

from dataclasses import dataclass

from assistant.domain.classes import AccessClass, of_class
from assistant.domain.context import Layer
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, Scope


@dataclass(frozen=True, slots=True)
class Exposure:
    """One kind of access.

    Attributes:
        id: A short name that stays.
        title: What the service would do.
        areas: Paths that it is about. A layer denies it when it denies it in all of them.
        writes: Whether the areas are to be changed, not read.
        owned_by_root: Whether file permissions, or the kernel, leave it to root.
        up_to_owners: Whether that hangs on permissions that others chose, and that nobody knows here.
        groups: Groups that may do it as well as root.
        capabilities: The service must have one of them; empty: none is asked for.
        setting: A setting of the kernel without which the capabilities are not asked for.
        calls: It must be able to make one of them; empty: it is not about a system call.
        families: It must be able to make a socket of one of them.
        closed: Directives that deny it, by layer: "PrivateNetwork", or "ProtectProc=invisible|noaccess".
        rights: Landlock's rights on the areas, or without areas anywhere; ``net`` on ports.
        scope: Landlock's scope that cuts it off.
        in_any_sandbox: Every Landlock sandbox for files denies it, and no rule can allow it.
    """

    id: str
    title: str
    areas: tuple[str, ...] = ()
    writes: bool = False
    owned_by_root: bool = False
    up_to_owners: bool = False
    groups: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    setting: str = ""
    calls: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    closed: tuple[tuple[Layer, str], ...] = ()
    rights: FsRight = NO_FS
    net: NetRight = NO_NET
    scope: Scope = Scope(0)  # noqa: RUF009 - a constant
    in_any_sandbox: bool = False


_R, _L = FsRight, Layer
CHANGE = of_class(~NO_FS, AccessClass.WRITE)
"""Every right with which something can be changed."""

_INET = ("AF_INET", "AF_INET6")
_EXOTIC = ("AF_VSOCK", "AF_BLUETOOTH", "AF_ALG", "AF_CAN", "AF_TIPC", "AF_RDS", "AF_XDP", "AF_KEY")
_OWN_NETWORK = ((_L.NAMESPACES, "PrivateNetwork"),)


def _changes(name: str, title: str, *areas: str, **more: object) -> Exposure:
    fields = {"owned_by_root": True, **more}
    return Exposure(name, title, areas=areas, writes=True, rights=CHANGE, **fields)  # type: ignore[arg-type]


FILES = (
    _changes("programs", "change programs and libraries", "/usr", "/boot"),
    _changes("configuration", "change the machine's configuration", "/etc"),
    _changes("data", "change other services' data", "/var", "/srv", "/opt"),
    _changes("temporary", "change what others keep in /tmp", "/tmp", "/var/tmp", owned_by_root=False),
    _changes("homes-write", "change files in people's homes", "/home", "/root"),
    Exposure(
        *("secrets", "read password hashes and private keys"),
        areas=("/etc/shadow", "/etc/gshadow", "/etc/ssl/private"),
        owned_by_root=True,
        groups=("shadow", "ssl-cert"),
        rights=_R.READ_FILE,
    ),
    Exposure(
        *("homes", "read files in people's homes"),
        areas=("/home", "/root"),
        up_to_owners=True,
        rights=_R.READ_FILE,
    ),
    Exposure(
        "metadata",
        "change owners, modes and times of others' files",
        areas=("/usr", "/etc", "/var"),
        writes=True,
        owned_by_root=True,
        capabilities=("CAP_CHOWN", "CAP_FOWNER"),
        calls=("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "setxattr"),
    ),
    Exposure(
        *("set-id-files", "make set-user-ID programs of its own files"),
        calls=("chmod", "fchmod", "fchmodat"),
        closed=((_L.SECCOMP, "RestrictSUIDSGID"), (_L.SECCOMP, "DynamicUser")),
    ),
)
CODE = (
    Exposure("run", "run programs that it does not need", areas=("/usr/bin", "/usr/sbin"), rights=_R.EXECUTE),
    Exposure("privileges", "gain privileges from set-user-ID programs"),
    Exposure(*("memory", "make and run code in memory"), closed=((_L.SECCOMP, "MemoryDenyWriteExecute"),)),
    Exposure(
        *("personality", "run as if on another, older system"),
        calls=("personality",),
        closed=((_L.SECCOMP, "LockPersonality"),),
    ),
    Exposure(
        *("architectures", "make system calls of another architecture, past filters"),
        closed=((_L.SECCOMP, "SystemCallArchitectures=native"),),
    ),
)
PROCESSES = (
    Exposure(
        *("look-into", "look into other users' processes"),
        owned_by_root=True,
        capabilities=("CAP_SYS_PTRACE",),
        calls=("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"),
        in_any_sandbox=True,
    ),
    Exposure(
        *("see", "see which processes run, and with which arguments"),
        areas=("/proc",),
        closed=((_L.MOUNTS, "ProtectProc=invisible|noaccess|ptraceable"),),
        rights=_R.READ_FILE | _R.READ_DIR,
    ),
    Exposure(
        *("signals", "send signals to other users' processes"),
        owned_by_root=True,
        capabilities=("CAP_KILL",),
        calls=("kill", "tkill", "tgkill", "pidfd_send_signal", "rt_sigqueueinfo"),
        scope=Scope.SIGNAL,
    ),
    Exposure(
        *("ipc", "use System V memory and queues of others"),
        calls=("shmget", "msgget", "semget"),
        closed=((_L.NAMESPACES, "PrivateIPC"),),
    ),
    Exposure(
        *("realtime", "take the processor for itself (realtime)"),
        capabilities=("CAP_SYS_NICE",),
        calls=("sched_setscheduler", "sched_setparam", "sched_setattr"),
        closed=((_L.SECCOMP, "RestrictRealtime"),),
    ),
)
NETWORK = (
    Exposure("bind", "listen on other TCP ports", families=_INET, closed=_OWN_NETWORK, net=NetRight.BIND_TCP),
    Exposure(
        *("connect", "connect to other TCP ports"),
        families=_INET,
        closed=_OWN_NETWORK,
        net=NetRight.CONNECT_TCP,
    ),
    Exposure(
        "addresses", "reach any address on the ports that it may use", families=_INET, closed=_OWN_NETWORK
    ),
    Exposure(
        *("udp", "send and receive UDP"),
        families=_INET,
        closed=_OWN_NETWORK,
        net=NetRight.BIND_UDP | NetRight.CONNECT_SEND_UDP,
    ),
    Exposure(
        *("raw", "send and read raw packets"),
        capabilities=("CAP_NET_RAW",),
        families=(*_INET, "AF_PACKET"),
        closed=_OWN_NETWORK,
    ),
    Exposure("families", "use rare kinds of sockets", families=_EXOTIC),
    Exposure(
        *("sockets", "connect to sockets of other services in /run"),
        areas=("/run",),
        up_to_owners=True,
        families=("AF_UNIX",),
        rights=_R.RESOLVE_UNIX,
    ),
    Exposure(
        *("abstract", "connect to abstract sockets of other programs"),
        families=("AF_UNIX",),
        closed=_OWN_NETWORK,
        scope=Scope.ABSTRACT_UNIX_SOCKET,
    ),
)
KERNEL = (
    Exposure(
        *("devices", "read and write disks and other devices"),
        areas=("/dev",),
        writes=True,
        owned_by_root=True,
        groups=("disk", "kmem", "kvm", "video", "input"),
        rights=_R.WRITE_FILE | _R.READ_FILE,
    ),
    Exposure(
        *("device-nodes", "make device files"),
        capabilities=("CAP_MKNOD",),
        calls=("mknod", "mknodat"),
        rights=_R.MAKE_CHAR | _R.MAKE_BLOCK,
    ),
    Exposure(
        *("raw-io", "talk to hardware past the kernel"),
        capabilities=("CAP_SYS_RAWIO",),
        calls=("ioperm", "iopl", "pciconfig_read", "pciconfig_write"),
        closed=((_L.SECCOMP, "PrivateDevices"),),
    ),
    Exposure(
        *("modules", "load kernel modules"),
        capabilities=("CAP_SYS_MODULE",),
        calls=("init_module", "finit_module", "delete_module"),
        closed=((_L.SECCOMP, "ProtectKernelModules"),),
    ),
    _changes("tunables", "change kernel settings", "/proc/sys", "/sys/kernel"),
    _changes("cgroups", "change limits of other services (cgroups)", "/sys/fs/cgroup"),
    Exposure(
        *("kernel-log", "read the kernel's log"),
        capabilities=("CAP_SYSLOG", "CAP_SYS_ADMIN"),
        setting="kernel.dmesg_restrict",
        calls=("syslog",),
        closed=((_L.SECCOMP, "ProtectKernelLogs"),),
    ),
    Exposure(
        *("clock", "set the clock"),
        capabilities=("CAP_SYS_TIME",),
        calls=("clock_settime", "settimeofday", "adjtimex", "clock_adjtime"),
        closed=((_L.SECCOMP, "ProtectClock"),),
    ),
    Exposure(
        *("hostname", "change the host's name"),
        capabilities=("CAP_SYS_ADMIN",),
        calls=("sethostname", "setdomainname"),
        closed=((_L.NAMESPACES, "ProtectHostname"), (_L.SECCOMP, "ProtectHostname")),
    ),
    Exposure(
        *("mount", "mount file systems, and undo read-only mounts"),
        capabilities=("CAP_SYS_ADMIN",),
        calls=("mount", "umount2", "fsopen", "move_mount", "open_tree", "pivot_root", "mount_setattr"),
        in_any_sandbox=True,
    ),
    Exposure(
        *("namespaces", "make namespaces, in which it is root"),
        calls=("unshare", "clone", "clone3"),
    ),
    Exposure(
        *("reboot", "reboot the machine or take its swap"),
        capabilities=("CAP_SYS_BOOT", "CAP_SYS_ADMIN"),
        calls=("reboot", "kexec_load", "kexec_file_load", "swapon", "swapoff"),
    ),
    Exposure(
        *("interfaces", "reach rarely needed parts of the kernel"),
        calls=("bpf", "perf_event_open", "fanotify_init", "quotactl", "acct"),
    ),
)
EXPOSURES = (*FILES, *CODE, *PROCESSES, *NETWORK, *KERNEL)
"""All of them, in the order in which they are shown within one verdict."""
