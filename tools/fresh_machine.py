"""A machine that has nothing: a folder made by debootstrap, and what is run in it. Standard library only.

What runs in it has mounts and process ids of its own, which end with it; the network is this machine's.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools import machine

HAS = "python3,git,make,ca-certificates"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Unable(Exception):
    """This machine cannot, or the demo did not; `key` is that of a text."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Fresh:
    """A system in a folder, and what is run in it."""

    def __init__(self, folder: Path, language: str, suite: str) -> None:
        self.folder, self.suite = folder, suite
        locale = "ko_KR.UTF-8" if language == "ko" else "C.UTF-8"
        ways = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        self._environment = ways | {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": locale,
            "DEBIAN_FRONTEND": "noninteractive",
        }

    def make(self) -> None:
        """Unpack Debian, with the way of this machine to packages. Raises Unable."""
        # Not for what is tried in it.
        hasty = machine.make_hasty(self.folder)
        # It mounts /proc: in a namespace, so that nothing stays if it is killed.
        command = [
            "unshare",
            "--mount",
            "debootstrap",
            "--variant=minbase",
            f"--include={HAS}",
            self.suite,
            str(self.folder),
        ]
        done = subprocess.run(
            [*command, *machine.mirror(self.suite)], capture_output=True, text=True, timeout=900, check=False
        )
        if done.returncode:
            raise Unable("unable", problem=(done.stdout + done.stderr)[-500:])
        hasty.unlink()
        machine.take_over_sources(self.folder, self.suite)
        settings = {
            name: value for name, value in machine.pip_settings().items() if name not in ("find-links", "cache-dir")
        }
        trusted = machine.certificates()
        if trusted:
            shutil.copy(trusted, self.folder / _BUNDLE.lstrip("/"))
            settings["cert"] = _BUNDLE
        machine.write_pip_settings(self.folder / "etc/pip.conf", settings)

    def give(self, commit: str) -> None:
        """Put a repository there whose only branch ends at a commit."""
        place = self.folder / "srv/bongsu.git"
        git("init", "--quiet", "--bare", "--initial-branch=main", str(place))
        git("-C", str(place), "config", "receive.shallowUpdate", "true")
        git("push", "--quiet", str(place), f"{commit}:refs/heads/main")

    def command(self, line: str) -> list[str]:
        """Return what runs a shell's line in it; whoever kills this process kills everything in it."""
        inside = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", f"--root={self.folder}", "--wd=/root"]
        words = [f"{name}={value}" for name, value in self._environment.items()]
        return ["setpriv", "--pdeathsig", "KILL", "unshare", *inside, "env", "-i", *words, "/bin/sh", "-c", line]

    def run(self, line: str) -> None:
        """Run a shell's line and wait. Raises CalledProcessError."""
        subprocess.run(self.command(line), check=True, stdout=subprocess.DEVNULL, timeout=900)


def git(*words: str) -> str:
    """Run git and return what it says. Raises CalledProcessError."""
    # In a container the folder can belong to somebody else.
    command = ["git", "-c", "safe.directory=*", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.strip()


@contextmanager
def running(command: Sequence[str]) -> Generator[tuple[subprocess.Popen[str], queue.Queue[str]]]:
    """Start a program whose lines come in a queue; it is killed at the end."""
    lines: queue.Queue[str] = queue.Queue()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace"
    ) as process:

        def read() -> None:
            for line in process.stdout or ():
                lines.put(line.rstrip("\n"))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            yield process, lines
        finally:
            process.kill()
            # Nobody holds its end any more.
            reader.join(30)


def why_not() -> Unable | None:
    """Return why no fresh machine can be made here."""
    if os.geteuid() != 0:
        return Unable("no_root")
    for program in ("debootstrap", "unshare", "setpriv", "git"):
        if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
            return Unable("no_program", program=program)
    allowed = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, timeout=30, check=False
    )
    return Unable("no_namespace") if allowed.returncode else None
