"""The few REST routes of Discord an announcer needs, on a real socket, with answers a test can order."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

BOT_ID, GUILD_ID = "900", "77"
_REST: web.AppKey[Rest] = web.AppKey("rest")
_EPOCH_MS = 1_420_070_400_000


@dataclass
class Rest:
    """A guild with channels and messages; `ordered` answers are given first, one per message request."""

    channels: dict[str, str] = field(default_factory=lambda: {"501": "alert-urgent", "502": "alert-normal"})
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    messages: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ordered: list[tuple[int, dict[str, Any] | str]] = field(default_factory=list[tuple[int, dict[str, Any] | str]])
    denied: set[str] = field(default_factory=set[str])
    # Read they may be, but nothing is taken.
    closed: set[str] = field(default_factory=set[str])
    garbled: list[str] = field(default_factory=list[str])
    channel_lists: int = 0
    address: str = ""
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def order_page(self, status: int) -> None:
        """Answer next with a page in HTML, as what stands in front of Discord does."""
        self.ordered.append((status, "<html><title>error</title></html>"))

    def order(self, status: int, code: int = 0, **body: Any) -> None:
        self.ordered.append((status, {"code": code, "message": f"ordered {code}", **body}))

    def rename(self, old: str, new_id: str) -> None:
        """Delete a channel and make it anew under the same name."""
        gone = next(number for number, name in self.channels.items() if name == old)
        del self.channels[gone]
        self.channels[new_id] = old


def answer(body: Any, status: int = 200, **headers: str) -> web.Response:
    # discord.py compares the content type with ==, so no charset may follow it.
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **headers}
    )


@asynccontextmanager
async def running() -> AsyncIterator[Rest]:
    rest = Rest()
    app = web.Application()
    app[_REST] = rest
    app.add_routes(
        [
            web.get("/api/v10/users/@me", _me),
            web.get("/api/v10/oauth2/applications/@me", _application),
            web.get("/api/v10/guilds/{guild}/channels", _channels),
            web.post("/api/v10/channels/{channel}/messages", _post),
            web.get("/api/v10/channels/{channel}/messages", _history),
            web.patch("/api/v10/channels/{channel}/messages/{message}", _patch),
            web.get("/api/v10/channels/{channel}/messages/{message}", _one),
            web.delete("/api/v10/channels/{channel}/messages/{message}", _one),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    rest.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield rest
    finally:
        await runner.cleanup()


async def _me(_: web.Request) -> web.Response:
    return answer({"id": BOT_ID, "username": "bongsu", "discriminator": "0", "avatar": None, "bot": True})


async def _application(_: web.Request) -> web.Response:
    owner = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None}
    words = {"name": "bongsu", "description": "", "verify_key": "", "icon": None, "summary": ""}
    return answer({"id": BOT_ID, "owner": owner, "bot_public": False, "bot_require_code_grant": False, **words})


async def _channels(request: web.Request) -> web.Response:
    rest = request.app[_REST]
    rest.channel_lists += 1
    found = [
        {"id": number, "name": name, "type": rest.kinds.get(number, 0), "position": 0, "guild_id": GUILD_ID}
        for number, name in rest.channels.items()
    ]
    return answer(found)


def _refusal(rest: Rest, request: web.Request) -> web.Response | None:
    if rest.ordered:
        status, body = rest.ordered.pop(0)
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        headers = {"Via": "1.1 test", "Retry-After": "1"} if status == 429 else {}
        return answer(body, status, **headers)
    if request.match_info["channel"] in rest.denied:
        return answer({"code": 50001, "message": "Missing Access"}, 403)
    if request.match_info["channel"] not in rest.channels:
        return answer({"code": 10003, "message": "Unknown Channel"}, 404)
    return None


async def _post(request: web.Request) -> web.Response:
    rest = request.app[_REST]
    body = await request.json()
    rest.bodies.append(body)
    refused = _refusal(rest, request)
    if refused:
        return refused
    if request.match_info["channel"] in rest.closed:
        return answer({"code": 50013, "message": "Missing Permissions"}, 403)
    for known in rest.messages.values():
        if body.get("enforce_nonce") and known["nonce"] == body["nonce"]:
            return answer(known)
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    number = str(((milliseconds - _EPOCH_MS) << 22) + next(rest.ids))
    message = {
        "id": number,
        "type": 0,
        "content": body.get("content") or "",
        "channel_id": request.match_info["channel"],
        "author": {"id": BOT_ID, "username": "bongsu", "discriminator": "0", "avatar": None, "bot": True},
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "timestamp": datetime.now(UTC).isoformat(),
        "edited_timestamp": None,
        "flags": body.get("flags", 0),
        "components": body.get("components", []),
        "nonce": body.get("nonce"),
    }
    rest.messages[number] = message
    if rest.garbled:
        return web.Response(body=rest.garbled.pop(0).encode(), headers={"Content-Type": "application/json"})
    return answer(message)


async def _patch(request: web.Request) -> web.Response:
    rest = request.app[_REST]
    body = await request.json()
    rest.bodies.append(body)
    refused = _refusal(rest, request)
    if refused:
        return refused
    message = rest.messages.get(request.match_info["message"])
    if message is None:
        return answer({"code": 10008, "message": "Unknown Message"}, 404)
    message.update({name: value for name, value in body.items() if name in ("components", "content", "flags")})
    return answer(message)


async def _one(request: web.Request) -> web.Response:
    """Answer with a message; or take it away."""
    number, messages = request.match_info["message"], request.app[_REST].messages
    if number not in messages:
        return answer({"code": 10008, "message": "Unknown Message"}, 404)
    if request.method == "GET":
        return answer(messages[number])
    del messages[number]
    return web.Response(status=204)


async def _history(request: web.Request) -> web.Response:
    rest = request.app[_REST]
    channel = request.match_info["channel"]
    if channel in rest.denied:
        return answer({"code": 50001, "message": "Missing Access"}, 403)
    found = [message for message in rest.messages.values() if message["channel_id"] == channel]
    return answer(found[::-1][: int(request.query["limit"])])
