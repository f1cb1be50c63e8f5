"""dpkg's database as dpkg writes it, and this machine's own where it has one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.packages import Dpkg


@pytest.fixture
def root(tmp_path: Path) -> Path:
    info = tmp_path / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info / "nginx-common.list").write_text("/.\n/etc\n/etc/nginx\n/etc/nginx/nginx.conf\n", "utf-8")
    (info / "libc6:amd64.list").write_text("/.\n/lib/libc.so.6\n/usr/lib/x\n", "utf-8")
    (info / "perl.list").write_text("/.\n/etc\n/usr/bin/rename\n", "utf-8")
    (info / "other.list").write_bytes(b"/.\n/usr/bin/rename\n/srv/\xff\n")
    return tmp_path


def test_a_path_has_the_packages_that_list_it_without_their_architecture(root: Path) -> None:
    packages = Dpkg(str(root))

    assert packages.owners("/etc/nginx/nginx.conf") == ("nginx-common",)
    assert packages.owners("/etc") == ("nginx-common", "perl")
    assert packages.owners("/usr/lib/x") == ("libc6",)
    assert packages.owners("/etc/nginx/nginx") == ()
    assert packages.owners("/srv/\udcff") == ("other",)


def test_where_lib_is_a_link_to_usr_lib_both_names_are_one(root: Path) -> None:
    apart = Dpkg(str(root)).owners("/usr/lib/libc.so.6")
    (root / "lib").symlink_to("usr/lib")

    assert apart == ()
    assert Dpkg(str(root)).owners("/usr/lib/libc.so.6") == ("libc6",)


def test_a_diverted_file_belongs_to_the_package_that_diverted_it(root: Path) -> None:
    (root / "var/lib/dpkg/diversions").write_text("/usr/bin/rename\n/usr/bin/rename.perl\nother\n", "utf-8")
    packages = Dpkg(str(root))

    assert packages.owners("/usr/bin/rename") == ("other",)
    assert packages.owners("/usr/bin/rename.perl") == ("perl",)


@pytest.mark.parametrize("what", ["no database", "no list"])
def test_without_a_database_the_owner_is_unknown_and_not_nobody(what: str, tmp_path: Path) -> None:
    if what == "no list":
        (tmp_path / "var/lib/dpkg/info").mkdir(parents=True)

    assert Dpkg(str(tmp_path)).owners("/etc/passwd") is None


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="this machine has no dpkg")
@pytest.mark.parametrize(
    "path", ["/etc/debian_version", "/usr/share/doc/dpkg", "/etc/passwd", "/var/lib/dpkg"]
)
def test_this_machines_dpkg_says_the_same(path: str) -> None:
    done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
    said = {name.partition(":")[0].strip() for name in done.stdout.partition(": /")[0].split(", ") if name}

    assert set(Dpkg().owners(path) or ()) == said


def test_a_package_has_files_and_scripts_whatever_its_architecture(root: Path) -> None:
    (root / "var/lib/dpkg/info/libc6:amd64.postinst").write_text("#!/bin/sh\n", "utf-8")
    (root / "var/lib/dpkg/info/libc6-dev:amd64.list").write_text("/x\n", "utf-8")
    packages = Dpkg(str(root))

    assert packages.files("libc6") == ("/lib/libc.so.6", "/usr/lib/x")
    assert packages.files("nginx-common") == ("/etc", "/etc/nginx", "/etc/nginx/nginx.conf")
    assert [script.text for script in packages.scripts("libc6")] == ["#!/bin/sh\n"]
    assert packages.scripts("perl") == ()


@pytest.mark.parametrize("name", ["nginx", "../../../etc/passwd", "*", "", "a b"])
def test_what_is_no_installed_package_has_no_files(name: str, root: Path) -> None:
    assert Dpkg(str(root)).files(name) is None
    assert Dpkg(str(root)).scripts(name) == ()


def test_a_file_that_cannot_be_read_has_no_text(root: Path) -> None:
    assert Dpkg(str(root)).read(str(root / "absent")).text is None
