"""What a ruleset is compared with before it is approved, and what must be accepted aloud."""

from assistant.domain import review_record
from assistant.domain.effect import Effect
from assistant.domain.finding import find
from assistant.domain.report import Report
from assistant.domain.review_record import Grants, ReviewRecord
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Approval, PathGrant, Provenance, Ruleset
from assistant.review.approval import Seen, last_approved, record_of, to_accept


def ruleset(path: str, approved: str = "") -> Ruleset:
    grant = PathGrant(path=path, rights=FsRight.READ_FILE, by="person")
    approval = Approval(digest=approved, who="Eve", when="today") if approved else None
    return Ruleset(
        service="s", target_abi=7, provenance=Provenance(tool="t"), path=(grant,), approval=approval
    )


def record(of: Ruleset, who: str) -> ReviewRecord:
    return ReviewRecord(
        service="s", digest=of.digest(), who=who, when="then", tool="t", grants=Grants.of(of.effect())
    )


A, B, C = ruleset("/a"), ruleset("/b"), ruleset("/c")


def test_the_approval_that_the_ruleset_bears_is_looked_up_in_the_record() -> None:
    held = ruleset("/c", approved=A.digest())

    last = last_approved(held, [record(A, "Ada"), record(B, "Bob")])

    assert (last.effect, last.digest) == (A.effect(), A.digest())
    assert last.said == "approved last by Ada on then"


def test_of_a_ruleset_without_an_approval_the_newest_record_counts() -> None:
    assert last_approved(C, [record(A, "Ada"), record(B, "Bob")]).effect == B.effect()


def test_an_approval_that_no_record_knows_is_said_and_the_newest_record_counts() -> None:
    forged = ruleset("/c", approved=C.digest())

    last = last_approved(forged, [record(A, "Ada")])

    assert last.effect == A.effect()
    assert last.said == "the approval by Eve on today is in no record; recorded last: approved by Ada on then"


def test_without_any_record_the_approval_of_these_very_grants_is_believed_and_no_other() -> None:
    own = last_approved(ruleset("/c", approved=C.digest()), [])
    other = last_approved(ruleset("/c", approved=A.digest()), [])

    assert own.effect == C.effect()
    assert other.effect is None
    assert "every grant is shown as new" in other.said


def test_what_was_never_approved_is_all_new() -> None:
    assert last_approved(A, []).effect is None


def test_blocking_findings_must_be_accepted_but_not_that_the_approval_is_stale() -> None:
    invented, stale = find("invented-path", "/a", "no line"), find("stale-approval", "s", "changed")

    assert to_accept(Report.of([invented, stale, find("broad-grant", "/a", "wide")])) == (invented,)


def test_the_record_says_what_was_seen_and_which_of_it_was_accepted() -> None:
    invented, wide = find("invented-path", "/\udcff", "no line"), find("broad-grant", "/a", "wide")
    approval = Approval(digest=A.digest(), who="Ada", when="now", comment="fine")
    last = last_approved(A, [record(B, "Bob")])

    made = record_of(A, approval, last, Report.of([wide, invented]), Seen("t", (), ("nothing",)))

    assert [(one.id, one.subject, one.accepted) for one in made.findings] == [
        ("invented-path", "/\\xff", True),
        ("broad-grant", "/a", False),
    ]
    assert (made.previous, made.unchecked) == (B.digest(), ("nothing",))
    assert made.grants.effect() == Effect(7, A.scope.on, {"/a": FsRight.READ_FILE}, {})


def test_the_record_reads_back_what_the_launcher_makes() -> None:
    made = Effect(7, A.scope.on, {"/run/\udcff": FsRight.READ_FILE}, {}, (("/run/\udcff", "0750 s s"),))
    kept = ReviewRecord(
        service="s", digest=made.digest(), who="Ada", when="now", tool="t", grants=Grants.of(made)
    )

    (read,) = review_record.load([kept.as_line()], source="it")

    assert read.grants.effect() == made
