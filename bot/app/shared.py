"""Makes what most use cases are made of."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app.options import Options
from bot.app.sources import Sources
from bot.core.access import Access
from bot.core.correlation import Correlation
from bot.core.directory import Directory
from bot.core.merging import Merging
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.viewing import Viewer
from bot.domain.runbooks import RunbookPages
from bot.errors import ConfigurationError
from bot.models.budget import BudgetedModel, PriceTable
from bot.ports import Clock, Payer, Telemetry
from bot.store.database import Database
from bot.telemetry.patterns import full_match
from bot.telemetry.runbooks import FolderRunbooks


@dataclass(frozen=True, slots=True)
class Shared:
    """What most use cases are made of."""

    options: Options
    records: Database
    sources: Sources
    clock: Clock
    access: Access
    directory: Directory
    muting: Muting
    viewer: Viewer
    merging: Merging
    telemetry: Telemetry
    payer: Payer | None


def shared_of(options: Options, records: Database, sources: Sources, clock: Clock, desk: OnCallDesk) -> Shared:
    """Make them. Raises ConfigurationError."""
    access = Access(options.policy, records.audit, clock)
    directory = Directory(sources.alerts, sources.dashboards, clock)
    muting = Muting(
        source=sources.alerts,
        book=records.silences,
        incidents=records.incidents,
        directory=directory,
        full_match=full_match,
        clock=clock,
    )
    viewer = Viewer(
        views=records.views,
        muting=muting,
        catalogue=options.catalogue,
        grafana_url=options.grafana_url,
        clock=clock,
        desk=desk,
        pages=RunbookPages(options.runbooks_url, runbooks_of(options).names()),
    )
    merging = Merging(
        correlation=Correlation(
            rules=options.correlation, catalogue=options.catalogue, keepsakes=records.keepsakes, clock=clock
        ),
        incidents=records.incidents,
        investigations=records.investigations,
        access=access,
        clock=clock,
    )
    telemetry = Telemetry(records.changes, sources.metrics, sources.logs, sources.traces, sources.dashboards)
    payer = _payer(options, records, sources, clock)
    return Shared(options, records, sources, clock, access, directory, muting, viewer, merging, telemetry, payer)


def runbooks_of(options: Options) -> FolderRunbooks:
    """Open the folder of runbooks, if there is one."""
    return FolderRunbooks(options.runbooks, options.language)


def _payer(options: Options, records: Database, sources: Sources, clock: Clock) -> Payer | None:
    """Put a budget before the model: one for investigations and questions, or each could spend what the other has."""
    if sources.model is None:
        return None
    for name in ("p1", "other", "prices"):
        if not getattr(options.model, name):
            # Without a price nobody could tell when the budget is used up.
            raise ConfigurationError("errors.missing_setting", name=f"investigation.model.{name}", how="config/bot.yml")
    return BudgetedModel(sources.model, records.ledger, PriceTable(options.model.prices), options.model.budget, clock)
