"""Where this machine gets Debian's packages and Python's, for a system that is made on it. Standard library only.

Read from the configuration of apt and pip, so that no host stands in this repository.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_RELEASE = Path("/etc/os-release")
_APT = Path("/etc/apt")
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def codename() -> str:
    """Return the name of this machine's Debian or Ubuntu, or nothing."""
    found = (
        re.search(r"^VERSION_CODENAME=(\w+)$", _RELEASE.read_text("utf-8"), re.MULTILINE) if _RELEASE.exists() else None
    )
    return found[1] if found else ""


def mirror(suite: str) -> list[str]:
    """Return the address of this machine's source of a suite; an empty list leaves the choice to debootstrap."""
    words = ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(COMPONENT)", "Created-By: Packages"]
    return [line.split()[0] for line in _told(words).splitlines() if line.split()[1:] == [suite, "main"]][:1]


def make_hasty(system: Path) -> Path:
    """Have dpkg wait for no disk in a folder that nobody needs after a power cut; return the file that says so."""
    hasty = system / "etc/dpkg/dpkg.cfg.d/hasty"
    hasty.parent.mkdir(parents=True)
    hasty.write_text("force-unsafe-io\n", "utf-8")
    return hasty


def take_over_sources(system: Path, suite: str) -> None:
    """Let a system have the machine's package sources and the way to them, if it is of the same suite."""
    if codename() != suite:
        return
    (system / "etc/apt/sources.list").unlink(missing_ok=True)
    folder = _APT / "sources.list.d"
    for path in (_APT / "sources.list", *folder.glob("*.list"), *folder.glob("*.sources")):
        if path.exists():
            shutil.copy(path, system / path.relative_to("/"))
    ways = re.findall(r"^Acquire::https?::Proxy.*;$", _told(["apt-config", "dump"]), re.MULTILINE)
    (system / "etc/apt/apt.conf.d/90-machine").write_text("\n".join(ways) + "\n", "utf-8")


def certificates() -> str:
    """Return the file of the authorities whom this machine trusts."""
    chosen = pip_settings().get("cert") or os.environ.get("SSL_CERT_FILE") or _BUNDLE
    return chosen if Path(chosen).is_file() else ""


def pip_settings() -> dict[str, str]:
    """Return what pip is configured to on this machine, by the name of the option.

    The places are those of pip's documentation; not every Python has pip to be asked.
    """
    read = configparser.RawConfigParser(strict=False)
    home = Path.home()
    places = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        home / ".config/pip/pip.conf",
    ]
    read.read([*places, Path(sys.prefix) / "pip.conf", os.environ.get("PIP_CONFIG_FILE", os.devnull)], "utf-8")
    found = {
        name: value
        for section in ("global", "install")
        if read.has_section(section)
        for name, value in read[section].items()
    }
    told = {name[4:].lower().replace("_", "-"): value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {name: value for name, value in (found | told).items() if name != "config-file" and value}


def write_pip_settings(path: Path, settings: dict[str, str]) -> None:
    """Write a configuration of pip that only its owner may read: an index can have a password."""
    path.touch(0o600)
    # A value of several lines goes on where a line is indented.
    lines = [f"{name} = {value}\n".replace("\n", "\n  ").rstrip() for name, value in settings.items()]
    path.write_text("\n".join(["[global]", *lines, ""]), "utf-8")


def _told(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
