"""Writes redaction/data/paths.txt.xz: whole paths that are public because the distribution ships them.

And redaction/data/packages.txt.gz: digests of name and maintainer of the packages whose maintainer's
address does not tell that they are the distribution's. No address is in it.

Reads what apt keeps of an archive's signed indices, never the file system of this machine, so that no name
of a developer's machine gets in. The same indices give the same bytes: the date is the archive's. In a folder
with a sources.list of Debian's main, "deb [signed-by=KEYRING] http://deb.debian.org/debian bookworm main"::

    mkdir -p lists/partial
    apt-get update -o Dir::State::lists=$PWD/lists -o Dir::Etc::sourcelist=$PWD/sources.list \
        -o Dir::Etc::sourceparts=- -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=true \
        -o 'Acquire::IndexTargets::deb::Contents-deb::MetaKey=$(COMPONENT)/Contents-$(ARCHITECTURE)' \
        -o Acquire::IndexTargets::deb::Contents-deb::ShortDescription=Contents \
        -o Acquire::IndexTargets::deb::Contents-deb::Description=Contents
    .venv/bin/python scripts/generate_vocabulary.py lists

All of Debian is seven million paths; the file holds what services touch: all of /etc, units, programs,
shared libraries and catalogues of messages of every package; all that the packages of well-known services
hold; and of the others, the most needed first, what a program loads, without documentation, headers and
pictures, until the budget is used up.
"""

import argparse
import gzip
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from redaction.catalogue import PATHS_FILE, packed
from redaction.packages import Package, digest, has_distribution_address, showable
from redaction.spelling import canonical, unnumbered, with_parents


BUDGET = 2_350_000
"""Bytes of the packed file: the wheel stays below 3 MB."""
ENOUGH = 300
"""Packages more or less that are not worth another look at the size."""
PACKAGES_FILE = "packages.txt.gz"

EVERYWHERE = re.compile(
    r"^(etc/(?!skel/|openzwave|horde|bootsplash|firejail|Apogee|brltty)|(usr/)?s?bin/[^/]+$|(usr/)?lib/systemd/system/[^/]+$|(usr/)?lib/x86_64-linux-gnu/[^/]+\.so[.\d]*$"
    r"|var/(lib|log|cache|spool|www|mail)/[^/]+(/[^/]+)?$|usr/libexec/[^/]+$|usr/share/locale/[^/]+/LC_MESSAGES/[^/]+\.mo$)"
)
"""Taken from every package."""

NEVER = re.compile(
    r"^(usr/)?lib/modules/|^etc/(openzwave|horde|bootsplash|firejail|Apogee|brltty)/"
    r"|^usr/(include|src|games|share/(doc|man|info|help|icons|pixmaps|games|gtk-doc|ri|lintian|doc-base|bug|themes"
    r"|wallpapers|backgrounds|metainfo|applications|texlive|texmf|gocode|cargo|X11/locale|help-langpack|kde4"
    r"|openclipart|sounds|vim|emacs|xml|sgml|maven-repo|obs|inkscape|gnuradio|i18n|pkgconfig|aclocal|cmake[^/]*"
    r"|javascript/.*/.*)"
    r"|lib/(debug|gcc|gcc-cross|haskell-packages|ocaml|R|ghc|libreoffice|pd|calibre|iraf|pike[^/]*|cmake|pkgconfig"
    r"|rustlib|go-[^/]*|[^/]*-linux-[^/]*/(cmake|pkgconfig)|llvm-[^/]*/(include|lib/cmake)))/"
    r"|/(tests?|testing|test_data|testsuite|examples?|docs?|idle_test|lib2to3)/"
    r"|\.(h|hpp|hxx|c|cpp|a|la|pod|md|rst|d\.ts|map|pyi|cmake|pc|po|gir|typelib|vapi)$"
)
"""Read by people and compilers."""

PRESENTED = re.compile(
    r"\.(html?|png|svg|gif|jpe?g|xpm|gz|pdf|ttf|otf|woff2?|css|less|scss|tex|cmi|cmx|ui|wav|ogg|hbs|coffee|ts"
    r"|qml|glade|ico|desktop|mo)$"
)
"""What programs show: taken of well-known services alone."""

SERVICES = frozenset(
    [
        *("httpd", "database", "net", "mail", "admin", "web", "news", "comm", "vcs", "libs", "utils"),
        *("perl", "python", "php", "ruby", "javascript", "java", "interpreters"),
    ]
)
"""Sections of the archive."""
WANTED = frozenset(Path(__file__).with_name("vocabulary_packages.txt").read_text(encoding="ascii").split())
"""Packages of services and of what every service loads: whole but for what only people read."""
COMPILERS = frozenset(["gcc-12", "cpp-12", "libgcc-12-dev", "libc6-dev", "binutils", "linux-libc-dev"])
"""Some services compile what they run: whole."""
DISTANT = frozenset(["doc", "games", "localization", "debug", "libdevel", "kernel"])
"""Sections that no service needs."""


def unpacked(file: Path) -> Iterator[str]:
    """The lines of an index in whatever way apt packed it."""
    command = ["/usr/lib/apt/apt-helper", "cat-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="surrogateescape") as reader:
        assert reader.stdout is not None  # noqa: S101 - asked for above
        yield from reader.stdout
    if reader.returncode:
        sys.exit(f"{file} cannot be read")


def stanzas(text: Iterable[str]) -> Iterator[dict[str, str]]:
    """The packages of a Packages file, as fields."""
    fields: dict[str, str] = {}
    for line in text:
        if not line.strip():
            yield fields
            fields = {}
        elif line[0] not in " \t":
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def ranks(packages: Iterable[dict[str, str]]) -> dict[str, float]:
    """Package to how much it matters: how many need it, more for services and what is always installed."""
    needed: Counter[str] = Counter()
    weight: dict[str, float] = {}
    for fields in packages:
        name, section = fields.get("Package", ""), fields.get("Section")
        wants = ",".join(fields.get(field, "") for field in ("Depends", "Pre-Depends", "Recommends"))
        needed.update({part.split("(")[0].split(":")[0].strip() for part in re.split(r"[,|]", wants)})
        always = fields.get("Priority") in {"required", "important", "standard"}
        weight[name] = 10_000.0 if always or name in WANTED | COMPILERS else float(section in SERVICES)
        if name not in WANTED | COMPILERS and section in DISTANT:
            weight[name] = -10_000.0
    return {name: bonus + needed[name] for name, bonus in weight.items()}


def strangers(packages: Iterable[dict[str, str]]) -> list[str]:
    """Digests of the packages of the distribution whose maintainer's address is elsewhere."""
    named = [Package(f.get("Package", ""), "", f.get("Maintainer", "")) for f in packages]
    return sorted({digest(one) for one in named if not has_distribution_address(one)})


def read(contents: Iterable[str]) -> dict[str, list[str]]:
    """Package to the paths that are taken of it; "" to those that are taken whosever they are."""
    held: defaultdict[str, list[str]] = defaultdict(list)
    for line in contents:
        path, _, owners = line.rstrip("\n").rpartition(" ")
        path = path.strip()
        if not showable(f"/{path}"):
            continue
        if EVERYWHERE.match(path):
            held[""].append(path)
        unread, presented = NEVER.search(path) is not None, PRESENTED.search(path) is not None
        for owner in owners.split(","):
            name = owner.rpartition("/")[2]
            if name in COMPILERS or (not unread and (not presented or name in WANTED)):
                held[name].append(path)
    return held


def chosen(held: dict[str, list[str]], order: list[str], head: str) -> bytes:
    """As many packages, in their order, as the budget lets in: by bisection over their number."""
    low, high, best = 0, len(order), b""
    while high - low > ENOUGH:
        middle = (low + high + 1) // 2
        # What leads to a path counts before links are undone: they may lead elsewhere.
        whole = with_parents(f"/{path}" for name in ["", *order[:middle]] for path in held.get(name, ()))
        taken = {unnumbered(canonical(path)) for path in whole}
        data = packed(with_parents(taken), head)
        print(f"{middle} packages, {len(data):,} bytes", file=sys.stderr)
        if len(data) <= BUDGET:
            low, best = middle, data
        else:
            high = middle - 1
    return best


def released(lists: Path) -> str:
    """Which archives were read, and the dates that they give themselves."""
    found = []
    for file in sorted(lists.glob("*_dists_*_InRelease")):
        fields = dict(
            re.findall(r"^(Origin|Version|Codename|Date): (.+)$", file.read_text("utf-8"), re.MULTILINE)
        )
        found.append(
            f"{fields['Origin']} {fields['Version']} ({fields['Codename']}) main of {fields['Date']}"
        )
    return "; ".join(found)


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lists", type=Path, help="the folder in which apt keeps the indices")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("redaction/data"), help="where the files go"
    )
    given = parser.parse_args()
    head = f"{released(given.lists)}, amd64; scripts/generate_vocabulary.py"
    packages = [one for file in sorted(given.lists.glob("*_Packages*")) for one in stanzas(unpacked(file))]
    contents = (line for file in sorted(given.lists.glob("*_Contents-*")) for line in unpacked(file))
    rank = ranks(packages)
    order = sorted((name for name, value in rank.items() if value > 0), key=lambda name: (-rank[name], name))
    paths = chosen(read(contents), order, f"# public paths; {head}")
    (given.output / Path(PATHS_FILE).name).write_bytes(paths)
    lines = "\n".join([f"# public packages; {head}", *strangers(packages)])
    (given.output / PACKAGES_FILE).write_bytes(gzip.compress(lines.encode("ascii"), 9, mtime=0))


if __name__ == "__main__":
    main()
