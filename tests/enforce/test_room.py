"""A room of its own: what is done there stays there. Real mounts, networks and processes."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.domain.life import Life
from assistant.enforce.room import Room
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import Run, begin, finish, supervise
from assistant.enforce.visit import do_in
from assistant.errors import SandboxError, UsageError


pytestmark = pytest.mark.root


def live(script: str, room: Room | None = None) -> Run:
    made = Life("a life", ("sh", "-c", script), timeout=20)
    return supervise(made, Terms().free(made), room=room or Room(), grace=0.5)


@pytest.fixture
def spot(tmp_path: Path) -> Iterator[Path]:
    """A directory with a file, beneath what rooms overlay."""
    (tmp_path / "kept").write_text("kept")
    yield tmp_path
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["kept"]
    assert (tmp_path / "kept").read_text() == "kept"


def test_what_is_written_is_seen_inside_and_gone_afterwards(spot: Path) -> None:
    done = live(f"cat {spot}/kept; echo new > {spot}/kept; touch {spot}/made; cat {spot}/kept; ls {spot}")

    assert done.stdout == b"keptnew\nkept\nmade\n"


def test_every_tree_that_services_write_goes_away_with_the_room() -> None:
    places = [f"/{name}" for name in ("etc", "var", "run", "tmp", "dev/shm", "srv", "opt", "home", "root")]
    places = [place for place in places if os.path.isdir(place)]
    script = "; ".join(f"touch {place}/landscribe-in-room" for place in places)

    done = live(f"{script}; ls {' '.join(f'{place}/landscribe-in-room' for place in places)}")

    assert (done.ok, done.stdout.count(b"landscribe-in-room")) == (True, len(places))
    assert not [place for place in places if os.path.exists(f"{place}/landscribe-in-room")]


def test_ports_are_its_own_and_the_loopback_works() -> None:
    listens = "import socket; s = socket.create_server(('127.0.0.1', {0})); c = socket.create_connection(('127.0.0.1', {0}))"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = live(f'/usr/bin/python3 -c "{listens.format(port)}"')

    assert done.ok, done.stderr


def test_its_processes_are_its_own_and_end_with_it(tmp_path: Path) -> None:
    del tmp_path
    done = live("ls /proc | grep -c '^[0-9]'; setsid sh -c 'trap \"\" TERM; sleep 60' & sleep 0.2; echo $$")

    count, pid = (int(word) for word in done.stdout.split())
    assert count < 10
    assert pid < 100
    assert done.left_behind >= 1


def test_two_lives_at_once_do_not_meet(spot: Path) -> None:
    lives = [
        Life(f"life {n}", ("sh", "-c", f"echo {n} > {spot}/kept; sleep 0.5; cat {spot}/kept")) for n in (1, 2)
    ]

    underway = [begin(life, Terms().free(life), room=Room()) for life in lives]

    assert [finish(one).stdout for one in underway] == [b"1\n", b"2\n"]


def test_a_room_may_begin_with_what_an_earlier_life_left(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/landscribe-layer").write_text("earlier")

    done = live("cat /etc/landscribe-layer; echo later > /etc/landscribe-layer", Room(layers=(tmp_path,)))

    assert done.stdout == b"earlier"
    assert (tmp_path / "etc/landscribe-layer").read_text() == "earlier"


def test_something_done_in_a_room_brings_its_result_or_its_error_out(spot: Path) -> None:
    def work() -> list[str]:
        (spot / "made").touch()
        return sorted(path.name for path in spot.iterdir())

    def complain() -> None:
        raise UsageError("no", why="because", hint="do")

    assert do_in(Room(), work) == ["kept", "made"]
    with pytest.raises(UsageError) as caught:
        do_in(Room(), complain)
    assert (caught.value.what, caught.value.why, caught.value.hint) == ("no", "because", "do")
    assert do_in(None, lambda: 7) == 7


def test_an_ordinary_user_hears_that_rooms_take_root() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "died"
        try:
            os.setresuid(65534, 65534, 65534)
            live("true")
        except SandboxError as error:
            said = f"{error.what}: {error.why}; {error.hint}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)

    said = os.read(reader, 999).decode()
    assert (
        said
        == "no room can be made for the test: unshare: Operation not permitted; rooms take root; test without --room"
    )
