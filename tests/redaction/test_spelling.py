"""One file has one path in the vocabulary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.spelling import canonical, unnumbered, with_parents


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/lib/x", "/usr/lib/x"),
        ("/lib64/ld.so", "/usr/lib/x86_64-linux-gnu/ld.so"),
        ("/bin/sh", "/usr/bin/sh"),
        ("/library/x", "/library/x"),
        ("/var/run/x", "/run/x"),
        ("/var/runner", "/var/runner"),
        ("/usr/lib/aarch64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6"),
        ("/usr/lib64/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6"),
    ],
)
def test_one_file_has_one_path_whatever_the_distribution_links(path: str, expected: str) -> None:
    assert canonical(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/share/locale/de_DE.UTF-8/LC_MESSAGES/tar.mo", "/usr/share/locale/en/LC_MESSAGES/tar.mo"),
        ("/usr/share/locale/C/LC_MESSAGES/tar.mo", "/usr/share/locale/en/LC_MESSAGES/tar.mo"),
        ("/usr/share/locale-langpack/sr@latin", "/usr/share/locale/en"),
        ("/usr/share/locale/locale.alias", "/usr/share/locale/locale.alias"),
        ("/usr/share/locale/acme-corp/x", "/usr/share/locale/acme-corp/x"),
        ("/usr/share/man/de/man8/x.8.gz", "/usr/share/man/man8/x.8.gz"),
        ("/usr/share/man/man8/x.8.gz", "/usr/share/man/man8/x.8.gz"),
        ("/usr/lib/php/20220829/ftp.so", "/usr/lib/php/0/ftp.so"),
        ("/srv/locale/de", "/srv/locale/de"),
    ],
)
def test_a_translation_and_an_interface_stand_for_all_of_them(path: str, expected: str) -> None:
    assert canonical(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/libssl.so.3", "/usr/lib/libssl.so.0"),
        ("/usr/lib/libssl.so.1.1", "/usr/lib/libssl.so.0"),
        ("/usr/lib/python3.11/x", "/usr/lib/python0/x"),
        ("/x/10.1.2.3", "/x/10.1.2.3"),
        ("/x/a10.1.2.3.4b", "/x/a10.1.2.3.4b"),
        ("/x/2026", "/x/2026"),
        ("/x/20261128", "/x/20261128"),
        ("/x/1234", "/x/1234"),
        ("/x/a12b345", "/x/a0b0"),
        ("/etc/bind/db.127", "/etc/bind/db.0"),
        ("/etc/bind/db.10.1.2", "/etc/bind/db.10.1.2"),
        ("/etc/bind/db.192.168.7", "/etc/bind/db.192.168.7"),
        ("/etc/bind/db.172.16.7", "/etc/bind/db.172.16.7"),
        ("/opt/x/libx.so.10.1.2", "/opt/x/libx.so.0"),
        ("/usr/share/x/10.1.2", "/usr/share/x/0"),
    ],
)
def test_a_version_does_not_count_and_an_address_or_a_date_does(path: str, expected: str) -> None:
    assert unnumbered(path) == expected


@given(st.text("0123456789.ax-/", max_size=30))
def test_a_path_without_versions_stays_as_it_is(path: str) -> None:
    assert unnumbered(unnumbered(path)) == unnumbered(path)


@given(st.text("0123456789.:-/", max_size=30), st.tuples(*[st.integers(0, 255)] * 4))
def test_four_numbers_of_an_address_never_become_a_version(around: str, address: tuple[int, ...]) -> None:
    dotted = ".".join(map(str, address))

    assert dotted in unnumbered(f"/{around}/{dotted}/{around}")


def test_parents_are_all_that_leads_to_a_path() -> None:
    assert with_parents(["/a/b/c", "/a/d"]) == {"/a", "/a/b", "/a/b/c", "/a/d"}
