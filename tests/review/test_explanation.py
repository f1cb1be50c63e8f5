"""An explanation says what the kernel does, which rule is why, and what would go with a rule."""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from assistant.domain.access import (
    Evidence,
    Inventory,
    Kind,
    PathAccess,
    PortAccess,
    Protocol,
    Verdict,
)
from assistant.domain.explanation import Asked, Explanation
from assistant.domain.policy import policy
from assistant.domain.rights import NO_FS, FsRight, NetRight
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Refused, Ruleset
from assistant.host import LocalHost
from assistant.review.explanation import explain_path, explain_port
from tests.enforce.conftest import run_inside


R, W, X, D = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE, FsRight.READ_DIR


def ruleset(paths: dict[str, FsRight], *, abi: int = 7, **parts: object) -> Ruleset:
    grants = tuple(PathGrant(path=path, rights=rights, by="unit") for path, rights in paths.items())
    return Ruleset.model_validate(
        {"service": "s", "target_abi": abi, "provenance": Provenance(tool="t"), "path": grants, **parts}
    )


def no_lines(_: Iterable[Evidence]) -> Mapping[Evidence, bytes]:
    return {}


def access(path: str, rights: FsRight, line: int = 1, **parts: object) -> PathAccess:
    fields = {"kind": Kind.FILE, "verdict": Verdict.NEEDED, "outcome": "ok", "call": "openat", **parts}
    return PathAccess(path, rights, evidence=(Evidence("run", line),), runs=(("run", 1),), **fields)  # type: ignore[arg-type]


def inventory(*paths: PathAccess, ports: tuple[PortAccess, ...] = ()) -> Inventory:
    return Inventory(sources=(), paths=paths, ports=ports)


def explain(held: Ruleset, asked: Asked, seen: Inventory | None = None) -> Explanation:
    return explain_path(held, asked, seen, no_lines)


def allowed(found: Explanation) -> FsRight:
    total = NO_FS
    for answer in found.answers:
        if answer.allowed and isinstance(answer.right, FsRight):
            total |= answer.right
    return total


def rules_of(found: Explanation, right: FsRight) -> list[str]:
    (answer,) = [answer for answer in found.answers if answer.right is right]
    return [grant.path for grant in answer.grants if isinstance(grant, PathGrant)]


def test_each_right_names_the_rules_that_give_it_outermost_first() -> None:
    held = ruleset({"/a/b": R | W, "/a": R, "/a/b/c": X, "/other": X})

    found = explain(held, Asked("/a/b/x", "/a/b/x", Kind.FILE, known=True))

    assert rules_of(found, R) == ["/a", "/a/b"]
    assert rules_of(found, W) == ["/a/b"]
    assert rules_of(found, X) == []
    assert [one.grant for one in found.dropped] == [held.path[1], held.path[0]]


def test_a_file_has_the_rights_of_files_and_its_directory_has_the_others() -> None:
    found = explain(ruleset({"/a": ~NO_FS}), Asked("/a/f", "/a/f", Kind.FILE, known=True))

    assert {answer.right for answer in found.answers} & {FsRight.MAKE_REG, D} == set()
    assert found.directory == "/a"
    assert FsRight.MAKE_REG in {answer.right for answer in found.inside if answer.allowed}


def test_a_rule_on_the_object_itself_says_nothing_of_its_directory() -> None:
    found = explain(ruleset({"/a/d": FsRight.REMOVE_DIR}), Asked("/a/d", "/a/d", Kind.DIRECTORY, known=True))

    assert FsRight.REMOVE_DIR in allowed(found)
    assert not any(answer.allowed for answer in found.inside if answer.right is FsRight.REMOVE_DIR)


def test_what_is_newer_than_the_target_abi_is_denied_nowhere_but_refer() -> None:
    found = explain(ruleset({}, abi=1), Asked("/a", "/a"))

    unhandled = {answer.right: answer.allowed for answer in found.answers if not answer.handled}

    assert unhandled == {
        FsRight.TRUNCATE: True,
        FsRight.IOCTL_DEV: True,
        FsRight.RESOLVE_UNIX: True,
        FsRight.REFER: False,
    }


def test_a_rule_counts_where_its_path_leads_to() -> None:
    held = ruleset({"/var/run/s": R})

    found = explain_path(
        held, Asked("/run/s", "/run/s"), None, no_lines, lambda path: path.replace("/var/run", "/run")
    )

    assert rules_of(found, R) == ["/run/s"]


def test_refusals_and_what_was_looked_for_stand_with_the_answer() -> None:
    held = ruleset({}, refused=(Refused(path="/etc/shadow", why="no"),))

    assert explain(held, Asked("/etc/shadow", "/etc/shadow")).refused == held.refused
    assert explain(held, Asked("/etc/passwd", "/etc/passwd")).refused == ()


def test_without_a_rule_go_the_accesses_that_no_other_rule_gives() -> None:
    held = ruleset({"/a": R, "/a/b": R | W, "/c": W})
    seen = inventory(
        access("/a/b/x", R),
        access("/a/b/y", R | W, 2),
        access("/a/z", R, 3),
        access("/c/x", W, 4),
        access("/a/b/z", X),
    )

    outer, inner = explain(held, Asked("/a/b", "/a/b"), seen).dropped

    assert [
        (loss.access.path, loss.rights) for loss in outer.losses or () if isinstance(loss.access, PathAccess)
    ] == [("/a/z", R)]
    assert [
        (loss.access.path, loss.rights) for loss in inner.losses or () if isinstance(loss.access, PathAccess)
    ] == [("/a/b/y", W)]


def test_without_traces_what_would_go_is_unknown_and_not_nothing() -> None:
    found = explain(ruleset({"/a": R}), Asked("/a", "/a"))

    assert found.shown is None
    assert [one.losses for one in found.dropped] == [None]


def test_a_move_that_lacks_only_refer_fails_with_an_errno_of_its_own() -> None:
    held = ruleset({"/a": FsRight.REFER | FsRight.MAKE_REG, "/b": FsRight.REFER})
    seen = inventory(access("/a", FsRight.REFER | FsRight.MAKE_REG), access("/b", FsRight.REFER))

    losses = [
        loss.errno
        for path in ("/a", "/b")
        for one in explain(held, Asked(path, path), seen).dropped
        for loss in one.losses or ()
    ]

    assert losses == ["EACCES", "EXDEV"]


def test_what_the_traces_show_comes_with_what_is_denied_of_it() -> None:
    seen = inventory(access("/a/below", W), access("/a", D), access("/x", R, given="/a"))

    found = explain(ruleset({"/a": D}), Asked("/a", "/a"), seen)

    assert [
        (one.access.path, one.denied) for one in found.shown or () if isinstance(one.access, PathAccess)
    ] == [
        ("/a", NO_FS),
        ("/x", R),
        ("/a/below", W),
    ]


def test_an_object_made_in_the_run_is_not_allowed_by_a_rule_on_itself() -> None:
    seen = inventory(access("/a/pid", W, volatile=True))

    found = explain(ruleset({"/a/pid": W}), Asked("/a/pid", "/a/pid", Kind.FILE, known=True), seen)

    assert [one.denied for one in found.shown or ()] == [W]
    assert [one.losses for one in found.dropped] == [()]


def test_a_port_is_explained_by_its_own_rules_only() -> None:
    bind, connect = NetRight.BIND_TCP, NetRight.CONNECT_TCP
    grants = (PortGrant(port=80, rights=bind, by="person"), PortGrant(port=81, rights=connect, by="person"))
    seen = PortAccess(80, bind, Protocol.TCP, Verdict.NEEDED, "ok", "bind")

    found = explain_port(ruleset({}, port=grants), 80, inventory(ports=(seen,)), no_lines)

    assert [answer.right for answer in found.answers if answer.allowed and answer.handled] == [bind]
    assert [answer.right for answer in found.answers if not answer.allowed] == [connect]
    assert [(one.grant, [loss.rights for loss in one.losses or ()]) for one in found.dropped] == [
        (grants[0], [bind])
    ]
    assert all(answer.allowed for answer in explain_port(ruleset({}, abi=3), 80, None, no_lines).answers)


OPERATIONS: dict[FsRight, Callable[[str], object]] = {
    R: lambda path: os.close(os.open(path, os.O_RDONLY)),
    W: lambda path: os.close(os.open(path, os.O_WRONLY)),
    FsRight.TRUNCATE: lambda path: os.truncate(path, 0),
    D: os.listdir,
    FsRight.MAKE_DIR: lambda path: os.mkdir(f"{path}/new"),
    FsRight.MAKE_REG: lambda path: os.mknod(f"{path}/new", stat.S_IFREG | 0o600),
    FsRight.MAKE_SYM: lambda path: os.symlink("nowhere", f"{path}/new"),
    FsRight.MAKE_FIFO: lambda path: os.mkfifo(f"{path}/new"),
    FsRight.REMOVE_DIR: lambda path: os.rmdir(f"{path}/empty"),
}
"""One operation on a path that asks for exactly one right on it."""

FILES = (R, W, FsRight.TRUNCATE)

GRANTS = [
    {"": R | D},
    {"sub": R | W | FsRight.MAKE_DIR},
    {"": D, "sub/file": R | W},
    {"sub/link": R | FsRight.TRUNCATE, "": FsRight.MAKE_SYM},
    {"linked": W | FsRight.MAKE_FIFO | FsRight.REMOVE_DIR},
    {"sub/file": R | D | FsRight.MAKE_REG, "sub": FsRight.MAKE_REG},
]
QUESTIONS = ["", "sub", "file", "sub/file", "sub/link", "linked", "linked/file"]


@pytest.mark.kernel
@pytest.mark.parametrize("grants", GRANTS, ids=",".join)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_kernel_agrees_right_by_right_also_through_links(
    grants: dict[str, FsRight], question: str, tmp_path: Path
) -> None:
    _furnish(tmp_path)
    host = LocalHost()
    held = ruleset({str(tmp_path / name): rights for name, rights in grants.items()}, abi=3)
    path = host.resolve(str(tmp_path / question))
    asked = Asked(str(tmp_path / question), path, host.kind(path), known=True)
    # A file cannot be listed, and a directory cannot be written, whatever the rules say.
    answers = {
        answer.right: answer.allowed
        for answer in explain_path(held, asked, None, no_lines, host.resolve).answers
        if answer.right in OPERATIONS and (answer.right in FILES) != Path(path).is_dir()
    }

    said = {right: _tried(held, tmp_path, question, right) for right in answers}

    assert said == {right: "ok" if allowed else "EACCES" for right, allowed in answers.items()}
    assert len(said) >= 3


def _furnish(root: Path) -> None:
    for name in ("empty", "sub/empty"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("file", "sub/file"):
        (root / name).write_text("x", "utf-8")
    for name, target in (("sub/link", "../file"), ("linked", "sub")):
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)
    for name in ("new", "sub/new"):
        if (root / name).is_dir():
            (root / name).rmdir()
        (root / name).unlink(missing_ok=True)


def _tried(held: Ruleset, root: Path, question: str, right: FsRight) -> str:
    _furnish(root)
    operation = OPERATIONS[right]
    return run_inside(policy(held), lambda: operation(str(root / question)))
