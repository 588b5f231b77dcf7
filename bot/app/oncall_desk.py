"""The part of the composition root that makes the desk of who is on call."""

from __future__ import annotations

from bot.app.oncall import load_roster
from bot.app.settings import Settings
from bot.core.oncall.desk import OnCallDesk
from bot.domain.owners import Catalogue
from bot.ports import Clock
from bot.store.database import Database


async def desk_of(settings: Settings, catalogue: Catalogue, store: Database, clock: Clock) -> OnCallDesk:
    """Make what knows who is on call, and have it follow the incidents."""
    desk = OnCallDesk(
        roster=load_roster(catalogue, settings.timezone),
        catalogue=catalogue,
        overrides=store.overrides,
        jobs=store.jobs,
        clock=clock,
    )
    await desk.load()
    store.incidents.follow(desk.follow)
    return desk
