"""The shipped paths: small, dated, readable, of a distribution alone."""

import lzma
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction import catalogue
from redaction.catalogue import Catalogue, packed, provenance, shipped_paths
from redaction.errors import VocabularyError
from redaction.spelling import unnumbered, with_parents
from redaction.words import DATA


NAMES = st.text("abz0-_.", min_size=1, max_size=4)


def test_the_files_are_small_and_say_where_they_come_from() -> None:
    assert sum(file.stat().st_size for file in Path(DATA).iterdir()) < 2_500_000
    assert re.match(
        r"public paths; Debian [\d.]+ \(\w+\) main of .*\b20\d\d [\d:]+ UTC, amd64; scripts/generate_vocabulary\.py$",
        provenance(),
    )


def test_no_path_could_be_mistaken_for_a_placeholder_or_break_a_line() -> None:
    for path in shipped_paths():
        assert path.isascii()
        assert path.isprintable()
        assert not set(path) & set("<> \"'\\")


def test_no_path_lies_where_people_or_customers_have_theirs() -> None:
    private = ("/home/", "/srv/", "/opt/", "/root/", "/mnt/", "/media/", "/Users/", "/data/", "/usr/local/")

    assert [path for path in shipped_paths() if path.startswith(private)] == []


def test_what_leads_to_a_path_is_in_the_catalogue_too() -> None:
    paths = frozenset(shipped_paths())

    assert with_parents(paths) == paths
    assert len(paths) == len(shipped_paths()) > 300_000


@given(st.frozensets(st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))))
def test_what_is_packed_is_read_back_and_nothing_else(paths: frozenset[str]) -> None:
    whole = with_parents(map(unnumbered, paths))

    read = Catalogue(lzma.decompress(packed(whole, "# head")).decode())

    assert frozenset(read) == whole
    assert all(path in read for path in whole)
    assert all(f"{path}q" not in read and f"{path}/q" not in read for path in whole)
    assert "" not in read


@pytest.mark.parametrize("damage", [b"x\ty\n", b"1\t/a\tb\nx\t\n", b"\xff"])
def test_damaged_lines_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bytes) -> None:
    _replace(monkeypatch, tmp_path, lzma.compress(damage))
    with pytest.raises(VocabularyError, match="damaged"):
        shipped_paths()


@pytest.mark.parametrize("keep", [0, 10, 5000])
def test_a_cut_file_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keep: int) -> None:
    _replace(monkeypatch, tmp_path, Path(catalogue.PATHS_FILE).read_bytes()[:keep])
    with pytest.raises(VocabularyError, match="damaged"):
        shipped_paths()


def _replace(monkeypatch: pytest.MonkeyPatch, folder: Path, data: bytes) -> None:
    shipped_paths.cache_clear()
    (folder / "paths").write_bytes(data)
    monkeypatch.setattr(catalogue, "PATHS_FILE", str(folder / "paths"))
