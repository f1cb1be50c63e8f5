"""What redaction catches, what it alters that is public, and how long it takes: ``make bench-redaction``."""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from redaction.catalogue import provenance
from redaction.packages import host_paths
from redaction.presidio import PresidioScanner
from redaction.private import PrivateWords
from redaction.redactor import Redactor
from redaction.seeds import gather
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from tests.redaction import planted


CORPORA = ("corpus.toml", "corpus_second.toml")
SAMPLE = 5_000
INVENTORY = 100_000
DOCUMENTATION = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/icons", "/usr/include")


def say(text: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{text}\n")


def recall(vocabulary: Vocabulary, name: str, *, scanner: bool) -> bool:
    """Print what is caught of a corpus, and every miss; whether it is 97 % or more."""
    corpus = planted.read(name)
    found: Counter[str] = Counter()
    missed: list[str] = []
    redactor = Redactor(
        vocabulary, Vault(), PrivateWords(corpus.words), PresidioScanner(corpus.words) if scanner else None
    )
    for case in corpus.cases:
        leaks = list(planted.leaks(redactor, case))
        found[case.kind] += len(case.parts)
        found["missed"] += len(leaks)
        missed += [f"  missed in {case.kind}: {part!a} of {case.text!a}" for part in leaks]
    total = found.total() - found["missed"]
    caught = total - found["missed"]
    with_it = "with" if scanner else "without"
    kinds = len(found) - 1
    say(f"{name} {with_it} presidio: {caught} of {total} parts in {kinds} classes = {caught / total:.1%}")
    sys.stdout.writelines(f"{line}\n" for line in missed)
    return caught / total >= 0.97  # noqa: PLR2004 - the promise


def altered(label: str, redactor: Redactor, paths: Sequence[str]) -> float:
    """Print how many public paths do not stay as they are."""
    changed = [path for path in paths if str(redactor.path(path)) != path]
    say(f"altered, {label}: {len(changed)} of {len(paths)} = {len(changed) / len(paths):.2%}")
    return len(changed) / len(paths)


def inventory(public: Sequence[str], dice: random.Random) -> list[str]:
    """Paths as a large trace has them: half public, half a service's own data."""
    folders = ("data", "log", "spool", "cache")
    own = [
        f"/srv/customer{dice.randrange(5000)}/{dice.choice(folders)}/{dice.randrange(500):04d}/rec-{number}.json"
        for number in range(INVENTORY // 2)
    ]
    return [*dice.choices(public, k=INVENTORY - len(own)), *own]


def timed(label: str, redactor: Redactor, paths: Sequence[str]) -> None:
    """Print how long an inventory takes, in CPU seconds."""
    components = len({part for path in paths for part in path.split("/")})
    began = time.process_time()
    redactor.learn(paths)
    for path in paths:
        redactor.path(path)
    took = time.process_time() - began
    say(
        f"speed, {label}: {len(paths)} paths in {took:.1f} s, {components} distinct components, "
        f"{components / took:,.0f} a second"
    )


def main() -> int:
    """Exit code 0 when recall and altered share are what is promised, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redaction", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of the samples")
    dice = random.Random(parser.parse_args().seed)  # noqa: S311 - a repeatable sample
    began = time.process_time()
    host, seeds = host_paths(), gather()
    shipped, whole = Vocabulary.shipped(), Vocabulary.shipped(host.paths)
    say(f"vocabulary: {provenance()}; read with this host's in {time.process_time() - began:.1f} CPU s")
    for notice in (*host.notices, *seeds.notices):
        say(f"notice: {notice.source} {notice.what}")
    here = Path(planted.__file__).parent
    promises = [
        recall(shipped, name, scanner=scanner)
        for name in CORPORA
        if (here / name).exists()
        for scanner in (False, True)
    ]
    public = sorted(host.paths)
    if public:
        sample = dice.sample(public, min(SAMPLE, len(public)))
        private, scanner = PrivateWords(seeds.words), PresidioScanner(seeds.words)
        share = altered(
            "with the host's packages, seeds and presidio", _made(whole, private, scanner), sample
        )
        promises.append(share <= 0.01)  # noqa: PLR2004 - the promise
        altered("with the host's packages alone", _made(whole), sample)
        altered("shipped vocabulary alone", _made(shipped), sample)
        used = [path for path in sample if not path.startswith(DOCUMENTATION)]
        altered("shipped alone, without documentation, translations and headers", _made(shipped), used)
    paths = inventory(public or ["/etc/passwd"], dice)
    timed("without presidio", _made(whole, PrivateWords(seeds.words)), paths)
    timed("with presidio", _made(whole, PrivateWords(seeds.words), PresidioScanner(seeds.words)), paths)
    return int(not all(promises))


def _made(
    vocabulary: Vocabulary, private: PrivateWords | None = None, scanner: PresidioScanner | None = None
) -> Redactor:
    return Redactor(vocabulary, Vault(), private, scanner)


if __name__ == "__main__":
    sys.exit(main())
