"""How Discord says no: a status, a code, and a tree of what is wrong where."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class Refusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"code": code, "message": message, **({"errors": errors} if errors else {})}

    def response(self) -> web.Response:
        """Return the HTTP answer."""
        return answer(self.body, self.status)


def invalid(path: str, code: str, message: str) -> Refusal:
    """Refuse a body: 50035 with Discord's tree of errors under a dotted path."""
    tree: Json = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(path.split(".")):
        tree = {step: tree}
    return Refusal(400, 50035, "Invalid Form Body", tree)


def unknown(what: str, code: int) -> Refusal:
    """Refuse with 404."""
    return Refusal(404, code, f"Unknown {what}")


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer JSON; discord.py compares the content type with `==`, so no charset may follow it."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def nothing() -> web.Response:
    """Answer 204."""
    return web.Response(status=204)
