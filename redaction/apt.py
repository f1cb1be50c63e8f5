"""apt's lists: which versions of which packages a distribution's archive offers."""

import bz2
import gzip
import lzma
import os
import re
import zlib
from collections.abc import Callable, Collection

from redaction.vocabulary import Notice


LISTS = "var/lib/apt/lists"
ORIGINS = frozenset(
    {"Debian", "Ubuntu", "Kali", "Raspbian", "Raspberry Pi Foundation", "Devuan", "Linux Mint"}
)

_READERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".bz2": bz2.decompress,
}
_RELEASE = re.compile(r"(?P<release>.*_dists_[^_]+(?:_updates|_backports)?)_.*_Packages(?P<packed>\.\w+)?")
_ORIGIN = re.compile(r"^Origin: (.+)$", re.MULTILINE)
_OFFER = re.compile(rb"^Package: (\S+)$(?:\n(?!\n).*)*?\nVersion: (\S+)$", re.MULTILINE)


def listed(wanted: Collection[tuple[str, str]], root: str) -> tuple[set[tuple[str, str]], list[Notice]]:
    """Which of these names and versions a distribution offers, and what could not be asked.

    Args:
        wanted: Names and versions.
        root: Of the file system that is asked.
    """
    folder = os.path.join(root, LISTS)
    notices: list[Notice] = []
    found: set[tuple[str, str]] = set()
    try:
        names = sorted(os.listdir(folder)) if wanted else []
    except OSError:
        return found, [Notice("apt", "has no lists: packages are known by their maintainers alone")]
    unread = 0
    for name in names:
        matched = _RELEASE.fullmatch(name)
        if not matched or not _is_distribution(folder, matched["release"]):
            continue
        unpack = _READERS.get(matched["packed"] or "")
        try:
            found |= _offers(unpack, os.path.join(folder, name)) & set(wanted) if unpack else set()
            unread += unpack is None
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            unread += 1
    if unread:
        notices.append(Notice("apt", f"{unread} lists are packed in a way that is not read here, or damaged"))
    return found, notices


def _is_distribution(folder: str, release: str) -> bool:
    for kind in ("InRelease", "Release"):
        try:
            with open(os.path.join(folder, f"{release}_{kind}"), encoding="utf-8", errors="replace") as file:
                origin = _ORIGIN.search(file.read(10_000))
                return origin is not None and origin[1].strip() in ORIGINS
        except OSError:
            continue
    return False


def _offers(unpack: Callable[[bytes], bytes], path: str) -> set[tuple[str, str]]:
    with open(path, "rb") as file:
        pairs = _OFFER.findall(unpack(file.read()))
    return {(name.decode("ascii", "replace"), version.decode("ascii", "replace")) for name, version in pairs}
