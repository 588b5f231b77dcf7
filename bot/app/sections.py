"""What stands in `config/bot.yml` and `config/services.yml`; a misspelt key is a mistake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.owners import Owner
from bot.domain.telemetry import MetricKind


class Section(BaseModel):
    """A table of settings."""

    # A misspelt key that is silently ignored is found at three in the morning.
    model_config = ConfigDict(extra="forbid")


class Channels(Section):
    """Which channel, by name or id, takes which severities."""

    urgent: str | int = "alert-urgent"
    normal: str | int = "alert-normal"


class Permissions(Section):
    """Role ids that carry each right."""

    read: list[int] = []
    ack: list[int] = []
    silence: list[int] = []


class Silences(Section):
    """Bounds of what `/silence` takes."""

    least: timedelta = timedelta(minutes=5)
    most: timedelta = timedelta(days=14)
    default: timedelta = timedelta(hours=1)


class Status(Section):
    """What `/status` asks Prometheus: each query gives one series per service."""

    service_label: str = "service"
    queries: dict[Literal["up", "rate", "errors", "p99"], str] = {}


class Query(Section):
    """One PromQL of an investigation: asked for each service if it contains `$selector`, else once."""

    name: str
    query: str = Field(max_length=2000)
    kind: MetricKind = MetricKind.OTHER
    unit: str = ""


class Price(Section):
    """What a million tokens cost, in USD."""

    usd_in: float = Field(ge=0)
    usd_out: float = Field(ge=0)


class Budgets(Section):
    """The most that models may cost, in USD: for one question, on one incident, within an hour, within a day."""

    question_usd: float = Field(default=0.02, ge=0)
    incident_usd: float = Field(default=0.10, ge=0)
    hour_usd: float = Field(default=0.50, ge=0)
    day_usd: float = Field(default=2.00, ge=0)


class LanguageModel(Section):
    """Which language models are asked, and what they may cost; names and prices change, so none stands here."""

    provider: Literal["anthropic", "openai", "none"] = "anthropic"
    p1: str = ""
    other: str = ""
    prices_of: date = date(2000, 1, 1)
    prices: dict[str, Price] = {}
    budgets: Budgets = Budgets()
    timeout: timedelta = Field(default=timedelta(seconds=45), ge=timedelta(seconds=1), le=timedelta(seconds=60))


class Investigation(Section):
    """What an investigation reads, when it begins by itself, and what must not be shown."""

    severities: list[Literal["P1", "P2", "P3", "P4"]] = ["P1", "P2"]
    settle: timedelta = timedelta(seconds=15)
    pause: timedelta = timedelta(minutes=2)
    look_back: timedelta = Field(default=timedelta(minutes=40), ge=timedelta(minutes=5), le=timedelta(hours=6))
    step: timedelta = Field(default=timedelta(seconds=15), ge=timedelta(seconds=1))
    rate: str = Field(default="1m", pattern=r"^\d+[smh]$")
    logs_around: timedelta = timedelta(minutes=5)
    baseline: timedelta = timedelta(minutes=10)
    log_label: str = "service"
    trace_attribute: str = "resource.service.name"
    metrics: list[Query] = []
    redact: dict[str, str] = {}
    runbooks: str = ""
    model: LanguageModel = LanguageModel()
    explore: dict[Literal["prometheus", "loki", "tempo"], str] = {}


class Pictures(Section):
    """How pictures of dashboards are taken; `width` in pixels, `scale` of the device, `rss_ceiling_mb` of the browser."""

    width: int = Field(default=1600, ge=600, le=3000)
    scale: float = Field(default=1.0, ge=0.5, le=3.0)
    theme: Literal["dark", "light"] = "dark"
    most_at_once: int = Field(default=2, ge=1, le=16)
    idle: timedelta = timedelta(minutes=5)
    restart_after: int = Field(default=100, ge=1)
    rss_ceiling_mb: int = Field(default=700, ge=200)
    cache: timedelta = Field(default=timedelta(seconds=15), le=timedelta(minutes=5))


class Owners(Section):
    """User and role ids of Discord."""

    users: list[int] = []
    roles: list[int] = []

    def owners(self) -> tuple[Owner, ...]:
        """Return them as the domain knows them."""
        return (*(Owner(i, is_role=True) for i in self.roles), *(Owner(i, is_role=False) for i in self.users))


class ServiceEntry(Section):
    """One service of `config/services.yml`."""

    display: str = ""
    owners: Owners = Owners()
    dashboard: str = ""
    runbook: str = ""
    metrics: str = ""
    logs: str = ""
    traces: str = ""
    depends_on: list[str] = []
    without: list[Literal["metrics", "logs", "traces"]] = []


class ServicesFile(Section):
    """All of `config/services.yml`."""

    owners: Owners = Owners()
    services: dict[str, ServiceEntry] = {}
