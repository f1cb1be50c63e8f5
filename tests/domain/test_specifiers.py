"""Specifiers mean what systemd.unit(5) says; what only a running machine knows stays and is named."""

import pytest

from assistant.domain.specifiers import expanded
from assistant.domain.unit import parse


def value_of(name: str, text: str) -> tuple[str, dict[str, list[str]]]:
    unit, left = expanded(parse(name, [f"[Service]\nReadWritePaths={text}\n"]))
    return unit.last("ReadWritePaths"), left


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.service", "%n %N %p", "a.service a a"),
        ("a@x-y.service", "/srv/%i %p %I", "/srv/x-y a x/y"),
        ("a@x\\x2dy.service", "%I", "x-y"),
        ("a@srv-data.service", "%f", "/srv/data"),
        ("a-b-c.service", "%j %J %P", "c c a/b/c"),
        ("a.service", "%t/x %S %C %L %E %T %V", "/run/x /var/lib /var/cache /var/log /etc /tmp /var/tmp"),
        ("a.service", "%u %U %h", "root 0 /root"),
        ("a.service", "100%% %%n", "100% %n"),
        ("a.service", "33%", "33%"),
    ],
)
def test_a_specifier_stands_for_its_value(name: str, text: str, expected: str) -> None:
    assert value_of(name, text) == (expected, {})


def test_what_only_a_running_machine_knows_stays_and_is_named_once_for_each_key() -> None:
    assert value_of("a.service", "/srv/%m/%H/%m /%Q") == (
        "/srv/%m/%H/%m /%Q",
        {"%m": ["ReadWritePaths"], "%H": ["ReadWritePaths"], "%Q": ["ReadWritePaths"]},
    )


def test_in_a_template_without_an_instance_there_is_none() -> None:
    assert value_of("a@.service", "/srv/%i/%p") == ("/srv/%i/a", {"%i": ["ReadWritePaths"]})
