"""Thirty-two names, each of which tries to act where it is shown, and a review in which one of them is everything."""

from assistant.domain.access import Inventory, TraceSource
from assistant.domain.codepath import CodePath, CodePaths, Exercised
from assistant.domain.context import NO_CELL, Cell, ContextReview, Layer, Row, State, Suggestion, Trap
from assistant.domain.difference import Change, Difference, Way
from assistant.domain.finding import CATALOGUE, Severity, find
from assistant.domain.minimality import Minimality, Narrowing, RightTried
from assistant.domain.radius import Opening, Radius, Reached, Sensitive, Use
from assistant.domain.report import Report
from assistant.domain.review import Review
from assistant.domain.rights import NO_FS, FsRight, NetRight
from assistant.domain.ruleset import (
    Approval,
    ModelRecord,
    PathGrant,
    PortGrant,
    Probed,
    Provenance,
    Question,
    Refused,
    Ruleset,
    ScopeGrant,
    TraceRecord,
    Unexercised,
)
from assistant.domain.trial import TrialSummary


NAMES = (
    "](javascript:alert(1))",
    "[click](https://evil.example/)",
    "[x]: https://evil.example/",
    "![i](https://evil.example/p.png)",
    "<https://evil.example/>",
    "https://evil.example www.evil.example",
    "@team @org/everyone",
    "#1 !2 GH-3 owner/repo#4",
    "mailto:a@b.example",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"'><b onmouseover=alert(1)>",
    "<!-- --> <![CDATA[ ]]> <?php ?>",
    "</details></summary><details open>",
    "</style><style>*{display:none}</style>",
    "&lt;b&gt; &#64;team &#x202e;",
    "a | b \\| c \\\\| d",
    "`` ` ``` ~~~",
    "```\n# heading\n```",
    "- [x] done\n- item\n\n***\n\n1. one",
    "**bold** _it_ ~~gone~~ $x^2$",
    "\x1b[2J\x1b]0;owned\x07\x1b[31m",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m\x85\x90\x00\x7f".replace("\x00", ""),
    "\u202egpj.sh\u2066\u2069",
    "\u2028\u2029\u200b\u200d\ufeff\u3164",
    'new\n[[path]]\r\npath = "/"\n',
    "${{ secrets.TOKEN }} {0} %s $(id) `id`",
    "::error file=a::b\n##[error]c\n##vso[task.complete]",
    "\udce9\udcff not UTF-8",
)
"""The last one holds bytes that are no text at all."""

_RIGHTS = FsRight.READ_FILE | FsRight.WRITE_FILE | FsRight.EXECUTE


def everywhere(name: str) -> Review:
    """A review in which the name stands wherever somebody else's text can stand."""
    return Review(
        _ruleset(name),
        report=_report(name),
        inventory=Inventory(sources=(TraceSource(name, "0" * 64, 9, 8, 1, 0, complete=True),)),
        trial=TrialSummary(False, name, 1, 1, 0, name, 7, skipped=(name,)),
        radius=_radius(name),
        minimality=_minimality(name),
        difference=_difference(name),
        against=name,
        context=_context(name),
        code_paths=CodePaths(
            name, (CodePath(name, name, name, Exercised.NO, name, record=name, meanwhile=name),), (name,)
        ),
    )


def _text(name: str) -> str:
    """The name where the document can only hold text: bytes that are none are left out."""
    return name.encode("utf-8", "ignore").decode("utf-8") or "x"


def _ruleset(name: str) -> Ruleset:
    path, text = f"/srv/{name}".rstrip("/"), _text(name)
    cited = (f"{text}:7",)
    model = ModelRecord(
        name=text, endpoint=text, prompts=(text,), redaction=text, request=text, turns=1, cost=0.1
    )
    grant = PathGrant(
        path=path,
        rights=_RIGHTS,
        group=text,
        why=text,
        weakness=text,
        by="model",
        necessity="suspicious",
        doubts=(text,),
        evidence=cited,
        alternatives=(text,),
    )
    return Ruleset(
        service=text,
        target_abi=7,
        provenance=Provenance(
            tool=text,
            author=text,
            created=text,
            kernel=text,
            command=text,
            model=model,
            trace=(TraceRecord(name=text, sha256="0" * 64, lines=9),),
        ),
        scope=ScopeGrant(signal=False, signal_why=text, abstract_unix_socket=False),
        path=(grant,),
        port=(PortGrant(port=443, rights=NetRight.CONNECT_TCP, by="model", why=text, evidence=cited),),
        refused=(Refused(path=path, why=text, evidence=cited),),
        probed=(Probed(path=path, why=text, evidence=cited),),
        unexercised=(Unexercised(code_path=text, touches=text, why=text, by="model"),),
        question=(Question(text=text, by="model"),),
        approval=Approval(digest=f"sha256:{'0' * 64}", who=text, when=text, comment=text),
    )


def _report(name: str) -> Report:
    text = _text(name)
    kinds = [kind.id for kind in CATALOGUE.values() if kind.severity in (Severity.BLOCKING, Severity.LOW)]
    wanted = ["blind-exec", "dangerous-grant", *kinds[:4]]
    return Report.of(
        find(kind, f"/srv/{text}", text, evidence=(f"{text}:1",), remedy=text) for kind in wanted
    )


def _radius(name: str) -> Radius:
    opening = Opening(f"/srv/{name}", Use.READ, 9, 9, 1, (Sensitive(name, "a key"),), complete=True)
    return Radius(tuple(Reached(use, 9, 1) for use in Use), (opening,), complete=True)


def _minimality(name: str) -> Minimality:
    return Minimality(
        service=name,
        digest="",
        kernel=name,
        abi=7,
        scenarios=(name,),
        rights=(RightTried(object=name, right="execute", verdict="not needed", why=name, evidence=(name,)),),
        together=(name,),
        directories=(Narrowing(directory=name, entries=3, needed=(name,), why=name),),
        runs=1,
        seconds=1,
        complete=False,
        reason=name,
    )


def _difference(name: str) -> Difference:
    wider = Change(Way.ADDED, f"/srv/{name}", _RIGHTS, NO_FS, (name,), 2)
    narrower = Change(Way.REMOVED, f"/srv/{name}", _RIGHTS, NO_FS)
    return Difference((wider, narrower), (), 0, same_digest=False, target_abi=(7, 7), without_effect=(name,))


def _context(name: str) -> ContextReview:
    cells = {layer: Cell(State.ALLOW, name) if layer is Layer.USER else NO_CELL for layer in Layer}
    row = Row("read-homes", "read homes", cells, Suggestion((name,), name))
    return ContextReview(name, (name,), (row,), (Trap("filter", name, name, name),), (name,))
