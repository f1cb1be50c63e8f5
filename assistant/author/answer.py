"""A model's text as a proposal: JSON of the schema, and nothing else is made of it."""

from pydantic import ValidationError

from assistant.domain.proposal import Proposal
from assistant.errors import AnswerError


LONGEST = 1_000_000
"""Characters; an answer for hundreds of places has a tenth of it."""


def parse(text: str) -> Proposal:
    """Read an answer.

    Raises:
        AnswerError: it is no JSON, or not of the schema, or too long to be one.
    """
    if len(text) > LONGEST:
        raise AnswerError("the model's answer is too long to be one", why=f"{len(text)} characters")
    try:
        return Proposal.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][:4] if str(part).isalnum())
        raise AnswerError(
            "the model's answer is not of the form that was asked for",
            why=f"{where or 'the whole'}: {first['type'].replace('_', ' ')}",
            hint="draft again, with another model, or with --offline",
        ) from None
