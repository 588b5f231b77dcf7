"""Sends requests only while this process leads; a suspended one that wakes sends none of those it was about to send."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp


class NotLeading(aiohttp.ClientConnectionError):
    """Another process leads, so nothing was sent."""


def only_while(holds: Callable[[], bool]) -> aiohttp.ClientMiddlewareType:
    """Make what looks at the lease before each request. Its requests raise NotLeading without one."""

    async def send(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if not holds():
            raise NotLeading("another process leads")
        return await handler(request)

    return send
