"""What a service sees, by systemd.exec(5)."""

import pytest

from assistant.domain.unit import parse
from assistant.review.context.mounts import Mounts, View, not_executable


def view(text: str, path: str) -> View | None:
    found = Mounts(parse("a.service", [f"[Service]\n{text}\n"])).at(path)
    return found.view if found else None


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/etc", None),
        ("ProtectSystem=yes", "/usr/bin", View.READ_ONLY),
        ("ProtectSystem=true", "/etc", None),
        ("ProtectSystem=full", "/etc/x", View.READ_ONLY),
        ("ProtectSystem=full", "/var", None),
        ("ProtectSystem=strict", "/var/lib", View.READ_ONLY),
        ("ProtectSystem=strict", "/home/x", View.LEFT),
        ("ProtectSystem=strict", "/dev/sda", View.LEFT),
        ("ProtectSystem=nonsense", "/usr", None),
        ("ProtectSystem=strict\nReadWritePaths=/var/lib/a", "/var/lib/a/b", View.WRITABLE),
        ("ProtectSystem=strict\nReadWritePaths=-/var/lib/a", "/var/lib/ab", View.READ_ONLY),
        ("ProtectSystem=strict\nReadWritePaths=/a\nReadWritePaths=", "/a", View.READ_ONLY),
        ("ReadOnlyPaths=/a\nReadWritePaths=/a", "/a", View.READ_ONLY),
        ("ReadOnlyDirectories=/a", "/a", View.READ_ONLY),
        ('ProtectSystem=strict\nReadWritePaths="/a b" /c', "/a b/x", View.WRITABLE),
        ("ProtectSystem=strict\nStateDirectory=a/b", "/var/lib/a/b", View.WRITABLE),
        ("ProtectHome=yes", "/root", View.HIDDEN),
        ("ProtectHome=read-only", "/home/x", View.READ_ONLY),
        ("ProtectHome=tmpfs", "/run/user/1", View.OWN),
        ("InaccessiblePaths=/a\nReadWritePaths=/a/b", "/a/b", View.HIDDEN),
        ("TemporaryFileSystem=/var:ro", "/var/lib", View.OWN),
        ("TemporaryFileSystem=/var\nBindReadOnlyPaths=/var/lib/x", "/var/lib/x", View.READ_ONLY),
        ("BindPaths=/a:/b", "/b/c", View.WRITABLE),
        ("PrivateTmp=yes", "/var/tmp/x", View.OWN),
        ("PrivateTmp=disconnected", "/tmp", View.OWN),
        ("DynamicUser=yes", "/tmp", View.OWN),
        ("DynamicUser=yes", "/var", View.READ_ONLY),
        ("DynamicUser=yes", "/root", View.READ_ONLY),
        ("DynamicUser=yes\nProtectSystem=no", "/usr", View.READ_ONLY),
        ("DynamicUser=yes\nStateDirectory=a", "/var/lib/private/a", View.WRITABLE),
        ("PrivateDevices=yes", "/dev/sda", View.OWN),
        ("ProtectKernelTunables=yes", "/proc/sys/vm", View.READ_ONLY),
        ("ProtectKernelTunables=yes", "/sys/fs/cgroup", View.LEFT),
        ("ProtectKernelTunables=yes\nProtectControlGroups=yes", "/sys/fs/cgroup", View.READ_ONLY),
        ("ProtectKernelLogs=yes", "/dev/kmsg", View.HIDDEN),
    ],
)
def test_the_deepest_setting_counts_and_of_those_on_one_path_the_strongest(
    text: str, path: str, expected: View | None
) -> None:
    assert view(text, path) is expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/usr/bin", ""),
        ("NoExecPaths=/", "/usr/bin", "NoExecPaths=/"),
        ("NoExecPaths=/\nExecPaths=/usr/bin/a /usr/lib", "/usr/bin/a", ""),
        ("NoExecPaths=/\nExecPaths=/usr/bin/a", "/usr/bin", "NoExecPaths=/"),
        ("NoExecPaths=/usr\nExecPaths=/", "/usr/bin", "NoExecPaths=/usr"),
    ],
)
def test_executing_has_a_list_of_its_own(text: str, path: str, expected: str) -> None:
    assert not_executable(parse("a.service", [f"[Service]\n{text}\n"]), path) == expected


def test_another_root_is_said_and_a_slash_is_none() -> None:
    other = Mounts(parse("a.service", ["[Service]\nRootDirectory=/srv/root\n"]))
    same = Mounts(parse("a.service", ["[Service]\nRootDirectory=/\n"]))

    assert (other.other_root, same.other_root) == ("RootDirectory=", "")
