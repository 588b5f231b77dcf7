"""Asks the servers we may be configured for whether they are there, and what we may do."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from bot.app.settings import Settings
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj

# What each right is needed for stands in docs/setup.md, step 7. One of each line is enough.
_NEEDED = (
    ("alert.instances:read", "alert.silences:read"),
    ("alert.instances:create", "alert.silences:create"),
    ("alert.instances:write", "alert.silences:write"),
    ("alert.rules:read",),
    ("dashboards:read",),
    ("annotations:create",),
    ("annotations:write",),
    ("annotations:read",),
)


@dataclass(frozen=True, slots=True)
class GrafanaRights:
    """What the token lacks, and whether Grafana's own links would lead nowhere."""

    missing: tuple[str, ...]
    root_url_is_local: bool


async def grafana_rights(http: JsonClient) -> GrafanaRights:
    """Ask Grafana what our token may do. Raises SourceError."""
    granted = obj(await http.get("api/access-control/user/permissions"))
    frontend = obj(await http.get("api/frontend/settings"))
    app_url = str(frontend.get("appUrl", ""))
    missing = tuple(choices[0] for choices in _NEEDED if not any(choice in granted for choice in choices))
    return GrafanaRights(missing, "://localhost" in app_url or "://127.0.0.1" in app_url)


def own_credential(settings: Settings) -> dict[str, str]:
    """Return the header with which Bongsu lets itself in."""
    token, password = settings.webhook_token.get_secret_value(), settings.webhook_password.get_secret_value()
    if token:
        return {"Authorization": f"Bearer {token}"}
    if settings.webhook_user and password:
        return {"Authorization": aiohttp.BasicAuth(settings.webhook_user, password).encode()}
    return {}


def own_url(settings: Settings) -> str:
    """Return where Bongsu itself listens, seen from this machine."""
    everywhere = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not listened on
    host = "127.0.0.1" if settings.webhook_host in everywhere else settings.webhook_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.webhook_port}"
