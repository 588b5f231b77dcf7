"""Names what is remembered between two lives of the process."""

from __future__ import annotations

from typing import Protocol


class Keepsakes(Protocol):
    """Small things to remember between two lives of the process, by name."""

    async def recall(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        ...

    async def remember(self, name: str, value: str) -> None:
        """Remember a value in place of the one before."""
        ...
