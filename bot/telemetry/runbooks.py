"""Runbooks as Markdown below a configured folder, found by the last part of their address, the alert or the service."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path
from urllib.parse import urlsplit

_LIMIT = 8000
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|\d+")


class FolderRunbooks:
    """Implements `bot.ports.Runbooks`; addresses are not fetched, because an alert's text is anybody's."""

    def __init__(self, folder: Path | None, language: str = "en") -> None:
        # A translation stands in a folder of its own: `ko/service-down.md` beside `service-down.md`.
        self._folders = (folder / language, folder) if folder else ()

    async def read(self, url: str, title: str, service: str | None) -> str:
        """Return the text of the runbook, at most 8,000 characters, or nothing. Never raises."""
        return await asyncio.to_thread(self._read, (_last(url), _slug(title), _slug(service or "")))

    def _read(self, names: tuple[str, ...]) -> str:
        for name, folder in itertools.product(filter(None, names), self._folders):
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
