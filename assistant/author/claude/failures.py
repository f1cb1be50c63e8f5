"""What went wrong, in our words: each error of the SDK, of HTTP and of the network, and whether to try again.

What an endpoint says is a stranger's text: it is shown escaped and cut.
"""

import math
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import anthropic
import httpx2

from assistant.errors import (
    BudgetError,
    CredentialsError,
    LandscribeError,
    OverloadedError,
    RejectedError,
    UnknownModelError,
    UnreachableError,
)


MANY = 6
FEW = 3
"""Tries: for what costs nothing, and for what may be paid for each time or cannot even be reached."""

_LONGEST = 300
_STREAM = HTTPStatus.OK
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
# Errors inside an open stream have no status: Anthropic's kinds, and Bedrock's.
_PASSING_KINDS = frozenset(
    {
        *("overloaded_error", "api_error", "rate_limit_error", "timeout_error"),
        *("throttlingException", "internalServerException", "serviceUnavailableException"),
        *("modelTimeoutException", "modelStreamErrorException"),
    }
)
_OWN_MONEY = "look at the account's limits with the endpoint, or draft --offline"
_OFFLINE = "try again later, or draft --offline"


@dataclass(frozen=True, slots=True)
class Failure:
    """One request that brought no answer.

    Attributes:
        error: What a person is told.
        tries: How many there may be in all; 1 when another could not help.
        wait: Seconds that the endpoint asks to wait.
        billed: Whether it may have been paid for.
    """

    error: LandscribeError
    tries: int = 1
    wait: float | None = None
    billed: bool = True


def understood(error: Exception, *, reading: bool) -> Failure:
    """The failure that an exception stands for.

    Args:
        error: The exception.
        reading: An answer had begun, so that whatever is not known here comes of what was read.

    Raises:
        Exception: the error itself, when neither network nor endpoint made it.
    """
    if isinstance(error, anthropic.APIStatusError):
        return _of_status(error)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, httpx2.TransportError):
        return _of_network(cause)
    if isinstance(cause, LandscribeError):
        return Failure(cause)
    if reading:
        # Half an event, bytes that are no text, frames that do not add up.
        return Failure(
            UnreachableError(
                "what answers there does not speak the Messages API",
                why=f"its answer cannot be read: {type(error).__name__}",
                hint="look at the address of the endpoint, and at what stands between",
            )
        )
    if type(error).__module__.startswith("botocore."):
        unsigned = CredentialsError(
            "the request to Bedrock cannot be signed",
            why=f"{str(error)[:_LONGEST]!a}",
            hint="AWS_PROFILE and the files of the AWS command line are read while signing",
        )
        return Failure(unsigned, billed=False)
    # Our own side failed, such as the log of what was sent.
    raise cause or error


def _of_status(error: anthropic.APIStatusError) -> Failure:
    status, code = error.status_code, error.error_code or ""
    said = _said(error)
    when = "in the middle of an answer" if status == _STREAM else str(status)
    where = f"{when}: {said}" if said else f"it answered with status {status}"
    if "spend_limit" in code or "billing" in code or status == HTTPStatus.PAYMENT_REQUIRED:
        limit = BudgetError("the endpoint's own spend limit is reached", why=where, hint=_OWN_MONEY)
        return Failure(limit, billed=False)
    if status == _STREAM:
        passing = str(error.type) in _PASSING_KINDS
        return Failure(_busy(where) if passing else _rejected(where), FEW if passing else 1)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _passing(error, where)
    return Failure(_refusing(error, where), billed=False)


def _passing(error: anthropic.APIStatusError, where: str) -> Failure:
    again = error.response.headers.get("x-should-retry") != "false"
    # A page of a gateway is not the endpoint's word.
    api = isinstance(error.body, dict)
    told = _busy(where) if api else UnreachableError("the endpoint fails", why=where, hint=_OFFLINE)
    return Failure(told, MANY if again else 1, _retry_after(error.response), billed=False)


def _refusing(error: anthropic.APIStatusError, where: str) -> LandscribeError:
    status = error.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CredentialsError(
            "the endpoint does not take the key",
            why=where,
            hint="set a key that may use this model at this endpoint",
        )
    if status == HTTPStatus.NOT_FOUND and isinstance(error.body, dict) and "model" in where.lower():
        return UnknownModelError(
            "the endpoint has no such model", why=where, hint="name one that the endpoint offers"
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        to = error.response.headers.get("location", "")[:_LONGEST]
        return UnreachableError(
            "the endpoint sends the request on to another place, which is not followed",
            why=f"{status}, to {to!a}",
            hint="configure the address that answers itself",
        )
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _proxy(where)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return UnreachableError(
            "there is no Messages API at this address",
            why=where,
            hint="the base URL is what stands before /v1/messages",
        )
    return _rejected(where)


def _of_network(error: httpx2.TransportError) -> Failure:
    causes = list(_causes(error))
    why = next(filter(None, map(_cause, causes)), type(error).__name__)
    if isinstance(error, httpx2.ProxyError):
        return Failure(_proxy(why), FEW, billed=False)
    if any(isinstance(one, ssl.SSLError) for one in causes):
        refused = UnreachableError(
            "no encrypted connection to the endpoint can be made",
            why=why,
            hint="when a gateway of your own stands between, let SSL_CERT_FILE name its certificates",
        )
        return Failure(refused, billed=False)
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol):
        hint = "look at the network, the proxy and the address, or draft --offline"
        return Failure(
            UnreachableError("the endpoint cannot be reached", why=why, hint=hint), FEW, billed=False
        )
    if isinstance(error, httpx2.TimeoutException):
        return Failure(UnreachableError("the endpoint does not answer", why=why, hint=_OFFLINE), FEW)
    return Failure(UnreachableError("the connection broke off", why=why, hint=_OFFLINE), FEW)


def _causes(error: BaseException | None) -> Any:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: BaseException) -> str:
    """A cause in words that hold no secret; "" for one that says nothing by itself."""
    match error:
        case ssl.SSLError():
            found = (getattr(error, name, None) for name in ("verify_message", "reason"))
            return str(next(filter(None, found), "it does not speak TLS"))
        case httpx2.TimeoutException():
            return "nothing came for as long as we wait"
        case httpx2.ProxyError() | httpx2.RemoteProtocolError():
            return f"{str(error)[:_LONGEST]!a}"
        case OSError() if error.strerror:
            return error.strerror
    return ""


def _busy(where: str) -> OverloadedError:
    return OverloadedError("the endpoint is too busy, or fails", why=where, hint=_OFFLINE)


def _rejected(where: str) -> RejectedError:
    return RejectedError("the endpoint does not take the request", why=where, hint="or draft --offline")


def _proxy(why: str) -> UnreachableError:
    return UnreachableError(
        "the proxy does not let the request through",
        why=why,
        hint="HTTPS_PROXY names it; NO_PROXY excepts the endpoint; it may want a name and a password",
    )


def _said(error: anthropic.APIStatusError) -> str:
    """The endpoint's own words, escaped and cut."""
    text = error.api_message if isinstance(error.api_message, str) else error.message
    if error.api_message is None and not isinstance(error.body, dict):
        return ""  # a page
    return f"{text[:_LONGEST]!a}"


def _retry_after(response: httpx2.Response) -> float | None:
    try:
        seconds = float(response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
