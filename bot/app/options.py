"""Holds what the use cases are told of the settings, in one place: all else of them concerns servers or workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app.plans import explore_of, plan_of
from bot.app.report_options import targets_of
from bot.app.settings import Settings
from bot.app.words import vocabulary_of
from bot.core.correlation import Rules
from bot.core.investigation.investigating import Habits
from bot.core.pictures.queue import PictureLimits
from bot.core.silencing import Bounds
from bot.domain.alerts import Severity
from bot.domain.flapping import FlappingRules
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.owners import Catalogue
from bot.domain.people import Policy, Right
from bot.domain.pictures import Theme
from bot.domain.plans import Explore, Plan
from bot.i18n import Language
from bot.models.budget import Budget, Price
from bot.reporting.history import Target

_USUAL_BOUNDS = Bounds(timedelta(minutes=5), timedelta(days=14), timedelta(hours=1), UTC)


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model is asked and what it may cost, in USD; `silent` says why none is asked, where none is."""

    p1: str = ""
    other: str = ""
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    budget: Budget = field(default_factory=lambda: Budget(0, 0, 0))
    question_usd: float = 0.0
    silent: str = "no-key"


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator has chosen for the use cases."""

    guild_id: int
    language: Language = "en"
    zone: tzinfo = UTC
    timezone: str = "UTC"
    catalogue: Catalogue = field(default_factory=Catalogue)
    vocabulary: Vocabulary = USUAL
    policy: Policy = field(default_factory=Policy)
    receiver: str = "bongsu"
    grafana_url: str = ""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    service_label: str = "service"
    bounds: Bounds = _USUAL_BOUNDS
    correlation: Rules = field(default_factory=Rules)
    flapping: FlappingRules = field(default_factory=FlappingRules)
    reconcile_every: timedelta = timedelta(minutes=1)
    group_interval: timedelta = timedelta(minutes=5)
    targets: Mapping[Severity, Target] = field(default_factory=dict[Severity, Target])
    plan: Plan = field(default_factory=Plan)
    explore: Explore = field(default_factory=Explore)
    habits: Habits = field(default_factory=Habits)
    runbooks: Path | None = None
    runbooks_url: str = ""
    redact: Mapping[str, str] = field(default_factory=dict[str, str])
    model: ModelOptions = field(default_factory=ModelOptions)
    pictures_at_once: int = 2
    pictures: PictureLimits = field(default_factory=PictureLimits)
    theme: Theme = "dark"
    # What an answer on the screen may wait for a server, in seconds.
    patience_s: float = 2.0


def options_of(settings: Settings, catalogue: Catalogue) -> Options:
    """Return what the use cases need of the settings, as types of the domain."""
    zone, chosen, pictures = ZoneInfo(settings.timezone), settings.investigation, settings.pictures
    silences, correlation = settings.silences, settings.correlation
    return Options(
        guild_id=settings.discord_guild_id,
        language=settings.language,
        zone=zone,
        timezone=settings.timezone,
        targets=targets_of(settings),
        catalogue=catalogue,
        vocabulary=vocabulary_of(settings, catalogue),
        policy=Policy({right: frozenset(getattr(settings.permissions, right.value)) for right in Right}),
        receiver=settings.receiver,
        grafana_url=settings.grafana_public_url or settings.grafana_url,
        queries={str(name): query for name, query in settings.status.queries.items()},
        service_label=settings.status.service_label,
        bounds=Bounds(silences.least, silences.most, silences.default, zone),
        correlation=Rules(
            correlation.window if correlation.enabled else timedelta(), correlation.alone, correlation.together
        ),
        flapping=FlappingRules(settings.flapping.times, settings.flapping.within),
        reconcile_every=timedelta(seconds=settings.reconcile_every_s),
        group_interval=timedelta(seconds=settings.group_interval_s),
        plan=plan_of(settings),
        explore=explore_of(settings),
        habits=Habits(tuple(Severity[name] for name in chosen.severities), chosen.settle, chosen.pause),
        runbooks=Path(chosen.runbooks) if chosen.runbooks else None,
        runbooks_url=chosen.runbooks_url,
        redact=chosen.redact,
        model=_model(settings),
        pictures_at_once=pictures.most_at_once,
        pictures=PictureLimits(kept_s=pictures.cache.total_seconds()),
        theme=pictures.theme,
    )


def _model(settings: Settings) -> ModelOptions:
    chosen = settings.investigation.model
    most = chosen.budgets
    return ModelOptions(
        p1=chosen.p1,
        other=chosen.other,
        prices={name: Price(each.usd_in, each.usd_out) for name, each in chosen.prices.items()},
        budget=Budget(most.incident_usd, most.hour_usd, most.day_usd),
        question_usd=most.question_usd,
        silent="off" if chosen.provider == "none" else "no-key",
    )
