"""Names what takes a picture of a dashboard."""

from __future__ import annotations

from typing import Protocol

from bot.domain.pictures import Picture, Shot


class Camera(Protocol):
    """A browser, an image renderer, or somebody who draws."""

    name: str

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        """Take a picture that was checked. Raises NoPicture with the reason, never later than the deadline."""
        ...
