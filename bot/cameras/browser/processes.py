"""Reads the processes of one browser from /proc: which they are, what memory they hold; and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_KIBIBYTE = 1024
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A browser (leader of its process group, so that all it starts is found even if orphaned) and who started it."""

    leader: int
    driver: int

    @classmethod
    def marked(cls, marker: str) -> ProcessTree | None:
        """Find the browser that was started with this word on its command line."""
        for pid in _all():
            words = _read(pid, "cmdline").split("\0")
            if marker in words and not any(word.startswith("--type=") for word in words):
                return cls(pid, _stat(pid)[1])
        return None

    def members(self) -> list[int]:
        """Return the processes that are alive, without the driver; those that only wait to be reaped are dead."""
        found = ((pid, _stat(pid)) for pid in _all())
        return [pid for pid, (state, _, group) in found if group == self.leader and state not in "ZX"]

    def memory_mb(self) -> float:
        """Return the memory of browser and driver in MB (10^6) as the kernel shares it out: the sum of PSS.

        Where that may not be read (a sandboxed renderer of another user), what is shared is counted once instead. It takes
        some hundredths of a second.
        """
        shares = [_share(pid) for pid in (*self.members(), self.driver)]
        if any(share is None for share in shares):
            return self.near_mb()
        return sum(share or 0 for share in shares) * _KIBIBYTE / 1e6

    def near_mb(self) -> float:
        """Return about the same, quickly: own pages of each process, and of shared ones and files those of the largest.

        Every process maps the same program file of 200 MB: adding up plain RSS would count it a dozen times.
        """
        sizes = [_resident(pid) for pid in (*self.members(), self.driver)]
        own = sum(anonymous for anonymous, _, _ in sizes)
        common = sum(max((size[kind] for size in sizes), default=0) for kind in (1, 2))
        return (own + common) * _KIBIBYTE / 1e6

    def rss_mb(self) -> float:
        """Return the plain sum of RSS in MB (10^6), as ps would show it."""
        return sum(sum(_resident(pid)) for pid in (*self.members(), self.driver)) * _KIBIBYTE / 1e6

    def kill(self) -> None:
        """End the browser and all it started, at once; it cannot refuse."""
        # A pid is used again some day: only a group that is still led by a browser of ours is ended.
        if self.members():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.leader, signal.SIGKILL)

    def kill_driver(self) -> None:
        """End the driver as well."""
        if "playwright" in _read(self.driver, "cmdline"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.driver, signal.SIGKILL)


def _all() -> list[int]:
    return [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208 - a Path for each is dear


def _read(pid: int, name: str) -> str:
    try:
        # All processes of the host are read, twice for each picture: a Path for each is dear.
        with open(f"{_PROC}/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return file.read().decode("utf-8", "replace")
    except OSError:
        # It ended in between.
        return ""


def _stat(pid: int) -> tuple[str, int, int]:
    """Return state, parent and process group; the name in brackets may hold anything, brackets too."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (fields[0], int(fields[1]), int(fields[2])) if len(fields) > 2 else ("X", 0, 0)


def host_mb() -> float:
    """Return the memory in MB (10^6) that this machine, or the container that we are in, has for everything."""
    sizes = [_KIBIBYTE * int(line.split()[1]) for line in _lines(_PROC / "meminfo") if line.startswith("MemTotal")]
    sizes += [int(line) for path in _LIMITS for line in _lines(path) if line.strip().isdigit()]
    return min(sizes, default=0) / 1e6


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []


def _share(pid: int) -> int | None:
    """Return the proportional set size in KiB; None if it may not be read, 0 if the process is gone."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text("utf-8").splitlines()
    except PermissionError:
        return None
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _resident(pid: int) -> tuple[int, int, int]:
    """Return anonymous, shared and file-backed resident memory in KiB."""
    lines = dict(line.split(":", 1) for line in _read(pid, "status").splitlines() if line.startswith("Rss"))
    kinds = ("RssAnon", "RssShmem", "RssFile")
    anonymous, shared, file = (int(lines[kind].split()[0]) if kind in lines else 0 for kind in kinds)
    return anonymous, shared, file
