"""Makes sure that programs of Debian's packages are there. Standard library only: it runs before anything is installed.

python3 tools/packages.py prometheus prometheus-alertmanager
python3 tools/packages.py --venv      # only what `python3 -m venv` needs
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

_TEXTS = {
    "en": {
        "old": "Bongsu needs Python 3.11 or newer; this is {names}.",
        "installing": "Installing {names} …",
        "missing": "Missing: {names} ({problem}). Get it with: sudo apt-get install {command}",
        "no_apt": "there is no apt-get on this machine",
        "no_root": "neither root nor sudo",
        "failed": "apt-get install failed",
    },
    "ko": {
        "old": "Bongsu에는 Python 3.11 이상이 필요합니다. 현재 버전: {names}",
        "installing": "설치하는 중: {names} …",
        "missing": "설치되지 않은 패키지: {names} ({problem}). 설치 명령: sudo apt-get install {command}",
        "no_apt": "이 컴퓨터에는 apt-get이 없습니다",
        "no_root": "root 권한도 sudo도 없습니다",
        "failed": "apt-get install이 실패했습니다",
    },
}

# A package is there if one of these exists.
_SIGNS: dict[str, tuple[str, ...]] = {
    "prometheus": ("prometheus",),
    "prometheus-alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb",),
    "nginx": ("nginx", "/usr/sbin/nginx"),
    "runc": ("runc", "/usr/sbin/runc"),
    "systemd": ("systemd-analyze",),
    "debootstrap": ("debootstrap", "/usr/sbin/debootstrap"),
    "fonts-nanum": ("/usr/share/fonts/truetype/nanum/*",),
    "fonts-noto-color-emoji": ("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",),
}


def main(arguments: Sequence[str]) -> int:
    """Install what is missing; one sentence and exit code 69 where that is impossible."""
    texts = _TEXTS["ko" if os.environ.get("LANG", "").startswith("ko") else "en"]
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has checked the version
        print(texts["old"].format(names=sys.version.split()[0]), file=sys.stderr)
        return _EXIT_UNAVAILABLE
    missing = _missing_venv() if "--venv" in arguments else [name for name in arguments if not present(name)]
    if not missing:
        return 0
    names = ", ".join(missing)
    print(texts["installing"].format(names=names), flush=True)
    problem = install(missing)
    if problem:
        sentence = texts["missing"].format(names=names, problem=texts[problem], command=" ".join(missing))
        print(sentence, file=sys.stderr)
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
    """Install with apt-get; return the key of what stands in the way, or nothing."""
    if not shutil.which("apt-get"):
        return "no_apt"
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            return "no_root"
        # A password can be asked for only where somebody can type it.
        prefix = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    made = _forbid_services(prefix)
    words = [*apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    try:
        done = _quietly(words)
        if done.returncode:
            # The lists may be old. One dead source fails the update, and may not matter for what we install.
            _quietly([*apt, "update", "-qq"])
            done = _quietly(words)
    finally:
        if made:
            subprocess.run([*prefix, "rm", "-f", str(_POLICY)], check=False)
    if done.returncode:
        sys.stderr.write(done.stderr[-2000:])
    return "failed" if done.returncode else ""


def _quietly(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a program, and keep what it complains of for the case that it fails."""
    return subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    )


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
