"""Builds our image with buildah and podman, in a folder of its own: nothing of the machine's own storage.

No image registry is asked. The base is made by debootstrap from the machine's own package source, slimmed as Debian's slim
images are, and tagged with the name that the Dockerfile asks for.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tools import machine

ROOT = Path(__file__).parents[1]
PROGRAMS = ("buildah", "podman", "runc", "debootstrap", "tar")
SUITE = "bookworm"
SLIM = ("./usr/share/man/*", "./usr/share/doc/*", "./usr/share/locale/*", "./usr/share/info/*", "./var/lib/apt/lists/*")
_CERTIFICATES = "/etc/ssl/extra/ca.crt"


class ProgramFailed(Exception):
    """A program ended with an exit code; the end of what it said."""


def why_not() -> str:
    """Say why no container can be built on this machine; nothing if one can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")]
    if missing:
        return f"not installed: {', '.join(missing)} (sudo apt-get install {' '.join(missing)})"
    if os.geteuid() != 0:
        return "debootstrap and runc need root"
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True, timeout=30, check=False
    )
    return f"this machine allows no namespaces: {done.stderr.strip()}" if done.returncode else ""


def run(command: Sequence[object], timeout_s: float, **options: Any) -> str:
    """Run a program and return what it says. Raises ProgramFailed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False, **options)
    if done.returncode:
        raise ProgramFailed(f"{' '.join(words[:4])} …: {(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


@dataclass
class Images:
    """buildah and podman over one storage."""

    folder: Path
    tag: str
    driver: str = "overlay"

    @classmethod
    @contextmanager
    def open(cls, tag: str) -> Generator[Self]:
        """Have a storage until the block ends. Raises ProgramFailed."""
        # Not pytest's folder, say: its path would be too long for the sockets that podman makes.
        made = cls(Path(tempfile.mkdtemp(prefix="bongsu-image-")), tag)
        try:
            problem = made.choose_driver()
            if problem:
                raise ProgramFailed(problem)
            yield made
        finally:
            made.clear()

    def choose_driver(self) -> str:
        """Take the storage that works here, overlay or plain copies; say why if neither does."""
        said = ""
        for self.driver in ("overlay", "vfs"):
            done = subprocess.run([*self.podman, "info"], capture_output=True, text=True, timeout=60, check=False)
            if not done.returncode:
                return ""
            said = done.stderr.strip()[-300:]
            shutil.rmtree(self.folder / "root", ignore_errors=True)
        return f"podman has no storage here: {said}"

    def try_out(self, base: str) -> str:
        """Run one program in the base; say why that does not work, nothing if it does."""
        command = [*self.podman, "run", "--rm", "--network", "host", *self.limits(), base, "/bin/true"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return f"runc cannot run a container here: {done.stderr.strip()[-300:]}" if done.returncode else ""

    @staticmethod
    def limits() -> list[str]:
        """Return limits below ours, because podman would raise them, which not every machine allows."""
        return [
            "--ulimit",
            f"nofile={_less(resource.RLIMIT_NOFILE)}",
            "--ulimit",
            f"nproc={_less(resource.RLIMIT_NPROC)}",
        ]

    @property
    def storage(self) -> list[str]:
        """Return what both are told first."""
        places = ["--root", f"{self.folder}/root", "--runroot", f"{self.folder}/run"]
        return [*places, "--storage-driver", self.driver]

    @property
    def podman(self) -> list[str]:
        """Return the beginning of every podman command."""
        runc = shutil.which("runc", path="/usr/sbin:/usr/bin:/sbin") or "runc"
        return ["podman", *self.storage, "--runtime", runc, "--cgroup-manager", "cgroupfs"]

    def make(self) -> None:
        """Make base and image. Raises ProgramFailed."""
        base = base_name()
        self.make_base(base)
        problem = self.try_out(base)
        if problem:
            raise ProgramFailed(problem)
        self.build()

    def make_base(self, name: str) -> None:
        """Make Debian's smallest system and tag it."""
        system = self.folder / "debian"
        # As in Debian's own images: no package waits for the disk, neither here nor while the image is built.
        machine.make_hasty(system)
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, system]
        run([*command, *machine.mirror(SUITE)], 400)
        machine.take_over_sources(system, SUITE)
        # Debian's slim images leave out the same.
        pack = ["tar", "-C", str(system), *(f"--exclude={path}" for path in (*SLIM, "./var/cache/apt/*")), "-c", "."]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
            run([*self.podman, "import", "-", name], 300, stdin=packing.stdout)
        if packing.returncode:
            raise ProgramFailed("tar could not pack the base")
        shutil.rmtree(system)

    def build(self) -> None:
        """Build the Dockerfile as an operator would; the machine's pip configuration comes as secrets."""
        secrets = _pip_secrets(self.folder)
        command = ["buildah", *self.storage, "bud", "--format", "docker", "--runtime", "runc", "--isolation", "oci"]
        # What pip and what apt-get install do not need one another.
        run(
            [
                *command,
                "--jobs",
                "2",
                "--network",
                "host",
                *secrets,
                "--tag",
                self.tag,
                "--file",
                ROOT / "Dockerfile",
                ROOT,
            ],
            800,
        )

    def inspect(self, kind: str, name: str, template: str) -> str:
        """Ask for one thing about an image or a container."""
        return run([*self.podman, kind, "inspect", "--format", template, name], 60).strip()

    def clear(self) -> None:
        """Stop what runs and give the disk back."""
        subprocess.run(
            [*self.podman, "rm", "--force", "--all", "--time", "5"], capture_output=True, timeout=120, check=False
        )
        subprocess.run([*self.podman, "rmi", "--force", "--all"], capture_output=True, timeout=120, check=False)
        # What podman keeps mounted beside the containers.
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith(f"{self.folder}/")), reverse=True):
            subprocess.run(["umount", mount], capture_output=True, timeout=30, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def base_name() -> str:
    """Return what the Dockerfile calls its base."""
    found = re.search(r"(?m)^ARG BASE=(\S+)$", (ROOT / "Dockerfile").read_text("utf-8"))
    return found[1] if found else ""


def _less(kind: int) -> str:
    hard = resource.getrlimit(kind)[1]
    allowed = 1000 if hard == resource.RLIM_INFINITY else min(1000, hard)
    return f"{allowed}:{allowed}"


def _pip_secrets(folder: Path) -> list[str]:
    """Write this machine's pip configuration for the build; it does not become part of the image."""
    settings, options = machine.pip_settings(), list[str]()
    trusted = machine.certificates()
    if trusted:
        settings["cert"] = _CERTIFICATES
        options += ["--secret", f"id=ca,src={trusted}"]
    for place in settings.get("find-links", "").split():
        if Path(place).is_dir():
            options += ["--volume", f"{place}:{place}:ro"]
    path = folder / "pip.conf"
    machine.write_pip_settings(path, settings)
    return ["--secret", f"id=pip,src={path}", *options]
