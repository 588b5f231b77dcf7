"""Grafana's dashboards and annotations, through grafana-client.

`bot.app` imports this module only when Grafana is configured: the library brings an HTTP stack of its own, some 12 MiB
of memory on a host that has two GiB for everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import niquests
from grafana_client.api import AsyncGrafanaApi
from grafana_client.client import GrafanaException, TokenAuth

from bot.domain.views import DashboardLink
from bot.errors import QueryRejected, SourceError, SourceUnavailable
from bot.telemetry.http import DETAIL, OUR_MISTAKE, refusal
from bot.telemetry.shapes import obj, objects

_LIMIT = 5000


class GrafanaDashboards:
    """Implements `bot.ports.Dashboards`."""

    name = "grafana"

    def __init__(self, api: AsyncGrafanaApi, public_url: str, timeout_s: float) -> None:
        self._api = api
        self._public_url = public_url.rstrip("/")
        self._timeout_s = timeout_s

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, token: str, public_url: str, timeout_s: float) -> AsyncGenerator[GrafanaDashboards]:
        """Open a connection pool; the library wants a slash at the end of the address."""
        api = AsyncGrafanaApi.from_url(url.rstrip("/") + "/", credential=TokenAuth(token), timeout=timeout_s)
        # A redirect leads to a login page, or takes our token to somebody else.
        api.client.s.max_redirects = 0
        try:
            yield cls(api, public_url or url, timeout_s)
        finally:
            await api.client.s.close()

    async def search(self) -> Sequence[DashboardLink]:
        """Return all dashboards, at most 5,000."""
        async with self._translated():
            raw: Any = await self._api.search.search_dashboards(type_="dash-db", limit=_LIMIT)
        return [self._link(item) for item in objects(raw, self.name)]

    async def annotate(self, text: str, tags: Sequence[str], at: datetime) -> None:
        """Write an annotation for the whole organisation."""
        async with self._translated():
            raw: Any = await self._api.annotations.add_annotation(
                time_from=int(at.timestamp() * 1000), tags=list(tags), text=text
            )
        if not obj(raw):
            # The library takes a sign-in page with status 200 for success.
            raise SourceUnavailable(self.name, "the answer is not JSON")

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached with our credentials."""
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
            tags=tuple(str(tag) for tag in raw.get("tags") or ()),
        )

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as error:
            raise SourceUnavailable(self.name, f"no answer within {self._timeout_s:g} s") from error
        except GrafanaException as error:
            raise self._judged(error) from error
        except niquests.exceptions.TooManyRedirects as error:
            raise SourceUnavailable(self.name, "it sends us somewhere else, probably to a login page") from error
        except niquests.exceptions.JSONDecodeError as error:
            raise SourceUnavailable(self.name, "the answer is not JSON") from error
        except (niquests.exceptions.RequestException, OSError, ValueError) as error:
            raise SourceUnavailable(self.name, type(error).__name__) from error

    def _judged(self, error: GrafanaException) -> SourceError:
        if error.status_code in OUR_MISTAKE:
            return QueryRejected(
                self.name, str(obj(error.response).get("message") or "")[:DETAIL] or str(error.status_code)
            )
        # The library makes status 0 of what happens before there is an answer.
        return SourceUnavailable(self.name, refusal(error.status_code) if error.status_code else "no answer")
