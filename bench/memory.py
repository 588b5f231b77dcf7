"""How much memory a process holds, as the kernel tells it."""

from __future__ import annotations

from pathlib import Path


def resident_mb(pid: int) -> float:
    """Return the megabytes of a process that are in memory."""
    return _kibibytes(Path(f"/proc/{pid}/status"), "VmRSS") * 1024 / 1e6


def proportional_mb(pid: int) -> float:
    """Return the same, where what several processes share is divided among them."""
    return _kibibytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") * 1024 / 1e6


def _kibibytes(path: Path, field: str) -> int:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        # It ended while we were reading; then it holds nothing.
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)
