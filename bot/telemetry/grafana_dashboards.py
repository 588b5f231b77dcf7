"""Asks Grafana for dashboards and annotations, through grafana-client.

`bot.app` imports this module only when Grafana is configured: the library brings an HTTP stack of its own, some 12 MiB
of memory on a host that has two GiB for everything.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast
from urllib.parse import quote

import niquests
from grafana_client.api import AsyncGrafanaApi
from grafana_client.client import GrafanaException, TokenAuth

from bot.domain.shortening import one_line, shorten
from bot.domain.telemetry import Change, ChangeKind, Window
from bot.domain.views import DashboardLink
from bot.errors import QueryRejected, SourceError, SourceFailed, SourceSlow, SourceUnavailable
from bot.i18n import Phrase
from bot.telemetry.http import DETAIL, OUR_MISTAKE, refusal, without
from bot.telemetry.readings import plain
from bot.telemetry.shapes import items, obj, objects

# Grafana refuses more at once; whoever has more than four times as many looks for a dashboard in Grafana.
_LIMIT = 5000
_PAGES = 4

_ANNOTATIONS: Final = 1000
_BODY_LIMIT: Final = 5 * 1024 * 1024
_TEXT_LIMIT: Final = 300
# Nobody reads further; what is cut off is not searched for marks either.
_MARKED_UP_LIMIT: Final = 10_000
# Ours, about silences: what Bongsu did is no cause of anything.
_OURS: Final = "bongsu"
_KINDS: Final = {
    "deploy": ChangeKind.DEPLOY,
    "deployment": ChangeKind.DEPLOY,
    "release": ChangeKind.DEPLOY,
    "config": ChangeKind.CONFIG,
    "flag": ChangeKind.FLAG,
    "feature-flag": ChangeKind.FLAG,
    "restart": ChangeKind.RESTART,
}
_SERVICE_TAG: Final = re.compile(r"service[:=]\s*(\S.*)", re.IGNORECASE | re.DOTALL)
# Without `<` inside, so that a text of nothing but `<` is read once.
_NEW_LINE_TAG: Final = re.compile(r"<(?:br|/?p|/?div|/?li)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)


class GrafanaDashboards:
    """Implements `bot.ports.Dashboards`."""

    name = "grafana"

    def __init__(self, api: AsyncGrafanaApi, public_url: str, timeout_s: float, token: str) -> None:
        self._api = api
        self._public_url = public_url.rstrip("/")
        self._timeout_s = timeout_s
        self._token = token

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, token: str, public_url: str, timeout_s: float) -> AsyncGenerator[GrafanaDashboards]:
        """Open a connection pool; the library wants a slash at the end of the address."""
        api = AsyncGrafanaApi.from_url(url.rstrip("/") + "/", credential=TokenAuth(token), timeout=timeout_s)
        # A redirect leads to a login page, or takes our token to somebody else.
        api.client.s.max_redirects = 0
        # The library would read as much as comes.
        hooks: Any = api.client.s.hooks
        hooks["response"] = [_read]
        try:
            yield cls(api, public_url or url, timeout_s, token)
        finally:
            await api.client.s.close()

    async def search(self) -> Sequence[DashboardLink]:
        found: dict[str, DashboardLink] = {}
        for page in range(1, _PAGES + 1):
            async with self._translated():
                raw: Any = await self._api.search.search_dashboards(type_="dash-db", limit=_LIMIT, page=page)
            links = [self._link(item) for item in objects(raw, self.name)]
            # One that is made or renamed meanwhile may stand on two pages.
            found |= {link.uid: link for link in links}
            if len(links) < _LIMIT:
                break
        return list(found.values())

    async def annotations(self, window: Window) -> Sequence[Change]:
        async with self._translated():
            raw: Any = await self._api.annotations.find_annotations(
                time_from=int(window.start.timestamp() * 1000),
                time_to=int(window.end.timestamp() * 1000),
                # Otherwise the history of alerts fills the answer.
                ann_type="annotation",
                limit=_ANNOTATIONS,
            )
        found = [_change(item) for item in objects(raw, self.name)]
        return sorted((change for change in found if change), key=lambda change: change.at)

    async def ping(self) -> None:
        async with self._translated():
            raw: Any = await self._api.search.search_dashboards(type_="dash-db", limit=1)
        objects(raw, self.name)

    def _link(self, raw: dict[str, Any]) -> DashboardLink:
        uid = str(raw.get("uid", ""))
        return DashboardLink(
            uid=uid,
            title=str(raw.get("title", "")),
            # Not the hit's own address: below a sub-path that one already contains it.
            url=f"{self._public_url}/d/{quote(uid, safe='')}",
            folder=str(raw.get("folderTitle") or ""),
            tags=tuple(str(tag) for tag in items(raw.get("tags"))),
        )

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as error:
            raise SourceSlow(self.name, Phrase("reach.silent", seconds=f"{self._timeout_s:g}")) from error
        except GrafanaException as error:
            raise self._judged(error) from error
        except niquests.exceptions.TooManyRedirects as error:
            raise SourceUnavailable(self.name, Phrase("reach.elsewhere", status=302)) from error
        except niquests.exceptions.JSONDecodeError as error:
            raise SourceUnavailable(self.name, Phrase("reach.no_json")) from error
        except (niquests.exceptions.RequestException, OSError, ValueError, RecursionError) as error:
            raise SourceUnavailable(self.name, type(error).__name__) from error

    def _judged(self, error: GrafanaException) -> SourceError:
        words = plain(obj(error.response).get("message"))[:DETAIL]
        if error.status_code in OUR_MISTAKE:
            return QueryRejected(self.name, words or str(error.status_code))
        # The library makes status 0 of what happens before there is an answer.
        if not error.status_code:
            return SourceUnavailable(self.name, "no answer")
        return SourceFailed(self.name, refusal(error.status_code, without((self._token,), words)))


async def _read(response: niquests.AsyncResponse, **_: Any) -> None:
    """Read the body of an answer, but not more than we can hold."""
    body = bytearray()
    async for chunk in await response.iter_content(64 * 1024):
        body += chunk
        if len(body) > _BODY_LIMIT:
            await response.close()
            raise SourceUnavailable(GrafanaDashboards.name, Phrase("reach.too_large", bytes=_BODY_LIMIT))
    # The library has no name for "this has been read"; its own `content` sets the same.
    response._content = bytes(body)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def _change(raw: dict[str, Any]) -> Change | None:
    at_ms, raw_tags = raw.get("time"), raw.get("tags")
    tags = [plain(tag).strip() for tag in cast("list[object]", raw_tags)] if isinstance(raw_tags, list) else []
    words = [tag.lower() for tag in tags]
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    # Nine digits more than now: anything longer is no time, and too long for arithmetic.
    if kind is None or _OURS in words or type(at_ms) is not int or not 0 < at_ms < 10**15:
        return None
    number = raw.get("id")
    named = (match[1].strip() for match in map(_SERVICE_TAG.fullmatch, tags) if match)
    return Change(
        at=at_ms / 1000,
        kind=kind,
        id=str(number) if type(number) is int else "",
        text=_one_line(plain(raw.get("text"))[:_MARKED_UP_LIMIT]),
        service=next(named, None),
    )


def _one_line(marked_up: str) -> str:
    words = html.unescape(_TAG.sub("", _NEW_LINE_TAG.sub(" ", marked_up)))
    return shorten(one_line(words), _TEXT_LIMIT)
