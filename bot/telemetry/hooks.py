"""Posts a step of an escalation as JSON that somebody else takes: ntfy, PagerDuty, an SMS gateway."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast

import aiohttp

from bot.domain.escalations import Webhook
from bot.errors import SourceFailed, SourceSlow, SourceUnavailable

_DEADLINE_S = 10.0
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Who names no body gets all there is.
_WHOLE = {name: f"{{{name}}}" for name in ("id", "number", "title", "severity", "service", "since")}


class WebhookPoster:
    """Implements `bot.ports.oncall.Hooks`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, webhook: Webhook, values: Mapping[str, str]) -> None:
        body = filled(_WHOLE if webhook.body is None else webhook.body, values)
        try:
            async with (
                asyncio.timeout(_DEADLINE_S),
                # A redirect would take the headers, which may hold a secret, to somebody else.
                self._session.post(
                    webhook.url, json=body, headers=dict(webhook.headers), allow_redirects=False
                ) as response,
            ):
                status = response.status
        except TimeoutError as error:
            raise SourceSlow("webhook", f"{_DEADLINE_S:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The text of the error may hold the address with its credentials; its class does not.
            raise SourceUnavailable("webhook", type(error).__name__) from error
        if status >= 300:
            raise SourceFailed("webhook", str(status))


def filled(template: object, values: Mapping[str, str]) -> object:
    """Put values into the texts of a JSON body; a placeholder that nobody knows stays as it is."""
    if isinstance(template, str):
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, dict):
        table = cast("dict[Any, Any]", template)
        return {str(name): filled(value, values) for name, value in table.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in cast("list[Any]", template)]
    return template
