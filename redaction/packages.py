"""The paths that this host's packages own, of packages that come from the distribution.

A package made in-house must not make its names public, so a package counts only where its origin can be
told. What cannot be told is not public, and is said.
"""

import gzip
import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from redaction import apt, rpm
from redaction.errors import VocabularyError
from redaction.spelling import canonical, with_parents
from redaction.vocabulary import Notice
from redaction.words import DATA


DPKG_STATUS = "var/lib/dpkg/status"
DPKG_INFO = "var/lib/dpkg/info"
APK_INSTALLED = "lib/apk/db/installed"

_DISTRIBUTIONS = re.compile(
    r"@(?:[\w-]+\.)*(?:debian\.org|alioth-lists\.debian\.net|alioth\.debian\.org|ubuntu\.com|launchpad\.net"
    r"|alpinelinux\.org|raspberrypi\.(?:org|com)|kali\.org)>?\s*$"
)
_REBUILT = re.compile(
    r"(?:deb|debian|ubuntu|dfsg|ds|git|svn|bzr|hg|cvs|really|build|nmu|bpo|esm|exp|rc|pre|alpha|beta|b|u|r|p|a|v|c|g|repack"
    r"|stable|release|rel|snapshot|post|dev|fork|rpi|rpt|kali|[0-9a-f]{7,40})?"
)


class Package(NamedTuple):
    """What a package database says of a package."""

    name: str
    version: str
    maintainer: str
    architecture: str = ""


class Known(NamedTuple):
    """What the host's packages add to the vocabulary, and what they could not."""

    paths: frozenset[str]
    notices: tuple[Notice, ...]


def host_paths(root: str = "/", maintainers: Collection[str] = ()) -> Known:
    """Ask every package database that is there.

    Args:
        root: Of the file system that is asked.
        maintainers: Domains of maintainers, or vendors of rpm, whose packages the operator declares public.
    """
    paths: set[str] = set()
    notices: list[Notice] = []
    databases = 0
    for ask in (_dpkg, _apk, _rpm):
        found = ask(root, frozenset(maintainers))
        if found is not None:
            databases += 1
            paths |= found.paths
            notices += found.notices
    if not databases:
        notices.append(
            Notice("packages", "no package database was found: only the shipped vocabulary is public")
        )
    return Known(frozenset(paths), tuple(notices))


def of_distribution(package: Package, maintainers: Collection[str] = ()) -> bool:
    """Whether its maintainer is one of the distribution's, and its version not one of a rebuild elsewhere."""
    if package.maintainer.rpartition("@")[2].rstrip("> ") in maintainers:
        return True
    if not has_distribution_address(package) and digest(package) not in _shipped_packages():
        return False
    local = re.findall(r"[A-Za-z]{2,}", " ".join(re.split(r"[+~]", package.version)[1:]))
    return all(_REBUILT.fullmatch(word.lower()) for word in local)


def has_distribution_address(package: Package) -> bool:
    """Whether the maintainer's address alone tells that a package is the distribution's."""
    return _DISTRIBUTIONS.search(package.maintainer) is not None


def digest(package: Package) -> str:
    """Ten hexadecimal digits of a package's name and maintainer."""
    return hashlib.blake2b(
        f"{package.name}\n{package.maintainer}".encode(errors="replace"), digest_size=5
    ).hexdigest()


@cache
def _shipped_packages() -> frozenset[str]:
    try:
        with gzip.open(os.path.join(DATA, "packages.txt.gz"), "rt", encoding="ascii") as file:
            return frozenset(file.read().split("\n")[1:])
    except FileNotFoundError:
        return frozenset()  # while the generator makes it for the first time
    except (OSError, EOFError, ValueError) as error:
        raise VocabularyError(
            "the shipped vocabulary is damaged", why=str(error), hint="install again"
        ) from None


def _dpkg(root: str, declared: frozenset[str]) -> Known | None:
    status = os.path.join(root, DPKG_STATUS)
    if not os.path.exists(status):
        return None
    try:
        trusted, unknown, notices = _trusted(root, declared)
    except OSError as error:
        return Known(frozenset(), (Notice("dpkg", f"cannot be read: {error.strerror}"),))
    if unknown:
        notices.append(Notice("dpkg", f"{unknown} packages of unknown origin: their names are not public"))
    paths, unread = _dpkg_lists(os.path.join(root, DPKG_INFO), trusted)
    if unread:
        notices.append(Notice("dpkg", f"{unread} lists of files cannot be read"))
    return Known(paths, tuple(notices))


def _trusted(root: str, declared: frozenset[str]) -> tuple[list[Package], int, list[Notice]]:
    """The installed packages of the distribution, how many others there are, and what could not be asked.

    Raises:
        OSError: dpkg's status cannot be read.
    """
    with open(os.path.join(root, DPKG_STATUS), encoding="utf-8", errors="surrogateescape") as file:
        installed = [package for package in parse_status(file) if package.name]
    trusted = [package for package in installed if of_distribution(package, declared)]
    rest = set(installed) - set(trusted)
    listed, notices = apt.listed({(one.name, one.version) for one in rest}, root)
    trusted += [package for package in rest if (package.name, package.version) in listed]
    return trusted, len(installed) - len(trusted), notices


def made_by_packages(names: Collection[str], root: str = "/") -> frozenset[str]:
    """Which accounts packages of the distribution make: their scripts or files for sysusers name them.

    Args:
        names: Of accounts.
        root: Of the file system that is asked.
    """
    if not names:
        return frozenset()
    try:
        trusted, _, _ = _trusted(root, frozenset())
    except OSError:
        return frozenset()  # then nobody can tell, and the names stay private
    wanted = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
    found: set[str] = set()
    for package in trusted:
        for text in _making_accounts(root, package):
            found.update(wanted.findall(text))
    return frozenset(found)


def _making_accounts(root: str, package: Package) -> Iterator[str]:
    """What of a package could make an account."""
    folder = os.path.join(root, DPKG_INFO)
    for name in (package.name, f"{package.name}:{package.architecture}"):
        for script in ("preinst", "postinst"):
            yield _text(os.path.join(folder, f"{name}.{script}"))
        for path in _text(os.path.join(folder, f"{name}.list")).split("\n"):
            if path.startswith("/usr/lib/sysusers.d/"):
                yield _text(os.path.join(root, path[1:]))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def parse_status(lines: Iterable[str]) -> Iterator[Package]:
    """The installed packages of dpkg's status file."""
    fields: dict[str, str] = {}
    for line in (*lines, "\n"):
        if line == "\n":
            if " installed" in fields.get("Status", ""):
                named = (
                    fields.get(name, "") for name in ("Package", "Version", "Maintainer", "Architecture")
                )
                yield Package(*named)
            fields = {}
        elif not line[0].isspace():
            name, _, value = line.partition(":")
            fields[name] = value.strip()


def _dpkg_lists(folder: str, packages: Iterable[Package]) -> tuple[frozenset[str], int]:
    found: set[str] = set()
    unread = 0
    for package in packages:
        for name in (package.name, f"{package.name}:{package.architecture}"):
            try:
                with open(
                    os.path.join(folder, f"{name}.list"), encoding="utf-8", errors="surrogateescape"
                ) as file:
                    found.update(canonical(path) for path in file.read().split("\n") if showable(path))
                break
            except FileNotFoundError:
                continue
            except OSError:
                break
        else:
            unread += 1
    return with_parents(found), unread


def showable(path: str) -> bool:
    """Whether a path can stand in a text: ASCII without blanks, controls, quotes and placeholders' marks."""
    return (
        path.startswith("/")
        and path != "/."
        and path.isascii()
        and path.isprintable()
        and not _UNFIT.search(path)
    )


_UNFIT = re.compile(r"[ <>\"'\\`$]")


def _apk(root: str, declared: frozenset[str]) -> Known | None:
    try:
        with open(os.path.join(root, APK_INSTALLED), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Known(frozenset(), (Notice("apk", f"cannot be read: {error.strerror}"),))
    paths: set[str] = set()
    unknown = 0
    for stanza in text.split("\n\n"):
        package, held = parse_apk(stanza)
        if of_distribution(package, declared):
            paths.update(canonical(path) for path in held if showable(path))
        elif package.name:
            unknown += 1
    notices = (
        [Notice("apk", f"{unknown} packages of unknown origin: their names are not public")]
        if unknown
        else []
    )
    return Known(with_parents(paths), tuple(notices))


def parse_apk(stanza: str) -> tuple[Package, list[str]]:
    """One package of apk's database, and its paths."""
    fields: dict[str, str] = {}
    paths: list[str] = []
    folder = ""
    for line in stanza.split("\n"):
        letter, _, value = line.partition(":")
        if letter == "F":
            folder = value
            paths.append(f"/{folder}")
        elif letter == "R":
            paths.append(f"/{folder}/{value}" if folder else f"/{value}")
        else:
            fields[letter] = value
    return Package(fields.get("P", ""), fields.get("V", ""), fields.get("m", "")), paths


def _rpm(root: str, declared: frozenset[str]) -> Known | None:
    found = rpm.installed(root)
    if found is None:
        return None
    paths: set[str] = set()
    public = rpm.DISTRIBUTIONS | declared
    for package in found.packages:
        if package.vendor in public:
            paths.update(canonical(path) for path in package.paths if showable(path))
    unknown = sum(package.vendor not in public for package in found.packages)
    notices = [Notice("rpm", text) for text in found.unread]
    if unknown:
        notices.append(Notice("rpm", f"{unknown} packages of unknown origin: their names are not public"))
    return Known(with_parents(paths), tuple(notices))
