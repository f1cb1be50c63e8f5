"""What people give by mistake is named with a reason and what to do; a trace is never taken for it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.trace.forms.mistakes import mistake_in
from assistant.trace.forms.registry import FORMS, form_of


PERF = b"""         ? (         ): cat/27279  ... [continued]: execve())             = 0
     0.000 ( 0.026 ms): cat/27279 openat(dfd: CWD, filename: 0xfbf322a0, flags: RDONLY|CLOEXEC) = 4
"""
GIVEN = {
    "a core dump": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\x00" + bytes(40),
    "a program": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00" + bytes(40),
    "a network capture": b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
    "a recording of perf": b"PERFILE2h\x00",
    "perf trace's text": PERF,
    "a summary of strace -c": b"% time     seconds  usecs/call     calls    errors syscall\n------ ----\n",
    "ltrace's output": b'__libc_start_main(["cat"] <unfinished ...>\n',
    "opensnoop's table": b"PID    COMM               FD ERR PATH\n1      systemd   3   0 /x\n",
    "what ausearch -i prints": b"----\ntype=PROCTITLE msg=audit(11/23/2026 20:39:29.021:200) : proctitle=cat\n",
    "the description of a recording": b'{\n  "kind": "recording",\n  "run": "app"',
    "a ruleset document": b'# drafted\nschema = 1\nservice = "cat"\n',
    "a JSON array": b'[{"call": "open"}]',
    "an archive of several files": b"app.trace" + bytes(248) + b"ustar\x00" + bytes(200),
    "an archive within an archive": b"\x1f\x8b\x08\x00",
    "text in UTF-16": "100 open(".encode("utf-16"),
}


@pytest.mark.parametrize("what", GIVEN)
def test_a_mistake_is_named_with_a_reason_and_what_to_do(what: str) -> None:
    mistake = mistake_in(GIVEN[what])

    assert mistake is not None
    assert mistake.what == what
    assert mistake.why
    assert mistake.hint


def test_perf_with_pointers_is_told_from_perf_with_names() -> None:
    pointers, names = mistake_in(PERF), mistake_in(PERF.replace(b"0xfbf322a0", b'"/etc/x"'))

    assert pointers is not None
    assert names is not None
    assert "pointers in place of paths" in pointers.why
    assert "docs/jsonl.md" in names.hint


@pytest.mark.skipif(shutil.which("tar") is None, reason="tar is not installed")
def test_a_real_archive_of_several_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.trace").write_text("100 open()\n")
    subprocess.run(["tar", "-C", tmp_path, "-cf", tmp_path / "all.tar", "app.trace"], check=True)

    mistake = mistake_in((tmp_path / "all.tar").read_bytes()[:8192])

    assert mistake is not None
    assert mistake.what == "an archive of several files"


@pytest.mark.parametrize(
    ("first", "form"),
    [
        (b'100 execve("/bin/cat", ["cat"], 0x7ffd /* 3 vars */) = 0\n', "strace text"),
        (b'1795438541.1 execve("/bin/cat", [], 0) = 0\n', "strace text"),
        (b"[pid 100] close(3) = 0\n", "strace text"),
        (b"[00007f2a6c1d] close(3) = 0\n", "strace text"),
        (b"strace: Process 100 attached\n", "strace text"),
        (b"service says: type=SYSCALL msg=audit(1.0:1): x=1\n100 close(3) = 0\n", "strace text"),
        (b"hello\n", "strace text"),
        (b"", "strace text"),
        (b'{"call": "open"}\n', "JSONL events"),
        (b'type=CWD msg=audit(1.0:1): cwd="/"\n', "audit records"),
        (
            b"[    0.000000] Linux version\n[    1.0] audit: type=1423 audit(1.0:1): domain=1\n",
            "audit records",
        ),
    ],
)
def test_the_form_is_told_by_the_first_lines(first: bytes, form: str) -> None:
    assert mistake_in(first) is None
    assert form_of(first).name == form


def test_no_two_forms_have_one_name() -> None:
    assert len({form.name for form in FORMS}) == len(FORMS) == 3
