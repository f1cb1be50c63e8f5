"""What each layer says, row by row: the directive that denies, the closest one that does not."""

import pytest

from assistant.domain.context import Layer, State, Verdict
from assistant.domain.ruleset import Ruleset
from tests.review.context.conftest import make_ruleset, row


DENY, ALLOW, UNKNOWN, NONE = State.DENY, State.ALLOW, State.UNKNOWN, State.NONE

CASES = [
    ("", "configuration", Layer.USER, ALLOW),
    ("User=app", "configuration", Layer.USER, DENY),
    ("User=0", "configuration", Layer.USER, ALLOW),
    ("User=%m", "configuration", Layer.USER, UNKNOWN),
    ("DynamicUser=yes", "configuration", Layer.USER, DENY),
    ("User=app\nAmbientCapabilities=CAP_DAC_OVERRIDE", "configuration", Layer.USER, ALLOW),
    ("User=app\nSupplementaryGroups=shadow", "secrets", Layer.USER, ALLOW),
    ("User=app\nSupplementaryGroups=disk", "devices", Layer.USER, ALLOW),
    ("User=app", "homes", Layer.USER, UNKNOWN),
    ("", "homes", Layer.USER, ALLOW),
    ("User=app", "temporary", Layer.USER, NONE),
    ("", "modules", Layer.CAPABILITIES, ALLOW),
    ("User=app", "modules", Layer.CAPABILITIES, DENY),
    ("ProtectKernelModules=yes", "modules", Layer.CAPABILITIES, DENY),
    ("CapabilityBoundingSet=CAP_CHOWN", "modules", Layer.CAPABILITIES, DENY),
    ("CapabilityBoundingSet=", "modules", Layer.CAPABILITIES, DENY),
    ("CapabilityBoundingSet=\nCapabilityBoundingSet=~", "modules", Layer.CAPABILITIES, ALLOW),
    ("CapabilityBoundingSet=~CAP_SYS_MODULE", "modules", Layer.CAPABILITIES, DENY),
    ("CapabilityBoundingSet=~CAP_CHOWN", "modules", Layer.CAPABILITIES, ALLOW),
    (
        "CapabilityBoundingSet=CAP_SYS_MODULE\nCapabilityBoundingSet=cap_chown",
        "modules",
        Layer.CAPABILITIES,
        ALLOW,
    ),
    ("User=app\nAmbientCapabilities=CAP_SYS_MODULE", "modules", Layer.CAPABILITIES, ALLOW),
    (
        "User=app\nAmbientCapabilities=CAP_SYS_MODULE\nCapabilityBoundingSet=CAP_CHOWN",
        "modules",
        Layer.CAPABILITIES,
        DENY,
    ),
    ("PrivateUsers=yes", "modules", Layer.CAPABILITIES, DENY),
    ("User=app", "kernel-log", Layer.CAPABILITIES, UNKNOWN),
    ("", "privileges", Layer.CAPABILITIES, ALLOW),
    ("NoNewPrivileges=yes", "privileges", Layer.CAPABILITIES, DENY),
    ("User=app\nRestrictRealtime=yes", "privileges", Layer.CAPABILITIES, DENY),
    ("RestrictRealtime=yes", "privileges", Layer.CAPABILITIES, ALLOW),
    ("User=app\nRestrictRealtime=no", "privileges", Layer.CAPABILITIES, ALLOW),
    ("DynamicUser=yes", "privileges", Layer.CAPABILITIES, DENY),
    ("", "memory", Layer.SECCOMP, ALLOW),
    ("MemoryDenyWriteExecute=yes", "memory", Layer.SECCOMP, DENY),
    ("SystemCallFilter=@system-service", "mount", Layer.SECCOMP, DENY),
    ("SystemCallFilter=~mount", "mount", Layer.SECCOMP, ALLOW),
    ("SystemCallFilter=~@unheard-of", "mount", Layer.SECCOMP, ALLOW),
    ("SystemCallArchitectures=native", "architectures", Layer.SECCOMP, DENY),
    ("SystemCallArchitectures=native x86", "architectures", Layer.SECCOMP, ALLOW),
    ("RestrictAddressFamilies=AF_UNIX", "udp", Layer.SECCOMP, DENY),
    ("RestrictAddressFamilies=AF_UNIX AF_INET6", "udp", Layer.SECCOMP, ALLOW),
    ("RestrictAddressFamilies=none", "sockets", Layer.SECCOMP, DENY),
    ("RestrictAddressFamilies=~AF_INET AF_INET6", "udp", Layer.SECCOMP, DENY),
    ("RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=", "udp", Layer.SECCOMP, ALLOW),
    ("RestrictNamespaces=yes", "namespaces", Layer.SECCOMP, DENY),
    ("RestrictNamespaces=no", "namespaces", Layer.SECCOMP, ALLOW),
    ("RestrictNamespaces=net ipc", "namespaces", Layer.SECCOMP, DENY),
    ("RestrictNamespaces=user", "namespaces", Layer.SECCOMP, ALLOW),
    ("RestrictNamespaces=~user pid", "namespaces", Layer.SECCOMP, DENY),
    ("RestrictNamespaces=~net", "namespaces", Layer.SECCOMP, ALLOW),
    ("", "configuration", Layer.MOUNTS, ALLOW),
    ("ProtectSystem=full", "configuration", Layer.MOUNTS, DENY),
    ("ProtectSystem=yes", "configuration", Layer.MOUNTS, ALLOW),
    ("ProtectSystem=strict\nReadWritePaths=/etc", "configuration", Layer.MOUNTS, ALLOW),
    ("ProtectSystem=strict\nReadWritePaths=/etc/app", "configuration", Layer.MOUNTS, DENY),
    ("RootDirectory=/srv/root", "configuration", Layer.MOUNTS, UNKNOWN),
    ("ProtectHome=read-only", "homes", Layer.MOUNTS, ALLOW),
    ("ProtectHome=read-only", "homes-write", Layer.MOUNTS, DENY),
    ("ProtectHome=tmpfs", "homes", Layer.MOUNTS, DENY),
    ("User=app\nProtectProc=invisible", "see", Layer.MOUNTS, DENY),
    ("ProtectProc=invisible", "see", Layer.MOUNTS, ALLOW),
    ("User=app\nProtectProc=default", "see", Layer.MOUNTS, ALLOW),
    ("NoExecPaths=/\nExecPaths=/usr/bin/app", "run", Layer.MOUNTS, DENY),
    ("ProtectSystem=strict", "sockets", Layer.MOUNTS, ALLOW),
    ("TemporaryFileSystem=/run", "sockets", Layer.MOUNTS, DENY),
    ("PrivateNetwork=yes", "connect", Layer.NAMESPACES, DENY),
    ("PrivateNetwork=yes\nNetworkNamespacePath=/run/netns/a", "connect", Layer.NAMESPACES, UNKNOWN),
    ("", "connect", Layer.NAMESPACES, ALLOW),
    ("ProtectHostname=yes", "hostname", Layer.NAMESPACES, DENY),
    ("", "devices", Layer.CGROUP, ALLOW),
    ("DevicePolicy=closed", "devices", Layer.CGROUP, DENY),
    ("DeviceAllow=/dev/null rw", "devices", Layer.CGROUP, DENY),
    ("DevicePolicy=auto", "devices", Layer.CGROUP, ALLOW),
    ("ProtectClock=yes", "devices", Layer.CGROUP, DENY),
    ("IPAddressDeny=any", "udp", Layer.CGROUP, DENY),
    ("IPAddressDeny=any\nIPAddressAllow=localhost", "udp", Layer.CGROUP, ALLOW),
    ("IPAddressDeny=any\nIPAddressAllow=localhost", "addresses", Layer.CGROUP, DENY),
    ("IPAddressDeny=10.0.0.0/8", "addresses", Layer.CGROUP, ALLOW),
    ("IPAddressDeny=0.0.0.0/0 ::/0", "addresses", Layer.CGROUP, DENY),
    ("IPEgressFilterPath=/sys/fs/bpf/x", "addresses", Layer.CGROUP, UNKNOWN),
    ("SocketBindDeny=any\nSocketBindAllow=tcp:80", "bind", Layer.CGROUP, DENY),
    ("SocketBindDeny=ipv4:tcp", "bind", Layer.CGROUP, ALLOW),
    ("SocketBindDeny=ipv4:tcp ipv6:tcp", "bind", Layer.CGROUP, DENY),
    ("SocketBindDeny=tcp:80", "bind", Layer.CGROUP, ALLOW),
]


@pytest.mark.parametrize(("text", "id_", "layer", "state"), CASES)
def test_a_layer_denies_what_its_directives_deny_and_no_more(
    text: str, id_: str, layer: Layer, state: State
) -> None:
    cell = row(text, id_).cells[layer]

    assert cell.state is state
    assert cell.why or state is NONE


LANDLOCK = [
    (make_ruleset(), "configuration", DENY),
    (make_ruleset({"/etc/app": "write_file"}), "configuration", DENY),
    (make_ruleset({"/etc": "make_reg"}), "configuration", ALLOW),
    (make_ruleset({"/": "write_file"}), "configuration", ALLOW),
    (make_ruleset({"/etc": "read_file"}), "configuration", DENY),
    (make_ruleset({"/etc": "read_file"}), "secrets", ALLOW),
    (make_ruleset({"/usr/bin/app": "execute"}), "run", DENY),
    (make_ruleset({"/usr": "execute"}), "run", ALLOW),
    (make_ruleset({"/srv": "make_char"}), "device-nodes", ALLOW),
    (make_ruleset({"/dev/null": "write_file"}), "devices", DENY),
    (make_ruleset({"/dev/sda": "read_file"}), "devices", ALLOW),
    (make_ruleset(), "look-into", DENY),
    (make_ruleset(), "mount", DENY),
    (make_ruleset(), "privileges", DENY),
    (make_ruleset(), "signals", DENY),
    (make_ruleset(scopes=False), "signals", ALLOW),
    (make_ruleset(abi=5), "signals", ALLOW),
    (make_ruleset(ports={80: "bind_tcp"}), "bind", DENY),
    (make_ruleset(abi=3), "bind", ALLOW),
    (make_ruleset(), "udp", ALLOW),
    (make_ruleset(abi=10), "udp", DENY),
    (make_ruleset(abi=10), "addresses", DENY),
    (make_ruleset(ports={443: "connect_tcp"}, abi=10), "addresses", ALLOW),
    (make_ruleset(), "sockets", ALLOW),
    (make_ruleset(abi=9), "sockets", DENY),
    (make_ruleset(), "memory", NONE),
    (None, "configuration", NONE),
]


@pytest.mark.parametrize(("held", "id_", "state"), LANDLOCK)
def test_the_ruleset_denies_what_it_handles_and_does_not_grant(
    held: Ruleset | None, id_: str, state: State
) -> None:
    assert row("", id_, held).cells[Layer.LANDLOCK].state is state


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", Verdict.GAP),
        ("ProtectSystem=full", Verdict.SINGLE),
        ("ProtectSystem=full\nUser=app", Verdict.REDUNDANT),
        ("User=%m", Verdict.UNKNOWN),
        ("User=%m\nProtectSystem=full", Verdict.SINGLE),
    ],
)
def test_the_verdict_counts_the_layers_that_deny(text: str, verdict: Verdict) -> None:
    assert row(text, "configuration").verdict is verdict
