import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import Ruleset
from assistant.enforce.reach import InodeReach


Make = Callable[..., Ruleset]


def test_rights_add_up_from_the_object_to_the_root(tmp_path: Path, ruleset: Make) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/file").touch()
    reach = InodeReach(ruleset({str(tmp_path): "read_file", str(tmp_path / "inner"): "write_file"}))

    assert reach.rights(str(tmp_path / "inner/file")) == FsRight.READ_FILE | FsRight.WRITE_FILE
    assert reach.rights(str(tmp_path / "inner/absent")) == FsRight.READ_FILE | FsRight.WRITE_FILE
    assert reach.rights(str(tmp_path)) == FsRight.READ_FILE
    assert reach.rights(str(tmp_path.parent)) == NO_FS


def test_a_hard_link_and_a_symbolic_link_reach_the_same_object(tmp_path: Path, ruleset: Make) -> None:
    for name in ("granted", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "granted/file").touch()
    (tmp_path / "elsewhere/hard").hardlink_to(tmp_path / "granted/file")
    (tmp_path / "link").symlink_to("granted/file")
    by_file = InodeReach(ruleset({str(tmp_path / "link"): "read_file"}))
    by_directory = InodeReach(ruleset({str(tmp_path / "granted"): "read_file"}))

    assert by_file.rights(str(tmp_path / "elsewhere/hard")) == FsRight.READ_FILE
    assert by_directory.rights(str(tmp_path / "elsewhere/hard")) == NO_FS


def test_a_directory_right_on_a_file_and_a_rule_on_nothing_reach_nothing(
    tmp_path: Path, ruleset: Make
) -> None:
    (tmp_path / "file").touch()
    reach = InodeReach(ruleset({str(tmp_path / "file"): "read_dir", str(tmp_path / "gone"): "read_file"}))

    assert reach.rights(str(tmp_path / "file")) == NO_FS
    assert reach.rights(str(tmp_path / "gone")) == NO_FS


@pytest.mark.root
def test_a_bind_mount_is_reached_by_the_rule_on_its_source(tmp_path: Path, ruleset: Make) -> None:
    for name in ("source", "mounted"):
        (tmp_path / name).mkdir()
    (tmp_path / "source/file").touch()
    reach = InodeReach(ruleset({str(tmp_path / "source"): "read_file"}))
    mounted = subprocess.run(["mount", "--bind", tmp_path / "source", tmp_path / "mounted"], check=False)
    if mounted.returncode:
        pytest.skip("this root may not mount")
    try:
        assert reach.rights(str(tmp_path / "mounted/file")) == FsRight.READ_FILE
    finally:
        subprocess.run(["umount", tmp_path / "mounted"], check=True)
