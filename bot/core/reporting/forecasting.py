"""Finds certificates and disks that will run out, where Prometheus knows of any.

Source: blackbox_exporter's probe_ssl_earliest_cert_expiry; node_exporter's node_filesystem_avail_bytes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.errors import SourceError
from bot.ports import Metrics
from bot.reporting.outlook import Ending, Kind

_DAY_S: Final = 86_400
_CERTIFICATES: Final = f"probe_ssl_earliest_cert_expiry - time() < {30 * _DAY_S}"
_DISK: Final = 'node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|fuse.*|nsfs"}'
# What the last two days say of the next two weeks, and when the line comes to nothing.
_DISKS: Final = (
    f"({_DISK} / -deriv({_DISK}[2d]) > 0) and predict_linear({_DISK}[2d], {14 * _DAY_S}) < 0 and deriv({_DISK}[2d]) < 0"
)
_DEADLINE_S: Final = 10.0
_MOST: Final = 10


class Forecasting:
    """Asks what runs out; a Prometheus that does not answer knows of nothing."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._metrics = metrics

    async def endings(self, at: datetime) -> list[Ending]:
        """Return what runs out, the first first: certificates within 30 days, disks within 14."""
        certificates = await self._ask(_CERTIFICATES, Kind.CERTIFICATE, at)
        disks = await self._ask(_DISKS, Kind.DISK, at)
        soonest: dict[tuple[Kind, str], Ending] = {}
        for each in sorted([*certificates, *disks], key=lambda each: each.at):
            soonest.setdefault((each.kind, each.name), each)
        return list(soonest.values())[:_MOST]

    async def _ask(self, promql: str, kind: Kind, at: datetime) -> Sequence[Ending]:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                samples = await self._metrics.query(promql) if self._metrics else ()
        except (SourceError, TimeoutError):
            return []
        return [
            Ending(kind, _name(kind, each.labels), at + timedelta(seconds=each.value))
            for each in samples
            if math.isfinite(each.value) and abs(each.value) < 3650 * _DAY_S
        ]


def _name(kind: Kind, labels: Mapping[str, str]) -> str:
    instance = labels.get("instance", "?")
    return f"{instance} {labels.get('mountpoint', '')}".strip() if kind is Kind.DISK else instance
