"""The guard finds every private value in the very bytes that would leave, and nothing else."""

import base64
import json
import random
import urllib.parse
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction.guard import Guard, Violation
from redaction.placeholders import PLACEHOLDER, Kind
from redaction.presidio import PresidioScanner
from redaction.private import Private, PrivateWords
from redaction.redactor import Redactor
from redaction.text import as_json, literal
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from tests.growth import growth


KEY = b"k" * 32
SHIPPED = Vocabulary.shipped()
PROMPT = literal(
    "Group the accesses by purpose; reports, orders and customers are examples. See /etc/myapp/conf."
)
WORDS = frozenset({"accesses", "path", "count", "read", "outcome"})
VALUES = [
    "wonka",
    "initech.internal",
    "alice",
    "Zürich GmbH",
    "10.20.30.40",
    "k9-Xy_77",
    "caf\udce9zz",
    'quo"te',
    "a\nbcdef",
]

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "json": lambda value: json.dumps(value)[1:-1],
    "json unicode": lambda value: "".join(f"\\u{ord(one):04x}" for one in value),
    "json in json": lambda value: json.dumps(json.dumps(value))[1:-1],
    "percent": lambda value: urllib.parse.quote(value, safe="", errors="surrogateescape"),
    "percent all": lambda value: "".join(f"%{byte:02x}" for byte in raw(value)),
    "hex": lambda value: raw(value).hex(),
    "hex upper": lambda value: raw(value).hex().upper(),
    "hex shifted": lambda value: "a" + raw(value).hex(),
    "strace": lambda value: "".join(f"\\x{byte:02x}" for byte in raw(value)) if value.isascii() else value,
    "base64 0": lambda value: base64.b64encode(raw(value)).decode(),
    "base64 1": lambda value: base64.b64encode(b"x" + raw(value) + b"yz").decode(),
    "base64 2": lambda value: base64.b64encode(b"xy" + raw(value) + b"z").decode(),
    "base64 url": lambda value: base64.urlsafe_b64encode(b"?>" + raw(value)).decode().rstrip("="),
    "entities": lambda value: "".join(f"&#{ord(one)};" for one in value) if value.isascii() else value,
}


def raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def sent(text: str) -> bytes:
    return b'{"model": "x", "text": "' + raw(text) + b'"}'


@pytest.fixture(scope="module")
def scanner() -> PresidioScanner:
    return PresidioScanner()


def guard(*values: str, private: tuple[str, ...] = (), scanner: PresidioScanner | None = None) -> Guard:
    vault = Vault(KEY)
    for value in values:
        vault.placeholder(value, Kind.NAME)
    return Guard(vault, PrivateWords(map(Private, private)), SHIPPED, scanner, [PROMPT, *map(literal, WORDS)])


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_the_vault_is_found_in_any_usual_encoding(value: str, encoding: str) -> None:
    found = guard(value).check(sent(ENCODINGS[encoding](value)))

    assert any(one.check == "value" for one in found)
    assert value not in repr(found)


def test_seeds_and_private_words_are_found_though_the_vault_does_not_know_them() -> None:
    found = guard(private=("Globex Corp",)).check(sent("xx-globex_corp.log"))

    assert found == [Violation("value", "a private word", "plain", found[0].offset)]


def test_a_path_that_is_not_public_is_found_though_nobody_knows_it() -> None:
    assert [one.check for one in guard().check(sent("/srv/neverseen/x"))] == ["path"]


def test_the_scanner_finds_what_nobody_knows(scanner: PresidioScanner) -> None:
    found = guard(scanner=scanner).check(sent("mail bob@initech.com"))

    assert [(one.check, one.what) for one in found] == [("scanner", "EMAIL")]


def test_an_honest_request_passes(scanner: PresidioScanner) -> None:
    vault, private = Vault(KEY), PrivateWords([Private("acme")])
    redactor = Redactor(SHIPPED, vault, private)
    paths = [
        "/usr/bin/thor",
        "/srv/thor/x",
        "/home/nginx/y",
        "/srv/orders/a.log",
        "/srv/customers9/b",
        "/proc/12/stat",
    ]
    paths += [
        "/etc/nginx/nginx.conf",
        "/srv/path/count",
        "/srv/read",
        "/srv/1234/5678",
        "/srv/a/b/c/the/of",
        "/opt/x1",
    ]
    data = {"accesses": [{"path": redactor.path(path), "count": 1234, "outcome": "read"} for path in paths]}
    body = as_json(data, WORDS) + PROMPT

    assert Guard(vault, private, SHIPPED, scanner, [PROMPT, *map(literal, WORDS)]).check(body.encode()) == []


def test_a_public_path_passes_though_its_name_is_private_elsewhere() -> None:
    assert guard("thor").check(sent("/usr/bin/thor")) == []
    assert guard("thor").check(sent("/srv/thor")) != []
    assert guard("thor").check(sent("/srv/<NAME_aaaaaa>/usr2/bin/thor")) != []


def test_short_values_and_everyday_words_count_as_parts_of_paths_alone() -> None:
    one = guard("db", "reports", "the", "1234", "nginx", "a")

    assert one.check(sent("the db reports 1234 to nginx, a lot")) == []
    for value in ("db", "reports", "the", "1234", "a"):
        assert one.check(sent(f"/home/{value}")) != [], value
    assert one.check(sent("/home/nginx/x")) != []


def test_a_placeholder_of_another_project_hides_nothing() -> None:
    assert guard("aaaaaa").check(sent("<NAME_aaaaaa>")) != []


def test_a_name_beside_a_placeholder_is_found_and_a_suffix_is_not() -> None:
    vault = Vault(KEY)
    shown = vault.placeholder("wonka", Kind.ORG)
    one = Guard(vault, PrivateWords(), SHIPPED, None)

    for honest in (
        f"/srv/{shown}.log.1",
        f"/srv/.{shown}.conf.d/x.service".replace("x", shown),
        f"/etc/a@{shown}.service",
    ):
        assert one.check(sent(honest.replace("/etc/a@", "/etc/backup@"))) == [], honest
    for leak in (f"/srv/{shown}thor", f"/srv/thor-{shown}", f"/srv/{shown}.thor.log"):
        assert one.check(sent(leak)) != [], leak


def test_a_private_word_that_our_own_text_uses_counts_as_part_of_a_path() -> None:
    one = guard(private=("reports",))

    assert one.check(sent("Group the reports")) == []
    assert one.check(sent("/usr/share/reports/x")) != []


def test_bytes_that_are_no_utf8_and_deep_nonsense_are_no_trouble() -> None:
    one = guard("wonka")

    assert one.check(b"\xff\xfe\x00") == []
    assert one.check(b"") == []
    assert one.check(b"%" * 1000 + b"\\u12" + b"&#99999999;" + b"/" * 1000) is not None


def test_values_that_come_later_are_found_too() -> None:
    vault = Vault(KEY)
    one = Guard(vault, PrivateWords(), SHIPPED, None)
    assert one.check(sent("wonka")) == []

    vault.placeholder("wonka", Kind.ORG)

    assert one.check(sent("wonka")) != []


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text("abcdefgh0123456789-_.é", min_size=5, max_size=20), min_size=1, max_size=8),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    leak=st.integers(0, 7),
)
def test_composed_requests_pass_and_the_same_with_a_value_left_in_do_not(
    names: list[str], encoding: str, leak: int
) -> None:
    vault, private = Vault(KEY), PrivateWords()
    redactor = Redactor(SHIPPED, vault, private)
    paths = [redactor.path(f"/srv/{name}/x/{name}.log") for name in names]
    body = as_json({"accesses": [{"path": path} for path in paths]}, WORDS).encode()
    one = Guard(vault, private, SHIPPED, None, [PROMPT, *map(literal, WORDS)])

    assert one.check(body) == []
    name = names[leak % len(names)]
    distinct = len(name.strip(".-_")) > 6 and any(letter.isalpha() for letter in name)
    if distinct and vault.known(name) is not None:
        assert one.check(body + sent(ENCODINGS[encoding](name))) != []


def large(count: int) -> tuple[Guard, str, dict[str, str]]:
    """A guard that knows so many values, a body with the placeholders of some of them, and all of both."""
    dice = random.Random(3)  # noqa: S311 - repeatable names, no secrets
    vault = Vault(KEY)
    values = [f"cust-{dice.randrange(10**9)}-{at}" for at in range(count)]
    placeholders = {value: vault.placeholder(value, Kind.ORG) for value in values}
    body = json.dumps([{"path": placeholders[value], "count": 7} for value in values[: count // 12]])
    return Guard(vault, PrivateWords(), SHIPPED, None, [literal("path count")]), body, placeholders


def test_one_of_twenty_thousand_values_is_found_in_a_large_request() -> None:
    one, body, placeholders = large(20_000)
    value = list(placeholders)[17_777]

    found = one.check(body.encode())
    leaking = one.check(f"{body}{value}".encode())

    assert found == []
    assert [violation.what for violation in leaking] == [placeholders[value]]


def test_ten_times_the_values_and_the_request_take_about_ten_times_as_long() -> None:
    def checking(count: int) -> Callable[[], object]:
        one, body, _ = large(count)
        return partial(one.check, body.encode())

    assert growth(checking, 2_000) < 40


@pytest.mark.parametrize(
    "path",
    ["/proc/[pid]", "/proc/[pid]/status", "/etc/systemd/system/app@.service", "/srv/backup@tape9.service"],
)
def test_what_the_redactor_shows_passes_wherever_it_stands_in_a_sentence(
    scanner: PresidioScanner, path: str
) -> None:
    vault, private = Vault(KEY), PrivateWords()
    shown = str(Redactor(SHIPPED, vault, private, scanner).path(path))

    for text in (shown, f'["{shown}"]', f"see {shown}.", f"({shown}), [{shown}]"):
        assert Guard(vault, private, SHIPPED, scanner).check(text.encode()) == [], text


MARKED = st.text("abkqz0189éß.-_@ ", min_size=3, max_size=18).map(lambda text: f"qz{text}zq")


@settings(max_examples=80)
@given(
    names=st.lists(MARKED, min_size=1, max_size=6),
    place=st.sampled_from(["/srv/{}/x", "/etc/{}.conf", "/tmp/{}"]),
)
def test_no_value_stands_in_a_composed_request_in_any_usual_encoding(names: list[str], place: str) -> None:
    vault = Vault(KEY)
    redactor = Redactor(SHIPPED, vault)
    paths = [redactor.path(place.format(name)) for name in names]
    hosts = [redactor.host(name) for name in names]
    texts = [redactor.text(f"the host {name} was read") for name in names]
    body = as_json([{"path": paths, "count": len(names)}, hosts, texts], WORDS | {"path"}) + PROMPT

    sent_text = PLACEHOLDER.sub("<>", str(body)).lower()
    for value in (*vault.values(), *names):
        if "qz" in value:
            for encoding, encode in ENCODINGS.items():
                assert encode(value).lower() not in sent_text, encoding
    assert redactor.restore(body).unknown == ()
