"""How far a ruleset reaches: counted on a host, against what the traces used, never guessed."""

from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import Content, FakeHost
from assistant.domain.radius import Opening, Radius, Use
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.host import LISTED_FILES, LocalHost
from assistant.review.radius import radius


R, W, X, D = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE, FsRight.READ_DIR
HOST = FakeHost(
    kinds={
        "/etc/app/app.conf": Kind.FILE,
        "/etc/app/tls/server.key": Kind.FILE,
        "/etc/cron.d/job": Kind.FILE,
        "/etc/shadow": Kind.FILE,
        "/etc/ssl/certs/ca.pem": Kind.FILE,
        "/usr/lib/libc.so": Kind.FILE,
        "/usr/bin/tool": Kind.FILE,
        "/usr/bin/other": Kind.FILE,
        "/run/docker.sock": Kind.SOCKET,
    },
    programs=frozenset({"/usr/bin/tool", "/usr/bin/other"}),
)


def ruleset(paths: dict[str, FsRight]) -> Ruleset:
    grants = tuple(PathGrant(path=path, rights=rights, by="person") for path, rights in paths.items())
    return Ruleset(service="s", target_abi=7, provenance=Provenance(tool="t"), path=grants)


def seen(path: str, rights: FsRight, verdict: Verdict = Verdict.NEEDED) -> PathAccess:
    return PathAccess(path, rights, Kind.FILE, verdict, "ok", "openat", evidence=(Evidence("run", 1),))


def measured(paths: dict[str, FsRight], *used: PathAccess) -> Radius:
    return radius(ruleset(paths), HOST, Inventory(sources=(), paths=used))


def opening(found: Radius, path: str, use: Use) -> Opening:
    return next(one for one in found.openings if (one.path, one.use) == (path, use))


def test_each_use_of_each_grant_is_counted_against_what_the_traces_used() -> None:
    found = measured(
        {"/etc/app": R | W, "/usr/bin": X},
        seen("/etc/app/app.conf", R),
        seen("/usr/bin/tool", X | R),
        seen("/etc/app/absent", R, Verdict.PROBED),
    )

    assert [(one.path, one.use, one.opened, one.used) for one in found.openings] == [
        ("/etc/app", Use.READ, 2, 1),
        ("/etc/app", Use.WRITE, 2, 0),
        ("/usr/bin", Use.EXECUTE, 2, 1),
    ]
    assert (found.figure, found.complete) == (6, True)


def test_what_is_the_same_on_every_machine_may_be_read_for_nothing_but_not_changed() -> None:
    found = measured({"/usr/lib": R, "/etc/ssl/certs": R})

    assert found.figure == 0
    assert opening(found, "/usr/lib", Use.READ).opened == 1
    assert measured({"/usr/lib": R | W}).figure == 1


def test_a_file_beneath_two_grants_counts_once() -> None:
    assert measured({"/etc": R}).figure == measured({"/etc": R, "/etc/app": R}).figure == 4


def test_what_matters_is_named_with_its_reason() -> None:
    found = measured({"/etc": R | W, "/run/docker.sock": W})

    def named(path: str, use: Use) -> dict[str, str]:
        return {one.path: one.why for one in opening(found, path, use).sensitive}

    assert named("/etc", Use.READ) == {
        "/etc/shadow": "password hashes of all users",
        "/etc/app/tls/server.key": "its name says key or password",
    }
    assert named("/etc", Use.WRITE)["/etc/cron.d/job"] == "cron runs it as root"
    assert "container engine" in named("/run/docker.sock", Use.WRITE)["/run/docker.sock"]


def test_the_largest_comes_first() -> None:
    found = measured({"/etc/app": R, "/etc": R, "/usr/bin": X})

    assert [one.path for one in found.openings] == ["/etc", "/etc/app", "/usr/bin"]


def test_an_absent_path_and_a_right_that_opens_no_file_open_nothing() -> None:
    found = measured({"/gone": R | W | X, "/etc": D | FsRight.MAKE_REG})

    assert (found.figure, found.complete) == (0, True)
    assert [one.opened for one in found.openings] == [0, 0, 0]


def test_without_traces_what_is_used_is_unknown_and_the_figure_is_the_same() -> None:
    rules = ruleset({"/etc/app": R})

    found = radius(rules, HOST, None)

    assert [one.used for one in found.openings] == [None]
    assert found.figure == radius(rules, HOST, Inventory(sources=())).figure == 2


@dataclass(frozen=True)
class _Cut(FakeHost):
    """A host on which every directory holds more than is listed."""

    def content(self, directory: str) -> Content:
        return Content(tuple(f"{directory}/{number}" for number in range(50)), complete=False)


def test_a_tree_that_is_too_large_gives_a_lower_bound() -> None:
    host = _Cut(kinds={"/srv": Kind.DIRECTORY})

    found = radius(ruleset({"/srv": R}), host, None)

    assert (found.figure, found.complete) == (50, False)
    assert not found.openings[0].complete


def test_so_many_files_are_looked_at_and_then_no_more() -> None:
    grants = {f"/d{number}": R for number in range(10)}
    host = _Cut(kinds=dict.fromkeys(grants, Kind.DIRECTORY))

    found = radius(ruleset(grants), host, None, most=120)

    assert found.figure == 150
    assert sum(one.opened == 0 for one in found.openings) == 7
    assert not found.complete


def test_the_files_of_a_real_directory_are_counted(tmp_path: Path) -> None:
    for name in ("a", "b.key", "sub/c", "sub/d\udcff"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "a").chmod(0o755)
    (tmp_path / "link").symlink_to("/etc")

    found = radius(ruleset({str(tmp_path): R | X, "/proc": R}), LocalHost(), None)

    # The link is not one of them: it opens nothing, what it leads to counts where that lies.
    assert opening(found, str(tmp_path), Use.READ).opened == 4
    assert opening(found, str(tmp_path), Use.EXECUTE).opened == 1
    assert [one.path for one in opening(found, str(tmp_path), Use.READ).sensitive] == [f"{tmp_path}/b.key"]
    assert not opening(found, "/proc", Use.READ).complete
    assert not found.complete


def test_the_root_directory_is_looked_at_in_bounds() -> None:
    found = radius(ruleset({"/": R | W | X}), LocalHost(), None)

    assert not found.complete
    assert opening(found, "/", Use.READ).opened == LISTED_FILES


_PATHS = st.sampled_from(["/etc", "/etc/app", "/usr", "/usr/bin/tool", "/run", "/", "/gone"])
_RIGHTS = st.sampled_from([R, W, X, R | W, R | X, R | W | X, D])


@given(st.dictionaries(_PATHS, _RIGHTS), _PATHS, _RIGHTS)
def test_a_wider_ruleset_never_reaches_less_far(
    paths: dict[str, FsRight], path: str, rights: FsRight
) -> None:
    wider = {**paths, path: paths.get(path, FsRight(0)) | rights}

    assert measured(wider).figure >= measured(paths).figure
