"""The API's errors: a table of kinds with their status, and the JSON that carries one."""

from dataclasses import dataclass
from typing import Any


STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Kind of error to the status that it comes with."""


@dataclass(frozen=True)
class Failure(Exception):  # noqa: N818 - the API's own word is error; this is both an answer and an exception
    """One error of the API: raised by the rules, or returned by a scenario."""

    kind: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()
    code: str | None = None
    """``error.details.error_code``: the stable name of a cause, such as a spend limit."""

    @property
    def status(self) -> int:
        """The HTTP status of this kind."""
        return STATUS[self.kind]

    def document(self, request_id: str) -> dict[str, Any]:
        """The error as the API writes it."""
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid(at: str, message: str) -> Failure:
    """A request that breaks a rule at the dotted place ``at``, such as ``messages.0.content``."""
    return Failure("invalid_request_error", f"{at}: {message}")
