"""The tables of well-known places, by examples a reviewer would try."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.places import (
    CREDENTIALS,
    ESCAPES,
    READ_BY_MORE_PRIVILEGED,
    Places,
    credential,
    escape,
    is_guarded,
    is_private_name,
    is_public,
    reached_by_reading,
    reached_by_writing,
    read_by_more_privileged,
)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/etc",
        "/var/lib",
        "/usr/bin",
        "/home",
        "/home/al",
        "/root",
        "/root/.config",
        "/home/al/.local/share",
        "/run",
    ],
)
def test_directories_that_many_programs_share_are_guarded(path: str) -> None:
    assert is_guarded(path)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/nginx",
        "/var/lib/app",
        "/home/al/app",
        "/root/.config/app",
        "/usr/lib/x86_64-linux-gnu",
        "/etcetera",
    ],
)
def test_a_services_own_directory_is_not(path: str) -> None:
    assert not is_guarded(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/etc/shadow",
            "/etc/shadow-",
            "/etc/sudoers.d/x",
            "/root/.ssh/id_ed25519",
            "/home/al/.aws/credentials",
        ),
        *(
            "/etc/shadow.org",
            "/var/backups/shadow.bak",
            "/var/backups/gshadow.bak",
            "/etc/kubernetes/admin.conf",
        ),
        *(
            "/home/al/.config/google-chrome/Default/Cookies",
            "/root/.vault-token",
            "/root/.cargo/credentials.toml",
        ),
    ],
)
def test_credential_stores_are_known(path: str) -> None:
    assert credential(path)


@pytest.mark.parametrize(
    "path", ["/etc/shadows", "/etc/shadowsocks/x.json", "/etc/passwd", "/home/al/.sshx", "/srv/.ssh/x"]
)
def test_what_only_looks_like_one_is_not(path: str) -> None:
    assert credential(path) is None


@pytest.mark.parametrize(
    "path",
    [
        *("/run/docker.sock", "/dev/mem", "/dev/sda1", "/dev/nvme0n1", "/proc/self/mem"),
        *("/run/docker/containerd/containerd.sock", "/run/user/1000/systemd/private", "/run/initctl"),
        *("/proc/kcore", "/dev/cpu/0/msr", "/dev/zd0", "/dev/rbd0", "/dev/mtd0"),
    ],
)
def test_ways_out_of_the_sandbox_are_known(path: str) -> None:
    assert escape(path)


@pytest.mark.parametrize(
    ("directory", "place"),
    [
        ("/home/al/.config", "/home/*/.config/gcloud"),
        ("/etc", "/etc/shadow"),
        ("/home/al", "/home/*/.ssh"),
        ("/", "/etc/shadow"),
    ],
)
def test_a_directory_above_a_credential_store_reaches_it(directory: str, place: str) -> None:
    found = reached_by_reading(directory)

    assert found
    assert found.where == place


def test_a_directory_above_what_root_obeys_reaches_it_by_writing_only() -> None:
    assert reached_by_writing("/run/systemd")
    assert reached_by_writing("/etc/app") is None
    assert reached_by_reading("/etc/systemd") is None


@pytest.mark.parametrize(
    "path",
    [
        "/etc/cron.d/x",
        "/usr/bin/ls",
        "/usr/local/bin/x",
        "/etc/ld.so.preload",
        "/root/.bashrc",
        "/sys/power/state",
        "/etc/update-motd.d/99-x",
        "/etc/dhcp/dhclient-exit-hooks.d/x",
        "/etc/ppp/ip-up.d/x",
        "/etc/xinetd.d/x",
        "/etc/subgid",
        "/etc/exports",
        "/etc/python3.11/sitecustomize.py",
        "/root/.zshenv",
        "/home/al/.forward",
        "/opt/x/sbin/y",
    ],
)
def test_who_reads_what_is_written_is_known(path: str) -> None:
    found = read_by_more_privileged(path)

    assert found
    assert found.why


@pytest.mark.parametrize("path", ["/var/lib/app/x", "/etc/app/x", "/usr/local/app/data/x", "/tmp/x"])
def test_writing_a_services_own_reaches_nobody(path: str) -> None:
    assert read_by_more_privileged(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/etc/app/server.key",
        "/srv/.env",
        "/x/id_rsa",
        "/x/db_password",
        "/x/privkey.pem",
        "/x/mail.private",
        "/x/README/server.key",
        "/x/secrets.json",
        "/x/credentials.php",
        "/usr/local/lib/app/server.key",
        "/x/lib/app/server.key",
    ],
)
def test_names_that_say_key_or_password_are_private(path: str) -> None:
    assert is_private_name(path)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/usr/share/doc/x.key",
        "/x/password.py",
        "/x/cert.pem",
        "/x/keyboard",
        "/x/private",
        "/x/README.PrivateKeys",
        "/x/create-secret.rst",
        "/opt/app/routes/password-reset.js",
        "/opt/app/src/Credentials.tsx",
        "/opt/app/CredentialStore.class",
        "/root/.pyenv/versions/3.12.1/lib/python3.12/test/certdata/keycert.passwd.pem",
        "/opt/app/node_modules/agent/test/server.key",
    ],
)
def test_names_that_only_remind_of_one_are_not(path: str) -> None:
    assert not is_private_name(path)


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("/usr/lib/x.so", True),
        ("/usr/local/lib/x.so", True),
        ("/usr/local/etc/x", False),
        ("/opt/venv/lib/python3.11/site-packages/x.py", True),
        ("/srv/app/node_modules/x/y.js", True),
        ("/srv/app/data", False),
    ],
)
def test_packaged_files_and_language_runtimes_are_public(path: str, public: bool) -> None:  # noqa: FBT001 - a table
    assert is_public(path) is public


PARTS = st.sampled_from(
    ["home", "al", ".ssh", "id_rsa", "etc", "shadow", "root", "proc", "7", "mem", "usr", "a*"]
)


@given(st.sampled_from([CREDENTIALS, ESCAPES, READ_BY_MORE_PRIVILEGED]), st.lists(PARTS, max_size=8))
def test_the_first_row_that_fits_holds_a_path_however_deep_it_lies(table: Places, parts: list[str]) -> None:
    def fits(where: str) -> bool:
        wanted = where.split("/")[1:]
        return len(wanted) <= len(parts) and all(map(fnmatchcase, parts, wanted))

    expected = next((row for row in table.rows if fits(row.where)), None)

    assert table.holding("/" + "/".join(parts)) == expected
