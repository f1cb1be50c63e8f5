"""Where else a public name stands: what a program makes, links, compiles or looks for under a shipped name.

A package ships ``/usr/lib/python3.11/json/decoder.py``; a trace shows ``__pycache__/decoder.cpython-311.pyc``
beside it, ``/usr/local/sbin/sed`` on a search path, ``/etc/apache2/mods-enabled/mime.load`` as a link. Each
rule maps such a path to shipped ones: it is public when one of them is known.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from redaction.shapes import has_address
from redaction.spelling import ARCHITECTURES, LIBRARIES, RUBY, has_network
from redaction.words import split


class Rule(NamedTuple):
    """A pattern of a canonical path, and what it stands for; a part that took no part is "" there."""

    pattern: re.Pattern[str]
    templates: tuple[str, ...]


def _rule(pattern: str, *templates: str) -> Rule:
    return Rule(re.compile(pattern), templates)


_LIB = re.escape(LIBRARIES)
_VERSION = r"\d{1,2}(?:\.\d{1,3}){0,2}"
_PERL = (
    rf"(?:/etc/perl|/usr/(?:local/)?share/perl5?|/usr/(?:local/)?lib/(?:[^/]+-linux-gnu/)?(?:site_)?perl5?"
    rf"|{_LIB}/perl-base)(?:/{_VERSION})?(?:/(?:{ARCHITECTURES})-linux-gnu-thread-multi)?"
)
_COPY = (
    r"(?:~|-|\.(?:bak|old|new|orig|tmp|swp|gz|xz|bz2|lock|jnl|jbk|lck|\d{1,2}"
    r"|dpkg-(?:old|new|dist|tmp|bak|inst|remove)|ucf-(?:old|new|dist)|rpm(?:save|new|orig)))+"
)
_UNIT = r"service|socket|timer|mount|path|target|slice|scope"

_MADE = (
    # Of a directory whose names are known: what is compiled from a name, tried for it, or kept of it.
    _rule(r"(.*)(?:/__pycache__)?/([^/.]+)\.cpython-\d{2,3}(?:\.opt-[12])?\.pyc", r"\1/\2.py"),
    _rule(
        rf"(.*/[^/.]+)\.(?:(?:abi3|cpython-\d{{2,3}}(?:-(?:{ARCHITECTURES})-linux-(?:gnu|musl))?)\.so|so|pyc|pyd|pth)",
        *(r"\1.py", r"\1", r"\1.so"),
    ),
    _rule(r"(.*/[^/.]+)\.(?:js|json|node|mjs|cjs)", r"\1", r"\1.js"),
    _rule(r"(.*/[^/.]+)\.(?:rb|so|la)", r"\1", r"\1.rb", r"\1.so"),
    _rule(rf"(.*/[^/]+?)-{_VERSION}(?:-py{_VERSION})?\.(?:dist-info|egg-info)", r"\1"),
    _rule(r"(.*/[^/.]+)\.(?:local|\d{1,3})\.conf", r"\1.conf"),
    _rule(r"(.*/[^/.]+)\.(?:MAD|MAI|MYD|MYI|TRG|CSM|CSV|frm|ibd|isl|cfg)", r"\1"),
    _rule(r"(.*\.pm)c", r"\1"),
    _rule(rf"(.*?){_COPY}", r"\1"),
    _rule(r"(.*/)\d\d-([^/]+)", r"\1\2"),
    _rule(rf"(.*\.(?:{_UNIT}))\.(?:d|wants|requires)", r"\1"),
)
_PROGRAM = re.compile(
    r"(?:/etc|/usr/(?:share|lib|libexec|local/etc)|/var/(?:lib|cache|log)|/run)/([^/]+)(/.+)"
)
"""What stands in one directory of a program it also looks for in its others."""
_LIBRARY = re.compile(r"(?:lib|ld-)[^/]+\.so(?:\.[\d.]+)?")
_STANDS_FOR: dict[str, tuple[Rule, ...]] = {
    "usr": (
        _rule(r"/usr/(?:local/)?s?bin/([^/]+)", r"/usr/bin/\1", r"/usr/sbin/\1"),
        _rule(
            rf"{_PERL}(/.*)?",
            *(r"/usr/share/perl5\1", r"/usr/share/perl/0\1", rf"{LIBRARIES}/perl/0\1"),
            *(rf"{LIBRARIES}/perl5/0\1", rf"{LIBRARIES}/perl-base\1"),
        ),
        _rule(r"/usr/lib/gcc/(?:.*/)?([^/]+)", r"/usr/bin/\1", rf"{LIBRARIES}/\1", r"/usr/include/\1"),
        _rule(
            r"/usr/(?:.*/)?include/(?:[^/]+-linux-gnu/)?(.+)",
            r"/usr/include/\1",
            r"/usr/include/x86_64-linux-gnu/\1",
        ),
        _rule(rf"({RUBY}/.*)", r"\1.rb", r"\1.so"),
        _rule(
            rf"/usr/lib/ruby/gems/{_VERSION}/extensions/[^/]+/{_VERSION}/([^/]+)",
            r"/usr/lib/ruby/gems/0/gems/\1",
        ),
        _rule(r"/usr/local/lib/python3(?:\.\d{1,2})?(/.*)?", r"/usr/lib/python3\1"),
        _rule(r"/usr/lib/ssl/((?:certs|private|openssl\.cnf)(?:/.*)?)", r"/etc/ssl/\1"),
        _rule(r"/usr/lib/ssl/certs/([^/]+)\.(?:pem|crt)", r"/usr/share/ca-certificates/mozilla/\1.crt"),
        _rule(r"/usr/share/nginx/modules(/.*)?", r"/usr/lib/nginx/modules\1"),
        _rule(r"/usr/share/squid/errors(/.*)?", r"/usr/share/squid-langpack\1"),
        _rule(r"/usr/(?:local/)?lib/systemd/(system|user)(/.*)?", r"/usr/lib/systemd/\1\2"),
    ),
    "etc": (
        _rule(rf"{_PERL}(/.*)?", r"/usr/share/perl5\1", r"/usr/share/perl/0\1", rf"{LIBRARIES}/perl-base\1"),
        _rule(r"/etc/ssl/certs/([^/]+)\.(?:pem|crt)", r"/usr/share/ca-certificates/mozilla/\1.crt"),
        _rule(r"(/etc/.*)-enabled(/.*)?", r"\1-available\2"),
        _rule(r"/etc/nginx/modules-(?:enabled|available)(/.*)?", r"/usr/share/nginx/modules-available\1"),
        _rule(
            r"/etc/php/[\d.]+/(?:[a-z0-9]+/conf\.d/(?:\d\d-)?|mods-available/)(\w+)\.ini",
            r"/usr/lib/php/0/\1.so",
        ),
        _rule(
            r"/etc/systemd/(system|user)(?:/[^/]+\.(?:wants|requires|upholds)(?=/))?(/.*)?",
            r"/usr/lib/systemd/\1\2",
        ),
        _rule(
            r"/etc/((?:sysctl|tmpfiles|sysusers|modprobe|modules-load|binfmt|udev/rules)\.d/[^/]+)",
            r"/usr/lib/\1",
        ),
    ),
    "run": (
        _rule(
            r"/run/systemd/(?:(?:system|transient|generator(?:\.early|\.late)?)(?:/[^/]+\.(?:wants|requires))?)/([^/]+)",
            r"/usr/lib/systemd/system/\1",
        ),
    ),
}
"""By the first component, so that most paths meet no rule."""

_OF_SERVICES = re.compile(
    r"(?:/run(?:/lock)?|/var/(?:log|lib|cache|spool|lock)"
    r"|/etc(?:/(?:default|sysconfig|logrotate\.d|cron\.(?:d|hourly|daily|weekly|monthly)|pam\.d|init\.d|sysctl\.d"
    r"|tmpfiles\.d|rsyslog\.d|conf\.d))?)/[^/]+"
)


def counterparts(path: str, *, folder_known: bool) -> Iterator[str]:
    """Shipped paths that would make a path public.

    Args:
        path: Canonical.
        folder_known: Whether its directory is one of the vocabulary's.
    """
    folder, _, component = path.rpartition("/")
    if has_address(component) or (not path.startswith("/usr/") and has_network(component)):
        return  # its numbers are no versions
    made = list(_expanded(_MADE, path)) if folder_known else []
    yield from made
    for one in (path, *made):
        yield from _expanded(_STANDS_FOR.get(one[1:].partition("/")[0], ()), one)
    program = _PROGRAM.fullmatch(path)
    if program:
        tops = ("/etc", "/usr/share", "/usr/lib", LIBRARIES, "/var/lib")
        yield from (f"{top}/{program[1]}{program[2]}" for top in tops)
    name = split(component).stem
    if folder_known and name == folder.rpartition("/")[2]:
        yield folder  # nginx.conf in a directory nginx
    if name and _OF_SERVICES.fullmatch(path):
        yield from (f"/usr/lib/systemd/system/{name}.service", f"/usr/lib/systemd/system/{name}.socket")
        yield from (f"/etc/init.d/{name}", f"/usr/sbin/{name}", f"/etc/{name}", f"/var/lib/{name}")


def library(name: str) -> Iterator[str]:
    """Where a shared library is shipped, wherever it is looked for or copied to."""
    if _LIBRARY.fullmatch(name):
        yield f"{LIBRARIES}/{name}"


def _expanded(rules: tuple[Rule, ...], path: str) -> Iterator[str]:
    for rule in rules:
        found = rule.pattern.fullmatch(path)
        if found:
            yield from (found.expand(template) for template in rule.templates)
