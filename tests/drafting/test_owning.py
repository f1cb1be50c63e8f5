"""Whose directory it is: by name, by what is made in it, and never a person's."""

import pytest

from assistant.domain.rights import FsRight
from assistant.drafting.needs import Need
from assistant.drafting.owning import Ownership


@pytest.mark.parametrize(
    ("names", "directory"),
    [
        (("redis-server",), "/var/lib/redis"),
        (("nginx",), "/etc/nginx/sites-enabled"),
        (("postgres",), "/etc/postgresql/15/main"),
        (("mysqld",), "/var/lib/mysql"),
        (("x", "/usr/sbin/unbound"), "/etc/unbound"),
        (("app",), "/var/log/app-2"),
        (("anything",), "/var/www/html"),
    ],
)
def test_a_directory_named_after_the_service_is_its_own(names: tuple[str, ...], directory: str) -> None:
    assert Ownership(names, ())(directory)


@pytest.mark.parametrize(
    ("names", "directory"),
    [
        (("app",), "/etc/apparmor.d"),
        (("web",), "/etc/webmin"),
        (("python3", "sh"), "/usr/lib/python3"),
        (("nginx",), "/etc"),
        (("log",), "/var/log"),
        (("redis",), "/etc/ssl"),
    ],
)
def test_a_name_that_only_begins_alike_or_is_shared_is_not(names: tuple[str, ...], directory: str) -> None:
    assert not Ownership(names, ())(directory)


def test_a_directory_in_which_the_service_makes_files_is_its_own() -> None:
    made = Need("/srv/queue", hard=FsRight.MAKE_REG)

    assert Ownership(("app",), (made,))("/srv/queue/in")


def test_a_lock_file_does_not_make_a_persons_documents_its_own() -> None:
    made = Need("/home/al/Documents", hard=FsRight.MAKE_REG)

    assert not Ownership(("app",), (made,))("/home/al/Documents")


def test_an_application_of_which_several_files_are_used_is_read_as_if_it_were_its_own() -> None:
    needs = [Need(f"/opt/shop/{name}", hard=FsRight.READ_FILE) for name in ("a.py", "lib/b.py")]
    own = Ownership(("python3",), needs)

    assert own.runs("/opt/shop/lib")
    assert not own("/opt/shop")


@pytest.mark.parametrize("path", ["/srv/other/secret.txt", "/usr/local/lib/x/y", "/etc/other/a"])
def test_one_file_alone_or_a_shared_directory_makes_no_application(path: str) -> None:
    needs = [Need(path, hard=FsRight.READ_FILE)]

    assert not Ownership(("app",), needs).runs(path)
