"""Laws that hold for any ruleset and any traces, and how the time grows with them."""

from collections.abc import Callable
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, TraceSource, Verdict
from assistant.domain.host import NoHost
from assistant.domain.rights import FsRight, names
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset, TraceRecord
from assistant.verify.case import Case
from assistant.verify.registry import verify
from tests.growth import growth


SHA = "a" * 64
R = FsRight.READ_FILE
NAMES = st.lists(st.sampled_from(["a", "b", "c d", "\udcff", "x\ny"]), min_size=1, max_size=4)
PATHS = NAMES.map(lambda parts: "/" + "/".join(parts))
SOME = st.sampled_from(list(FsRight))


@given(st.lists(st.tuples(PATHS, SOME, st.booleans(), st.booleans()), min_size=1, max_size=12), st.data())
def test_removing_a_needed_right_is_never_silent(
    needs: list[tuple[str, FsRight, bool, bool]], data: st.DataObject
) -> None:
    accesses = tuple(
        PathAccess(
            path,
            right,
            Kind.UNKNOWN,
            Verdict.NEEDED,
            "ok",
            "openat",
            volatile=any(gone for name, _, gone, _ in needs if name == path),
            evidence=(Evidence("run1" if old else "run9", 1),),
        )
        for path, right, _, old in needs
    )
    # One rule per access, above it where the object does not last, and no two of them give the same right.
    chosen = data.draw(st.sampled_from(accesses))
    rules = {a.path: FsRight(0) for a in accesses}
    for a in accesses:
        rules[a.path] |= a.rights & ~chosen.rights
    case = _bare(accesses, rules)
    gaps = [f for f in verify(case).findings if f.id in ("missing-access", "drift")]
    known = chosen.rights & ~FsRight.RESOLVE_UNIX if chosen.volatile else chosen.rights
    lost = [f for f in gaps if f.subject == chosen.path and names(chosen.rights)[0] in f.message]
    assert bool(lost) == bool(known)


@given(
    st.lists(st.tuples(PATHS, SOME), min_size=1, max_size=10),
    st.dictionaries(PATHS, SOME, max_size=6),
    PATHS,
    SOME,
)
def test_another_rule_never_makes_a_gap(
    needs: list[tuple[str, FsRight]], rules: dict[str, FsRight], path: str, right: FsRight
) -> None:
    accesses = tuple(
        PathAccess(p, r, Kind.UNKNOWN, Verdict.NEEDED, "ok", "openat", evidence=(Evidence("run1", 1),))
        for p, r in needs
    )
    wider = {**rules, path: rules.get(path, FsRight(0)) | right}
    before, after = (_gaps(_bare(accesses, each)) for each in (rules, wider))
    assert after <= before


def _gaps(case: Case) -> set[tuple[str, str]]:
    words = {
        (f.subject, word)
        for f in verify(case).by_id("missing-access")
        for word in f.message.removeprefix("openat needs ").partition(" here")[0].split(", ")
    }
    return {(subject, word) for subject, word in words if word}


def _bare(accesses: tuple[PathAccess, ...], rules: dict[str, FsRight]) -> Case:
    """A case of nothing but accesses and a person's rules; run1 is the ruleset's own trace, run9 is new."""
    ruleset = Ruleset(
        service="svc",
        target_abi=11,
        provenance=Provenance(tool="landscribe 0", trace=(TraceRecord(name="run1", sha256=SHA, lines=1),)),
        path=tuple(
            PathGrant(path=path, rights=rights, by="person") for path, rights in rules.items() if rights
        ),
    )
    sources = (
        TraceSource("run1", SHA, 1, 1, 0, 0, complete=True),
        TraceSource("run9", "9" * 64, 1, 1, 0, 0, complete=True),
    )
    return Case(ruleset, Inventory(sources=sources, paths=accesses), {}, NoHost())


def _read(path: str) -> PathAccess:
    evidence = (Evidence("run1", 1),)
    return PathAccess(path, R, Kind.FILE, Verdict.NEEDED, "ok", "openat", evidence=evidence)


def test_ten_times_as_many_accesses_take_about_ten_times_as_long() -> None:
    assert growth(_checked, 3_000) < 40


def _checked(count: int) -> Callable[[], object]:
    accesses = tuple(_read(f"/srv/data/{n % 97}/{n % 1009}/{n}") for n in range(count))
    rules = {"/srv/data": R, "/srv": FsRight.READ_DIR} | {f"/srv/data/{n}": R for n in range(100)}
    return partial(verify, _bare(accesses, rules))


def test_a_name_two_thousand_directories_deep_is_judged_like_any_other() -> None:
    deep = "/srv" + "/d" * 2000
    report = verify(_bare((_read(deep),), {"/srv": FsRight.WRITE_FILE}))
    assert [f.subject for f in report.by_id("missing-access")] == [deep]
