"""A chat as the author: a person carries the prompt there and the answer back. Nothing is sent from here.

The prompt is one text that stands by itself, so that it works in a new chat too.
"""

import json
import re

from assistant.author.client import Prompt, Reply
from assistant.errors import AnswerError, AwaitedError
from redaction.text import Redacted, literal


LONGEST = 4 * 1024 * 1024
"""Characters of an answer that are looked at; no answer that fits a schema of ours comes near."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ROLES = (literal("# Request"), literal("# Your answer"))
_BREAK = literal("\n\n")


class ChatAuthor:
    """An ``Author`` that a person stands in for.

    Args:
        form: What demands the answer's form, in words of ours; the schema follows it.
        answer: The text that the person brought back; None while there is none. It answers one question.
        model: Which model the person says it was.
    """

    def __init__(self, form: Redacted, answer: str | None = None, model: str = "a chat") -> None:
        self._form = form
        self._answer = answer
        self._model = model

    @property
    def model(self) -> str:
        """The model that is asked for, as far as anybody knows."""
        return self._model

    @property
    def endpoint(self) -> str:
        """How the prompt gets there."""
        return "copy and paste"

    def body(self, prompt: Prompt) -> bytes:
        """The text to be pasted."""
        turns = zip(_ROLES * len(prompt.turns), prompt.turns, strict=False)
        parts = [prompt.system, self._form, *(part for turn in turns for part in turn)]
        schema = json.dumps(prompt.schema, indent=1, ensure_ascii=True)
        text = _BREAK.join(parts[:2]).encode() + f"\n\n```json\n{schema}\n```\n\n".encode()
        return text + _BREAK.join(parts[2:]).encode() + b"\n"

    def ask(self, prompt: Prompt) -> Reply:
        """Give the answer that was brought back.

        Raises:
            AwaitedError: there is none yet; it holds the prompt.
            AnswerError: it is too long to be one.
        """
        if self._answer is None:
            raise AwaitedError(self.body(prompt))
        answer, self._answer = self._answer, None
        if len(answer) > LONGEST:
            raise AnswerError(
                "the answer is too long to be one",
                why=f"{len(answer):,} characters",
                hint="bring back only the model's JSON",
            )
        return Reply(unwrapped(answer), self._model)


def unwrapped(answer: str) -> str:
    """The JSON object in what a chat model wrote: without a code fence, and without sentences around it."""
    fenced = _fenced(answer)
    inner = fenced[0] if len(fenced) == 1 else answer
    start, end = inner.find("{"), inner.rfind("}")
    return inner[start : end + 1] if 0 <= start < end else inner.strip()


def _fenced(answer: str) -> list[str]:
    """What stands between code fences; a fence is closed by one as long as itself."""
    found: list[str] = []
    lines: list[str] = []
    fence = ""
    for line in answer.split("\n"):
        mark = _FENCE.match(line)
        if not fence and mark:
            fence, lines = mark[1], []
        elif fence and mark and mark[1].startswith(fence):
            found.append("\n".join(lines))
            fence = ""
        else:
            lines.append(line)
    return found
