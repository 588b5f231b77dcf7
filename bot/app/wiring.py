"""The part of the composition root that puts the use cases together."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.advice.adviser import Adviser, Models
from bot.advice.analyst import RankingAnalyst
from bot.advice.answering import Limits, ModelAnswerer
from bot.advice.interview import Briefing
from bot.app.alerting import asking_silences_of, maintenance_of, muting_of, patrol_of, silencing_of, status_of
from bot.app.correlating import merging_of
from bot.app.plans import explore_of, plan_of
from bot.app.settings import Settings
from bot.app.sources import Sources
from bot.app.words import vocabulary_of
from bot.core.access import Gate
from bot.core.directory import Directory
from bot.core.endings import Endings
from bot.core.investigation.collect import Collector
from bot.core.investigation.investigating import Habits, Investigating
from bot.core.merging import Merging
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.service import OnCallService
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing
from bot.core.pictures.queue import Limits as StudioLimits
from bot.core.pictures.queue import Studio
from bot.core.questions.asking import Asking
from bot.core.questions.lookups import Lookups
from bot.core.reconcile import Patrol
from bot.core.remembering import Remembering
from bot.core.respond import Respond
from bot.core.services import Services
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.excerpts import Excerpts
from bot.domain.owners import Catalogue
from bot.domain.people import Policy, Right
from bot.errors import ConfigurationError
from bot.models.budget import Budget, Price, PriceTable, Purse
from bot.ports import Clock, Dashboards, Logs, Metrics, Model, Traces
from bot.store.database import Database
from bot.telemetry.absent import AbsentDashboards, AbsentMetrics
from bot.telemetry.runbooks import FolderRunbooks


def core(
    settings: Settings, catalogue: Catalogue, store: Database, sources: Sources, clock: Clock, desk: OnCallDesk
) -> tuple[Respond, Services, Patrol, Viewer, Investigating]:
    """Put the use cases over the store and the sources. Raises ConfigurationError."""
    gate = Gate(_policy(settings), store.audit, clock)
    directory = Directory(sources.alerts, sources.dashboards, clock)
    muting = muting_of(store, sources, directory, clock)
    viewer = _viewer(settings, store, catalogue, muting, desk)
    merging = merging_of(settings, catalogue, store, gate, clock)
    respond = _respond(settings, catalogue, store, sources, viewer, gate, merging, clock)
    silencing = silencing_of(settings, store, sources, directory, muting, gate, clock)
    status = status_of(settings, store, sources, catalogue, directory, muting, clock)
    finder, picturing = _picturing(settings, sources, directory, viewer, gate, clock)
    purse = _purse(settings, store, sources.model, clock)
    inquiries = investigating(
        settings,
        store=store,
        catalogue=catalogue,
        viewer=viewer,
        gate=gate,
        metrics=None if isinstance(sources.metrics, AbsentMetrics) else sources.metrics,
        logs=sources.logs,
        traces=sources.traces,
        dashboards=None if isinstance(sources.dashboards, AbsentDashboards) else sources.dashboards,
        purse=purse,
        clock=clock,
        merging=merging,
    )
    asks = asking(settings, store=store, catalogue=catalogue, gate=gate, sources=sources, purse=purse, clock=clock)
    guild, language, zone = settings.discord_guild_id, settings.language, ZoneInfo(settings.timezone)
    remembering = _remembering(store, gate, clock)
    oncall = OnCallService(desk=desk, jobs=store.jobs, overrides=store.overrides, gate=gate, clock=clock)
    questions = asking_silences_of(settings, store, sources, directory, muting, silencing, viewer, gate, clock)
    maintenance = maintenance_of(settings, store, sources, directory, muting, desk, catalogue, gate, clock)
    services = Services(
        *(respond, silencing, status, finder, inquiries, asks, gate, guild, language, zone, picturing),
        merging=merging,
        remembering=remembering,
        oncall=oncall,
        asking_silences=questions,
        maintenance=maintenance,
    )
    patrol = patrol_of(settings, store, sources, directory, respond, muting, status, clock)
    return respond, services, patrol, viewer, inquiries


def _viewer(settings: Settings, store: Database, catalogue: Catalogue, muting: Muting, desk: OnCallDesk) -> Viewer:
    return Viewer(
        incidents=store.incidents,
        muting=muting,
        catalogue=catalogue,
        grafana_url=settings.grafana_public_url or settings.grafana_url,
        investigations=store.investigations,
        memories=store.memories,
        desk=desk,
    )


def _remembering(store: Database, gate: Gate, clock: Clock) -> Remembering:
    return Remembering(
        memories=store.memories,
        incidents=store.incidents,
        investigations=store.investigations,
        gate=gate,
        clock=clock,
    )


def _respond(
    settings: Settings,
    catalogue: Catalogue,
    store: Database,
    sources: Sources,
    viewer: Viewer,
    gate: Gate,
    merging: Merging,
    clock: Clock,
) -> Respond:
    return Respond(
        inbox=store.inbox,
        incidents=store.incidents,
        viewer=viewer,
        gate=gate,
        clock=clock,
        vocabulary=vocabulary_of(settings, catalogue),
        endings=Endings(sources.metrics, clock),
        correlation=merging.correlation,
    )


def _policy(settings: Settings) -> Policy:
    granted = settings.permissions
    return Policy({right: frozenset(getattr(granted, right.value)) for right in Right})


def _picturing(
    settings: Settings, sources: Sources, directory: Directory, viewer: Viewer, gate: Gate, clock: Clock
) -> tuple[DashboardFinder, Picturing]:
    chosen, finder = settings.pictures, DashboardFinder(directory)
    limits = StudioLimits(kept_s=chosen.cache.total_seconds())
    picturing = Picturing(
        finder=finder,
        models=sources.lens.models,
        studio=Studio(sources.lens.cameras, chosen.most_at_once, limits),
        viewer=viewer,
        gate=gate,
        clock=clock,
        zone=ZoneInfo(settings.timezone),
        theme=chosen.theme,
    )
    return finder, picturing


def asking(
    settings: Settings,
    *,
    store: Database,
    catalogue: Catalogue,
    gate: Gate,
    sources: Sources,
    purse: Purse | None,
    clock: Clock,
) -> Asking:
    """Put lookups, model and use case of questions together; a question is worth the cheaper model."""
    chosen = settings.investigation.model
    zone = ZoneInfo(settings.timezone)
    lookups = Lookups(
        metrics=None if isinstance(sources.metrics, AbsentMetrics) else sources.metrics,
        logs=sources.logs,
        traces=sources.traces,
        dashboards=None if isinstance(sources.dashboards, AbsentDashboards) else sources.dashboards,
        changes=store.changes,
        incidents=store.incidents,
        clock=clock,
        zone=zone,
    )
    answerer = ModelAnswerer(
        payer=purse,
        model=chosen.other,
        lookups=lookups,
        briefing=Briefing(catalogue, plan_of(settings), Excerpts(zone), settings.language),
        explore=explore_of(settings),
        limits=Limits(usd=chosen.budgets.question_usd),
        redact=settings.investigation.redact,
        silent=_silent(settings),
    )
    return Asking(
        investigations=store.investigations,
        incidents=store.incidents,
        answerer=answerer,
        gate=gate,
        clock=clock,
        language=settings.language,
    )


def investigating(
    settings: Settings,
    *,
    store: Database,
    catalogue: Catalogue,
    viewer: Viewer,
    gate: Gate,
    metrics: Metrics | None,
    logs: Logs | None,
    traces: Traces | None,
    dashboards: Dashboards | None,
    purse: Purse | None,
    clock: Clock,
    merging: Merging | None = None,
) -> Investigating:
    """Put collector, analyst and use cases together. Raises ConfigurationError."""
    chosen, plan = settings.investigation, plan_of(settings)
    collector = Collector(
        metrics=metrics,
        logs=logs,
        traces=traces,
        dashboards=dashboards,
        changes=store.changes,
        catalogue=catalogue,
        plan=plan,
        clock=clock,
    )
    analyst = RankingAnalyst(
        explore=explore_of(settings),
        catalogue=catalogue,
        plan=plan,
        language=settings.language,
        redact=chosen.redact,
        adviser=_adviser(settings, purse),
        silent=_silent(settings),
    )
    return Investigating(
        investigations=store.investigations,
        incidents=store.incidents,
        collector=collector,
        analyst=analyst,
        runbooks=FolderRunbooks(Path(chosen.runbooks) if chosen.runbooks else None, settings.language),
        changes=store.changes,
        viewer=viewer,
        catalogue=catalogue,
        gate=gate,
        clock=clock,
        habits=Habits(tuple(Severity[name] for name in chosen.severities), chosen.settle, chosen.pause),
        merging=merging,
    )


def _purse(settings: Settings, store: Database, model: Model | None, clock: Clock) -> Purse | None:
    """Put a budget before the model: one for investigations and questions, or each could spend what the other has."""
    if model is None:
        return None
    chosen = settings.investigation.model
    for name in ("p1", "other", "prices"):
        if not getattr(chosen, name):
            # Without a price nobody could tell when the budget is used up.
            raise ConfigurationError("errors.missing_setting", name=f"investigation.model.{name}", how="config/bot.yml")
    prices = {name: Price(each.usd_in, each.usd_out) for name, each in chosen.prices.items()}
    most = chosen.budgets
    budget = Budget(most.incident_usd, most.hour_usd, most.day_usd)
    return Purse(model, store.ledger, PriceTable(prices), budget, clock)


def _adviser(settings: Settings, purse: Purse | None) -> Adviser | None:
    chosen = settings.investigation.model
    return purse and Adviser(purse, Models(chosen.p1, chosen.other), settings.language)


def _silent(settings: Settings) -> str:
    """Say why no model is asked, where there is none."""
    return "off" if settings.investigation.model.provider == "none" else "no-key"
