"""The author against the strict endpoint: prompts, checks that let them pass, and a clock that does not wait."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from assistant.author.approvals import Approvals
from assistant.author.budget import Budget
from assistant.author.claude import ClaudeAuthor
from assistant.author.client import Prompt
from assistant.author.platforms import Endpoint, anthropic
from assistant.author.terms import Patience, Terms
from assistant.author.transport import Checks, Leaving
from redaction import Redactor
from redaction.guard import Guard
from redaction.private import PrivateWords
from redaction.text import literal
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from tests.endpoint import fixture


MODEL = "claude-opus-5-5"
AGENT = "landscribe/0"
SHIPPED = Vocabulary.shipped()

SCHEMA = {
    "type": "object",
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "ids": {"type": "array", "items": {"type": "integer", "minimum": 1}},
                    "candidate": {"type": "integer"},
                    "necessity": {"enum": ["required", "optional"]},
                    "why": {"type": "string", "maxLength": 80},
                },
                "required": ["ids", "candidate", "necessity", "why"],
            },
        }
    },
    "required": ["groups"],
}

PROMPT = Prompt(
    literal("Group these accesses."), (literal('{"accesses": [1, 2, 3]}'),), SCHEMA, most_output=2000
)


def guard(vault: Vault | None = None) -> Guard:
    """A guard without the scanner, which takes seconds to load."""
    return Guard(vault or Vault(b"k" * 32), PrivateWords(), SHIPPED, None, [PROMPT.system, *PROMPT.turns])


@dataclass
class Notebook:
    """An observer that keeps what it hears."""

    sent: list[Leaving] = field(default_factory=list)
    statuses: list[int | None] = field(default_factory=list)

    def sending(self, leaving: Leaving) -> None:
        self.sent.append(leaving)

    def answered(self, leaving: Leaving, status: int | None) -> None:
        assert leaving is self.sent[-1]
        self.statuses.append(status)


@dataclass
class Watch:
    """Waits without waiting: what is slept only moves the clock."""

    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> float:
        return time.monotonic() + sum(self.slept)


@dataclass
class Desk:
    """All that an author needs, and the author itself."""

    url: str
    key: str = fixture.KEY
    model: str = MODEL
    approvals: Approvals = field(default_factory=Approvals)
    guard: Guard = field(default_factory=guard)
    notebook: Notebook = field(default_factory=Notebook)
    watch: Watch = field(default_factory=Watch)
    budget: Budget = field(default_factory=Budget)
    patience: Patience = field(default_factory=Patience)
    proxy: str = ""
    made: list[ClaudeAuthor] = field(default_factory=list)

    def author(self) -> ClaudeAuthor:
        """The author on this desk, ready to ask."""
        patience = replace(self.patience, sleep=self.watch.sleep, clock=self.watch.clock)
        author = ClaudeAuthor(
            self.model,
            Endpoint(anthropic(self.url), self.key, AGENT, self.proxy),
            Checks(self.approvals, self.guard, self.notebook),
            Terms(self.budget, patience=patience),
        )
        self.made.append(author)
        return author

    def approving(self, *prompts: Prompt) -> ClaudeAuthor:
        """The author, and a person who approved these prompts."""
        author = self.author()
        self.approvals.approve(*(author.body(prompt) for prompt in prompts or (PROMPT,)))
        return author


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(SHIPPED, Vault(b"one key of thirty-two bytes, ok?"))


@pytest.fixture
def desk(endpoint: fixture.Endpoint) -> Iterator[Desk]:
    """A desk beside the strict endpoint."""
    made = Desk(endpoint.url)
    yield made
    for author in made.made:
        author.close()
