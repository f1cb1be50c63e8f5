"""Package databases make public what comes from the distribution, and nothing that was made in-house."""

import gzip
import sqlite3
import struct
from pathlib import Path

import pytest

from redaction.packages import Package, host_paths, of_distribution


STATUS = """Package: nginx
Status: install ok installed
Maintainer: Debian Nginx Maintainers <pkg-nginx@alioth-lists.debian.net>
Architecture: amd64
Version: 1.22.1-9+deb12u3

Package: acme-agent
Status: install ok installed
Maintainer: Platform <platform@acme.internal>
Architecture: all
Version: 1.0

Package: gone
Status: deinstall ok config-files
Maintainer: A <a@debian.org>
Version: 1.0

Package: haproxy
Status: install ok installed
Maintainer: Debian HAProxy <haproxy@tracker.debian.org>
Architecture: amd64
Version: 2.6.12-1+acme2

Package: small
Status: install ok installed
Maintainer: A Person <person@example.org>
Architecture: all
Version: 2.0-1
Description: x
 more
"""


def host(root: Path, lists: dict[str, str]) -> Path:
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_text(STATUS)
    for name, paths in lists.items():
        (info / f"{name}.list").write_text(paths)
    return root


LISTS = {
    "nginx:amd64": "/.\n/usr\n/usr/sbin\n/usr/sbin/nginx\n/etc/nginx/zz-public.conf\n/etc/a b\n/etc/a<b\n/etc/caf\u00e9\n",
    "acme-agent": "/usr/bin/acme-agent\n",
    "gone": "/etc/gone.conf\n",
    "haproxy": "/usr/sbin/haproxy-acme\n",
    "small": "/usr/bin/small-tool\n",
}


def test_packages_of_the_distribution_are_public_and_in_house_ones_are_not(tmp_path: Path) -> None:
    found = host_paths(str(host(tmp_path, LISTS)))

    assert "/etc/nginx/zz-public.conf" in found.paths
    assert "/usr/sbin" in found.paths
    for private in ("/usr/bin/acme-agent", "/etc/gone.conf", "/usr/sbin/haproxy-acme", "/usr/bin/small-tool"):
        assert private not in found.paths


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    notices = host_paths(str(host(tmp_path, LISTS))).notices

    assert ("dpkg", "3 packages of unknown origin: their names are not public") in notices
    assert any(notice.source == "apt" for notice in notices)
    assert "acme" not in repr(notices)


def test_names_that_would_break_a_text_are_never_public(tmp_path: Path) -> None:
    paths = host_paths(str(host(tmp_path, LISTS))).paths

    assert not any(set(path) & set(" <>") or not path.isascii() for path in paths)


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_a_package_that_the_distributions_archive_lists_is_public(tmp_path: Path, packed: str) -> None:
    root = host(tmp_path, LISTS)
    lists = root / "var/lib/apt/lists"
    lists.mkdir(parents=True)
    offers = b"Package: small\nArchitecture: all\nVersion: 2.0-1\n\nPackage: acme-agent\nVersion: 9\n\n"
    name = "deb.debian.org_debian_dists_bookworm"
    (lists / f"{name}_InRelease").write_text("Hash: SHA512\n\nOrigin: Debian\nLabel: Debian\n")
    (lists / f"{name}_main_binary-amd64_Packages{packed}").write_bytes(
        gzip.compress(offers) if packed else offers
    )
    (lists / "apt.acme.internal_dists_x_InRelease").write_text("Origin: Acme\n")
    own = "Package: acme-agent\nVersion: 1.0\n\n"
    (lists / "apt.acme.internal_dists_x_main_binary-amd64_Packages").write_text(own)

    paths = host_paths(str(root)).paths

    assert "/usr/bin/small-tool" in paths
    assert "/usr/bin/acme-agent" not in paths


def test_the_operator_may_declare_a_maintainer_public(tmp_path: Path) -> None:
    paths = host_paths(str(host(tmp_path, LISTS)), ["example.org"]).paths

    assert "/usr/bin/small-tool" in paths


@pytest.mark.parametrize(
    "version", ["1.22.1-9+deb12u3", "1:2.0~rc1-3", "2.0+dfsg-1", "9.18+git20220101-1", "1.0-1+b2"]
)
def test_versions_of_the_distribution_are_trusted(version: str) -> None:
    assert of_distribution(Package("x", version, "A <a@lists.debian.org>"))


@pytest.mark.parametrize("version", ["1.22.1-9+acme1", "1.0~initech2-1", "2.0-1+local"])
def test_versions_of_a_rebuild_are_not(version: str) -> None:
    assert not of_distribution(Package("x", version, "A <a@lists.debian.org>"))


@pytest.mark.parametrize(
    "maintainer", ["", "x", "A <a@notdebian.org>", "A <a@debian.org.acme.com>", "a@debian.org x"]
)
def test_an_address_that_only_looks_like_the_distributions_is_not_trusted(maintainer: str) -> None:
    assert not of_distribution(Package("x", "1", maintainer))


def test_apk_packages_of_alpine_are_public(tmp_path: Path) -> None:
    (tmp_path / "lib/apk/db").mkdir(parents=True)
    stanza = "P:{0}\nV:1.0-r0\nm:A <{1}>\nF:usr/lib/{0}\nR:{0}.so\nF:\nR:top-{0}\n"
    both = [stanza.format("musl", "a@alpinelinux.org"), stanza.format("acme", "a@acme.io")]
    (tmp_path / "lib/apk/db/installed").write_text("\n".join(both))

    found = host_paths(str(tmp_path))

    assert found.paths == {"/usr", "/usr/lib", "/usr/lib/musl", "/usr/lib/musl/musl.so", "/top-musl"}
    assert [notice.source for notice in found.notices] == ["apk"]


def header(name: str, vendor: str, folders: list[str], names: list[str], indexes: list[int]) -> bytes:
    """An rpm header as rpm writes it."""
    entries, data = [], b""
    strings = {1000: (6, [name]), 1011: (6, [vendor]), 1118: (8, folders), 1117: (8, names)}
    for tag, (kind, values) in strings.items():
        entries.append((tag, kind, len(data), len(values)))
        data += b"".join(value.encode() + b"\0" for value in values)
    data += b"\0" * (-len(data) % 4)
    entries.append((1116, 4, len(data), len(indexes)))
    data += struct.pack(f">{len(indexes)}i", *indexes)
    index = b"".join(struct.pack(">iIiI", *entry) for entry in entries)
    return struct.pack(">II", len(entries), len(data)) + index + data


def test_rpm_packages_of_the_distribution_are_public(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    database = sqlite3.connect(tmp_path / "var/lib/rpm/rpmdb.sqlite")
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    blobs = [
        header("bash", "Fedora Project", ["/usr/bin/", "/etc/skel/"], ["bash", ".zshrc2"], [0, 1]),
        header("acme", "Acme", ["/usr/bin/"], ["acme"], [0]),
        b"damaged",
        header("odd", "Fedora Project", ["/usr/bin/"], ["odd"], [7]),
    ]
    database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    database.commit()
    database.close()

    found = host_paths(str(tmp_path))

    assert found.paths == {"/usr", "/usr/bin", "/usr/bin/bash", "/etc", "/etc/skel", "/etc/skel/.zshrc2"}
    assert [notice.what for notice in found.notices] == [
        "2 packages cannot be read",
        "1 packages of unknown origin: their names are not public",
    ]


def test_an_older_rpm_database_and_a_damaged_one_are_said(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages").write_bytes(b"x")
    assert "of a kind that is not read" in host_paths(str(tmp_path)).notices[0].what

    (tmp_path / "var/lib/rpm/rpmdb.sqlite").write_bytes(b"x" * 5000)
    assert "cannot be read" in host_paths(str(tmp_path)).notices[0].what


def test_a_host_without_a_database_is_said(tmp_path: Path) -> None:
    found = host_paths(str(tmp_path))

    assert found.paths == frozenset()
    assert "no package database" in found.notices[0].what
