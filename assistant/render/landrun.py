"""The ruleset as a script that calls landrun, which knows bundles of rights only: what they open is a loss.

Source: landrun 0.1.18. Rights on what is no directory are masked by landrun itself.
"""

from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, FsRight, NetRight, Scope, known_at
from assistant.domain.rules import Rules, fitting, rules_of
from assistant.domain.ruleset import PathGrant, Ruleset
from assistant.render.export import Export, Reasons, above_target, losses
from assistant.render.grants import Grant, all_grants
from assistant.render.shell import continued, kept_by_launcher, options, quoted, script


_ABI = 9
"""What landrun asks the kernel for, whatever it is told."""

_READ = FsRight.READ_FILE | FsRight.READ_DIR
_UNIX = _READ | FsRight.RESOLVE_UNIX
_WRITE = known_at(FsRight, 5) & ~FsRight.EXECUTE
_BUNDLES = (
    ("ro", _READ),
    ("rox", _READ | FsRight.EXECUTE),
    ("rw", _WRITE),
    ("rwx", _WRITE | FsRight.EXECUTE),
)
"""Flag and rights, the narrowest first."""

_PORTS = (("bind-tcp", NetRight.BIND_TCP), ("connect-tcp", NetRight.CONNECT_TCP))

_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What landrun cuts off the ends of a value (Go's unicode.IsSpace)."""

_VERSION = "Needs landrun 0.1.17 or newer: older ones close no scopes."
_BEST_EFFORT = (
    "landrun asks for ABI 9 and gets --best-effort here: a kernel that enforces less is accepted in silence.",
    "On a kernel with ABI 1 it enforces nothing at all once a rule is --rw or --rwx.",
)
_ENVIRONMENT = "landrun passes no environment by itself: every variable is named to it."

_PASSED = (
    'set -- -- "$@"',
    "for name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do",
    '    set -- --env "$name" "$@"',
    "done",
)

_REASONS = Reasons(
    opens="landrun knows bundles of rights only",
    free="landrun does not know it",
    denied="landrun denies all rights of ABI 9 that the kernel knows, and both scopes or none",
)


def landrun(ruleset: Ruleset, host: Host) -> Export:
    """The ruleset as a script for sh, each path in the narrowest bundle that holds its rights.

    Args:
        ruleset: What to write.
        host: Whose objects are looked at; of what it does not know, the bundle for directories is assumed.
    """
    wanted = rules_of(ruleset, host)
    unsaid = {path: why for path in wanted.paths if (why := _unspeakable(path))}
    given = _given(wanted, unsaid, host)
    lost = losses(wanted, given, Reasons(_REASONS.opens, _REASONS.free, _REASONS.denied, unsaid))
    best_effort = ruleset.target_abi < _ABI
    notes = [
        _VERSION,
        *(_BEST_EFFORT if best_effort else ()),
        _ENVIRONMENT,
        *kept_by_launcher(ruleset),
        *above_target(ruleset),
    ]
    flags = [
        *(["--best-effort"] if best_effort else []),
        *([] if given.net else ["--unrestricted-network"]),
        *([] if given.scope else ["--unrestricted-scoped"]),
    ]
    always, asked = options((grant, _flags(grant, given)) for grant in all_grants(ruleset))
    body = [*_PASSED, *asked, continued([" ".join(["exec landrun", *flags]), *always, '"$@"'])]
    return Export(script(ruleset, lost, notes, body), lost, tuple(notes))


def _unspeakable(path: str) -> str:
    """Why landrun cannot be told this path; empty when it can."""
    if "," in path:
        return "landrun takes a comma for the end of a path"
    return "landrun cuts white space off the end of a path" if path[-1] in _SPACE else ""


def _given(wanted: Rules, unsaid: dict[str, str], host: Host) -> Rules:
    paths = {
        path: fitting(path, _rights(_chosen(rights)), host)
        for path, rights in wanted.paths.items()
        if rights and path not in unsaid
    }
    tcp = known_at(NetRight, _ABI)
    net = tcp if wanted.net else wanted.net
    both = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    ports = {port: rights & net for port, rights in wanted.ports.items()}
    return Rules(known_at(FsRight, _ABI), net, both if wanted.scope else wanted.scope, paths, ports)


def _chosen(rights: FsRight) -> dict[str, FsRight]:
    """The flags for some rights, and what each gives."""
    chosen = {}
    if rights & FsRight.RESOLVE_UNIX:
        chosen["unix"] = _UNIX
        rights &= ~_UNIX
    if rights:
        flag, bundle = next((flag, bundle) for flag, bundle in _BUNDLES if not rights & ~bundle)
        chosen[flag] = bundle
    return chosen


def _rights(chosen: dict[str, FsRight]) -> FsRight:
    given = NO_FS
    for bundle in chosen.values():
        given |= bundle
    return given


def _flags(grant: Grant, given: Rules) -> list[str]:
    if isinstance(grant, PathGrant):
        rights = grant.rights & given.paths.get(grant.path, NO_FS)
        return [f"--{flag} {quoted(grant.path)}" for flag in _chosen(rights)]
    net = given.ports.get(grant.port, NetRight(0)) & grant.rights
    return [f"--{flag} {grant.port}" for flag, right in _PORTS if net & right]
