"""The ruleset as a script that calls the kernel's samples/landlock/sandboxer: two bundles, by environment.

Source: the sample of Linux 6.12 to 7.1. It masks rights on what is no directory by itself.
"""

from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, Scope, known_at
from assistant.domain.rules import Rules, fitting, rules_of
from assistant.domain.ruleset import PathGrant, Ruleset
from assistant.render.export import Export, Reasons, above_target, losses, written
from assistant.render.grants import Grant
from assistant.render.shell import if_there, kept_by_launcher, quoted, script


_READ = FsRight.EXECUTE | FsRight.READ_FILE | FsRight.READ_DIR
_ALL = known_at(FsRight, 5)
_BUNDLES = (("LL_FS_RO", _READ), ("LL_FS_RW", _ALL))
_PORTS = (("LL_TCP_BIND", NetRight.BIND_TCP), ("LL_TCP_CONNECT", NetRight.CONNECT_TCP))
_SCOPES = (("a", Scope.ABSTRACT_UNIX_SOCKET), ("s", Scope.SIGNAL))

_NOTES = (
    "Needs the sample of Linux 6.12 or newer; an older one takes an empty list of ports for port 0.",
    "A path that cannot be opened is skipped; the sandboxer says so and goes on.",
    "A kernel that enforces less is accepted in silence.",
    "SANDBOXER names the program, where it is not in PATH as sandboxer.",
)


def sandboxer(ruleset: Ruleset, host: Host) -> Export:
    """The ruleset as a script for sh that exports the sandboxer's variables and becomes it.

    Args:
        ruleset: What to write.
        host: Whose objects are looked at; of what it does not know, the bundle for directories is assumed.
    """
    wanted = rules_of(ruleset, host)
    unsaid = {
        path: "the sandboxer takes a colon for the end of a path" for path in wanted.paths if ":" in path
    }
    given = _given(wanted, unsaid, host)
    reasons = Reasons(
        opens="the sandboxer knows two bundles of rights only",
        free="the sandboxer does not know it",
        denied="the sandboxer denies all rights on files of ABI 5 that the kernel knows",
        unsaid=unsaid,
    )
    lost = losses(wanted, given, reasons)
    notes = (*_NOTES, *kept_by_launcher(ruleset), *above_target(ruleset))
    used = [variable for variable, right in _PORTS if given.net & right]
    variables = ["LL_FS_RO", "LL_FS_RW", *used]
    body = [
        "unset LL_TCP_BIND LL_TCP_CONNECT LL_SCOPED",
        "".join(f"{variable}= " for variable in variables).rstrip(),
        *written(ruleset, lambda grant: if_there(grant, _entries(grant, given))),
        f"LL_SCOPED={':'.join(letter for letter, scope in _SCOPES if given.scope & scope)}",
        f"export {' '.join(variables)} LL_SCOPED",
        'exec "${SANDBOXER:-sandboxer}" "$@"',
    ]
    return Export(script(ruleset, lost, notes, body), lost, notes)


def _given(wanted: Rules, unsaid: dict[str, str], host: Host) -> Rules:
    paths = {
        path: fitting(path, _bundle(rights)[1], host)
        for path, rights in wanted.paths.items()
        if rights & _ALL and path not in unsaid
    }
    net = wanted.net & known_at(NetRight, 4)
    return Rules(_ALL, net, wanted.scope, paths, {port: held & net for port, held in wanted.ports.items()})


def _bundle(rights: FsRight) -> tuple[str, FsRight]:
    return _BUNDLES[0] if not rights & _ALL & ~_READ else _BUNDLES[1]


def _entries(grant: Grant, given: Rules) -> list[str]:
    """Each entry as an assignment that adds it to its list."""
    if isinstance(grant, PathGrant):
        rights = grant.rights & given.paths.get(grant.path, NO_FS)
        return [_added(_bundle(rights)[0], quoted(grant.path))] if rights else []
    net = grant.rights & given.ports.get(grant.port, NO_NET)
    return [_added(variable, str(grant.port)) for variable, right in _PORTS if net & right]


def _added(variable: str, word: str) -> str:
    return f"{variable}=${{{variable}:+${variable}:}}{word}"
