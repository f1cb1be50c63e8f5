"""What is public: whole paths that ship, and words that say what a file is for."""

import re
from pathlib import Path

import pytest

from redaction import vocabulary, words
from redaction.vocabulary import Vocabulary
from redaction.words import Split, is_public, split


DATA = Path(words.DATA)
SHIPPED = Vocabulary.shipped()


def test_the_lists_say_when_they_were_written() -> None:
    for name in ("words.txt", "kernel.txt"):
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", (DATA / name).read_text().partition("\n\n")[0][:300])


def test_no_word_could_be_mistaken_for_a_placeholder_or_break_a_line() -> None:
    lists = words.shipped_words()
    for name in (*words.kernel_words(), *(word for section in lists for word in section)):
        assert name.isascii()
        assert name.isprintable()
        assert not set(name) & set("<> \"'\\")


def test_no_name_of_the_kernel_is_a_number_that_one_machine_was_given() -> None:
    issued = re.compile(r"[0-9a-f]{12,}|.*[0-9a-f]{8}-[0-9a-f]{4}-.*|.*(?:[0-9a-f]{2}:){5}.*")

    assert [name for name in words.kernel_words() if issued.fullmatch(name)] == []


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ("a.log", ("", "a", ".log")),
        (".a.log", (".", "a", ".log")),
        ("a.log.1", ("", "a", ".log.1")),
        ("a.log.2.gz", ("", "a", ".log.2.gz")),
        ("liba.so.6.0.31", ("", "liba", ".so.6.0.31")),
        ("liba.so.6.0.31.2", ("", "liba.so.6", ".0.31.2")),
        ("a.conf.d", ("", "a", ".conf.d")),
        ("a.tar.gz", ("", "a", ".tar.gz")),
        ("a.zork", ("", "a.zork", "")),
        ("a.zork.log", ("", "a.zork", ".log")),
        ("a.2", ("", "a.2", "")),
        ("a.log.1234", ("", "a.log.1234", "")),
        ("a~", ("", "a", "~")),
        (".log", (".", "log", "")),
        ("...", ("", "...", "")),
        (".", ("", ".", "")),
        ("", ("", "", "")),
        ("~", ("", "~", "")),
        (".~", (".", "~", "")),
        ("a.log.log.log.log", ("", "a.log", ".log.log.log")),
    ],
)
def test_a_component_splits_into_lead_stem_and_public_suffixes(component: str, expected: Split) -> None:
    assert split(component) == expected
    assert "".join(split(component)) == component


@pytest.mark.parametrize(
    "name",
    [
        "log",
        "conf.d",
        "cache",
        "nginx",
        "error.log",
        "index.html",
        "access.log.1",
        "python3.11",
        ".env",
        "en_US.UTF-8",
        "nginx-access.log",
        "redis-server",
        "php8.2",
        "default",
        "data.db-wal",
    ],
)
def test_words_of_trade_are_public_anywhere(name: str) -> None:
    assert is_public(name)


@pytest.mark.parametrize(
    "name",
    [
        "thor",
        "loki",
        "acme",
        "kafka3",
        "redis-prod",
        "web7",
        "mail-relay",
        "db1",
        "nginx01",
        "postgres2",
        "alice.log",
        "initech.conf",
        "1234",
        "2026",
        "a",
        "",
        "app-eu",
        "v1.2.3.4",
        "node18",
        "prod1.log",
        "Nginx-Acme.conf",
    ],
)
def test_names_of_hosts_people_and_customers_are_not(name: str) -> None:
    assert not is_public(name)


def test_numbers_pass_only_where_the_distribution_counts() -> None:
    assert SHIPPED.is_public("/var/lib/postgresql/15/main")
    assert SHIPPED.is_public("/usr/share/postgresql/15")
    for path in ("/srv/15", "/home/15", "/opt/15", "/tmp/a/15", "/proc/15", "/usr/lib/2026", "/15"):
        assert not SHIPPED.is_public(path), path


@pytest.mark.parametrize(
    "path",
    [
        "/srv/x/usr/bin/thor",
        "/home/alice/usr/bin/bash",
        "/dev/shm/node7",
        "/dev/mapper/md12",
        "/sys/fs/cgroup/node3",
        "/etc/app/ab_CD",
        "/etc/bind/10.1.2",
        "/run/11/23",
        "/tmp/2",
        "/dev/disk/by-label/meminfo",
        "/proc/self/cwd/thor",
    ],
)
def test_a_public_word_in_a_place_where_people_name_things_is_not_public(path: str) -> None:
    assert not SHIPPED.is_public(path)


def test_the_root_of_another_system_has_the_same_files() -> None:
    assert SHIPPED.step(SHIPPED.step(vocabulary.ROOT, "srv")[0], "zork")[0].known == ()
    place = SHIPPED.step(vocabulary.NOWHERE, "merged")[0]
    for part in ("usr", "lib", "x86_64-linux-gnu", "libssl.so.3"):
        place, public = SHIPPED.step(place, part)
        assert public


def test_the_operators_names_are_public_and_a_path_only_as_a_whole() -> None:
    one = Vocabulary(declared=["zork", "/opt/quux/bin/run"])

    assert one.is_public("/etc/zork")
    assert one.is_public("/opt/quux/bin/run")
    assert not one.is_public("/srv/quux")
    assert not one.is_public("/home/quux")
