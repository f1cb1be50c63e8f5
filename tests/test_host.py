"""The real file system: what it says of links, kinds, interpreters and contents of directories made here."""

import os
import shutil
import socket
import stat
from pathlib import Path

import pytest

from assistant.domain.access import Kind
from assistant.host import LISTED_FILES, LocalHost, decode, encode


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "real/deep").mkdir(parents=True)
    (tmp_path / "real/file").write_text("x")
    (tmp_path / "link").symlink_to("real/deep")
    (tmp_path / "file-link").symlink_to("real/file")
    (tmp_path / "dangling").symlink_to("nowhere")
    return tmp_path


def test_links_are_followed_and_the_last_one_is_kept_when_asked(tree: Path) -> None:
    host = LocalHost()

    assert host.resolve(f"{tree}/link/x") == f"{tree}/real/deep/x"
    assert host.resolve(f"{tree}/link/../file") == f"{tree}/real/file"
    assert host.resolve(f"{tree}/file-link") == f"{tree}/real/file"
    assert host.resolve(f"{tree}/file-link", follow=False) == f"{tree}/file-link"
    assert host.resolve(f"{tree}/absent/x") == f"{tree}/absent/x"


def test_kinds_are_those_of_the_objects_behind_links(tree: Path) -> None:
    os.mkfifo(tree / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "sock"))
    host = LocalHost()

    assert host.kind(f"{tree}/link") is Kind.DIRECTORY
    assert host.kind(f"{tree}/file-link") is Kind.FILE
    assert host.kind(f"{tree}/fifo") is Kind.FIFO
    assert host.kind(f"{tree}/sock") is Kind.SOCKET
    assert host.kind("/dev/null") is Kind.DEVICE
    assert host.kind(f"{tree}/dangling") is None
    assert host.kind(f"{tree}/file/below") is None


def test_names_that_are_not_utf8_stay_what_they_are(tree: Path) -> None:
    raw = os.fsencode(tree) + b"/caf\xe9\n"
    os.close(os.open(raw, os.O_CREAT))

    assert LocalHost().kind(decode(raw)) is Kind.FILE
    assert encode(decode(raw)) == raw
    assert decode(raw) in LocalHost().content(str(tree)).files


def test_interpreters_are_found_through_shebangs_and_elf_headers(tree: Path) -> None:
    shell = os.path.realpath("/bin/sh")
    script = tree / "script"
    script.write_text("#!/bin/sh -e\n")
    nested = tree / "nested"
    nested.write_text(f"#!{script}\n")
    host = LocalHost()
    (loader,) = host.interpreters(shell)

    assert host.interpreters(str(script)) == (shell, loader)
    assert host.interpreters(str(nested)) == (str(script), shell, loader)
    assert "ld" in Path(loader).name


@pytest.mark.parametrize(
    "text", [b"", b"#!", b"#! \n", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, b"#!relative\n", b"plain"]
)
def test_what_is_no_program_has_no_interpreter(tree: Path, text: bytes) -> None:
    (tree / "odd").write_bytes(text)

    assert LocalHost().interpreters(f"{tree}/odd") == ()


def test_a_fifo_is_not_waited_for(tree: Path) -> None:
    os.mkfifo(tree / "fifo")

    assert LocalHost().interpreters(f"{tree}/fifo") == ()


def test_contents_are_counted_with_programs_and_without_following_links(tree: Path) -> None:
    (tree / "real/tool").write_text("x")
    (tree / "real/tool").chmod(0o755)
    found = LocalHost().content(str(tree))

    assert f"{tree}/real/tool" in found.executables
    assert f"{tree}/link" not in found.files
    assert f"{tree}/link/x" not in found.files
    assert found.complete


def test_a_pseudo_file_system_is_not_counted() -> None:
    assert not LocalHost().content("/proc").complete


def test_a_huge_directory_is_counted_up_to_a_limit(tree: Path) -> None:
    for number in range(LISTED_FILES + 1):
        (tree / "real/deep" / str(number)).touch()
    found = LocalHost().content(f"{tree}/real/deep")

    assert not found.complete
    assert len(found.files) == LISTED_FILES
    shutil.rmtree(tree / "real/deep")


def test_a_set_id_program_raises_privileges(tree: Path) -> None:
    (tree / "plain").touch(0o755)
    (tree / "raised").touch(0o755)
    (tree / "raised").chmod(0o755 | stat.S_ISUID)

    assert not LocalHost().raises(f"{tree}/plain")
    assert LocalHost().raises(f"{tree}/raised")
    assert not LocalHost().raises(f"{tree}/absent")


def test_programs_are_told_when_they_are_asked_for(tree: Path) -> None:
    (tree / "tool").write_text("x")
    (tree / "tool").chmod(0o755)
    found = LocalHost().content(str(tree)).executables

    assert f"{tree}/tool" in found
    assert f"{tree}/real/file" not in found
    assert (list(found), len(found)) == ([f"{tree}/tool"], 1)


def test_a_name_with_needless_slashes_is_resolved_to_one_without() -> None:
    assert LocalHost().resolve("//etc") == "/etc"
    assert LocalHost().resolve("/etc//passwd") == "/etc/passwd"
