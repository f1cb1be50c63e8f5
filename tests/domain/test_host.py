"""The shipped twins of a machine's file system."""

import pytest

from assistant.domain.access import Kind
from assistant.domain.host import Content, FakeHost, Host, NoHost


HOST = FakeHost(
    kinds={
        "/usr/lib/libc.so": Kind.FILE,
        "/usr/bin/tool": Kind.FILE,
        "/srv": Kind.DIRECTORY,
        "/dev/null": Kind.DEVICE,
    },
    links={"/lib": "/usr/lib", "/usr/lib/libc": "/usr/lib/libc.so", "/loop": "/loop/x"},
    loaders={"/usr/bin/tool": ("/usr/lib/ld.so",)},
    programs=frozenset({"/usr/bin/tool"}),
)


def test_both_twins_are_hosts() -> None:
    hosts: list[Host] = [HOST, NoHost()]
    assert [host.known for host in hosts] == [True, False]


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("/lib/libc.so", "/usr/lib/libc.so"),
        ("/lib/libc", "/usr/lib/libc.so"),
        ("/srv/./x/..", "/srv"),
        ("/", "/"),
    ],
)
def test_the_fake_follows_links_in_every_component(given: str, resolved: str) -> None:
    assert HOST.resolve(given) == resolved


def test_the_fake_keeps_a_last_link_when_it_is_not_to_be_followed() -> None:
    assert HOST.resolve("/lib/libc", follow=False) == "/usr/lib/libc"
    assert HOST.resolve("/lib", follow=False) == "/lib"


def test_the_fake_gives_up_on_a_loop() -> None:
    assert HOST.resolve("/loop").startswith("/loop")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/lib/libc", Kind.FILE),
        ("/usr", Kind.DIRECTORY),
        ("/", Kind.DIRECTORY),
        ("/dev/null", Kind.DEVICE),
        ("/x", None),
    ],
)
def test_the_fake_knows_listed_objects_and_the_directories_above_them(path: str, kind: Kind | None) -> None:
    assert HOST.kind(path) == kind


def test_the_fake_lists_what_lies_beneath() -> None:
    assert HOST.content("/usr") == Content(
        ("/usr/bin/tool", "/usr/lib/libc.so"), frozenset({"/usr/bin/tool"})
    )
    assert HOST.content("/srv") == Content()
    assert HOST.interpreters("/usr/bin/tool") == ("/usr/lib/ld.so",)
    assert HOST.interpreters("/x") == ()


def test_an_unknown_host_answers_that_it_does_not_know() -> None:
    host = NoHost()
    assert host.resolve("/a/../b") == "/b"
    assert host.kind("/") is None
    assert host.interpreters("/bin/sh") == ()
    assert host.content("/").complete is False
