"""Reads runbooks below a configured folder, found by the last part of their address, the alert or the service."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.domain.runbooks import key_of

log = logging.getLogger(__name__)

_LIMIT = 8000
# A page that is read as such is longer than what an investigation takes of it.
_PAGE_LIMIT = 100_000


class FolderRunbooks:
    """Implements `bot.ports.Runbooks`; addresses are not fetched, because an alert's text is anybody's."""

    def __init__(self, folder: Path | None, language: str = "en") -> None:
        self._folder = folder
        self._language = language

    def names(self) -> Mapping[str, str]:
        """Return the names of all pages, as their files have them, by what `key_of` makes of them."""
        return {key: path.stem for folder in reversed(self._folders(self._language)) for key, path in _pages(folder)}

    async def read(self, url: str, title: str, service: str | None) -> str:
        wanted = tuple(map(key_of, (url, title, service or "")))
        return await asyncio.to_thread(self._read, wanted, self._language, _LIMIT)

    async def page(self, name: str, language: str) -> str:
        return await asyncio.to_thread(self._read, (key_of(name),), language, _PAGE_LIMIT)

    def _folders(self, language: str) -> Sequence[Path]:
        # A translation stands in a folder of its own: `ko/service-down.md` beside `service-down.md`.
        return (self._folder / language, self._folder) if self._folder else ()

    def _read(self, wanted: Sequence[str], language: str, limit: int) -> str:
        folders = [dict(_pages(folder)) for folder in self._folders(language)]
        for key, pages in itertools.product(wanted, folders):
            if key not in pages:
                continue
            try:
                with pages[key].open("rb") as file:
                    return file.read(4 * limit).decode("utf-8", "replace")[:limit]
            except OSError as error:
                log.warning("the runbook %s cannot be read: %s", pages[key], error)
        return ""


def _pages(folder: Path) -> Sequence[tuple[str, Path]]:
    try:
        return [(key, path) for path in sorted(folder.glob("*.md")) if (key := key_of(path.name))]
    except OSError:
        return []
