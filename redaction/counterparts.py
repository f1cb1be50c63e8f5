"""Where else a public name stands: what a program makes, links, compiles or looks for under a shipped name.

A package ships ``/usr/lib/python3.11/json/decoder.py``; a trace shows ``__pycache__/decoder.cpython-311.pyc``
beside it, ``/usr/local/sbin/sed`` on a search path, ``/etc/apache2/mods-enabled/mime.load`` as a link. Each
rule maps such a path to shipped ones: it is public when one of them is known.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from redaction.spelling import LIBRARIES


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
    rf"|{_LIB}/perl-base)(?:/{_VERSION})?(?:/[^/]+-linux-gnu-thread-multi)?"
)
_COPY = (
    r"(?:~|-|\.(?:bak|old|new|orig|tmp|swp|gz|xz|bz2|lock|\d{1,2}"
    r"|(?:dpkg|ucf)-[a-z]{3,4}|rpm(?:save|new|orig)))+"
)
_UNIT = r"service|socket|timer|mount|path|target|slice|scope"

_MADE = (
    # Of a directory whose names are known: what is compiled from a name, tried for it, or kept of it.
    _rule(r"(.*)(?:/__pycache__)?/([^/.]+)\.cpython-\d{2,3}(?:\.opt-[12])?\.pyc(?:\.\d{1,16})?", r"\1/\2.py"),
    _rule(
        r"(.*/[^/.]+)\.(?:(?:abi3|cpython-\d{2,3}(?:-[\w-]+)?)\.so|so|pyc|pyd|pth)", r"\1.py", r"\1", r"\1.so"
    ),
    _rule(r"(.*/[^/.]+)\.(?:js|json|node|mjs|cjs)", r"\1", r"\1.js"),
    _rule(r"(.*/[^/.]+)\.(?:MAD|MAI|MYD|MYI|TRG|CSM|CSV|frm|ibd|isl|cfg)", r"\1"),
    _rule(r"(.*\.pm)c", r"\1"),
    _rule(rf"(.*?){_COPY}", r"\1"),
    _rule(r"(.*/)\d\d-([^/]+)", r"\1\2"),
    _rule(rf"(.*\.(?:{_UNIT}))\.(?:d|wants|requires)", r"\1"),
)
_LIBRARY = re.compile(r"(?:lib|ld-)[^/]+\.so(?:\.[\d.]+)?")
_STANDS_FOR: dict[str, tuple[Rule, ...]] = {
    "usr": (
        _rule(r"/usr/(?:local/)?s?bin/([^/]+)", r"/usr/bin/\1", r"/usr/sbin/\1"),
        _rule(
            rf"{_PERL}(/.*)?",
            *(r"/usr/share/perl5\1", r"/usr/share/perl/0\1", rf"{LIBRARIES}/perl/0\1"),
            *(rf"{LIBRARIES}/perl5/0\1", rf"{LIBRARIES}/perl-base\1"),
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
            r"/etc/systemd/(system|user)(?:/[^/]+\.(?:wants|requires|upholds))?(/.*)?",
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
    r"|tmpfiles\.d|rsyslog\.d|conf\.d))?)/([^/.]+)(?:\.[a-z]{2,7})?"
)


def counterparts(path: str, *, folder_known: bool) -> Iterator[str]:
    """Shipped paths that would make a path public.

    Args:
        path: Canonical.
        folder_known: Whether its directory is one of the vocabulary's.
    """
    made = list(_expanded(_MADE, path)) if folder_known else []
    yield from made
    for one in (path, *made):
        yield from _expanded(_STANDS_FOR.get(one[1:].partition("/")[0], ()), one)
    service = _OF_SERVICES.fullmatch(path)
    if service:
        name = service[1]
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
