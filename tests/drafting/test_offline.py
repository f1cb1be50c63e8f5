"""What a draft grants, refuses and says, for traces of the kind that services make."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.domain.access import Kind
from assistant.domain.host import FakeHost, NoHost
from assistant.domain.rights import FsRight, NetRight, names
from assistant.drafting.offline import Draft


Drafting = Callable[..., Draft]
EXEC = '7 execve("/usr/bin/app", ["app"], 0x1 /* 1 var */) = 0'


def host(*files: str, links: dict[str, str] | None = None, directories: tuple[str, ...] = ()) -> FakeHost:
    kinds = {"/usr/bin/app": Kind.FILE, "/dev/null": Kind.DEVICE, **dict.fromkeys(files, Kind.FILE)}
    kinds |= dict.fromkeys((*directories, "/tmp", "/proc", "/run"), Kind.DIRECTORY)
    kinds["/usr/lib/ld.so"] = Kind.FILE
    return FakeHost(kinds, links or {}, {"/usr/bin/app": ("/usr/lib/ld.so",)}, frozenset({"/usr/bin/app"}))


def granted(draft: Draft) -> dict[str, str]:
    return {grant.path: " ".join(sorted(names(grant.rights))) for grant in draft.path}


def ids(draft: Draft) -> set[str]:
    return {finding.id for finding in draft.findings}


def test_the_program_and_its_loader_are_granted_by_file(drafted: Drafting) -> None:
    draft = drafted(EXEC, host=host("/usr/lib/ld.so"))

    assert granted(draft) == {"/usr/bin/app": "execute read_file", "/usr/lib/ld.so": "execute read_file"}


def test_what_a_wrapper_starts_is_the_program_and_owns_what_is_called_after_it(drafted: Drafting) -> None:
    draft = drafted(
        '7 execve("/usr/bin/setpriv", ["setpriv"], 0x1 /* 1 var */) = 0',
        EXEC,
        '7 open("/etc/app/app.conf", O_RDONLY) = 3',
        host=host("/usr/bin/setpriv", "/etc/app/app.conf", *(f"/etc/app/{n}" for n in range(20))),
        service="web",
    )

    said = {grant.path: grant.why for grant in draft.path}
    assert said["/usr/bin/app"] == "The service's own program."
    assert said["/usr/bin/setpriv"].startswith("It starts another program")
    assert "/etc/app" in granted(draft)


def test_a_wrapper_that_starts_nothing_is_the_program(drafted: Drafting) -> None:
    line = '7 execve("/usr/bin/chroot", ["chroot"], 0x1 /* 1 var */) = 0'
    (grant,) = drafted(line, host=host("/usr/bin/chroot")).path

    assert grant.group == "the program"


def test_a_state_directory_is_written_and_the_shared_one_above_it_is_not(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 openat(AT_FDCWD, "/var/lib/app/t.1", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3',
        '7 rename("/var/lib/app/t.1", "/var/lib/app/state") = 0',
        host=host("/var/lib/app/state", "/var/lib/other/x"),
    )

    assert granted(draft)["/var/lib/app"] == "make_reg remove_file write_file"
    assert not {"/var/lib", "/var", "/"} & set(granted(draft))


def test_a_configuration_of_its_own_is_granted_by_directory_so_that_a_replaced_file_is_read(
    drafted: Drafting,
) -> None:
    draft = drafted(
        EXEC, '7 open("/etc/app/app.conf", O_RDONLY) = 3', host=host("/etc/app/app.conf", "/etc/app/x")
    )

    assert granted(draft)["/etc/app"] == "read_file"


def test_a_single_file_in_a_shared_directory_stays_a_file_and_says_how_it_dies(drafted: Drafting) -> None:
    draft = drafted(EXEC, '7 open("/etc/hosts", O_RDONLY) = 3', host=host("/etc/hosts", "/etc/shadow"))
    (hosts,) = [grant for grant in draft.path if grant.path == "/etc/hosts"]

    assert "replaced" in hosts.weakness
    assert any("shared" in said for said in hosts.alternatives)
    assert "grant the directory" not in hosts.weakness


@pytest.mark.parametrize(
    ("lines", "narrower"),
    [
        (['7 open("/etc/app/a", O_RDONLY) = 3'], "1 rule on a single object, dead when it is replaced"),
        (
            [f'7 open("/etc/app/{name}", O_RDONLY) = 3' for name in "ab"],
            "2 rules on single objects, each dead when its object is replaced",
        ),
        (
            ['7 open("/etc/app/n", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3'],
            "none, for what lies beneath comes and goes (1 seen)",
        ),
    ],
    ids=["one", "two", "none that lasts"],
)
def test_the_narrower_choice_is_said_in_numbers_that_read_well(
    drafted: Drafting, lines: list[str], narrower: str
) -> None:
    draft = drafted(EXEC, *lines, host=host("/etc/app/a", "/etc/app/b"))

    (own,) = [grant for grant in draft.path if grant.path == "/etc/app"]
    assert own.alternatives[0] == f"narrower: {narrower}"


def test_a_wider_choice_that_opens_nothing_is_said_to_open_nothing_today(drafted: Drafting) -> None:
    line = '7 execve("/srv/app/cgi/a", ["a"], 0x1 /* 1 var */) = 0'
    draft = drafted(EXEC, line, host=host("/srv/app/cgi/a"))

    assert draft.path[0].alternatives == ("wider: /srv/app/cgi opens nothing more today",)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('7 open("/etc/shadow", O_RDONLY) = 3', "/etc/shadow"),
        ('7 open("/root/.ssh/id_rsa", O_RDONLY) = 3', "/root/.ssh/id_rsa"),
        ('7 open("/home/al/.aws/credentials", O_RDONLY) = 3', "/home/al/.aws/credentials"),
        ('7 open("/etc/cron.d/x", O_WRONLY) = 3', "/etc/cron.d/x"),
        ('7 open("/usr/lib/x.so", O_WRONLY) = 3', "/usr/lib/x.so"),
        ('7 open("/proc/sys/kernel/core_pattern", O_WRONLY) = 3', "/proc/sys/kernel/core_pattern"),
        ('7 open("/dev/sda", O_RDONLY) = 3', "/dev/sda"),
    ],
)
def test_what_no_service_should_have_is_refused_with_a_reason(
    drafted: Drafting, line: str, path: str
) -> None:
    draft = drafted(EXEC, line, host=host(path))

    assert path not in granted(draft)
    (refused,) = draft.refused
    assert (refused.path, refused.evidence) == (path, ("t:2",))
    assert refused.why
    assert "refused-access" in ids(draft)


def test_a_container_engines_socket_is_refused_where_the_kernel_can_refuse_it(drafted: Drafting) -> None:
    line = '7 connect(3, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 19) = 0'
    draft = drafted(EXEC, line, host=host("/run/docker.sock"), target_abi=9)

    assert [refused.path for refused in draft.refused] == ["/run/docker.sock"]


def test_below_abi_9_a_socket_in_the_file_system_is_said_to_be_uncontrolled(drafted: Drafting) -> None:
    line = '7 connect(3, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 19) = 0'

    assert "unix-uncontrolled" in ids(drafted(EXEC, line, host=host("/run/docker.sock"), target_abi=7))


def test_a_pid_file_forces_a_grant_on_run_that_is_flagged(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/run/app.pid", O_RDWR|O_CREAT|O_EXCL, 0644) = 3',
        '7 unlink("/run/app.pid") = 0',
        host=host("/run/utmp"),
    )

    assert granted(draft)["/run"] == "make_reg read_file remove_file write_file"
    assert "guarded-grant" in ids(draft)


def test_a_socket_that_outlives_the_service_may_be_removed_at_the_next_start(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 unlink("/run/app.ctl") = -1 ENOENT (No such file or directory)',
        '7 bind(3, {sa_family=AF_UNIX, sun_path="/run/app.ctl"}, 15) = 0',
        host=host("/run/utmp"),
    )

    assert granted(draft)["/run"] == "make_sock remove_file"


def test_a_shared_directory_lends_its_grant_to_nothing_else(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/tmp/x.1", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '7 mkdir("/var/lib/app/d", 0700) = 0',
        '7 bind(3, {sa_family=AF_UNIX, sun_path="/run/app/s"}, 12) = 0',
        host=host("/var/lib/app/z", "/run/app/other"),
    )

    assert "make_sock" not in granted(draft)["/tmp"]
    assert granted(draft)["/run/app"] == "make_sock"


def test_a_program_that_the_service_made_itself_is_not_executed(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/tmp/hx", O_WRONLY|O_CREAT|O_EXCL, 0700) = 3',
        '7 execve("/tmp/hx", ["hx"], 0x1 /* 1 var */) = 0',
        '7 unlink("/tmp/hx") = 0',
        host=host(),
    )

    assert "execute" not in granted(draft)["/tmp"]
    assert [refused.path for refused in draft.refused] == ["/tmp/hx"]


def test_where_ftruncate_was_not_traced_truncate_goes_with_write(drafted: Drafting) -> None:
    line = '7 open("/var/lib/app/db", O_RDWR) = 8'
    draft = drafted(EXEC, line, host=host("/var/lib/app/db"), ftruncate_traced=False)

    assert granted(draft)["/var/lib/app"] == "read_file truncate write_file"


def test_shared_memory_is_a_file_that_may_be_shortened(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/dev/shm/app.1", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '7 unlink("/dev/shm/app.1") = 0',
        host=host(directories=("/dev/shm",)),
        ftruncate_traced=False,
    )

    assert granted(draft)["/dev/shm"] == "make_reg read_file remove_file truncate write_file"


def test_a_key_that_the_service_reads_itself_does_not_stand_in_the_way_of_its_log(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/var/lib/app/u.log", O_WRONLY|O_CREAT|O_APPEND, 0666) = 5',
        '7 open("/var/lib/app/root.key", O_RDONLY) = 6',
        host=host("/var/lib/app/u.log", "/var/lib/app/root.key"),
    )

    assert granted(draft)["/var/lib/app"] == "make_reg read_file write_file"


def test_what_a_service_makes_where_it_lists_will_be_read_at_its_next_start(drafted: Drafting) -> None:
    lines = (
        EXEC,
        '7 openat(AT_FDCWD, "/var/lib/app", O_RDONLY|O_DIRECTORY) = 3',
        '7 open("/var/lib/app/log.1", O_WRONLY|O_CREAT|O_EXCL, 0600) = 4',
    )
    draft = drafted(*lines, host=host("/var/lib/app/log.1"))
    unlisted = drafted(lines[0], lines[2], host=host("/var/lib/app/log.1"))

    assert granted(draft)["/var/lib/app"] == "make_reg read_dir read_file write_file"
    assert granted(unlisted)["/var/lib/app"] == "make_reg write_file"


def test_a_log_in_the_shared_directory_can_be_made_anew_and_written(drafted: Drafting) -> None:
    line = '7 open("/var/log/app.log", O_WRONLY|O_CREAT|O_APPEND, 0640) = 8'
    draft = drafted(EXEC, line, host=host("/var/log/app.log", "/var/log/other"))

    assert granted(draft)["/var/log"] == "make_reg write_file"
    assert "/var/log/app.log" not in granted(draft)
    assert "guarded-grant" in ids(draft)


def test_a_log_directory_that_was_made_once_is_granted_itself(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 mkdir("/var/log/app", 0755) = 0',
        '7 open("/var/log/app/a.log", O_WRONLY|O_CREAT|O_APPEND, 0640) = 8',
        host=host("/var/log/app/a.log", "/var/log/other"),
    )

    assert granted(draft)["/var/log/app"] == "make_reg write_file"
    assert "write_file" not in granted(draft).get("/var/log", "")


def test_a_directory_that_the_service_made_in_run_is_granted_itself(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 mkdir("/run/app", 0755) = 0',
        '7 open("/run/app/app.pid", O_WRONLY|O_CREAT|O_EXCL, 0644) = 8',
        host=host("/run/app/app.pid", "/run/utmp"),
    )

    assert granted(draft)["/run/app"] == "make_reg write_file"
    assert "/run" not in granted(draft)
    assert [refused.path for refused in draft.refused] == ["/run"]


def test_what_appears_in_a_directory_that_the_service_walks_will_be_read_as_well(drafted: Drafting) -> None:
    files = [f"/data/shop/images/{name}.svg" for name in ("red", "green")]
    draft = drafted(
        EXEC,
        '7 openat(AT_FDCWD, "/data/shop", O_RDONLY|O_DIRECTORY) = 3',
        '7 openat(AT_FDCWD, "/data/shop/images", O_RDONLY|O_DIRECTORY) = 3',
        *(f'7 open("{path}", O_RDONLY) = 4' for path in files),
        host=host(*files),
    )

    assert granted(draft)["/data/shop"] == "read_dir read_file"


@pytest.mark.parametrize("outcome", ["0", "-1 EEXIST (File exists)"])
def test_a_temporary_directory_has_no_rule_of_its_own_whether_or_not_it_is_there_now(
    drafted: Drafting, outcome: str
) -> None:
    draft = drafted(
        EXEC,
        f'7 mkdir("/tmp/perf_app", 0755) = {outcome}',
        '7 openat(AT_FDCWD, "/tmp/perf_app/7", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '7 unlink("/tmp/perf_app/7") = 0',
        host=host(directories=("/tmp/perf_app",)),
    )

    assert granted(draft)["/tmp"] == "make_dir make_reg read_file remove_file write_file"
    assert "/tmp/perf_app" not in granted(draft)


@pytest.mark.parametrize("outcome", ["0", "-1 EEXIST (File exists)"])
def test_a_directory_of_run_that_the_service_makes_itself_is_made_when_it_is_gone(
    drafted: Drafting, outcome: str
) -> None:
    here = host("/run/app/app.pid", directories=("/run/app",))
    here = replace(here, owners={"/run/app": "0750 app adm"})
    draft = drafted(
        EXEC,
        f'7 mkdir("/run/app", 0750) = {outcome}',
        '7 openat(AT_FDCWD, "/run/app/app.pid", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3',
        host=here,
    )

    assert {grant.path: grant.made for grant in draft.path if grant.made} == {"/run/app": "0750 app adm"}
    assert "/run" not in granted(draft)


def test_python_may_not_write_beside_its_own_code_and_that_is_said_once_for_each_directory(
    drafted: Drafting,
) -> None:
    cache = "/opt/app/__pycache__"
    draft = drafted(
        EXEC,
        '7 open("/opt/app/app.py", O_RDONLY) = 3',
        f'7 mkdir("{cache}", 0777) = 0',
        f'7 open("{cache}/app.pyc.123", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
        f'7 rename("{cache}/app.pyc.123", "{cache}/app.pyc") = 0',
        f'7 open("{cache}/app.pyc", O_RDONLY) = 3',
        '7 open("/opt/app/data/x", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
        host=host("/opt/app/app.py", f"{cache}/app.pyc", "/opt/app/data/x"),
    )

    writing = {
        path: rights for path, rights in granted(draft).items() if "write" in rights or "make" in rights
    }
    assert writing == {"/opt/app/data": "make_reg write_file"}
    assert granted(draft)["/opt/app"] == "read_file"
    assert {entry.path: " ".join(sorted(names(entry.rights))) for entry in draft.refused} == {
        "/opt/app": "make_dir",
        cache: "make_reg remove_file write_file",
    }


def test_compiled_files_in_a_directory_that_is_written_anyway_are_not_said_to_be_refused(
    drafted: Drafting,
) -> None:
    cache = "/srv/app/__pycache__"
    draft = drafted(
        EXEC,
        '7 open("/srv/app/app.py", O_RDONLY) = 3',
        f'7 mkdir("{cache}", 0777) = 0',
        f'7 open("{cache}/app.pyc.123", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
        f'7 rename("{cache}/app.pyc.123", "{cache}/app.pyc") = 0',
        '7 open("/srv/app/state", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
        '7 rename("/srv/app/state", "/srv/app/state.old") = 0',
        host=host("/srv/app/app.py", f"{cache}/app.pyc", "/srv/app/state.old"),
    )

    assert granted(draft)["/srv/app"] == "make_reg read_file remove_file write_file"
    assert {entry.path: names(entry.rights) for entry in draft.refused} == {"/srv/app": ["make_dir"]}
    refused = [finding for finding in draft.findings if finding.id == "refused-access"]
    assert [finding.subject for finding in refused] == ["/srv/app"]


def test_a_socket_that_is_gone_does_not_open_every_socket_in_run(drafted: Drafting) -> None:
    line = '7 connect(3, {sa_family=AF_UNIX, sun_path="/run/gone.sock"}, 16) = 0'
    draft = drafted(EXEC, line, host=host("/run/docker.sock"), target_abi=9)

    assert "/run" not in granted(draft)
    assert [refused.path for refused in draft.refused] == ["/run/gone.sock"]


def test_a_refusal_of_what_is_gone_cites_the_lines_of_what_is_refused_alone(drafted: Drafting) -> None:
    lines = (
        '7 openat(AT_FDCWD</>, "/var/lib/gone", O_RDONLY|O_DIRECTORY) = 3</var/lib/gone>',
        '7 openat(AT_FDCWD</>, "/var/lib/gone/new", O_WRONLY|O_CREAT, 0600) = 4</var/lib/gone/new>',
    )
    draft = drafted(EXEC, *lines, host=host())

    (refused,) = [entry for entry in draft.refused if entry.path == "/var/lib/gone/new"]
    assert names(refused.rights) == ["write_file"]
    assert refused.evidence == ("t:3",)


def test_reading_many_files_beside_a_credential_store_does_not_open_it(drafted: Drafting) -> None:
    files = [f"/home/al/.config/a{n}" for n in range(30)]
    lines = [f'7 open("{file}", O_RDONLY) = 3' for file in files]
    draft = drafted(EXEC, *lines, host=host(*files, "/home/al/.config/gh/hosts.yml"))

    assert "/home/al/.config" not in granted(draft)


def test_many_files_do_not_buy_a_secret(drafted: Drafting) -> None:
    files = [f"/var/lib/other/f{n}" for n in range(40)]
    lines = (f'7 open("{file}", O_RDONLY) = 3' for file in files)
    draft = drafted(EXEC, *lines, host=host(*files, "/var/lib/other/shadow"))

    assert "/var/lib/other" not in granted(draft)
    assert set(files) <= set(granted(draft))


def test_an_unused_key_in_the_services_own_configuration_costs_something_but_not_the_directory(
    drafted: Drafting,
) -> None:
    line = '7 open("/etc/app/app.conf", O_RDONLY) = 3'
    one = drafted(EXEC, line, host=host("/etc/app/app.conf", "/etc/app/server.key"))
    many = drafted(EXEC, line, host=host("/etc/app/app.conf", *(f"/etc/app/{n}.key" for n in range(5))))

    assert "/etc/app" in granted(one)
    assert "/etc/app/app.conf" in granted(many)


def test_beside_what_is_written_only_the_one_program_is_executed(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 execve("/srv/app/bin/helper", ["helper"], 0x1 /* 1 var */) = 0',
        '7 open("/srv/app/log", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
        host=host("/srv/app/bin/helper", "/srv/app/log"),
    )

    assert "execute" not in granted(draft)["/srv/app"]
    assert "execute" in granted(draft)["/srv/app/bin/helper"]


def test_a_lock_file_that_was_there_may_be_made_next_time(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/var/lib/app/lock", O_RDWR|O_CREAT|O_EXCL, 0600) = -1 EEXIST (File exists)',
        '7 open("/var/lib/app/lock", O_RDONLY) = 3',
        host=host("/var/lib/app/lock"),
    )

    assert granted(draft)["/var/lib/app"] == "make_reg read_file write_file"


def test_making_files_in_etc_is_refused(drafted: Drafting) -> None:
    draft = drafted(
        EXEC, '7 open("/etc/app.new", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3', host=host("/etc/hosts")
    )

    assert "/etc" not in granted(draft)
    assert {"/etc", "/etc/app.new"} == {refused.path for refused in draft.refused}


@pytest.mark.parametrize(
    ("lines", "shared"),
    [
        (['7 rename("/etc/shadow", "/srv/app/s") = 0', '7 open("/srv/app/s", O_RDONLY) = 3'], "/etc"),
        (['7 rename("/home/al/x", "/srv/app/x") = 0', '7 open("/srv/app/x", O_RDONLY) = 3'], "/home/al"),
        (['7 open("/root", O_RDWR|O_TMPFILE, 0600) = 3'], "/root"),
        (['7 open("/", O_RDWR|O_TMPFILE, 0600) = 3'], "/"),
    ],
)
def test_what_is_made_in_or_moved_out_of_a_shared_directory_opens_nothing_of_it(
    drafted: Drafting, lines: list[str], shared: str
) -> None:
    draft = drafted(EXEC, *lines, host=host("/etc/hosts"))

    assert shared not in granted(draft)
    (refused,) = (one for one in draft.refused if one.path == shared)
    assert FsRight.READ_FILE in refused.rights


@pytest.mark.parametrize(
    "made",
    [
        ['7 mkdir("/opt/x/e", 0755) = 0'],
        ['7 mkdir("/opt/x/d", 0755) = 0', '7 rename("/opt/x/d", "/opt/x/e") = 0'],
    ],
)
def test_a_program_in_a_directory_that_the_service_made_is_not_executed(
    drafted: Drafting, made: list[str]
) -> None:
    run = '7 execve("/opt/x/e/prog", ["prog"], 0x7ff /* 1 vars */) = 0'
    draft = drafted(EXEC, *made, run, host=host("/opt/x/e/prog"))

    assert not any("execute" in rights for path, rights in granted(draft).items() if path.startswith("/opt"))
    assert any(one.path == "/opt/x/e/prog" for one in draft.refused)


def test_an_absent_name_is_listed_and_not_granted(drafted: Drafting) -> None:
    line = '7 open("/etc/app.local", O_RDONLY) = -1 ENOENT (No such file or directory)'
    draft = drafted(EXEC, line, host=host("/etc/hosts"))

    assert [probed.path for probed in draft.probed] == ["/etc/app.local"]
    assert "/etc/app.local" not in granted(draft)


def test_a_log_that_will_be_rotated_may_be_made_anew(drafted: Drafting) -> None:
    line = '7 open("/var/log/app/app.log", O_WRONLY|O_CREAT|O_APPEND, 0644) = 3'
    draft = drafted(EXEC, line, host=host("/var/log/app/app.log"))

    assert granted(draft)["/var/log/app"] == "make_reg write_file"


def test_what_the_other_reading_needs_and_is_not_granted_is_said(drafted: Drafting) -> None:
    line = '7 open("/etc/app.state", O_WRONLY|O_CREAT, 0644) = 3'
    draft = drafted(EXEC, line, host=host("/etc/app.state"))

    assert granted(draft)["/etc/app.state"] == "write_file"


def test_a_listening_port_is_granted_and_an_ephemeral_peer_is_not_pretended(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        "7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3",
        "7 bind(3, {sa_family=AF_INET, sin_port=htons(0)}, 16) = 0",
        "7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4",
        "7 connect(4, {sa_family=AF_INET, sin_port=htons(41234)}, 16) = 0",
        "7 connect(4, {sa_family=AF_INET, sin_port=htons(5432)}, 16) = 0",
        host=host(),
    )

    assert [(g.port, g.rights) for g in draft.port] == [(0, NetRight.BIND_TCP), (5432, NetRight.CONNECT_TCP)]
    assert "dynamic-port" in ids(draft)


@pytest.mark.parametrize(
    ("ports", "same", "said"),
    [
        ((36260, 64958, 39319), False, True),
        ((40003, 40007, 40003, 40001), False, True),
        ((8080, 8443, 8005), False, False),  # of several daemons that one starts
        ((36260, 64958, 39319), True, False),  # a configuration of one that listens on many
        ((40000, 40001), False, False),
    ],
)
def test_ports_that_processes_pick_themselves_are_said_to_be_others_next_time(
    drafted: Drafting, *, ports: tuple[int, ...], same: bool, said: bool
) -> None:
    lines = [EXEC, "7 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"]
    lines.append("7 bind(3, {sa_family=AF_INET, sin_port=htons(21)}, 16) = 0")
    for pid, port in enumerate(ports, start=8):
        child = 7 if same else pid
        if not same:
            lines.append(f"7 clone(child_stack=NULL, flags=SIGCHLD) = {pid}")
        lines.append(f"{child} socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4")
        lines.append(f"{child} bind(4, {{sa_family=AF_INET, sin_port=htons({port})}}, 16) = 0")
    draft = drafted(*lines, host=host())

    assert ("dynamic-port" in ids(draft)) is said
    assert [grant.port for grant in draft.port] == [21, *sorted(set(ports))]


def test_udp_is_said_to_be_uncontrolled_below_abi_10_and_granted_from_there(drafted: Drafting) -> None:
    lines = (
        EXEC,
        "7 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3",
        "7 connect(3, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 0",
    )

    assert "udp-uncontrolled" in ids(drafted(*lines, host=host(), target_abi=7))
    newer = drafted(*lines, host=host(), target_abi=10)
    assert [(g.port, g.rights) for g in newer.port] == [
        (0, NetRight.BIND_UDP),
        (53, NetRight.CONNECT_SEND_UDP),
    ]


def test_a_program_that_raises_privileges_is_pointed_out(drafted: Drafting) -> None:
    sudo = FakeHost({"/usr/bin/sudo": Kind.FILE}, raising=frozenset({"/usr/bin/sudo"}))
    draft = drafted('7 execve("/usr/bin/sudo", ["sudo"], 0x1 /* 1 var */) = 0', host=sudo)

    assert "setuid-exec" in ids(draft)


def test_scopes_are_on_until_the_trace_shows_a_need(drafted: Drafting) -> None:
    closed = drafted(EXEC, host=host()).scope
    opened = drafted(
        EXEC,
        '7 connect(3, {sa_family=AF_UNIX, sun_path=@"/tmp/.X11-unix/X0"}, 20) = 0',
        "7 kill(4000, SIGHUP) = 0",
        host=host(),
    ).scope

    assert (closed.abstract_unix_socket, closed.signal) == (True, True)
    assert (opened.abstract_unix_socket, opened.signal) == (False, False)
    assert "t:2" in opened.abstract_unix_socket_why


def test_a_program_that_a_person_names_is_granted_in_the_persons_name(drafted: Drafting) -> None:
    draft = drafted(
        '7 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3',
        host=host("/etc/hosts", "/usr/lib/ld.so"),
        command="/usr/bin/app",
    )
    grants = {grant.path: grant for grant in draft.path}

    assert grants["/usr/bin/app"].by == "person"
    read_itself = drafted(
        '7 openat(AT_FDCWD, "/usr/bin/app", O_RDONLY) = 3',
        host=host("/usr/lib/ld.so"),
        command="/usr/bin/app",
    )
    assert {g.by for g in read_itself.path if FsRight.EXECUTE in g.rights} == {"person"}
    assert FsRight.EXECUTE in grants["/usr/lib/ld.so"].rights


def test_each_right_of_each_grant_is_cited(drafted: Drafting) -> None:
    draft = drafted(
        EXEC,
        '7 open("/var/lib/app/a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '7 unlink("/var/lib/app/a") = 0',
        '7 open("/etc/app/a.conf", O_RDONLY) = 3',
        host=host("/var/lib/app/z", "/etc/app/a.conf"),
    )

    assert all(grant.evidence for grant in draft.path)
    (state,) = [grant for grant in draft.path if grant.path == "/var/lib/app"]
    assert state.evidence == ("t:2", "t:3")


def test_the_same_trace_gives_the_same_draft(drafted: Drafting) -> None:
    lines = (EXEC, '7 open("/etc/hosts", O_RDONLY) = 3', '7 open("/tmp/q", O_WRONLY|O_CREAT, 0600) = 4')

    assert drafted(*lines, host=host("/etc/hosts")) == drafted(*lines, host=host("/etc/hosts"))


def test_a_loader_that_is_inferred_is_granted_and_said_to_be_inferred(drafted: Drafting) -> None:
    libc = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    opened = f'7 openat(AT_FDCWD, "{libc}", O_RDONLY|O_CLOEXEC) = 3<{libc}>'
    draft = drafted(EXEC, opened, host=NoHost())
    loader = next(g for g in draft.path if g.path.endswith("/ld-linux-x86-64.so.2"))

    assert FsRight.EXECUTE in loader.rights
    assert "Inferred" in loader.why
    said = [f.message for f in draft.findings if f.id == "foreign-host" and f.subject == loader.path]
    assert said == ["inferred, not seen: it lies beside the C library that /usr/bin/app opens"]


def test_what_a_person_refused_is_left_out_there_and_beneath(drafted: Drafting) -> None:
    names = ("/srv/in", "/srv/in/deep/b", "/srv/inside")
    lines = [f'7 openat(AT_FDCWD, "{name}/x", O_RDONLY) = 3' for name in names]
    refused = (("/srv/in", FsRight.READ_FILE),)
    draft = drafted(EXEC, *lines, host=host(*(f"{name}/x" for name in names)), refused=refused)

    assert [path for path in granted(draft) if path.startswith("/srv")] == ["/srv/inside"]
