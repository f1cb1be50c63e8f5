"""Findings: what a person must know before trusting a ruleset.

One catalogue; docs/findings.md has a section for each of its ids.
"""

from dataclasses import dataclass
from enum import IntEnum

from pydantic import BaseModel, ConfigDict


class Severity(IntEnum):
    """How much a finding weighs. BLOCKING stops a ruleset; INFO alone leaves the exit code at 0."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    BLOCKING = 4


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One entry of the catalogue: what it is called, how bad it is, and what to do about it."""

    id: str
    severity: Severity
    title: str
    remedy: str
    drift: bool = False


class Finding(BaseModel):
    """One thing found about one subject.

    Attributes:
        id: Key of the catalogue.
        severity: The catalogue's, unless the case is worse or milder than usual.
        subject: What it is about: a path, "port 80", a trace's name. Raw: escape before showing.
        message: One sentence on this very case. Raw likewise.
        evidence: Citations ("run1:412").
        remedy: What to do next.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    severity: Severity
    subject: str
    message: str
    evidence: tuple[str, ...] = ()
    remedy: str = ""


def find(
    kind: str,
    subject: str,
    message: str,
    *,
    evidence: tuple[str, ...] = (),
    severity: Severity | None = None,
    remedy: str = "",
) -> Finding:
    """A finding of a catalogued kind.

    Raises:
        KeyError: the kind is not in the catalogue.
    """
    entry = CATALOGUE[kind]
    return Finding(
        id=kind,
        severity=entry.severity if severity is None else severity,
        subject=subject,
        message=message,
        evidence=evidence,
        remedy=remedy or entry.remedy,
    )


def _catalogue(*kinds: FindingKind) -> dict[str, FindingKind]:
    return {kind.id: kind for kind in kinds}


_B, _H, _M, _L, _I = Severity.BLOCKING, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

CATALOGUE: dict[str, FindingKind] = _catalogue(
    # What the traces cannot show.
    FindingKind(
        "blind-exec",
        _H,
        "the trace does not show which programs were executed",
        "trace again with %process, or name the program: draft --command PROGRAM",
    ),
    FindingKind(
        "blind-chdir",
        _M,
        "the trace does not show changes of the working directory",
        "trace again with %file and -y; or give --cwd DIR if the service never changes it",
    ),
    FindingKind(
        "blind-socket-type",
        _M,
        "the trace does not show which sockets are TCP and which are UDP",
        "trace again with %network",
    ),
    FindingKind(
        "blind-paths",
        _H,
        "the trace does not show files being renamed, removed, or directories being made",
        "trace again with %file",
    ),
    FindingKind(
        "blind-signals",
        _L,
        "the trace does not show signals that the service sends",
        "trace again with %process",
    ),
    FindingKind(
        "blind-truncate",
        _I,
        "the trace does not show files being shortened through a descriptor",
        "trace again with ftruncate added: -e trace=%file,%network,%process,ftruncate",
    ),
    FindingKind(
        "blind-bind",
        _M,
        "the trace does not show which ports and sockets were bound",
        "record again (landscribe record -- CMD), or grant each port that you know of in the document",
    ),
    FindingKind(
        "blind-descriptors",
        _M,
        "names started from descriptors, and the trace does not show these being copied or closed",
        "trace again with -y, or with %desc added to -e trace=",
    ),
    FindingKind(
        "late-start",
        _H,
        "the trace begins after the service had started",
        "record a start too (landscribe record --run start -- CMD) and draft from both traces",
    ),
    FindingKind(
        "truncated-trace",
        _M,
        "the trace ends in the middle of a line",
        "let strace finish: stop the service with SIGTERM, not strace",
    ),
    FindingKind(
        "damaged-trace",
        _H,
        "the trace is an archive that breaks off or is corrupt",
        "copy it again, or record again; what was whole before the damage has been read",
    ),
    FindingKind(
        "not-understood",
        _M,
        "lines of the trace were not understood",
        "look at the examples; an access in such a line is missing from the draft",
    ),
    FindingKind(
        "unresolved-path",
        _H,
        "a relative path whose directory is not known",
        "trace again with -y and %file; or give --cwd DIR",
    ),
    FindingKind(
        "foreign-host",
        _M,
        "links and interpreters were not looked up: the trace is from another machine",
        "draft on the machine that the service runs on",
    ),
    FindingKind(
        "links-on-trust",
        _L,
        "where links lead was not looked up here: the document says it",
        "look whether each is a link that you expect; or verify on the machine that the service runs on",
    ),
    FindingKind(
        "io-uring",
        _H,
        "the service uses io_uring, whose file and network accesses strace cannot see",
        "test the sandbox with every code path; its accesses are checked by the kernel all the same",
    ),
    FindingKind(
        "inside-namespace",
        _M,
        "the service changes its root or namespaces; paths in the trace may be another tree's",
        "start the sandbox inside the service's mount namespace",
    ),
    # What the sandbox cannot express or stop.
    FindingKind(
        "mount-needed",
        _H,
        "the service mounts; inside any Landlock file sandbox that is EPERM, and no rule can allow it",
        "mount before the sandbox starts",
    ),
    FindingKind(
        "looks-into-others",
        _M,
        "the service looks into processes that are not its own; inside any Landlock sandbox that is refused",
        "no rule can allow it: leave that part of the service outside the sandbox",
    ),
    FindingKind(
        "own-landlock",
        _I,
        "the service restricts itself with Landlock",
        "nothing: both sandboxes hold, and a process may have sixteen",
    ),
    FindingKind(
        "own-seccomp",
        _I,
        "the service filters its own system calls",
        "nothing, if its filter allows what the launcher has done before; test the sandbox",
    ),
    FindingKind(
        "udp-uncontrolled",
        _L,
        "UDP is not controlled by this Landlock ABI",
        "restrict it with seccomp, a network namespace or IPAddressDeny=",
    ),
    FindingKind(
        "mptcp-uncontrolled",
        _M,
        "MPTCP sockets are not controlled by Landlock's TCP rights",
        "switch MPTCP off for the service (GODEBUG=multipathtcp=0 for Go)",
    ),
    FindingKind(
        "unix-uncontrolled",
        _L,
        "connecting to a socket in the file system is not controlled below ABI 9",
        "restrict it with permissions on the socket or RestrictAddressFamilies=",
    ),
    FindingKind(
        "listen-unbound",
        _M,
        "a socket listens without bind: the kernel picks its port and no Landlock right is asked",
        "bind the port explicitly",
    ),
    FindingKind(
        "memory-exec",
        _M,
        "a program is executed from memory, which no Landlock right controls",
        "restrict it with seccomp (memfd_create), or run the program from a file",
    ),
    FindingKind(
        "setuid-exec",
        _M,
        "a program with elevated privileges is executed; no_new_privs takes them away",
        "run that helper outside the sandbox",
    ),
    FindingKind(
        "scope-open",
        _M,
        "a scope is off because the service was seen to need it",
        "let the peer run inside the same sandbox if you can",
    ),
    # What the draft decided and a person should look at.
    FindingKind(
        "refused-access",
        _H,
        "an access was seen that should not be granted",
        "find out why the service does this; if it must, grant it by hand with a reason",
    ),
    FindingKind(
        "guarded-grant",
        _H,
        "a right on a directory that many programs share",
        "give the file a directory of the service's own (RuntimeDirectory=, LogsDirectory=, PrivateTmp=)",
    ),
    FindingKind(
        "write-and-execute",
        _H,
        "what can be written can also be executed",
        "keep programs out of the directories that the service writes",
    ),
    FindingKind(
        "private-key",
        _M,
        "a private key or password file is readable in the sandbox",
        "check that it is the service's own",
    ),
    FindingKind(
        "created-or-existing",
        _M,
        "the trace does not say whether a file was created or existed; creating it is not granted",
        "give the file a directory of its own, or create it before the service starts",
    ),
    FindingKind(
        "fragile-rule",
        _L,
        "a rule on a single file dies when that file is replaced",
        "restart the service after replacing the file, or move it to a directory of its own",
    ),
    FindingKind(
        "socket-type-unknown",
        _M,
        "a port is granted without knowing that its socket is TCP",
        "trace again with %network",
    ),
    FindingKind(
        "refused-connect",
        _L,
        "a port is granted although every connect to it failed",
        "record again with the peer running, or drop the grant",
    ),
    FindingKind(
        "dynamic-port",
        _H,
        "a port that the kernel or the service picks; Landlock cannot name it beforehand",
        "give the listening side a fixed port",
    ),
    # What a model said of the draft, or failed to say. None of it changes what code offered.
    FindingKind(
        "model-failed",
        _M,
        "the model gave no usable answer; all grants are the drafter's own",
        "nothing, if the draft serves; else draft again, or with another model",
    ),
    FindingKind(
        "model-fallback",
        _L,
        "a place for which the model gave no valid answer has the drafter's own grant",
        "review this grant without a reason of the model's",
    ),
    FindingKind(
        "model-wider",
        _M,
        "the model chose a wider grant than the drafter",
        "read its reason; the drafter's own grant is in the first draft with --offline",
    ),
    FindingKind(
        "model-suspicious",
        _M,
        "the model sees no good reason for a grant",
        "find out why the service does this; test it without the grant",
    ),
    FindingKind(
        "model-objects",
        _M,
        "the model would refuse an access",
        "decide: remove the grant and test the service, or keep it with a reason",
    ),
    FindingKind(
        "model-doubt",
        _I,
        "the model has a doubt about a grant",
        "read it with the grant's evidence",
    ),
    FindingKind(
        "model-doubts-right",
        _I,
        "the model thinks that the service can do without a right",
        "test it: the right stays until a test shows that it is not needed",
    ),
    FindingKind(
        "model-knowledge",
        _M,
        "the model answers too many questions about Landlock wrong",
        "do not rely on its reasons; ask another model",
    ),
    FindingKind(
        "unknown-placeholder",
        _M,
        "the model's words hold a placeholder that was never given out",
        "do not rely on that sentence: the model made a name up",
    ),
    FindingKind(
        "unexercised",
        _I,
        "a code path that the traces may not show",
        "record it as a run of its own, and draft from all runs",
    ),
    # What the verifier holds against the raw trace.
    FindingKind(
        "invented-path",
        _B,
        "no line of the traces touches this path",
        "remove the grant, or give the trace that shows the need",
    ),
    FindingKind(
        "unsupported-right",
        _B,
        "no line of the traces needs this right here",
        "remove the right, or give the trace that shows the need",
    ),
    FindingKind(
        "missing-access",
        _B,
        "the service did this in its own trace and the ruleset would deny it",
        "grant it, or move it to refused with a reason",
    ),
    FindingKind(
        "drift",
        _H,
        "a new trace needs what the ruleset denies",
        "draft again with the new trace, and review what is new",
        drift=True,
    ),
    FindingKind(
        "false-citation",
        _B,
        "a cited line does not show what the grant claims",
        "cite the line that shows it",
    ),
    FindingKind(
        "citation-unchecked",
        _M,
        "a cited trace was not given, so the citation could not be checked",
        "give the trace to verify as well",
    ),
    FindingKind(
        "trace-changed",
        _B,
        "a trace has the name of one under provenance but other contents",
        "give the trace that the ruleset was drafted from, or draft again",
    ),
    FindingKind(
        "by-person",
        _I,
        "granted by a person or a unit file, not seen in the traces",
        "make sure that its reason still holds",
    ),
    FindingKind(
        "broad-grant",
        _M,
        "a directory is granted of which little was used",
        "choose the narrower alternative, or accept what else it opens",
    ),
    FindingKind(
        "dangerous-grant",
        _H,
        "a grant on a tree that reaches far beyond one service",
        "grant the service's own directory instead",
    ),
    FindingKind(
        "stale-approval",
        _B,
        "the grants are not the ones that were approved",
        "have the difference reviewed and approve again",
    ),
    FindingKind(
        "path-absent",
        _M,
        "a granted path does not exist on this host; a rule cannot be made for it",
        "create it before the start (tmpfiles.d, StateDirectory=), or make the rule optional = true",
    ),
    FindingKind(
        "link-in-path",
        _H,
        "a granted path goes through a symbolic link; the rule binds to what it points at now",
        "grant the resolved path",
    ),
    FindingKind(
        "duplicate-grant",
        _L,
        "two grants name the same object; the kernel joins their rights",
        "join them",
    ),
    FindingKind(
        "odd-name",
        _M,
        "a name holds control or direction characters, or is not UTF-8",
        "look at the escaped form before you approve",
    ),
    FindingKind(
        "right-above-abi",
        _M,
        "a right is newer than the ruleset's target ABI",
        "raise target_abi, or remove the right",
    ),
    FindingKind(
        "directory-right-on-file",
        _M,
        "a right that means nothing on a file; the launcher leaves it out",
        "grant it on the directory",
    ),
    # What another tool's form of the ruleset cannot say.
    FindingKind(
        "export-opens",
        _H,
        "the exported form allows what the ruleset denies",
        "use a form that can say it (python, landlockconfig, setpriv), or have the difference approved",
    ),
    FindingKind(
        "export-lacks",
        _M,
        "the exported form denies what the ruleset allows",
        "use a form that can say it (python), or make sure that the service does without",
    ),
    # What the machine can do.
    FindingKind(
        "machine-lacks",
        _M,
        "a part of the main job does not work on this machine",
        "do what the check says, or use another machine for that part",
    ),
    FindingKind(
        "machine-without",
        _I,
        "something that is useful on some machines is not there, or could not be looked at",
        "nothing, if you do not need it",
    ),
    # What the kernel showed.
    FindingKind(
        "kernel-below-target",
        _M,
        "the running kernel does not enforce all that the ruleset asks for",
        "run a kernel with the target ABI, or lower target_abi",
    ),
    FindingKind(
        "command-failed",
        _B,
        "the command does not work inside the sandbox",
        "trace the command again and draft anew, or let test --learn grant what is safe of what was denied",
    ),
    FindingKind(
        "command-broken",
        _B,
        "the command fails outside the sandbox too, so nothing was shown",
        "fix the command first",
    ),
    FindingKind(
        "denied-access",
        _H,
        "the kernel denied the service an access in the test",
        "grant it if the service needs it, or refuse it with a reason; test --learn grants what is safe",
    ),
    FindingKind(
        "denials-unseen",
        _L,
        "some of what the sandbox denied in the test could not be seen",
        "run the test as root on a kernel with audit and Landlock ABI 7, or install strace",
    ),
    FindingKind(
        "learnt-grant",
        _L,
        "a right was granted because the kernel denied it in a test",
        "review it as any other: a denial shows that the service asked, not that it should",
    ),
    FindingKind(
        "not-learnt",
        _H,
        "the service was denied something that only a person may grant",
        "find out why it asks; then grant it by hand with a reason, give it a place of its own, or refuse it",
    ),
    FindingKind(
        "unneeded-right",
        _L,
        "all scenarios work without this right",
        "remove it, or add the scenario that needs it: its evidence says which run that was",
    ),
    FindingKind(
        "unsteady-scenario",
        _M,
        "a scenario failed and then worked with the same ruleset",
        "make the scenario steady: wait for a condition with retry, and start from the same state (--room)",
    ),
    FindingKind(
        "wide-directory",
        _I,
        "a directory is granted, and rules on some of its entries would do for the scenarios",
        "keep the directory if its files come and go; else grant the entries",
    ),
    FindingKind(
        "not-denied",
        _B,
        "an access outside the ruleset succeeded in the sandbox",
        "do not use this sandbox; report it with the ruleset",
    ),
    FindingKind(
        "probe-inconclusive",
        _I,
        "a probe said nothing about Landlock: another layer or a missing object answered",
        "run the test as the service's user",
    ),
    FindingKind(
        "nothing-proven",
        _B,
        "no out-of-bounds probe was conclusive, so the sandbox is unproven",
        "run the test as a user who could reach something outside the sandbox",
    ),
)
