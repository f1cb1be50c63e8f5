"""Asks redaction's guard about bytes that are about to leave, and says no in words that give nothing away."""

from assistant.errors import NotApprovedError
from redaction.errors import RedactionError
from redaction.guard import Guard, Violation


_SHOWN = 5


def refuse_private(guard: Guard, data: bytes, where: str) -> None:
    """Let bytes pass in which the guard finds nothing.

    Args:
        guard: Knows what is private.
        data: The very bytes.
        where: What they are, for the error: "the request".

    Raises:
        NotApprovedError: something private is in them, or the guard could not finish.
    """
    try:
        found = guard.check(data)
    except RedactionError as error:
        raise NotApprovedError(
            f"{where} could not be checked for private names, so nothing was sent",
            why=": ".join(filter(None, (error.what, error.why))),
            hint=error.hint or "or draft --offline",
        ) from None
    if found:
        raise NotApprovedError(
            f"the guard found something private in {where}, so nothing was sent",
            why=_listed(found),
            hint="this is a fault of redaction, please report it; until then: draft --offline",
        )


def _listed(found: list[Violation]) -> str:
    shown = [f"{one.what} ({one.check}, {one.where}, at {one.offset})" for one in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "; ".join(shown + more)
