"""A server of model providers that we did not write (`@copilotkit/aimock`), on a free loopback port; stopped by pid."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.process import free_port
from tests.npm import ensure_npm, node

VERSION = "1.43.0"
KEY = "sk-test-0123456789abcdef"
# Git ignores it, and `make clean` deletes it.
FOLDER = Path(sys.prefix) / "npm"


@dataclass
class Aimock:
    """The running server, with what a test tells it to answer; it accepts nothing but KEY."""

    url: str

    def answer(self, response: dict[str, Any], **match: Any) -> None:
        """Answer so to what matches, to everything without a match; the first that was added wins."""
        self._control("POST", "fixtures", {"fixtures": [{"match": match, "response": response}]})

    def fail_once(self, status: int, message: str = "no") -> None:
        self._control("POST", "error", {"status": status, "body": {"message": message, "type": "some_error"}})

    def chaos(self, **rates: float) -> None:
        self._control("POST", "chaos", rates)

    def reset(self) -> None:
        self._control("POST", "reset", {})
        self._control("DELETE", "chaos")

    def asked(self) -> list[dict[str, Any]]:
        """Return what it was asked, oldest first: `headers`, and `body` in the words of chat completions."""
        return self._control("GET", "journal")

    def _control(self, method: str, what: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__aimock/{what}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


@contextmanager
def running_aimock(folder: Path) -> Iterator[Aimock]:
    """Yield a server without answers; `folder` is where it reads its first ones from."""
    program = ensure_npm("@copilotkit/aimock", VERSION, FOLDER) / "dist" / "cli.js"
    # It does not start without any; this one matches nothing that we ask.
    first = {"fixtures": [{"match": {"userMessage": "\0"}, "response": {"content": "-"}}]}
    (folder / "first.json").write_text(json.dumps(first), "utf-8")
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--fixtures", folder / "first.json", "--log-level", "warn"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(node(program, *words), env={"AIMOCK_API_KEYS": KEY}, stdout=log, stderr=log)
        try:
            mock = Aimock(f"http://127.0.0.1:{port}")
            _wait(mock, server, folder / "log")
            yield mock
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(timeout=10)


def _wait(mock: Aimock, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text("utf-8")
        try:
            return mock.reset()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"aimock did not start: {log.read_text('utf-8')}")
