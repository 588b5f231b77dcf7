"""Puts together what writes back into Grafana."""

from __future__ import annotations

from bot.app.deadman import Work
from bot.app.settings import Settings
from bot.app.sources import Sources
from bot.app.workers import Bell, forever
from bot.core.write_back import WriteBack
from bot.ports import Clock
from bot.store.database import Database


def annotation_work(settings: Settings, store: Database, sources: Sources, clock: Clock) -> Work:
    """Return the worker that writes annotations, if there is a Grafana that takes them."""
    if sources.annotations is None:
        return {}
    writing = WriteBack(
        book=store.annotations,
        annotations=sources.annotations,
        incidents=store.incidents,
        clock=clock,
        language=settings.language,
    )
    return {"annotations": lambda: forever("annotations", writing.step, Bell(), every_s=2)}
