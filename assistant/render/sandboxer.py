"""The ruleset as a script that calls the kernel's samples/landlock/sandboxer: two bundles, by environment.

Source: the sample of Linux 6.12 to 7.1. It masks rights on what is no directory by itself.
"""

from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, Scope, known_at
from assistant.domain.rules import Rules, fitting, rules_of
from assistant.domain.ruleset import Ruleset
from assistant.render.export import Export, Reasons, above_target, losses
from assistant.render.shell import kept_by_launcher, quoted, script


_READ = FsRight.EXECUTE | FsRight.READ_FILE | FsRight.READ_DIR
_ALL = known_at(FsRight, 5)
_BUNDLES = (("LL_FS_RO", _READ), ("LL_FS_RW", _ALL))
_PORTS = (("LL_TCP_BIND", NetRight.BIND_TCP), ("LL_TCP_CONNECT", NetRight.CONNECT_TCP))
_COLON = "\\\n:"
"""Between the entries of a list, each of which has its own line."""

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
    lists = _lists(ruleset, given)
    letters = [letter for letter, scope in _SCOPES if given.scope & scope]
    body = [
        "unset LL_TCP_BIND LL_TCP_CONNECT",
        *(f"export {variable}={_COLON.join(words)}" for variable, words in lists.items()),
        f"export LL_SCOPED={':'.join(letters)}",
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


def _lists(ruleset: Ruleset, given: Rules) -> dict[str, list[str]]:
    """The entries of each variable as shell words. One of ports that is not there would restrict nothing."""
    ports = [variable for variable, right in _PORTS if given.net & right]
    lists: dict[str, list[str]] = {variable: [] for variable in ("LL_FS_RO", "LL_FS_RW", *ports)}
    for grant in ruleset.path:
        rights = grant.rights & given.paths.get(grant.path, NO_FS)
        if rights:
            lists[_bundle(rights)[0]].append(quoted(grant.path))
    for port in ruleset.port:
        net = port.rights & given.ports.get(port.port, NO_NET)
        for variable, right in _PORTS:
            if net & right:
                lists[variable].append(str(port.port))
    return lists
