"""What stood out when nothing had happened yet: the services as series alone show them, at the alert and at earlier times.

What lines, spans and changes say is left out, because hardly any are known of earlier times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.telemetry import Observations
from bot.ranking.features import vectors
from bot.ranking.metrics import Looked
from bot.ranking.vector import Vector


def plainly(
    seen: Observations, looked: Looked, requests: Mapping[str, float]
) -> tuple[Sequence[Vector], Sequence[Sequence[Vector]]]:
    """Return the vectors of all services now, and those at each earlier time; nothing at all where none was looked at."""
    if not looked.earlier:
        return (), ()
    alone = replace(seen, lines=(), spans=(), changes=())
    now = list(vectors(alone, looked.found, requests, ()).values())
    return now, [list(vectors(alone, found, requests, ()).values()) for found in looked.earlier]
