"""Starts the endpoint by itself: ``python tests/endpoint/serve.py --scenario NAME --port N --log FILE``.

It prints its address and the key that it takes, and answers until it is interrupted. The log gets a line of JSON for
each exchange, bodies and headers included: it is for its owner's eyes only.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TextIO


def main() -> None:
    """Serves one scenario until SIGINT or SIGTERM."""
    # Python put this folder on the path; the modules are known by their names from the project's root.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from tests.endpoint.fixture import Endpoint
    from tests.endpoint.scenario import SCENARIOS
    from tests.endpoint.smallest import smallest_answer

    told = arguments(sorted(SCENARIOS))
    text = told.answer.read_text("utf-8") if told.answer else None
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the threads start: they inherit it
    with Endpoint(told.port, private(told.log) if told.log else None) as endpoint:
        endpoint.scenario = SCENARIOS[told.scenario](smallest_answer if text is None else lambda _: text)
        sys.stdout.write(f"{endpoint.url} key {endpoint.key} scenario {told.scenario}\n")
        sys.stdout.flush()
        signal.sigwait(stop)


def arguments(scenarios: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="A strict Messages API on the loopback, for tests.")
    parser.add_argument("--scenario", choices=scenarios, default="ok")
    parser.add_argument("--port", type=int, default=0, help="0 lets the kernel pick one")
    parser.add_argument("--log", type=Path, help="appends each exchange as a line of JSON")
    parser.add_argument(
        "--answer", type=Path, help="the good answer; the smallest that the schema takes if absent"
    )
    return parser.parse_args()


def private(log: Path) -> TextIO:
    """The log, opened so that only its owner can read it."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8")


if __name__ == "__main__":
    main()
