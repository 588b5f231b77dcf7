"""Reads what is posted at a bearable size: of a larger body its beginning and end, and how many alerts stood between."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from typing import Final

from aiohttp import StreamReader

from bot.domain.bodies import KEPT_BYTES, READ_BYTES, cut_body

# Behind the alerts stands what groups them; Grafana's texts over all alerts may be long.
_END_BYTES: Final = 512 * 1024
_EACH_HAS: Final = b'"startsAt"'


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The bytes that are kept; `left_out` alerts stood in what is not."""

    body: bytes
    left_out: int = 0
    whole: bool = True

    async def opened(self) -> bytes:
        """Return a body that can be read and stored. Raises InvalidNotification."""
        return self.body if self.whole else await asyncio.to_thread(cut_body, self.body, self.left_out)


async def received(content: StreamReader, signer: hmac.HMAC | None) -> RequestBody | None:
    """Read what is posted, and have all of it signed; None for more than is even counted."""
    head, rest = bytearray(), bytearray()
    read = left_out = 0
    async for chunk in content.iter_any():
        read += len(chunk)
        if read > READ_BYTES:
            return None
        if signer:
            signer.update(chunk)
        room = KEPT_BYTES - len(head)
        head += chunk[:room]
        rest += chunk[room:]
        if len(rest) > 4 * _END_BYTES:
            gone = len(rest) - _END_BYTES
            left_out += rest.count(_EACH_HAS, 0, gone)
            del rest[:gone]
    return RequestBody(bytes(head + rest) if rest else bytes(head), left_out, whole=not rest)
