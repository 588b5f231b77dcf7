"""Faults on order: what the next requests meet instead of an answer, and a record of every request."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from playground.errors import answer

Json = dict[str, Any]

KINDS = frozenset({"rate_limit", "error", "drop", "delay", "refuse", "hang"})


@dataclass
class RequestFault:
    """What happens to requests whose `METHOD /path` matches `route`, `times` times (-1: until cleared)."""

    kind: str
    route: str = ".*"
    times: int = 1
    seconds: float = 0.0
    status: int = 500
    code: int = 0
    after: bool = False

    def takes(self, request: str) -> bool:
        """Tell whether it applies, and count it."""
        if self.times == 0 or not re.search(self.route, request):
            return False
        if self.times > 0:
            self.times -= 1
        return True


@dataclass
class Faults:
    """The faults on order."""

    ordered: list[RequestFault] = field(default_factory=list[RequestFault])

    def order(self, kind: str, **details: Any) -> None:
        """Order a fault; `after` lets the request take effect and only spoils the answer."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is none of {', '.join(sorted(KINDS))}")
        self.ordered.append(RequestFault(kind, **details))

    def clear(self) -> None:
        """Forget all faults."""
        self.ordered.clear()

    async def meet(self, request: web.Request, *, after: bool) -> web.Response | None:
        """Spoil a request if a fault takes it."""
        line = f"{request.method} {request.path}"
        fault = next((each for each in self.ordered if each.after is after and each.takes(line)), None)
        if fault is None:
            return None
        if fault.kind in ("delay", "hang"):
            await asyncio.sleep(fault.seconds or 3600)
            return None
        if fault.kind == "drop":
            if request.transport:
                request.transport.close()
            return web.Response(status=500)
        if fault.kind == "rate_limit":
            body = {"message": "You are being rate limited.", "retry_after": fault.seconds, "global": False}
            # discord.py takes a 429 without Via for a ban by the proxy in front of Discord.
            headers = {"Retry-After": str(fault.seconds), "X-RateLimit-Scope": "user", "Via": "1.1 playground"}
            return answer(body, 429, headers)
        status = 403 if fault.kind == "refuse" else fault.status
        code = fault.code or (50013 if fault.kind == "refuse" else 0)
        return answer({"code": code, "message": "Missing Permissions" if status == 403 else "fault"}, status)


@dataclass
class Records:
    """What the bot asked and what it was told, for tests that judge it afterwards."""

    requests: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=20_000))
    unhandled: list[str] = field(default_factory=list[str])

    def add(self, request: web.Request, payload: Any, response: web.StreamResponse, started: float) -> None:
        """Write down one exchange."""
        self.requests.append(
            {
                "at": time.time(),
                "method": request.method,
                "path": request.path,
                "query": dict(request.query),
                "payload": payload,
                "content_type": request.content_type,
                "status": response.status,
                "seconds": time.monotonic() - started,
            }
        )
