"""The shop as the playground's page sees it: faults to be shown and switched."""

from __future__ import annotations

from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=3)


class ShopClient:
    """Asks the shop over HTTP; a shop that does not answer has no faults to show."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/shop/faults"

    async def faults(self) -> list[dict[str, Any]]:
        """Return the faults as the page shows them."""
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(self._url) as response:
                return await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return []

    async def switch(self, name: str, on: bool) -> None:
        """Switch one on or off. Raises ValueError if the shop does not do it."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(self._url, json={"name": name, "on": on}) as response,
            ):
                if response.status != 200:
                    raise ValueError(await response.text())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ValueError("the shop does not answer") from error
