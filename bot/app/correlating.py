"""The part of the composition root that tells which alerts are of one trouble."""

from __future__ import annotations

from datetime import timedelta

from bot.app.settings import Settings
from bot.core.access import Gate
from bot.core.correlation import Correlation, Rules
from bot.core.merging import Merging
from bot.domain.owners import Catalogue
from bot.ports import Clock
from bot.store.database import Database


def merging_of(settings: Settings, catalogue: Catalogue, store: Database, gate: Gate, clock: Clock) -> Merging:
    """Put together who calls whom, and what is made of that."""
    chosen = settings.correlation
    rules = Rules(chosen.window if chosen.enabled else timedelta(), chosen.alone, chosen.together)
    return Merging(
        correlation=Correlation(rules=rules, catalogue=catalogue, keepsakes=store.keepsakes, clock=clock),
        incidents=store.incidents,
        investigations=store.investigations,
        gate=gate,
        clock=clock,
    )
