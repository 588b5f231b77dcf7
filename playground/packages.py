"""Makes sure that programs of Debian's packages are there. Standard library only: it runs before anything is installed.

python3 playground/packages.py prometheus prometheus-alertmanager
python3 playground/packages.py --venv      # only what `python3 -m venv` needs
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# BSD's EX_UNAVAILABLE.
_EXIT_UNAVAILABLE = 69
_POLICY = Path("/usr/sbin/policy-rc.d")

# A package is there if one of these exists.
_SIGNS: dict[str, tuple[str, ...]] = {
    "prometheus": ("prometheus",),
    "prometheus-alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb",),
    "fonts-nanum": ("/usr/share/fonts/truetype/nanum/*",),
    "fonts-noto-color-emoji": ("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",),
}


def main(arguments: Sequence[str]) -> int:
    """Install what is missing; one sentence and exit code 69 where that is impossible."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has checked the version
        print("Bongsu needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
        return _EXIT_UNAVAILABLE
    missing = _missing_venv() if "--venv" in arguments else [name for name in arguments if not present(name)]
    if not missing:
        return 0
    problem = install(missing)
    if problem:
        print(
            f"Missing: {', '.join(missing)} ({problem}). Get it with: sudo apt-get install {' '.join(missing)}",
            file=sys.stderr,
        )
        return _EXIT_UNAVAILABLE
    return 0


def present(package: str) -> bool:
    """Tell whether a package's programs or files exist."""
    for sign in _SIGNS.get(package, (package,)):
        if sign.startswith("/"):
            if any(Path("/").glob(sign.lstrip("/"))):
                return True
        elif shutil.which(sign):
            return True
    return False


def install(packages: Sequence[str]) -> str:
    """Install with apt-get; return what stands in the way, or nothing."""
    if not shutil.which("apt-get"):
        return "there is no apt-get on this machine"
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            return "neither root nor sudo"
        prefix = ["sudo"]
    print("installing", ", ".join(packages), flush=True)
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    settings = [f"{name}={value}" for name, value in environment.items()]
    made = _forbid_services(prefix)
    try:
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            command = [*prefix, "env", *settings, "apt-get", *words]
            if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
                return f"apt-get {words[0]} failed"
    finally:
        if made:
            subprocess.run([*prefix, "rm", "-f", str(_POLICY)], check=False)
    return ""


def _forbid_services(prefix: Sequence[str]) -> bool:
    """Keep Debian from starting the servers, which would listen on all addresses; we start our own on loopback."""
    if _POLICY.exists():
        return False
    subprocess.run(
        [*prefix, "tee", str(_POLICY)], input=b"#!/bin/sh\nexit 101\n", check=False, stdout=subprocess.DEVNULL
    )
    subprocess.run([*prefix, "chmod", "755", str(_POLICY)], check=False)
    return True


def _missing_venv() -> list[str]:
    # Debian splits the module that fills a new environment with pip from Python itself.
    found = importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")
    return [] if found else [f"python3.{sys.version_info.minor}-venv"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
