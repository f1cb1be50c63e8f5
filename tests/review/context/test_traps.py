"""Each trap is found where it lies, and not where it does not."""

import pytest

from assistant.domain.context import Trap
from assistant.domain.ruleset import Ruleset
from assistant.domain.unit import parse
from assistant.review.context.reviewing import review
from assistant.review.context.traps import Surroundings
from tests.review.context.conftest import GROUPS, make_ruleset


def found(text: str, held: Ruleset | None = None, around: Surroundings | None = None) -> list[Trap]:
    return list(review(parse("a.service", [f"[Service]\n{text}\n"]), held, GROUPS, around).traps)


def ids(text: str, held: Ruleset | None = None, around: Surroundings | None = None) -> set[str]:
    return {trap.id for trap in found(f"User=app\n{text}", held, around)}


LANDLOCK = "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"
FORKING = "Type=forking\nPIDFile=/var/run/app.pid"
DYNAMIC = "DynamicUser=yes\nStateDirectory=app"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("SystemCallFilter=@system-service", {"landlock-filtered"}),
        (f"SystemCallFilter=@system-service\n{LANDLOCK}", set()),
        ("SystemCallFilter=~@mount", set()),
        ("SystemCallFilter=~landlock_restrict_self", {"landlock-filtered"}),
        ("SystemCallFilter=~@sandbox:EPERM", {"landlock-filtered"}),
        (f"{LANDLOCK}", {"landlock-filtered"}),  # An allow-list of these alone: prctl is missing.
        ("ExecStart=/bin/app", set()),
        ("ExecStart=+/bin/app", {"full-privileges"}),
        ("ExecStart=!/bin/app", {"full-privileges"}),
        ("ExecStart=!!/bin/app", set()),
        ("ExecStart=-@/bin/app app", set()),
        ("ExecStartPre=/bin/mkdir /run/x\nExecReload=/bin/kill -HUP $MAINPID", {"not-covered"}),
        ("ExecStart=/bin/a ; /bin/b", {"not-covered"}),
        ("PermissionsStartOnly=yes", {"not-covered"}),
        ("Sockets=app.socket", {"socket-activation"}),
        ("StandardInput=socket", {"inherited"}),
        ("StandardOutput=append:/var/log/app", {"inherited"}),
        ("StandardOutput=journal", set()),
        ("LoadCredential=key:/etc/key", {"credentials"}),
        ("Type=forking", {"forking"}),
        (FORKING, set()),
        ("Type=notify\nRestrictAddressFamilies=AF_INET", {"notify"}),
        ("Type=notify\nRestrictAddressFamilies=AF_INET AF_UNIX", set()),
        (DYNAMIC, {"private-directory"}),
        ("StateDirectory=app", set()),
        ("RootDirectory=/srv/root", {"other-root"}),
        ("NoExecPaths=/\nExecPaths=/usr/bin/app", {"launcher-not-executable"}),
        ("NoExecPaths=/\nExecPaths=/usr/bin", set()),
        ("SupplementaryGroups=docker", {"privileged-group"}),
        ("SupplementaryGroups=www-data", set()),
        ("AmbientCapabilities=CAP_SYS_ADMIN\nProtectSystem=strict", {"mounts-undone"}),
    ],
)
def test_a_trap_is_found_where_it_lies(text: str, expected: set[str]) -> None:
    assert ids(text) == expected


def test_a_service_that_starts_as_root_says_nothing_of_when_it_stops_to_be() -> None:
    assert [trap.id for trap in found("")] == ["starts-as-root"]
    assert [trap.id for trap in found("CapabilityBoundingSet=CAP_NET_BIND_SERVICE")] == []


def test_the_filter_says_how_a_launcher_would_end() -> None:
    (killed,) = found("User=app\nSystemCallFilter=@system-service")
    (refused,) = found("User=app\nSystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM")

    assert killed.what.endswith("is killed (SIGSYS)")
    assert refused.what.endswith("gets EPERM")
    assert killed.next == f"add {LANDLOCK}"


@pytest.mark.parametrize(
    ("text", "held", "expected"),
    [
        (FORKING, make_ruleset(), {"forking"}),
        (FORKING, make_ruleset({"/run": "make_reg write_file"}), set()),
        (FORKING, make_ruleset({"/run/app.pid": "make_reg write_file"}), {"forking"}),
        ("Type=notify", make_ruleset(), set()),
        ("Type=notify", make_ruleset(abi=9), {"notify"}),
        ("Type=notify", make_ruleset({"/run/systemd": "resolve_unix"}, abi=9), set()),
        ("AmbientCapabilities=CAP_SYS_ADMIN\nProtectSystem=strict", make_ruleset(), set()),
    ],
)
def test_a_ruleset_is_held_against_the_type_of_the_service(
    text: str, held: Ruleset, expected: set[str]
) -> None:
    assert ids(text, held) == expected


def test_a_rule_on_the_link_that_a_dynamic_user_has_is_named() -> None:
    (named,) = found(DYNAMIC, make_ruleset({"/var/lib/app": "write_file"}))
    (other,) = found(DYNAMIC, make_ruleset({"/var/lib/private/app": "write_file"}))

    assert named.what.endswith("; a rule names the link")
    assert not other.what.endswith("; a rule names the link")
    assert named.next == "grant /var/lib/private/app"


def test_sockets_that_were_found_and_helpers_that_lose_their_rights_are_said() -> None:
    around = Surroundings(sockets=("a.socket",), raising=("/usr/bin/sudo",))

    assert ids("", make_ruleset(), around) == {"socket-activation", "set-id-helpers"}
