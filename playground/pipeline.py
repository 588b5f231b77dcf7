"""The shop's CI: whoever switches the fault `deploy` has deployed something, and the bot is told of it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import aiohttp

from playground.shop.client import ShopClient

_TIMEOUT = aiohttp.ClientTimeout(total=2)
_FAULT = "deploy"


class Pipeline(ShopClient):
    """Switches faults, and posts a deploy where CI would have made one."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._hook = ""
        self._token = ""

    def report_to(self, bot_url: str, token: str) -> None:
        """Tell the bot of deploys from now on."""
        self._hook, self._token = f"{bot_url}/webhooks/deploy", token

    async def switch(self, name: str, on: bool) -> None:
        """Switch one on or off. Raises ValueError if the shop does not do it."""
        was_on = name == _FAULT and any(fault["name"] == name and fault["on"] for fault in await self.faults())
        at = datetime.now(UTC)
        await super().switch(name, on)
        # The rollback is a deploy as well.
        if name == _FAULT and on != was_on:
            await self.announce("2.5.0" if on else "2.4.0", "Deploy" if on else "Roll back to", at)

    async def announce(self, version: str, what: str, at: datetime) -> bool:
        """Tell the bot of a deploy of api; return whether it listened. A bot that does not is no reason to stop."""
        if not self._hook:
            return False
        told = {
            "service": "api",
            "id": f"{version}-{secrets.token_hex(4)}",
            "text": f"{what} api {version}",
            "at": at.isoformat(timespec="milliseconds"),
            "kind": "deploy",
        }
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(self._hook, json=told, headers=headers) as response,
            ):
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False
