"""Serves `GET /runbooks/<name>`: a runbook as a page, for teams whose runbooks are read nowhere else."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from aiohttp import web

from bot.i18n import LANGUAGES
from bot.ports import Runbooks

ROUTES = ("/runbooks/{page}", f"/runbooks/{{language:{'|'.join(LANGUAGES)}}}/{{page}}")

# A runbook is somebody's text: no script, nothing fetched.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


_PLACE = re.compile(r"\{\{ (language|title|page) \}\}")


def runbook_pages(runbooks: Runbooks):  # noqa: ANN201 - aiohttp's own type of a handler
    """Return the handler."""

    async def page(request: web.Request) -> web.Response:
        language = request.match_info.get("language") or _language(request.headers.get("Accept-Language", ""))
        written = await runbooks.page(request.match_info["page"], language)
        if not written:
            raise web.HTTPNotFound(text="404\n", headers=_HEADERS)
        shown = await asyncio.to_thread(_document, written, language)
        return web.Response(text=shown, content_type="text/html", headers=_HEADERS | {"Content-Language": language})

    return page


def _language(accepted: str) -> str:
    """Return the first of the languages of a browser that we have; their weights are in their order."""
    named = (each.strip()[:2].lower() for each in accepted[:500].split(","))
    return next((each for each in named if each in LANGUAGES), "en")


# Anybody may ask as often as they like; pages are few, and change seldom.
@lru_cache(maxsize=64)
def _document(written: str, language: str) -> str:
    # Takes a tenth of a second to import, and most processes show no page.
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    def unlinked(tokens: Sequence[Token]) -> None:
        """Leave the words of a link that leads out of the folder: only its pages are served."""
        outside: list[bool] = []
        for token in tokens:
            if token.type == "link_open":
                outside.append(str(token.attrGet("href") or "").startswith("."))
            if token.type in ("link_open", "link_close") and outside[-1]:
                token.tag = "span"
                token.attrs.clear()
            if token.type == "link_close":
                outside.pop()

    # Without HTML of the page's own; pictures would be fetched from anywhere.
    reader = MarkdownIt("js-default", {"html": False}).disable("image")
    tokens = reader.parse(written)
    for token in tokens:
        unlinked(token.children or ())
    title = next((line.lstrip("# ").strip() for line in written.splitlines() if line.startswith("# ")), "")
    frame = (files("bot.web") / "runbook.html").read_text("utf-8")
    said = {
        "language": language,
        "title": html.escape(title),
        "page": reader.renderer.render(tokens, reader.options, {}),
    }
    # In one go: what a page is called may look like one of our places.
    return _PLACE.sub(lambda found: said[found[1]], frame)
