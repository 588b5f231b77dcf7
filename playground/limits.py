"""Discord's rate limits: buckets by route and channel, 50 requests a second over all, and a count of invalid requests.

Source: Discord's developer documentation, "Rate Limits". How large a bucket is Discord tells in headers only; these are
what its answers said in 2026: five messages in five seconds a channel, as many edits, fifty threads in five minutes.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from playground.errors import answer

_GLOBAL: Final = 50
# Cloudflare shuts out who is told so often within ten minutes that a request was none.
_MOST_INVALID, _INVALID_WITHIN_S = 10_000, 600.0
_INVALID: Final = frozenset({401, 403, 429})

# Route by method and path behind the channel: how many, in how many seconds. The rest is hardly limited.
_SIZES: Final[tuple[tuple[str, int, float], ...]] = (
    (r"POST /channels/\d+/messages$", 5, 5.0),
    (r"PATCH /channels/\d+/messages/\d+$", 5, 5.0),
    (r"DELETE /channels/\d+/messages/\d+$", 5, 1.0),
    (r"POST /channels/\d+/messages/\d+/threads$", 50, 300.0),
    (r"GET /channels/\d+/messages$", 10, 5.0),
    (r"PUT /channels/\d+/messages/\d+/reactions/", 1, 0.25),
)
_REST: Final = (50, 1.0)
_NUMBER: Final = re.compile(r"\d{5,}")


@dataclass(slots=True)
class _Bucket:
    """So many requests in a window that begins with the first of them."""

    name: str
    limit: int
    window_s: float
    ends_at: float = 0.0
    used: int = 0


@dataclass
class RateLimits:
    """What a bot may still ask; `on` is for tests that are about something else."""

    on: bool = True
    clock: Callable[[], float] = time.monotonic
    invalid: deque[float] = field(default_factory=deque[float])
    exceeded: int = 0
    _buckets: dict[str, _Bucket] = field(default_factory=dict[str, _Bucket])
    _second: deque[float] = field(default_factory=deque[float])

    def refusal(self, request: web.Request, path: str) -> web.Response | None:
        """Count a request; return 429 if it is one too many."""
        if not self.on or _is_free(path):
            return None
        now = self.clock()
        self._forget(now)
        if len(self.invalid) >= _MOST_INVALID:
            # What stands in front of Discord answers then, and not in JSON.
            return web.Response(text="error code: 1015", status=429, content_type="text/plain")
        if len(self._second) >= _GLOBAL:
            return self._too_many(1 - (now - self._second[0]), None)
        bucket = self._bucket(request.method, path)
        if now >= bucket.ends_at:
            bucket.ends_at, bucket.used = now + bucket.window_s, 0
        if bucket.used >= bucket.limit:
            return self._too_many(bucket.ends_at - now, bucket)
        self._second.append(now)
        bucket.used += 1
        return None

    def headers(self, request: web.Request, path: str) -> dict[str, str]:
        """Say how much is left of the bucket of a request."""
        if not self.on:
            return _headers(_Bucket("playground", 50, 1.0, self.clock() + 1, 1), self.clock())
        return {} if _is_free(path) else _headers(self._bucket(request.method, path), self.clock())

    def judge(self, status: int) -> None:
        """Count an answer that says the request was none."""
        if self.on and status in _INVALID:
            self.invalid.append(self.clock())

    def _bucket(self, method: str, path: str) -> _Bucket:
        line = f"{method} {path}"
        limit, window_s = next(((n, s) for pattern, n, s in _SIZES if re.match(pattern, line)), _REST)
        # One for each route and channel: what is deeper than the first number is no matter.
        first = _NUMBER.search(line)
        rest = line[first.end() :] if first else line
        route = line[: first.start()] + _NUMBER.sub("#", rest) if first else line
        name = hashlib.sha256(route.encode()).hexdigest()[:32]
        key = f"{name}:{first.group() if first else ''}"
        return self._buckets.setdefault(key, _Bucket(name, limit, window_s))

    def _too_many(self, after_s: float, bucket: _Bucket | None) -> web.Response:
        self.exceeded += 1
        after_s = max(after_s, 0.001)
        scope = (
            {"X-RateLimit-Scope": "user"} if bucket else {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"}
        )
        more = _headers(bucket, self.clock()) if bucket else {}
        body = {"message": "You are being rate limited.", "retry_after": round(after_s, 3), "global": bucket is None}
        return answer(body, 429, {"Retry-After": str(int(after_s) + 1), "Via": "1.1 playground", **scope, **more})

    def _forget(self, now: float) -> None:
        while self._second and now - self._second[0] >= 1:
            self._second.popleft()
        while self.invalid and now - self.invalid[0] >= _INVALID_WITHIN_S:
            self.invalid.popleft()


def _is_free(path: str) -> bool:
    """Answers to interactions count for no limit of the bot's."""
    return path.startswith(("/interactions/", "/webhooks/"))


def _headers(bucket: _Bucket, now: float) -> dict[str, str]:
    left_s = max(bucket.ends_at - now, 0.0)
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(max(bucket.limit - bucket.used, 0)),
        "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
        "X-RateLimit-Reset-After": f"{left_s:.3f}",
        "X-RateLimit-Bucket": bucket.name,
    }
