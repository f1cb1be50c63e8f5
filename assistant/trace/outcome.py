"""What a call's errno says about Landlock: was the check reached, and would the answer have been another?

Source: order of checks in the kernel, verified by experiment (an errno before the check needs no right).
"""

from assistant.domain.access import Verdict
from assistant.trace.line import Result


_ABSENT = frozenset({"ENOENT", "ENOTDIR"})
_BEFORE = frozenset(
    {
        "EACCES",
        "EBADF",
        "EEXIST",
        "EFAULT",
        "EINTR",
        "EINVAL",
        "EISDIR",
        "ELOOP",
        "EMFILE",
        "ENAMETOOLONG",
        "ENFILE",
        "ENOSYS",
        "EOPNOTSUPP",
        "EPERM",
        "EROFS",
        "ETXTBSY",
        "EXDEV",
    }
)


def outcome(result: Result) -> str:
    """The errno's name, "ok", or "?" when the trace ends before the call returned."""
    if result.errno:
        return result.errno
    return "ok" if result.value is not None and result.value >= 0 else "?"


def verdict(result: Result) -> Verdict:
    """For calls on paths.

    A success, or an errno that arises behind Landlock's check, means NEEDED. A call that never returned might
    have needed its rights: POSSIBLE.
    """
    if result.errno in _ABSENT:
        return Verdict.PROBED
    if result.errno in _BEFORE:
        return Verdict.REFUSED
    if result.errno.startswith("ERESTART"):
        return Verdict.POSSIBLE
    return Verdict.POSSIBLE if outcome(result) == "?" else Verdict.NEEDED


def verdict_on_name(result: Result) -> Verdict:
    """For calls that remove or move names: what the entry turns out to be is looked at behind the check.

    unlink of a directory answers EISDIR and remove(3) goes on with rmdir: denied at the first, it stops.
    """
    if result.errno == "EISDIR":
        return Verdict.NEEDED
    if result.errno in ("ENOENT", "ENOTDIR", "EPERM"):
        return Verdict.POSSIBLE
    if result.errno in ("EINVAL", "EBUSY"):
        return Verdict.REFUSED
    return verdict(result)


def verdict_or_other(result: Result, otherwise: frozenset[str]) -> Verdict:
    """Like ``verdict``, but POSSIBLE when the errno shows that the object's presence decided.

    The next run may find it the other way round: mkdir that answered EEXIST, unlink that answered ENOENT.
    """
    return Verdict.POSSIBLE if result.errno in otherwise else verdict(result)


def verdict_on_socket(result: Result) -> Verdict:
    """For bind and connect on ports: the check comes first, so whatever came back, the right was asked.

    EACCES and EPERM are another layer's no, or Landlock's own: nothing worked, so nothing is needed.
    """
    early = {"EACCES", "EPERM", "EBADF", "ENOTSOCK", "EFAULT", "EAFNOSUPPORT", "EINVAL"}
    return Verdict.REFUSED if result.errno in early else Verdict.NEEDED
