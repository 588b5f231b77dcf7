"""Keeps what models have cost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select

from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import spending


class StoredLedger:
    """The table `spending`, as `bot.ports.Ledger` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def spend(self, at: datetime, incident: int | None, model: str, usd: float, tokens: tuple[int, int]) -> None:
        tokens_in, tokens_out = tokens
        row = insert(spending).values(
            at=at, incident=incident, model=storable(model), usd=usd, tokens_in=tokens_in, tokens_out=tokens_out
        )
        await self._runner.write(lambda connection: connection.execute(row))

    async def spent(self, since: datetime, incident: int | None = None) -> float:
        query = select(func.coalesce(func.sum(spending.c.usd), 0.0)).where(spending.c.at >= since)
        if incident is not None:
            query = query.where(spending.c.incident == incident)
        return float(await self._runner.read(lambda connection: connection.execute(query).scalar_one()))
