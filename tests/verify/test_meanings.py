"""Names in cited lines mean what they can have led to: through links that are gone, and in changed roots."""

import pytest

from assistant.domain.access import Inventory, Kind
from assistant.domain.host import FakeHost
from assistant.verify.meanings import Meanings


HOST = FakeHost(
    kinds={"/srv/sub/deep/f": Kind.FILE, "/jail/data/f": Kind.FILE},
    links={"/srv/lane": "/srv/sub/deep", "/jail/etc": "/data"},
)


def meanings(links: dict[str, tuple[str, ...]] | None = None, roots: tuple[str, ...] = ()) -> Meanings:
    return Meanings(Inventory(sources=(), links=links or {}, roots=roots), HOST)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/srv/f", "/srv/f"),
        ("/srv/lane/f", "/srv/sub/deep/f"),
        ("/srv/lane", "/srv/lane"),
        ("/srv/lane/../f", "/srv/sub/f"),
        ("/srv/lane/../f", "/srv/f"),
        ("/proc/77/fd/3", "/proc/self/fd/3"),
    ],
)
def test_a_name_means_itself_and_where_the_host_leads_it(name: str, path: str) -> None:
    assert path in meanings().of(name)


@pytest.mark.parametrize(
    ("targets", "name", "path"),
    [
        (("/data",), "/run/link/x", "/data/x"),
        (("data",), "/run/link/x", "/run/data/x"),
        (("../data",), "/run/link", "/data"),
        (("one", "two"), "/run/link/x", "/run/one/x"),
        (("one", "two"), "/run/link/x", "/run/two/x"),
        (("/srv/lane",), "/run/link/f", "/srv/sub/deep/f"),
        (("/run/link/on",), "/run/link/x", "/run/link/on/on/x"),
    ],
)
def test_a_name_means_what_links_said_that_the_run_made(
    targets: tuple[str, ...], name: str, path: str
) -> None:
    found = meanings({"/run/link": targets})

    assert path in found.of(name)
    assert path not in found.of("/run/linked/x")
    assert path in found.of_relative(name.removeprefix("/run/"))


def test_in_a_changed_root_names_and_links_start_from_there() -> None:
    found = meanings({"/jail/link": ("/data",)}, ("/jail",))

    assert "/jail/data/x" in found.of("/link/x")
    assert "/jail/data/f" in found.of("/etc/f")
    assert "/jail/data/f" not in meanings({"/jail/link": ("/data",)}).of("/etc/f")


def test_links_that_lead_to_each_other_have_an_end() -> None:
    links = {f"/run/{n}": tuple(f"/run/{m}/x" for m in range(8)) for n in range(8)}

    assert 1 < len(meanings(links).of("/run/1/y")) < 500
