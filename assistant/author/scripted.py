"""The twin of an author: says what it is told to say, to the tests of whoever asks."""

import json
from collections.abc import Callable, Iterable

from assistant.author.client import Prompt, Reply, Usage
from assistant.errors import LandscribeError, UnreachableError


Saying = str | Reply | LandscribeError
"""A text, a whole reply, or the error that asking ends in."""


class ScriptedAuthor:
    """An ``Author`` that sends nothing.

    Attributes:
        prompts: All prompts that it was asked, in order.

    Args:
        script: What it says: in turn, or as a function of the prompt.
        model: What it is called.
    """

    def __init__(
        self, script: Iterable[Saying] | Callable[[Prompt], Saying], model: str = "scripted"
    ) -> None:
        self.prompts: list[Prompt] = []
        self._model = model
        if callable(script):
            self._say = script
        else:
            sayings = iter(script)
            self._say = lambda _: next(sayings, UnreachableError("the script has come to its end"))

    @property
    def model(self) -> str:
        """The model that is asked for."""
        return self._model

    @property
    def endpoint(self) -> str:
        """Nowhere."""
        return "a script"

    def body(self, prompt: Prompt) -> bytes:
        """A prompt as bytes; the same for the same prompt."""
        return json.dumps(
            {
                "model": self._model,
                "system": str(prompt.system),
                "turns": [str(turn) for turn in prompt.turns],
                "schema": prompt.schema,
                "most_output": prompt.most_output,
            }
        ).encode()

    def ask(self, prompt: Prompt) -> Reply:
        """Say what the script says.

        Raises:
            LandscribeError: the script says so.
        """
        self.prompts.append(prompt)
        saying = self._say(prompt)
        if isinstance(saying, LandscribeError):
            raise saying
        return Reply(saying, self._model, usage=Usage(requests=1)) if isinstance(saying, str) else saying
