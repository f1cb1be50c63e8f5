"""One file has one path in the vocabulary, whatever a distribution links, counts or translates.

``canonical`` undoes links and translations, ``unnumbered`` versions: ``libssl.so.3`` and ``libssl.so.1.1``
are one name there, so what one release gave holds for the next.
"""

import re
from collections.abc import Iterable


LIBRARIES = "/usr/lib/x86_64-linux-gnu"
"""One architecture stands for all."""

ARCHITECTURES = "aarch64|arm|i386|riscv64|s390x|powerpc64le|x86_64"
_TRIPLET = re.compile(rf"/usr/lib/(?:{ARCHITECTURES})-linux-gnu(?:eabihf)?(?=/|$)")
_PHP = re.compile(r"/usr/lib/php/\d{8}(?=/|$)")
_MERGED = frozenset({"lib", "lib64", "bin", "sbin"})
_LOCALE = (
    r"/(?:[a-z]{2,3}(?:_[A-Z]{2})?|C|POSIX)(?:\.(?i:utf-?8|iso-?8859-?\d{1,2}|euc-?(?:jp|kr|tw|cn)|koi8-?[ru]|gbk?|big5))?"
    r"(?:@(?:latin|cyrillic|euro|valencia|ijekavian|quot|boldquot))?"
)
_TRANSLATED = re.compile(
    rf"/usr/(?:(?P<locale>lib/locale{_LOCALE})|(?P<catalogues>share/locale(?:-langpack)?{_LOCALE})"
    rf"|share/man{_LOCALE}(?=/man\d))(?=/|$)"
)
_VERSION = r"\d{1,2}(?:\.\d{1,3}){0,2}"
_RUBY = re.compile(
    rf"/usr/(?:local/)?(?:lib|share)/(?:[^/]+-linux-gnu/)?"
    rf"(?:ruby/(?:gems/{_VERSION}/(?:gems/[^/]+/lib|extensions/[^/]+/[^/]+/[^/]+(?=/))"
    rf"|(?:vendor_ruby|site_ruby)(?:/{_VERSION})?|{_VERSION})(?:/(?:{ARCHITECTURES})-linux-gnu)?"
    r"|rubygems-integration/[^/]+/(?:gems/[^/]+/lib|extensions/[^/]+/[^/]+/[^/]+(?=/)))(?=/|$)"
)
RUBY = "/usr/lib/ruby/vendor_ruby"
"""Each of Ruby's many directories is searched for each name: one stands for all."""
_NETWORK = re.compile(
    r"(?<!\d)(?<!\d\.)(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}(?!\d)(?!\.\d)"
)
"""A private network by its first three numbers, as zones of name servers are called: ``db.10.1.2``."""
_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){0,2}(?!\d)(?!\.\d)")
"""Up to three groups of up to three digits: a version, and never an address or a date."""


def canonical(path: str) -> str:
    """A path of the vocabulary: /usr merged, one architecture, one translation, /var/run as /run."""
    if path.startswith(("/lib", "/bin", "/sbin")) and path.split("/", 2)[1] in _MERGED:
        path = f"/usr{path}"
    elif path == "/var/run" or path.startswith("/var/run/"):
        path = path[4:]
    if path.startswith("/usr/lib"):
        if path.startswith("/usr/lib64/"):
            return f"{LIBRARIES}{path[10:]}"
        path = _TRIPLET.sub(LIBRARIES, _PHP.sub("/usr/lib/php/0", path, count=1), count=1)
    if "/ruby" in path:
        return _RUBY.sub(RUBY, path, count=1)
    return _TRANSLATED.sub(_untranslated, path, count=1)


def _untranslated(found: re.Match[str]) -> str:
    if found["locale"]:
        return "/usr/lib/locale/C.utf8"
    return "/usr/share/locale/en" if found["catalogues"] else "/usr/share/man"


def has_network(text: str) -> bool:
    """Whether a private network stands in a name, and no version of a library."""
    return text.count(".") > 1 and ".so." not in text and _NETWORK.search(text) is not None


def unnumbered(path: str) -> str:
    """The path with each version in it as ``0``; beside the libraries a private network is no version."""
    if not path.startswith("/usr/") and has_network(path):
        return path
    return _NUMBER.sub("0", path)


def with_parents(paths: Iterable[str]) -> frozenset[str]:
    """The paths and everything that leads to them."""
    found: set[str] = set()
    for path in paths:
        one = path.rstrip("/")
        while one and one not in found:
            found.add(one)
            one = one[: one.rfind("/")]
    return frozenset(found)
