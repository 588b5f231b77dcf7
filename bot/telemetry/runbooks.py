"""Runbooks as Markdown below a configured folder, found by the last part of their address, the alert or the service."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

_LIMIT = 8000
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|\d+")


class FolderRunbooks:
    """Implements `bot.ports.Runbooks`; addresses are not fetched, because an alert's text is anybody's."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def read(self, url: str, title: str, service: str | None) -> str:
        """Return the text of the runbook, at most 8,000 characters, or nothing. Never raises."""
        if self._folder is None:
            return ""
        return await asyncio.to_thread(self._read, self._folder, (_last(url), _slug(title), _slug(service or "")))

    def _read(self, folder: Path, names: tuple[str, ...]) -> str:
        for name in filter(None, names):
            try:
                with (folder / f"{name}.md").open("rb") as file:
                    return file.read(4 * _LIMIT).decode("utf-8", "replace")[:_LIMIT]
            except OSError:
                continue
        return ""


def _last(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return _slug(path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".md"))


def _slug(name: str) -> str:
    return "-".join(word.lower() for word in _WORD.findall(name[:120]))
