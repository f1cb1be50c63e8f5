"""Tokens by a rule of thumb, and the prompt cache: what a request reads from it and writes to it.

The prefix of a request is really compared with what earlier requests left, block by block in the order system, messages.
A token is four bytes here. The API's tokeniser is not public: figures are good for comparing, not for a bill.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


BYTES_A_TOKEN = 4
SMALLEST_PREFIX = 1024
"""Tokens below which the API silently caches nothing; by model it is 512 to 4096."""
LOOK_BACK = 20
"""Blocks before a breakpoint in which the API looks for an earlier entry."""
LIVES = {"5m": 300.0, "1h": 3600.0}


def tokens(data: str | bytes) -> int:
    """About how many tokens a text takes."""
    size = len(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return -(-size // BYTES_A_TOKEN)


def request_tokens(body: dict[str, Any]) -> int:
    """About how many tokens the model would read."""
    return sum(block.size for block in blocks(body))


@dataclass(frozen=True)
class Block:
    """One block of the prompt: its exact bytes, and how long a cache should keep the prompt up to here."""

    data: bytes
    size: int
    keep: str | None


def blocks(body: dict[str, Any]) -> Iterator[Block]:
    """The prompt in the order in which it is cached; a mark on the whole request stands on its last block."""
    found = list(_marked(body))
    automatic = body.get("cache_control")
    for index, (head, block) in enumerate(found):
        mark = block.get("cache_control") or (automatic if index == len(found) - 1 else None)
        bare = {name: value for name, value in block.items() if name != "cache_control"}
        content = block.get("text") or block.get("thinking") or block.get("data") or ""
        keep = mark.get("ttl", "5m") if mark else None
        yield Block(json.dumps([head, bare]).encode(), tokens(content), keep)


def _marked(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    output = (body.get("output_config") or {}).get("format")
    if output:
        # The schema is put before the prompt, so that changing it misses the cache.
        yield "format", {"text": json.dumps(output["schema"])}
    turns = [("system", body.get("system", []))]
    # How the model thinks changes what a turn is made of, but not the system prompt.
    mode = json.dumps(body.get("thinking"))
    turns += [(one["role"] + mode, one["content"]) for one in body["messages"]]
    for head, content in turns:
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            yield head, block


@dataclass
class Cache:
    """Prefixes that requests asked to keep, until they expire. Thread-safe."""

    smallest: int = SMALLEST_PREFIX
    clock: Callable[[], float] = time.monotonic
    _ends: dict[bytes, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def usage(self, body: dict[str, Any]) -> dict[str, Any]:
        """The input side of one request's ``usage``; keeps what the request asks to keep."""
        digest, size = hashlib.sha256(body["model"].encode()), 0
        prefixes: list[tuple[bytes, int, str | None]] = []
        for block in blocks(body):
            digest.update(hashlib.sha256(block.data).digest())
            size += block.size
            prefixes.append((digest.digest(), size, block.keep))
        with self._lock:
            read = self._read(prefixes)
            written = self._write(prefixes, read)
        return {
            "input_tokens": size - read - sum(written.values()),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": sum(written.values()),
            "cache_creation": {f"ephemeral_{ttl}_input_tokens": count for ttl, count in written.items()},
        }

    def _read(self, prefixes: list[tuple[bytes, int, str | None]]) -> int:
        now, longest = self.clock(), 0
        for index, (_, _, keep) in enumerate(prefixes):
            if keep is None:
                continue
            for key, size, _ in prefixes[max(0, index - LOOK_BACK) : index + 1]:
                if self._ends.get(key, now) > now:
                    longest = max(longest, size)
                    # Reading an entry keeps it for as long again.
                    self._ends[key] = max(self._ends[key], now + LIVES[keep])
        return longest

    def _write(self, prefixes: list[tuple[bytes, int, str | None]], read: int) -> dict[str, int]:
        written = dict.fromkeys(LIVES, 0)
        reached = read
        for key, size, keep in prefixes:
            if keep is not None and size >= self.smallest:
                self._ends[key] = max(self._ends.get(key, 0.0), self.clock() + LIVES[keep])
                written[keep] += max(0, size - reached)
                reached = max(reached, size)
        return written
