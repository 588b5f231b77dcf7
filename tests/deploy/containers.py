"""Runs our image with podman and runc, as compose.yml does."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

import bot
from tools.images import ROOT, Images, run

TAG = "localhost/bongsu:test"


def give_up_if(reason: str) -> None:
    """Say precisely why nothing is shown on this machine; where it must be shown, that is a failure."""
    if reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"this cannot be tried on this machine: {reason}")


class Engine(Images):
    """Containers of our image."""

    def start(self, name: str, environment: dict[str, str]) -> None:
        """Run the image with the rights that compose.yml gives to the bot, but on the host's network."""
        told = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
        part = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))["services"]["bot"]
        rights = ["--read-only"] if part["read_only"] else []
        for option in ("security_opt", "cap_drop", "tmpfs"):
            rights += [word for value in part[option] for word in (f"--{option.replace('_', '-')}", value)]
        # systemd would be asked to run the health check by the clock; the test runs it by hand.
        options = ["--detach", "--name", name, "--network", "host", "--health-interval", "disable"]
        # podman 4 complains on stderr about the missing systemd, and starts the container all the same.
        run([*self.podman, "run", *options, *rights, *self.limits(), *told, TAG], 120, cwd=ROOT)

    def start_as(self, line: str, name: str, environment: dict[str, str], folder: Path) -> None:
        """Run a line of a document with podman, on the host's network and with our image."""
        words = shlex.split(line.replace("$PWD", str(folder)).replace("\\\n", " "))
        assert words[:3] == ["docker", "run", "-d"]
        assert words[-1] == f"bongsu:{bot.__version__}"
        words[words.index("--name") + 1] = name
        # Restarting and ports are the daemon's and a network's of its own.
        for option in ("--restart", "-p"):
            at = words.index(option)
            del words[at : at + 2]
        told = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
        here = ["--network", "host", "--health-interval", "disable", *self.limits(), *told]
        run([*self.podman, "run", "-d", *here, *words[3:-1], TAG], 120, cwd=folder)

    def inside(self, name: str, *command: str, timeout_s: float = 120) -> str:
        """Run a program in a container."""
        return run([*self.podman, "exec", name, *command], timeout_s)

    def said(self, name: str) -> str:
        """Return what a container's own program has said."""
        command = [*self.podman, "logs", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout + done.stderr
