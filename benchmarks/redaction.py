"""What redaction catches, what it alters that is public, and how long it takes: ``make bench-redaction``."""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks import inventories
from benchmarks.services import CASES, NoTraceError, touched
from redaction.catalogue import provenance
from redaction.packages import host_paths
from redaction.placeholders import PLACEHOLDER, Kind
from redaction.presidio import PresidioScanner
from redaction.private import PrivateWords
from redaction.redactor import Redactor
from redaction.seeds import Seeds, gather
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from tests.redaction import planted


CORPORA = ("corpus.toml", "corpus_second.toml", "corpus_third.toml")
SAMPLE = 5_000
RECALL, ALTERED = 0.97, 0.01
"""The promises."""
NUMBERS = frozenset({Kind.NUMBER, Kind.DATE, Kind.TOKEN, Kind.UUID})


class Given(NamedTuple):
    """What all parts measure with."""

    shipped: Vocabulary
    whole: Vocabulary
    public: list[str]
    seeds: Seeds
    dice: random.Random


def say(text: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{text}\n")


def recall(given: Given, name: str, *, scanner: bool) -> bool:
    """Print what is caught of a corpus, and every miss with its reason; whether that is what is promised."""
    corpus = planted.read(name)
    net = PresidioScanner(corpus.words) if scanner else None
    redactor = Redactor(given.shipped, Vault(), PrivateWords(corpus.words), net)
    missed = [(case, part) for case in corpus.cases for part in planted.leaks(redactor, case)]
    total = sum(len(case.parts) for case in corpus.cases)
    caught, kinds = total - len(missed), len({case.kind for case in corpus.cases})
    with_it = "with" if scanner else "without"
    say(f"{name} {with_it} presidio: {caught} of {total} parts in {kinds} classes = {caught / total:.1%}")
    for case, part in missed:
        say(f"  missed: {part!a} of {case.text!a}: {corpus.limits.get(part, 'not explained')}")
    return caught / total >= RECALL


def packages(given: Given) -> bool:
    """Print what becomes of paths of installed packages; whether that is what is promised."""
    if not given.public:
        say("altered: no packages of a distribution are installed here")
        return True
    paths = given.dice.sample(given.public, min(SAMPLE, len(given.public)))
    private, scanner = PrivateWords(given.seeds.words), PresidioScanner(given.seeds.words)
    label = "altered, paths of installed packages"
    redactor = _made(given.whole, private, scanner)
    everything = f"{label}, with the host's packages, seeds and presidio"
    share = altered(everything, redactor, paths)
    redactor.learn(given.public)
    altered(f"{everything}, all there are", redactor, given.public)
    altered(f"{label}, with the host's packages alone", _made(given.whole), paths)
    altered(f"{label}, shipped vocabulary alone", _made(given.shipped), paths)
    return share <= ALTERED


def altered(label: str, redactor: Redactor, paths: Sequence[str]) -> float:
    """Print how many public paths do not stay as they are."""
    changed = sum(str(redactor.path(path)) != path for path in paths)
    say(f"{label}: {changed} of {len(paths)} = {changed / len(paths):.2%}")
    return changed / len(paths)


def services(given: Given) -> bool:
    """Print what the shipped vocabulary alone makes of real services' paths; whether that is promised."""
    public: set[str] = set()
    changed: dict[str, str] = {}
    for case, invented in CASES.items():
        try:
            found = touched(case)
        except NoTraceError as reason:
            say(f"not recorded: {case}: {reason}")
            continue
        say(f"recorded: {case}: {found.lines} lines, {len(found.paths)} paths")
        for path, shown in components(_made(given.shipped), found.paths, invented):
            public.add(path)
            if shown:
                changed[path] = shown
    if not public:
        return True
    share = len(changed) / len(public)
    say(
        f"altered, components that {', '.join(CASES)} touch, shipped vocabulary alone: "
        f"{len(changed)} of {len(public)} = {share:.2%}"
    )
    for path, shown in changed.items():
        say(f"  altered: {path!a} to {shown}")
    return share <= ALTERED


def components(redactor: Redactor, paths: Sequence[str], invented: frozenset[str]) -> list[tuple[str, str]]:
    """Each path up to a component that is public, and what that is shown as if it is altered, else ""."""
    found: dict[str, str] = {}
    for path in paths:
        raw, shown = path.split("/"), str(redactor.path(path)).split("/")
        for at, (was, became) in enumerate(zip(raw, shown, strict=True)):
            ours = set(was.replace("-", ".").split(".")) & invented
            number = any(f"<{kind}_" in became for kind in NUMBERS)
            if was and not ours and not number:
                found["/".join(raw[: at + 1])] = became if PLACEHOLDER.search(became) else ""
    return list(found.items())


def speed(given: Given) -> bool:
    """Print how long an inventory takes, against reading its trace; whether that is what is promised."""
    names = inventories.paths(given.public, given.dice)
    kept = True
    for label, scanner in (("without", None), ("with", PresidioScanner(given.seeds.words))):
        for calls in (1, inventories.CALLS):
            redactor = _made(given.whole, PrivateWords(given.seeds.words), scanner)
            took = inventories.against_reading(redactor, names, calls)
            ratio = took.redacting / took.reading
            say(
                f"speed, {label} presidio, {calls} calls a path: {took.paths} read in {took.reading:.1f} s, "
                f"redacted in {took.redacting:.1f} s = {ratio:.2f} of the reading"
            )
            kept = kept and (calls == 1 or ratio < 1)
    return kept


def main() -> int:
    """Exit code 0 when recall, altered shares and speed are what is promised, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redaction", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of the samples")
    dice = random.Random(parser.parse_args().seed)  # noqa: S311 - a repeatable sample
    began = time.process_time()
    host, seeds = host_paths(), gather()
    given = Given(Vocabulary.shipped(), Vocabulary.shipped(host.paths), sorted(host.paths), seeds, dice)
    say(f"vocabulary: {provenance()}; read with this host's in {time.process_time() - began:.1f} CPU s")
    for notice in (*host.notices, *seeds.notices):
        say(f"notice: {notice.source} {notice.what}")
    kept = [recall(given, name, scanner=scanner) for name in CORPORA for scanner in (False, True)]
    kept += [packages(given), services(given), speed(given)]
    return int(not all(kept))


def _made(
    vocabulary: Vocabulary, private: PrivateWords | None = None, scanner: PresidioScanner | None = None
) -> Redactor:
    return Redactor(vocabulary, Vault(), private, scanner)


if __name__ == "__main__":
    sys.exit(main())
