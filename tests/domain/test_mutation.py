"""Less of a ruleset: exactly the right that was dropped is gone, and nothing else."""

from assistant.domain.mutation import Unit, cited, given_above, spread, units, without
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Ruleset


R, W, D, X = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.READ_DIR, FsRight.EXECUTE
BIND, CONNECT = NetRight.BIND_TCP, NetRight.CONNECT_TCP


def grant(path: str, rights: FsRight, *evidence: str) -> PathGrant:
    return PathGrant(path=path, rights=rights, by="person", evidence=evidence)


RULESET = Ruleset(
    service="app",
    target_abi=7,
    provenance=Provenance(tool="test"),
    path=(
        grant("/etc/app", R | D, "run:1"),
        grant("/var/app", R | W, "run:2"),
        grant("/var/app", W, "run:3"),
    ),
    port=(PortGrant(port=80, rights=BIND | CONNECT, by="person", evidence=("run:4",)),),
)


def test_every_right_on_every_object_is_a_unit_once() -> None:
    assert [(unit.subject, unit.name) for unit in units(RULESET)] == [
        *(("/etc/app", "read_file"), ("/etc/app", "read_dir")),
        *(("/var/app", "write_file"), ("/var/app", "read_file")),
        *(("port 80", "bind_tcp"), ("port 80", "connect_tcp")),
    ]


def test_a_dropped_right_is_gone_from_every_grant_of_its_object_and_from_no_other() -> None:
    less = without(RULESET, [Unit("/var/app", None, W)])

    assert less.paths() == {"/etc/app": R | D, "/var/app": R}
    assert less.ports() == RULESET.ports()
    assert len(less.path) == 2


def test_a_grant_without_rights_is_gone() -> None:
    everything = without(RULESET, units(RULESET))

    assert (everything.path, everything.port) == ((), ())


def test_ports_lose_single_rights() -> None:
    assert without(RULESET, [Unit("", 80, CONNECT)]).ports() == {80: BIND}


def test_dropping_nothing_changes_nothing() -> None:
    assert without(RULESET, []) == RULESET


def test_a_directorys_grant_moves_to_its_entries_beside_what_they_have() -> None:
    spread_out = spread(
        RULESET, "/etc/app", {"/etc/app/a": R, "/etc/app/d": R | D, "/etc/app/none": FsRight(0)}
    )

    assert spread_out.paths() == {"/var/app": R | W, "/etc/app/a": R, "/etc/app/d": R | D}


def test_a_right_that_a_grant_above_gives_is_told() -> None:
    nested = RULESET.model_copy(update={"path": (grant("/a", R), grant("/a/b/c", R | X), grant("/ab", R))})

    assert given_above(nested, Unit("/a/b/c", None, R)) == "/a"
    assert given_above(nested, Unit("/a/b/c", None, X)) == ""
    assert given_above(nested, Unit("/a", None, R)) == ""
    assert given_above(nested, Unit("/ab", None, R)) == ""
    assert given_above(nested, Unit("", 80, BIND)) == ""


def test_evidence_is_that_of_the_grants_which_give_the_right() -> None:
    assert cited(RULESET, Unit("/var/app", None, W)) == ("run:2", "run:3")
    assert cited(RULESET, Unit("/var/app", None, R)) == ("run:2",)
    assert cited(RULESET, Unit("", 80, BIND)) == ("run:4",)
