"""Where a rule has to stand so that it still holds when processes, groups and certificates have other names."""

from collections.abc import Callable

import pytest

from assistant.domain.access import Kind
from assistant.domain.host import FakeHost
from assistant.domain.rights import FsRight, names
from assistant.drafting.offline import Draft


Drafting = Callable[..., Draft]
EXEC = '7 execve("/usr/bin/app", ["app"], 0x1 /* 1 var */) = 0'
FORK = "7 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 8"
GROUP = "/sys/fs/cgroup/system.slice/app.service/memory.max"


def host(*files: str, links: dict[str, str] | None = None) -> FakeHost:
    kinds = {"/usr/bin/app": Kind.FILE, "/proc": Kind.DIRECTORY, **dict.fromkeys(files, Kind.FILE)}
    return FakeHost(kinds, links or {})


def granted(draft: Draft) -> dict[str, str]:
    rules = {grant.path: " ".join(sorted(names(grant.rights))) for grant in draft.path}
    return {path: rights for path, rights in rules.items() if path != "/usr/bin/app"}


def test_what_the_first_process_reads_of_itself_is_granted_to_it_alone(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 openat(AT_FDCWD</>, "/proc/self/stat", O_RDONLY) = 3</proc/7/stat>',
        '7 openat(AT_FDCWD</>, "/proc/self/fd", O_RDONLY|O_DIRECTORY) = 3</proc/7/fd>',
        '7 openat(AT_FDCWD</>, "/proc/self/oom_score_adj", O_WRONLY) = 3</proc/7/oom_score_adj>',
        host=host(),
    )

    assert granted(draft) == {"/proc/self": "read_dir read_file", "/proc/self/oom_score_adj": "write_file"}


@pytest.mark.parametrize(
    "line",
    [
        '8 openat(AT_FDCWD</>, "/proc/self/stat", O_RDONLY) = 3</proc/8/stat>',
        '7 openat(AT_FDCWD</>, "/proc/8/stat", O_RDONLY) = 3</proc/8/stat>',
        '8 open("/proc/self/stat", O_RDONLY) = 3',
    ],
)
def test_what_is_read_of_another_process_needs_proc(drafted: Drafting, line: str) -> None:
    assert granted(drafted(EXEC, FORK, line, host=host())) == {"/proc": "read_file"}


def test_a_child_may_read_of_the_first_process_what_that_may(drafted: Drafting) -> None:
    line = '8 openat(AT_FDCWD</>, "/proc/7/stat", O_RDONLY) = 3</proc/7/stat>'

    assert granted(drafted(EXEC, FORK, line, host=host())) == {"/proc/self": "read_file"}


def test_with_more_calls_than_lines_nobody_knows_who_else_asked(drafted: Drafting) -> None:
    lines = ['7 open("/proc/self/stat", O_RDONLY) = 3'] * 4
    last = '8 open("/proc/self/stat", O_RDONLY) = 3'

    assert granted(drafted(EXEC, FORK, *lines, host=host())) == {"/proc/self": "read_file"}
    assert granted(drafted(EXEC, FORK, *lines, last, host=host())) == {"/proc": "read_file"}


def test_without_the_start_nobody_knows_which_process_was_first(drafted: Drafting) -> None:
    line = '7 openat(AT_FDCWD</>, "/proc/self/stat", O_RDONLY) = 3</proc/7/stat>'

    assert granted(drafted(line, host=host())) == {"/proc": "read_file"}


def test_in_a_trace_of_one_process_it_is_the_first(drafted: Drafting) -> None:
    lines = (EXEC.removeprefix("7 "), 'open("/proc/self/stat", O_RDONLY) = 3')

    assert granted(drafted(*lines, host=host())) == {"/proc/self": "read_file"}


@pytest.mark.parametrize("name", ["/proc/mounts", "/proc/net/tcp"])
def test_links_of_the_kernel_lead_into_the_process_that_asks(drafted: Drafting, name: str) -> None:
    first, other = (f'{pid} open("{name}", O_RDONLY) = 3' for pid in (7, 8))

    assert granted(drafted(EXEC, FORK, first, host=host())) == {"/proc/self": "read_file"}
    assert granted(drafted(EXEC, FORK, other, host=host())) == {"/proc": "read_file"}


def test_a_child_that_changes_its_own_settings_is_refused_and_that_is_said(drafted: Drafting) -> None:
    line = '8 openat(AT_FDCWD</>, "/proc/self/oom_score_adj", O_WRONLY) = 3</proc/8/oom_score_adj>'
    draft = drafted(EXEC, FORK, line, host=host())

    assert granted(draft) == {}
    (refused,) = draft.refused
    assert refused.path == "/proc/[pid]/oom_score_adj"
    assert "first process" in refused.why


def test_an_open_for_both_of_what_another_process_may_set_is_refused_once_and_whole(
    drafted: Drafting,
) -> None:
    line = '8 openat(AT_FDCWD</>, "/proc/self/loginuid", O_RDWR|O_TRUNC) = 3</proc/8/loginuid>'
    draft = drafted(EXEC, FORK, line, host=host())

    assert granted(draft) == {}
    (refused,) = draft.refused
    assert refused.path == "/proc/[pid]/loginuid"
    assert FsRight.READ_FILE in refused.rights
    assert "first process" in refused.why


def test_threads_that_are_named_through_proc_get_no_rule_by_number(drafted: Drafting) -> None:
    line = '7 openat(AT_FDCWD</>, "/proc/self/task/9/comm", O_RDWR) = 3</proc/7/task/9/comm>'

    assert granted(drafted(EXEC, line, host=host())) == {"/proc/self/task": "read_file write_file"}


def test_threads_that_are_named_through_proc_open_no_other_setting_of_a_process_that_reads_its_own(
    drafted: Drafting,
) -> None:
    lines = (
        '7 openat(AT_FDCWD</>, "/proc/self/stat", O_RDONLY) = 3</proc/7/stat>',
        '7 openat(AT_FDCWD</>, "/proc/self/task/9/comm", O_RDWR) = 3</proc/7/task/9/comm>',
    )
    draft = drafted(EXEC, *lines, host=host())

    assert granted(draft) == {"/proc/self": "read_file", "/proc/self/task": "write_file"}
    assert {grant.path: grant.group for grant in draft.path}["/proc/self/task"] == "process settings"


def test_a_control_group_has_another_name_next_time(drafted: Drafting) -> None:
    others = (f"/sys/fs/ext4/vda/{number}" for number in range(9))
    draft = drafted(EXEC, f'7 open("{GROUP}", O_RDONLY) = 3', host=host(GROUP, *others))

    assert granted(draft) == {"/sys/fs/cgroup": "read_file"}


def test_a_certificate_of_the_services_own_does_not_open_the_store_that_it_lies_in(drafted: Drafting) -> None:
    own = "/etc/ssl/certs/site.pem"
    others = (f"/etc/ssl/certs/other{number}.pem" for number in range(3))
    draft = drafted(EXEC, f'7 open("{own}", O_RDONLY) = 3', host=host(own, *others))

    assert granted(draft) == {own: "read_file"}


@pytest.mark.parametrize("name", ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/java/cacerts"])
def test_all_authorities_in_one_file_are_read_by_directory_because_each_update_makes_it_anew(
    drafted: Drafting, name: str
) -> None:
    draft = drafted(EXEC, f'7 open("{name}", O_RDONLY) = 3', host=host(name))

    assert granted(draft) == {"/etc/ssl/certs": "read_file"}


def test_an_authority_that_is_found_through_a_link_is_read_where_authorities_are_kept(
    drafted: Drafting,
) -> None:
    kept, link = "/usr/share/ca-certificates/mozilla/A.crt", "/etc/ssl/certs/a1b2c3d4.0"
    draft = drafted(EXEC, f'7 open("{link}", O_RDONLY) = 3', host=host(kept, links={link: kept}))

    assert granted(draft) == {"/usr/share/ca-certificates": "read_file"}


def test_public_keys_that_say_who_may_log_in_are_no_secret_and_those_beside_them_are(
    drafted: Drafting,
) -> None:
    public, private = "/home/al/.ssh/authorized_keys", "/home/al/.ssh/id_ed25519"
    draft = drafted(
        EXEC,
        f'7 open("{public}", O_RDONLY) = 3',
        f'7 open("{private}", O_RDONLY) = 3',
        host=host(public, private),
    )

    assert granted(draft) == {public: "read_file"}
    assert [entry.path for entry in draft.refused] == [private]


def test_how_many_packages_are_installed_does_not_change_what_is_granted_of_a_language(
    drafted: Drafting,
) -> None:
    used = [f"/usr/lib/python3/dist-packages/p{number}.py" for number in range(3)]
    unused = (f"/usr/lib/python3/dist-packages/q{number}.py" for number in range(9000))
    draft = drafted(EXEC, *(f'7 open("{path}", O_RDONLY) = 3' for path in used), host=host(*used, *unused))

    assert granted(draft) == {"/usr/lib/python3/dist-packages": "read_file"}


@pytest.mark.parametrize(
    ("link", "target", "name", "place"),
    [
        ("/srv/app/current", "/srv/app/releases/17", "/app.py", "/srv/app/releases"),
        (
            "/etc/letsencrypt/live/a/chain.pem",
            "/etc/letsencrypt/archive/a/chain3.pem",
            "",
            "/etc/letsencrypt/archive/a",
        ),
        ("/etc/app/..data", "/etc/app/..2026_11_28", "/app.yaml", "/etc/app"),
    ],
)
def test_a_release_that_a_link_has_chosen_is_read_where_the_next_one_will_be(
    drafted: Drafting, link: str, target: str, name: str, place: str
) -> None:
    here = host(target + name, links={link: target})
    draft = drafted(EXEC, f'7 open("{link}{name}", O_RDONLY) = 3', host=here)

    assert granted(draft) == {place: "read_file"}


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("/srv/www", "/srv/www-2"),
        ("/data", "/disk1"),
        ("/home/al/app", "/home/al/app-2"),
        ("/var/lib/app/a", "/var/lib/app/b"),
        ("/opt/app/python3", "/opt/app/python3.11"),
    ],
)
def test_a_link_does_not_open_what_many_share_nor_what_has_no_number_or_always_had_one(
    drafted: Drafting, link: str, target: str
) -> None:
    others = (f"{target}/b{number}" for number in range(60))
    here = host(f"{target}/a", *others, links={link: target})
    draft = drafted(EXEC, f'7 open("{link}/a", O_RDONLY) = 3', host=here)

    assert set(granted(draft)) <= {target, f"{target}/a"}


def test_two_facts_that_the_kernel_tells_everybody_are_one_rule_and_one_is_a_file(drafted: Drafting) -> None:
    one, other = "/proc/sys/kernel/ngroups_max", "/proc/sys/net/core/somaxconn"
    lines = [f'7 open("{path}", O_RDONLY) = 3' for path in (one, other)]

    assert granted(drafted(EXEC, lines[0], host=host(one, other))) == {one: "read_file"}
    assert granted(drafted(EXEC, *lines, host=host(one, other))) == {"/proc/sys": "read_file"}


def test_where_compiled_files_are_read_their_source_is_read_once_it_changes(drafted: Drafting) -> None:
    cached, others = "/opt/app/web/__pycache__/app.pyc", (f"/opt/app/data/{number}" for number in range(99))
    here = host(cached, "/opt/app/web/app.py", *others)
    draft = drafted(EXEC, f'7 open("{cached}", O_RDONLY) = 3', host=here)

    assert granted(draft) == {"/opt/app/web": "read_file"}


def test_what_is_filed_by_hash_is_granted_where_all_of_its_directories_lie(drafted: Drafting) -> None:
    store = host("/srv/x/data/af/one", "/srv/x/data/e5/two", "/srv/x/data/00/other", "/srv/x/key")
    lines = [
        f'7 openat(AT_FDCWD</>, "/srv/x/data/{name}/new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3'
        for name in ("af", "e5")
    ]

    assert granted(drafted(EXEC, *lines, host=store)) == {"/srv/x/data": "make_reg write_file"}


@pytest.mark.parametrize("names", [("db", "ca"), ("e5",), ("a1", "b22"), ("a1", "log")])
def test_few_or_telling_names_are_no_hashes(drafted: Drafting, names: tuple[str, ...]) -> None:
    lines = [
        f'7 openat(AT_FDCWD</>, "/srv/x/data/{name}/new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3'
        for name in names
    ]
    draft = drafted(EXEC, *lines, host=host(*(f"/srv/x/data/{name}/old" for name in names)))

    assert set(granted(draft)) == {f"/srv/x/data/{name}" for name in names}
