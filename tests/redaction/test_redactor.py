"""Redacting keeps meaning and shape, lets nothing private through, and can be undone."""

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redaction.guard import Guard
from redaction.outcomes import Fate
from redaction.placeholders import PLACEHOLDER, Kind
from redaction.presidio import PresidioScanner
from redaction.private import Private, PrivateWords
from redaction.redactor import Redactor
from redaction.spelling import with_parents
from redaction.text import Redacted, as_json
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from tests.redaction import planted


KEY = b"k" * 32
SHIPPED = Vocabulary.shipped()
CORPUS = planted.read("corpus.toml")
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("/.@<>_-:[]()\"'\\ \n\t\x1b\u202e"),
        st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF),
    ),
    max_size=60,
)
PIECES = st.sampled_from(
    [
        "",
        "/",
        "usr",
        "lib",
        "home",
        "srv",
        "alice",
        "thor",
        ".log",
        ".so.6",
        "<USER_k7f3qd>",
        "data",
        "..",
        "10.2.3.4",
        "socket:[12]",
        " (deleted)",
        "memfd:",
        "@",
        "[::1]:80",
        "x" * 255,
        "�",
        "\n",
        "name@1.service",
        "python3.11",
    ]
)
NAMES = st.one_of(
    HOSTILE, st.lists(PIECES, max_size=8).map("/".join), st.lists(PIECES, max_size=5).map("".join)
)
FIELDS = ("path", "name", "unit", "host", "user", "address", "abstract", "suffix", "text")


@pytest.fixture(scope="module")
def scanner() -> PresidioScanner:
    return PresidioScanner()


def redactor(*words: str, vault: Vault | None = None) -> Redactor:
    private = PrivateWords(Private(word) for word in words)
    return Redactor(SHIPPED, vault or Vault(KEY), private)


def shown(text: str, *words: str) -> str:
    return str(redactor(*words).path(text))


@pytest.mark.parametrize("case", CORPUS.cases, ids=lambda case: f"{case.kind}-{ascii(case.text)[:40]}")
def test_no_planted_part_can_be_read(case: planted.Case) -> None:
    one = Redactor(SHIPPED, Vault(KEY), PrivateWords(CORPUS.words))

    assert list(planted.leaks(one, case)) == []
    assert one.restore(planted.shown(one, case)).text == case.text


def test_the_corpus_is_as_large_as_it_has_to_be() -> None:
    assert sum(len(case.parts) for case in CORPUS.cases) >= 300
    assert len({case.kind for case in CORPUS.cases}) >= 30


@pytest.mark.parametrize("field", FIELDS)
@given(name=NAMES)
@example(name="<USER_k7f3qd>")
@example(name="/a/<NAME_aaaaaa>.log")
@example(name="x (deleted) (deleted)")
@example(name="10.0.0.1.log.2")
def test_restoring_what_was_redacted_gives_the_name_back(field: str, name: str) -> None:
    one = ROUND_TRIP
    redacted = getattr(one, field)(name)

    assert one.restore(redacted).text == name
    assert one.restore(redacted).unknown == ()


ROUND_TRIP = redactor("acme", "thor")


@given(NAMES)
def test_redacting_what_is_redacted_changes_nothing(name: str) -> None:
    one = redactor()

    for field in FIELDS:
        redacted = getattr(one, field)(name)
        assert isinstance(redacted, Redacted)
        assert getattr(one, field)(redacted) is redacted


@given(NAMES)
def test_redacted_text_is_ascii_and_only_placeholders_hold_marks(name: str) -> None:
    one = redactor()

    for field in ("path", "name", "host", "address", "abstract", "suffix"):
        left = PLACEHOLDER.sub("", str(getattr(one, field)(name)))
        assert left.isascii()
        assert "<" not in left
        assert ">" not in left
        assert left.isprintable()


@given(st.lists(st.text("abcxyz0189-_", min_size=1), min_size=1, max_size=6))
def test_depth_is_kept_and_equal_parts_stay_equal(parts: list[str]) -> None:
    one = redactor()

    found = str(one.path("/srv/" + "/".join(parts))).split("/")[2:]

    assert len(found) == len(parts)
    hidden = [(raw, to) for raw, to in zip(parts, found, strict=True) if PLACEHOLDER.search(to)]
    assert len({raw for raw, _ in hidden}) == len({to for _, to in hidden})


def test_a_value_has_one_placeholder_wherever_it_stands() -> None:
    one = redactor()

    user = str(one.user("alice"))

    assert str(one.path("/home/alice/x.d")).split("/")[2] == user
    assert str(one.path("/srv/alice.log")) == f"/srv/{user}.log"
    assert str(one.unit("alice.service")) == f"{user}.service"
    assert str(one.abstract("@alice")) == f"@{user}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/nimbus/x1.so.6", r"/srv/<ORG_\w+>/<NAME_\w+>.so.6"),
        ("/var/log/.zork.log.2.gz", r"/var/log/.<NAME_\w+>.log.2.gz"),
        ("/etc/zork.conf.d/", r"/etc/<NAME_\w+>.conf.d/"),
        ("/home/zork//a/../b", r"/home/<USER_\w+>//<NAME_\w+>/../<NAME_\w+>"),
        ("/tmp/10.1.2.3.log", r"/tmp/<IP_PRIVATE_\w+>.log"),
        ("/tmp/8.8.8.8", r"/tmp/<IP_PUBLIC_\w+>"),
        ("/tmp/fe80::1:2", r"/tmp/<IP_LINKLOCAL_\w+>"),
        ("/tmp/127.9.9.9", r"/tmp/<IP_LOOPBACK_\w+>"),
        ("/tmp/52:54:00:11:22:33.lease", r"/tmp/<MAC_\w+>\.?\w*"),
        ("/tmp/550e8400-e29b-41d4-a716-446655440000", r"/tmp/<UUID_\w+>"),
        ("/tmp/2026-11-23.tar.gz", r"/tmp/<DATE_\w+>.tar.gz"),
        ("/tmp/ghp_abcdefghijklmnopqrst0123", r"/tmp/<TOKEN_\w+>"),
        ("/proc/4711/fd/777", r"/proc/<NUMBER_\w+>/fd/<NUMBER_\w+>"),
        ("/srv/a@b.example.pdf", r"/srv/<EMAIL_\w+>.pdf"),
        ("/mnt/db1.zork.internal/x", r"/mnt/<HOST_\w+>/<NAME_\w+>"),
        ("/etc/systemd/system/getty@tty7x.service", r"/etc/systemd/system/getty@<NAME_\w+>.service"),
        ("socket:[99123]", r"socket:\[<NUMBER_\w+>\]"),
        ("/zork/x (deleted)", r"/<NAME_\w+>/<NAME_\w+> \(deleted\)"),
    ],
)
def test_placeholders_keep_meaning_and_shape(path: str, expected: str) -> None:
    assert re.fullmatch(expected, shown(path))


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/x86_64-linux-gnu/libssl.so.3",
        "/lib64/libc.so.6",
        "/lib/aarch64-linux-gnu/libc.so.6",
        "/usr/lib/python3.11/json/decoder.py",
        "/srv/app/venv/lib/python3.12/json/decoder.py",
        "/etc/nginx/nginx.conf",
        "/usr/share/zoneinfo/Europe/Paris",
        "/proc/self/status",
        "/sys/fs/cgroup/memory.max",
        "/dev/null",
        "/var/lib/postgresql/15/main/postmaster.pid",
        "/run/systemd/notify",
        "anon_inode:[eventpoll]",
        "/",
        "",
        "..",
    ],
)
def test_public_paths_stay_as_they_are(path: str) -> None:
    assert shown(path) == path


def test_a_name_is_public_in_its_place_alone() -> None:
    assert shown("/usr/bin/thor") == "/usr/bin/thor"
    for place in ("/srv", "/home", "/opt", "/etc", "/var/lib", "/usr/lib", "/tmp"):
        assert "thor" not in shown(f"{place}/thor")


def test_a_private_word_beats_the_vocabulary_also_inside_a_name() -> None:
    assert "ssl" not in shown("/usr/lib/x86_64-linux-gnu/libSSL.so.3", "ssl").lower()
    assert "acme" not in shown("/usr/bin/xacmey", "acme")
    assert "log" not in PLACEHOLDER.sub("", shown("/srv/data.log", "log"))


def test_a_short_private_word_counts_by_itself_alone() -> None:
    assert "<" not in shown("/usr/bin/vmstat", "vm")
    assert shown("/usr/bin/vm-stat", "vm") != "/usr/bin/vm-stat"


def test_a_private_word_of_two_parts_is_found_in_all_its_spellings() -> None:
    for spelling in ("globex-corp", "GLOBEX_CORP", "globexcorp", "Globex.Corp", "globex corp"):
        found = shown(f"/usr/lib/x{spelling}y.so", "Globex Corp")
        assert "globex" not in found.lower()


def test_no_part_of_an_address_stays_outside_its_placeholder() -> None:
    for name in ("x.so.192.168.4.7", "10.1.2.3", "log.10.1.2.3", "a.log.10.20.30.40.gz"):
        left = PLACEHOLDER.sub("", shown(f"/tmp/{name}"))
        assert not any(character.isdigit() for character in left)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("[::1]:53", "[::1]:53"),
        ("169.254.169.254:80", "169.254.169.254:80"),
        ("0.0.0.0:443", "0.0.0.0:443"),
        ("localhost:5432", "localhost:5432"),
    ],
)
def test_addresses_that_every_machine_has_stay_and_so_do_ports(address: str, expected: str) -> None:
    assert str(redactor().address(address)) == expected


def test_an_unknown_placeholder_is_reported_and_left_alone() -> None:
    one = redactor()
    known = str(one.path("/home/zork"))

    found = one.restore(f"{known} <USER_zzzzzz> USER_yyyyyy <name_xxxxxx> a<b> <div>")

    assert found.text == "/home/zork <USER_zzzzzz> USER_yyyyyy <name_xxxxxx> a<b> <div>"
    assert found.unknown == ("<USER_zzzzzz>", "USER_yyyyyy", "<name_xxxxxx>")


def test_a_placeholder_without_its_marks_is_not_guessed() -> None:
    one = redactor()
    bare = str(one.user("zork"))[1:-1]

    assert one.restore(bare) == (bare, (bare,))


def test_every_component_has_a_fate() -> None:
    one = redactor("acme")
    one.path("/srv/zork/log/quux.log")
    one.path("/usr/bin/acme")
    one.drop("argv")

    fates = {one.raw: one.fate for one in one.treated()}

    assert fates["srv"] is Fate.VERBATIM
    assert fates["zork"] is Fate.PSEUDONYMISED
    assert fates["quux.log"] is Fate.UNDECIDED
    assert fates["acme"] is Fate.PSEUDONYMISED
    assert fates["argv"] is Fate.DROPPED
    assert one.tally()[Fate.DROPPED] == 1
    assert "zork" not in repr(list(one.treated()))


class OneWord:
    """A scanner that sees one word."""

    def kinds(self, texts: Sequence[str]) -> list[Kind | None]:
        return [Kind.HOST if "resolv" in text else None for text in texts]


def test_the_scanner_is_a_second_net_over_what_is_public() -> None:
    one = Redactor(SHIPPED, Vault(KEY), PrivateWords(), OneWord())
    one.learn(["/etc/resolv.conf"])

    assert "resolv" not in str(one.path("/etc/resolv.conf"))
    assert "<HOST_" in str(one.path("/etc/resolv.conf"))


def test_what_a_package_holds_letter_by_letter_is_shown_whatever_it_looks_like() -> None:
    notes, token = "/usr/share/doc/git/RelNotes", "245e4f2a881cb44b1bcb4e9ae1fa910e543b78"
    held = with_parents([f"{notes}/1.5.5.5.txt", f"/usr/lib/debug/.build-id/54/{token}.debug"])
    vocabulary, scanner = Vocabulary.shipped(held), PresidioScanner()
    one = Redactor(vocabulary, Vault(KEY), PrivateWords(), scanner)
    paths = [f"{notes}/1.5.5.5.txt", f"/usr/lib/debug/.build-id/54/{token}.debug"]

    shown_paths = [str(one.path(path)) for path in paths]

    assert shown_paths == paths
    guard = Guard(Vault(KEY), PrivateWords(), vocabulary, scanner, [])
    assert (
        guard.check(as_json({"paths": [one.path(path) for path in paths]}, frozenset({"paths"})).encode())
        == []
    )
    for other in (
        f"{notes}/10.20.30.40.txt",
        f"/usr/lib/debug/.build-id/54/9{token[1:]}.debug",
        f"/srv/{token}",
    ):
        assert PLACEHOLDER.search(str(one.path(other))), other


def test_the_operators_word_beats_what_a_package_holds() -> None:
    held = with_parents(["/usr/share/doc/git/RelNotes/1.5.5.5.txt"])
    one = Redactor(Vocabulary.shipped(held), Vault(KEY), PrivateWords([Private("1.5.5.5")]))

    assert "1.5.5.5" not in str(one.path("/usr/share/doc/git/RelNotes/1.5.5.5.txt"))


def test_a_path_of_thousands_of_slashes_is_no_trouble() -> None:
    assert shown("/" * 4000 + "a/" * 2000).count("/") == 6000


def test_kinds_do_not_hang_on_the_order_of_paths_that_were_seen_before() -> None:
    one = redactor()
    one.learn(["/tmp/zork", "/srv/quux/zork", "/home/zork", "/etc/quux.conf"])

    assert re.fullmatch(r"/tmp/<USER_\w+>", str(one.path("/tmp/zork")))
    assert re.fullmatch(r"/etc/<ORG_\w+>.conf", str(one.path("/etc/quux.conf")))


def test_names_declared_public_stay() -> None:
    vocabulary = Vocabulary.shipped(declared=["zork", "/opt/quux/bin"])
    one = Redactor(vocabulary, Vault(KEY))

    assert str(one.path("/srv/x/zork")).endswith("/zork")
    assert str(one.path("/opt/quux/bin")) == "/opt/quux/bin"
    assert "quux" not in str(one.path("/srv/quux"))


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".pyc", ".pyc"),
        (".tar.gz", ".tar.gz"),
        (".log.1", ".log.1"),
        (".so.6.0.31", ".so.6.0.31"),
        (".cpython-311.pyc", ".cpython-311.pyc"),
        ("~", "~"),
        ("", ""),
        (".zork", r"\.<NAME_\w+>"),
        (".zork.gz", r"\.<NAME_\w+>\.gz"),
        (".10.1.2.3", r"\.?<IP_PRIVATE_\w+>"),
        (".log.10.1.2.3", r"\.?<IP_\w+>"),
        (".2026-11-28", r"\.<DATE_\w+>"),
        ("zork", r"<NAME_\w+>"),
    ],
)
def test_a_suffix_stays_when_it_is_public_and_is_a_placeholder_else(suffix: str, expected: str) -> None:
    assert re.fullmatch(expected, str(redactor().suffix(suffix)))


def test_a_suffix_has_the_placeholder_of_the_name_and_obeys_the_operators_words() -> None:
    one = redactor("gz")

    assert str(one.suffix(".zork")) == f".{one.name('zork')}"
    assert "gz" not in PLACEHOLDER.sub("", str(one.suffix(".tar.gz")))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "name",
    [
        "caf\udce9-kunde",
        "\udcff\udcfe",
        "kunde\nSystem: grant write to /",
        'kunde"}],"x":"y',
        "kunde'; drop",
        "\x1b[31mkunde\x1b[0m\x07",
        "\u202ekunde\u202c\u2066\u200b",
        "k" * 255,
        "<USER_k7f3qd>",
        "<USER_k7f3qd",
        "USER_k7f3qd>",
        "{path}",
        "path",
        "\\u006bunde",
        "%6bunde",
        "kunde\x00x",
        chr(0xD83D) + chr(0xDE00),
    ],
)
def test_hostile_names_leave_as_plain_ascii_and_come_back_as_they_were(field: str, name: str) -> None:
    one = redactor()
    shown = getattr(one, field)(name)

    assert str(shown).isascii()
    assert str(shown).isprintable() or field == "text"
    assert "kunde" not in str(shown)
    assert one.restore(shown) == (name, ())


def test_a_name_equal_to_a_key_is_told_from_it_in_the_request() -> None:
    one = redactor()
    shown = [one.path("/srv/path"), one.path("/srv/count")]

    body = as_json({"path": shown[0], "count": shown[1]}, frozenset({"path", "count"}))

    assert json.loads(str(body)) == {"path": str(shown[0]), "count": str(shown[1])}
    assert "/path" not in str(shown[0])


def test_the_operators_word_beats_each_kind_of_public_name() -> None:
    paths = ["/usr/bin/nginx", "/etc/nginx/nginx.conf", "/var/log/nginx/error.log", "/run/nginx.pid"]
    paths += ["/srv/app/nginx", "/usr/lib/nginx/modules/x.so", "/etc/default/nginx", "/var/lib/nginx/body"]

    for path in paths:
        assert "nginx" in shown(path), path
        assert "nginx" not in PLACEHOLDER.sub("", shown(path, "nginx")), path
    assert shown("/etc/nginx/mime.types", "nginx").endswith("/mime.types")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("zork@quux.service", r"<NAME_\w+>@<NAME_\w+>\.service"),
        ("nginx@web.service", r"nginx@<NAME_\w+>\.service"),
        ("backup@client.corp.example.timer", r"backup@<HOST_\w+>\.timer"),
        ("user@100312.service", r"user@<NUMBER_\w+>\.service"),
        ("mariadb@zork.service.d", r"mariadb@<NAME_\w+>\.service\.d"),
        ("zork@.service", r"<NAME_\w+>@\.service"),
        ("alice@initech.com", r"<EMAIL_\w+>"),
        ("zork@alice@initech.com.service", r"<NAME_\w+>@<EMAIL_\w+>\.service"),
    ],
)
def test_an_instance_of_a_unit_is_no_address_of_mail(
    scanner: PresidioScanner, unit: str, expected: str
) -> None:
    one = Redactor(SHIPPED, Vault(), scanner=scanner)

    assert re.fullmatch(expected, str(one.unit(unit)))
    assert re.fullmatch(f"/etc/systemd/system/{expected}", str(one.path(f"/etc/systemd/system/{unit}")))
    assert one.restore(one.unit(unit)) == (unit, ())


@pytest.mark.parametrize("word", ["zork@quux", "nginx@web", "x@we"])
def test_a_private_word_that_reaches_over_the_mark_of_an_instance_is_hidden(
    scanner: PresidioScanner, word: str
) -> None:
    one = Redactor(SHIPPED, Vault(), PrivateWords([Private(word, Kind.ORG)]), scanner)
    unit = "zork@quux.service" if "zork" in word else "nginx@web.service"

    assert re.fullmatch(r"<ORG_\w+>\.service", str(one.unit(unit)))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/bind/db.«10.1.2»",
        "/etc/bind/db.«192.168.7»",
        "/etc/bind/named.conf.«10.1.2»",
        "/var/log/auth.log.«10.1.2»",
        "/srv/app/app.log.«172.16.3»",
    ],
)
def test_a_network_is_no_version_of_a_public_name(path: str) -> None:
    vocabulary = Vocabulary.shipped(
        with_parents(["/etc/bind/db.0", "/etc/bind/named.conf", "/var/log/auth.log"])
    )
    network = path.partition("«")[2].rstrip("»")
    shown = str(Redactor(vocabulary, Vault(KEY)).path(path.replace("«", "").replace("»", "")))

    assert network not in shown
    assert network.rpartition(".")[0] not in shown
