"""Ten thousand lies: a good answer changed at random, and no document with a right that the trace does not show."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.author.client import Prompt, Reply, Usage
from assistant.author.request import prompt_for
from assistant.domain.finding import Severity
from assistant.domain.offer import Offer
from assistant.domain.proposal import CodePath, Necessity
from assistant.domain.rights import NO_FS, FsRight, names
from assistant.domain.ruleset import ModelRecord, Provenance, Reach
from assistant.drafting.offering import offer
from assistant.drafting.offline import Options
from assistant.host import LocalHost
from assistant.pipeline.contributing import contribution
from assistant.pipeline.conversing import converse
from assistant.pipeline.drafting import Prepared, finish, prepare
from assistant.reading.naming import name_traces
from redaction import Redactor, Vault, Vocabulary


LIES = 10_000
PROGRAM = """
import json, ssl, email.mime.text, logging.handlers, os, socket, sqlite3, tempfile, xml.dom.minidom
here = os.path.dirname(os.path.abspath(__file__))
for number in range(8):
    open(f"{here}/conf/{number}.conf").close()
with sqlite3.connect(f"{here}/data/shop.db") as base:
    base.execute("create table if not exists t(x)")
with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    server.listen()
os.listdir("/etc/ssl/certs")
with tempfile.NamedTemporaryFile():
    pass
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A real program's trace, drafted from."""
    place = tmp_path_factory.mktemp("lied to")
    for name in ("conf", "data"):
        (place / name).mkdir()
    for number in range(8):
        (place / "conf" / f"{number}.conf").touch()
    (place / "service.py").write_text(PROGRAM)
    traced = place / "service.trace"
    command = [sys.executable, "-I", str(place / "service.py")]
    subprocess.run(["strace", "-f", "-y", "-o", traced, *command], check=True)
    return prepare(
        name_traces([traced]), LocalHost(), Options("service", 7), Provenance(tool="t"), cwd=str(Path.cwd())
    )


class Liar:
    """Says one thing for ever."""

    model, endpoint = "liar", "nowhere"

    def __init__(self, text: str) -> None:
        self._text = text

    def body(self, prompt: Prompt) -> bytes:
        return str(prompt).encode()

    def ask(self, _: Prompt) -> Reply:
        return Reply(self._text, "liar", usage=Usage(requests=1))


def good(made: Offer) -> dict[str, Any]:
    """A full answer, with something in each of its lists."""
    groups = [
        {
            "purpose": f"purpose {spot.number}",
            "rules": [spot.choices[-1].number],
            "why": "it reads a1",
            "necessity": "required",
            "doubts": ["is it so"],
        }
        for spot in made.spots
    ]
    first = made.spots[0].choices[0]
    return {
        "groups": groups,
        "unneeded": [{"rule": first.number, "rights": names(first.paths[0].rights), "why": "not used"}],
        "objections": [{"access": number, "why": "odd"} for number in sorted(made.observed())[:3]],
        "unexercised": [{"code_path": "reload", "touches": "its configuration", "why": "not seen"}],
        "questions": ["is it public"],
    }


class Lies:
    """Changes of an answer: of its tree, and of its text."""

    def __init__(self, made: Offer, chance: random.Random) -> None:
        self._chance = chance
        self._numbers = [*made.choices(), *made.observed(), 0, -1, 10**9]
        self._words = ["/", "/etc/shadow", "write_file", *Necessity, *CodePath, *names(~FsRight(0))]

    def told(self, answer: dict[str, Any]) -> str:
        """The answer's text after one to four changes."""
        tree = json.loads(json.dumps(answer))
        for _ in range(self._chance.randint(1, 4)):
            self._bend(tree)
        text = json.dumps(tree)
        return self._broken(text) if self._chance.random() < 0.15 else text

    def _bend(self, tree: Any) -> None:
        places = list(_places(tree))
        holder, key = self._chance.choice(places)
        value = holder[key]
        what = self._chance.randrange(6)
        if what == 0:
            holder[key] = self._other(value)
        elif what == 1:
            other, there = self._chance.choice(places)
            holder[key] = json.loads(json.dumps(other[there]))
        elif what == 2 and isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(value)))
        elif what == 3:
            del holder[key]
        elif what == 4 and isinstance(value, list):
            value += self._chance.choices(self._numbers, k=3)
        elif isinstance(value, dict):
            value[self._chance.choice(["path", "rights", "rules", "candidate"])] = self._other([])

    def _other(self, value: Any) -> Any:
        chance = self._chance
        number, word = chance.choice(self._numbers), chance.choice(self._words)
        if isinstance(value, int):
            return chance.choice([number, str(number), float(number), word, None])
        if isinstance(value, str):
            return chance.choice([word, f"{value} {word}", "", number, "\u202e\x1b[31m<b>`|"])
        return chance.choice([[number], chance.choices(self._numbers, k=5), {}, [], word, [word], None])

    def _broken(self, text: str) -> str:
        at, chance = self._chance.randrange(len(text)), self._chance
        return chance.choice(
            [text[:at], text[:at] + text[at + 1 :], text[:at] + chance.choice('{}[]",:0x') + text[at:]]
        )


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree that holds a value: what holds it, and under which key."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield tree, key
            yield from _places(value)


@pytest.mark.strace
def test_none_of_ten_thousand_lies_gets_a_right_that_the_trace_does_not_show(prepared: Prepared) -> None:
    made = offer(prepared.drafter, prepared.draft)
    redactor = Redactor(Vocabulary.shipped(), Vault(b"k" * 32))
    prompt, lies = prompt_for(made, redactor), Lies(made, random.Random(6))  # noqa: S311 - the same lies in every run
    answer, seen, taken = good(made), set[str](), 0
    offered = _reach(grant for spot in made.spots for choice in spot.choices for grant in choice.paths)
    ports = [(grant.port, grant.rights) for grant in prepared.draft.port]
    assert any(len(spot.choices) > 1 for spot in made.spots), "there is something to choose"

    for _ in range(LIES):
        conversation = converse(Liar(lies.told(answer)), prompt, made, repairs=0)
        told = contribution(made, conversation, redactor, ModelRecord(name="liar"))
        taken += conversation.proposal is not None
        final = _reach(told.path)
        assert not [path for path in final if final[path] & ~Reach(offered).rights(path)]
        assert [(grant.port, grant.rights) for grant in told.port] == ports
        key = str(sorted((grant.path, names(grant.rights), grant.evidence) for grant in told.path))
        if key not in seen:
            # What verifying says depends on the grants alone: each set of them is held against the raw trace once.
            seen.add(key)
            report = finish(prepared, told).report
            assert [one for one in report.findings if one.severity is Severity.BLOCKING] == []

    assert taken > LIES / 4, "many lies have the form of an answer"
    assert len(seen) > 5, "and are different ones"


def _reach(grants: Any) -> dict[str, FsRight]:
    rights: dict[str, FsRight] = {}
    for grant in grants:
        rights[grant.path] = rights.get(grant.path, NO_FS) | grant.rights
    return rights
