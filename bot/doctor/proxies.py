"""Tells which proxy language models are asked through: the environment's, which their libraries read and nothing else does."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import SourceUnavailable
from bot.i18n import Phrase

_NAMES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy"})


def set_proxies() -> list[str]:
    """Return the variables that name a proxy, as they are written."""
    return [name for name in sorted(os.environ) if name.lower() in _NAMES and os.environ[name]]


def proxy_of(url: str) -> str | None:
    """Return the proxy on the way to a language model; None for none, and for a kind that only their libraries speak (SOCKS)."""
    address = urlsplit(url)
    if proxy_bypass(address.netloc):
        return None
    known = getproxies()
    found = known.get(address.scheme) or known.get("all") or ""
    return found if found.startswith(("http://", "https://")) else None


def by_proxy(proxy: str | None, error: SourceUnavailable) -> SourceUnavailable:
    """Name the proxy in what a language model's server is said to lack: either may be what does not answer."""
    if proxy is None:
        return error
    place = urlsplit(proxy)
    values = {"proxy": f"{place.hostname}:{place.port or place.scheme}", "detail": error.detail}
    return SourceUnavailable(error.source, Phrase("reach.by_proxy", **values))
