"""ledgerd: a small ledger service, the demo of landscribe. Keeps totals by account; refuses all else.

One request a line: ``add ACCOUNT AMOUNT``, ``total ACCOUNT``, ``snapshot``, ``rotate``, ``digest``.
Run as ``python3 -IB ledgerd.py --config ROOT/etc/ledger/ledger.conf [--selftest]``.
"""

import argparse
import configparser
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TextIO


class Log:
    """Appends to a file and, with the first entry of a new day, renames the old file out of the way."""

    def __init__(self, path: Path, keep: int) -> None:
        self.path = path
        self.keep = keep
        self.day = time.strftime("%F")
        self.file = path.open("a", encoding="utf-8")

    def write(self, text: str) -> None:
        """One entry."""
        if time.strftime("%F") != self.day:
            self.rotate()
        self.file.write(f"{time.strftime('%F %T')} {text}\n")
        self.file.flush()

    def rotate(self) -> None:
        """``ledger.log`` becomes ``ledger.log.1``, which becomes ``ledger.log.2``, and so on."""
        self.file.close()
        for age in range(self.keep, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{age}")
            newer = self.path.with_name(f"{self.path.name}.{age - 1}") if age > 1 else self.path
            if newer.exists():
                newer.rename(older)
        self.day = time.strftime("%F")
        self.file = self.path.open("a", encoding="utf-8")


class Ledger:
    """Totals by account: a journal of what came since the last snapshot, and the snapshot."""

    def __init__(self, state: Path) -> None:
        self.snapshot_path = state / "ledger.json"
        self.totals: dict[str, int] = {}
        self.entries = 0
        if self.snapshot_path.exists():
            stored = json.loads(self.snapshot_path.read_text("utf-8"))
            self.totals, self.entries = stored["totals"], stored["entries"]
        self.journal_path = state / "journal"
        self.journal = self.journal_path.open("a+", encoding="utf-8")
        fcntl.flock(self.journal, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a second service must not share it
        self.journal.seek(0)
        for line in self.journal:
            number, account, amount = line.split()
            if int(number) > self.entries:  # else the snapshot has it: a stop came before the truncation
                self._count(account, int(amount))

    def _count(self, account: str, amount: int) -> None:
        self.entries += 1
        self.totals[account] = self.totals.get(account, 0) + amount

    def add(self, account: str, amount: int) -> int:
        """Add to an account and return its total, once the entry is on the disk."""
        self._count(account, amount)
        self.journal.write(f"{self.entries} {account} {amount}\n")
        self.journal.flush()
        os.fsync(self.journal.fileno())
        return self.totals[account]

    def snapshot(self) -> Path:
        """Write all totals beside the old snapshot, rename over it, and empty the journal."""
        fresh = self.snapshot_path.with_suffix(".json.new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"entries": self.entries, "totals": self.totals}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.snapshot_path)
        self.journal_path.write_text("")  # the open journal appends, so it goes on at the new end
        return self.snapshot_path


class Server:
    """Answers one connection after the other."""

    def __init__(self, config: configparser.ConfigParser) -> None:
        paths = config["paths"]
        self.helper = paths["helper"]
        self.pid_path = Path(paths["run"], "ledger.pid")
        self.log = Log(Path(paths["log"], "ledger.log"), config.getint("log", "keep"))
        self.ledger = Ledger(Path(paths["state"]))
        self.pid_path.write_text(f"{os.getpid()}\n")
        self.address = (config["server"]["address"], config.getint("server", "port"))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(self.address)
        self.listener.listen()
        self.stopping = False

    def account_check(self) -> None:
        """Warn when the account "ledger" can log in with a password.

        Left over from a machine that people shared. A ledger has no business in /etc/shadow: this is what a
        review of the trace should find, and what the sandbox takes away without harm.
        """
        try:
            lines = Path("/etc/shadow").read_text("utf-8").splitlines()
        except OSError as error:
            self.log.write(f"account check left out: {error.strerror}")
            return
        if any(line.startswith("ledger:$") for line in lines):
            self.log.write("the account ledger has a password")

    def serve(self) -> None:
        """Until ``stop``, or until a signal ends it."""
        self.log.write(f"listening on port {self.address[1]}")
        while not self.stopping:
            try:
                self.converse(self.listener.accept()[0])
            except OSError as error:  # a peer that went away, a full disk, or the end of the listener
                if not self.stopping:
                    self.log.write(f"connection ended: {error}")

    def converse(self, connection: socket.socket) -> None:
        """Answer one peer until it hangs up or falls silent."""
        connection.settimeout(10)
        with connection, connection.makefile("rw", encoding="utf-8", errors="replace") as stream:
            for line in stream:
                stream.write(f"{self.answer(line)}\n")
                stream.flush()

    def answer(self, line: str) -> str:
        """The answer to one request."""
        match line.split():
            case ["add", account, amount] if re.fullmatch("-?[0-9]{1,15}", amount):
                self.log.write(f"add to {account!r}")
                return str(self.ledger.add(account, int(amount)))
            case ["total", account]:
                return str(self.ledger.totals.get(account, 0))
            case ["snapshot"]:
                return str(self.ledger.snapshot())
            case ["rotate"]:
                self.log.rotate()
                return "rotated"
            case ["digest"]:
                command = [self.helper, str(self.ledger.snapshot_path)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - configured
                return done.stdout.strip() if done.returncode == 0 else "error: no digest"
            case _:
                return "error: not understood"

    def stop(self) -> None:
        """End ``serve``, from any thread."""
        self.stopping = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept

    def close(self) -> None:
        """Leave nothing behind but state and log."""
        self.log.write("stopped")
        self.listener.close()
        self.ledger.journal.close()
        self.log.file.close()
        self.pid_path.unlink()


def selftest(server: Server) -> bool:
    """Be a client of the running server: every code path must answer, and leave what it should leave."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(10)
            client.connect(server.address)
            with client.makefile("rw", encoding="utf-8") as stream:
                results = steps(server, stream)
    finally:
        server.stop()
        thread.join()
    for name, passed in results.items():
        print(f"{name}: {'ok' if passed else 'FAILED'}")
    return all(results.values())


def steps(server: Server, stream: TextIO) -> dict[str, bool]:
    """Each step of the self-test by name, and whether it worked."""

    def ask(request: str) -> str:
        stream.write(f"{request}\n")
        stream.flush()
        answer = stream.readline().strip()
        if not answer:
            raise ConnectionError(f"no answer to {request!r}; see {server.log.path}")
        return answer

    total = int(ask("total selftest")) + 5
    return {
        "add": ask("add selftest 5") == str(total),
        "snapshot": json.loads(Path(ask("snapshot")).read_text("utf-8"))["totals"]["selftest"] == total,
        "rotation": ask("rotate") == "rotated"
        and server.log.path.exists()
        and server.log.path.with_name("ledger.log.1").exists(),
        "digest": re.fullmatch("[0-9a-f]+", ask("digest")) is not None,
        "refusal": ask("drop tables").startswith("error"),
    }


def load(path: Path) -> configparser.ConfigParser:
    """The configuration file, then what conf.d beside it adds, in the order of names."""
    config = configparser.ConfigParser(interpolation=None)
    for part in (path, *sorted((path.parent / "conf.d").glob("*.conf"))):
        with part.open(encoding="utf-8") as file:
            config.read_file(file)
    return config


def main() -> int:
    """Serve, or test; 0 when all went well."""
    parser = argparse.ArgumentParser(description="A small ledger over TCP.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--selftest", action="store_true", help="use every code path once, and stop")
    arguments = parser.parse_args()
    try:
        server = Server(load(arguments.config))
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: server.stop())
            server.account_check()
            if arguments.selftest:
                return 0 if selftest(server) else 1
            server.serve()
        finally:
            server.close()
    except OSError as error:
        print(f"ledgerd: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
