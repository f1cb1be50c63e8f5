"""A real browser without a window, spoken to over two pipes, as its own developer tools speak to it."""

import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")


def program() -> str:
    """The browser of this machine, or ""."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


class Browser:
    """One open page: what it said, what it asked for, and what a person would do in it."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._got = bytearray()
        self._last, self._session, self._target = 0, "", ""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, **parameters: Any) -> Any:
        """Send one command and wait for its answer; what happens meanwhile is kept in ``events``."""
        number = self._send(method, parameters)
        while True:
            got = self._next()
            if got.get("id") == number:
                assert "error" not in got, got["error"]
                return got["result"]
            self._happened(got)

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._last

    def _happened(self, got: dict[str, Any]) -> None:
        if got.get("sessionId", self._session) != self._session:
            return  # the last words of a page that was open before
        self.events.append(got)
        if got.get("method") == "Page.javascriptDialogOpening":
            # The page stands still until somebody answers.
            self._send("Page.handleJavaScriptDialog", {"accept": False})

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._got:
            assert select.select([self._read], [], [], 60)[0], "the browser says nothing more"
            block = os.read(self._read, 1 << 16)
            assert block, "the browser went away"
            self._got += block
        message, _, self._got = self._got.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(self, address: str) -> None:
        """Load a page in a new tab, in place of the one before, and wait until it is there."""
        self._session = ""
        if self._target:
            self.ask("Target.closeTarget", targetId=self._target)
        self._target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        self.events.clear()
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self.ask(f"{domain}.enable")
        self.ask("Page.navigate", url=address)
        # Where a page wants to lead its reader is said between these two.
        self._wait("Page.frameStoppedLoading", self._wait("Page.loadEventFired", 0))

    def _wait(self, method: str, start: int) -> int:
        """Where in ``events`` the first of its kind stands, from a place on."""
        while not (found := [at for at in range(start, len(self.events)) if self._kind(at) == method]):
            self._happened(self._next())
        return found[0]

    def _kind(self, at: int) -> str:
        return str(self.events[at].get("method"))

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        done = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def type(self, selector: str, text: str) -> None:
        """Type into a field as a keyboard does."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.ask("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click the first match with the mouse, where it is on the screen."""
        place = "const r = document.querySelector({0}); r.scrollIntoView({block: 'center'}); const b = r.getBoundingClientRect();"
        middle = "[b.x + b.width / 2, b.y + b.height / 2]"
        x, y = self.run(f"(() => {{ {place.replace('{0}', json.dumps(selector))} return {middle}; }})()")
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def requests(self) -> list[str]:
        """Addresses of everything that the page asked for, web sockets as well."""
        asked = {"Network.requestWillBeSent", "Network.webSocketCreated"}
        sent = [event["params"] for event in self.events if event.get("method") in asked]
        return [one["request"]["url"] if "request" in one else one["url"] for one in sent]

    def complaints(self) -> list[dict[str, Any]]:
        """What a console would show: errors, warnings, violations of the policy, anything that the page said."""
        loud = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Audits.issueAdded")
        return [event for event in self.events if event.get("method") in loud]

    def intrusions(self) -> list[dict[str, Any]]:
        """What a person would see jump at them: dialogs, windows, downloads."""
        sudden = ("Page.javascriptDialogOpening", "Page.windowOpen", "Page.downloadWillBegin")
        return [event for event in self.events if event.get("method") in sudden]

    def departures(self) -> list[dict[str, Any]]:
        """Where the page or a frame in it went or means to go, after it was opened."""
        planned = [event for event in self.events if event.get("method") == "Page.frameScheduledNavigation"]
        return planned + [event for event in self.events if event.get("method") == "Page.frameNavigated"][1:]


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile; gone with all its processes afterwards."""
    ends = [*os.pipe(), *os.pipe()]
    # The browser reads commands from descriptor 3 and answers on 4: none of the ends may be one of these.
    to_read, to_write, from_read, from_write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    script = f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}'
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command = [program(), *options, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    running = subprocess.Popen(
        ["bash", "-c", script, *command],
        pass_fds=(to_read, from_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(from_write)
    try:
        yield Browser(to_write, from_read)
    finally:
        running.terminate()
        running.wait(60)
        os.close(to_write)
        os.close(from_read)
