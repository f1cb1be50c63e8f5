"""The ruleset as a script that calls setpriv of util-linux: every right by its name, nothing by bundle.

Never writes a rule without rights: setpriv takes that for all rights.
"""

from assistant.domain.access import Kind
from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, NO_NET, ON_FILE, FsRight, NetRight, Scope, names
from assistant.domain.rules import Rules, rules_of
from assistant.domain.ruleset import PathGrant, Ruleset
from assistant.render.export import Export, above_target
from assistant.render.grants import Grant, all_grants
from assistant.render.plain import printable
from assistant.render.shell import continued, kept_by_launcher, options, quoted, script


_FIRST = FsRight((FsRight.TRUNCATE.value << 1) - 1)
"""What setpriv of util-linux 2.40 can name: the rights on files of ABI 3, no ports and no scopes."""

_OLD = "Needs setpriv of util-linux 2.40 or newer."
_NEW = "Needs setpriv of an util-linux newer than 2.42: ports, scopes and rights above ABI 3 came later."
_IGNORES = "setpriv of util-linux 2.40 to 2.42 ignores ports and scopes in silence: this script stops there."
_KERNEL = "A kernel that does not know one of these rights makes setpriv stop: nothing is started."

_GUARD = (
    "if setpriv --landlock-access no-such-access true 2>/dev/null; then",
    '    echo "$0: this setpriv ignores what it does not know; install a newer util-linux" >&2; exit 125',
    "fi",
)


def setpriv(ruleset: Ruleset, host: Host) -> Export:
    """The ruleset as a script for sh. It says all that the ruleset says; a setpriv that cannot stops.

    Args:
        ruleset: What to write.
        host: Whose objects are looked at: setpriv stops at directory rights on anything else.
    """
    rules = rules_of(ruleset, host)
    newer = bool(rules.fs & ~_FIRST or rules.net or rules.scope)
    notes = [
        _NEW if newer else _OLD,
        *([_IGNORES] if newer else []),
        _KERNEL,
        *_unknown_kinds(rules, host),
        *kept_by_launcher(ruleset),
        *above_target(ruleset),
    ]
    always, asked = options((grant, _rule(grant, rules)) for grant in all_grants(ruleset))
    handled = [f"--landlock-access {kind}:{_dashed(rights)}" for kind, rights in _handled(rules)]
    body = [
        *(_GUARD if newer else ()),
        'set -- -- "$@"',
        *asked,
        continued(["exec setpriv --no-new-privs", *handled, *always, '"$@"']),
    ]
    return Export(script(ruleset, (), notes, body), (), tuple(notes))


def _handled(rules: Rules) -> list[tuple[str, FsRight | NetRight | Scope]]:
    kinds: list[tuple[str, FsRight | NetRight | Scope]] = [("fs", rules.fs), ("net", rules.net)]
    return [(kind, rights) for kind, rights in (*kinds, ("scope", rules.scope)) if rights]


def _rule(grant: Grant, rules: Rules) -> list[str]:
    if isinstance(grant, PathGrant):
        rights = grant.rights & rules.paths.get(grant.path, NO_FS)
        rule = f"path-beneath:{_dashed(rights)}:{grant.path}"
        return [f"--landlock-rule {quoted(rule)}"] if rights else []
    net = grant.rights & rules.ports.get(grant.port, NO_NET)
    return [f"--landlock-rule net-port:{_dashed(net)}:{grant.port}"] if net else []


def _dashed(rights: FsRight | NetRight | Scope) -> str:
    return ",".join(name.replace("_", "-") for name in names(rights))


def _unknown_kinds(rules: Rules, host: Host) -> list[str]:
    """Where setpriv would stop if the path turns out to be no directory."""
    doubtful = [
        path
        for path, rights in rules.paths.items()
        if rights & ~ON_FILE and host.kind(path) is not Kind.DIRECTORY
    ]
    return [
        f"{printable(path)} must be a directory, or setpriv stops: it could not be looked at."
        for path in doubtful
    ]
