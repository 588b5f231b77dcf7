"""Describes what stands in `config/bot.yml` and `config/services.yml`; a misspelt key is a mistake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.app.fields import Address, ChannelName, Clock, Rate, SeverityName, Snowflake, Span, Word
from bot.domain.asking import QUESTION_USD
from bot.domain.owners import Owner
from bot.domain.telemetry import MetricKind


class Section(BaseModel):
    """A table of settings."""

    # A misspelt key that is silently ignored is found at three in the morning.
    model_config = ConfigDict(extra="forbid")


class ChannelSettings(Section):
    """Which channel, by name or id, takes which severities."""

    urgent: ChannelName = Field(default="alert-urgent", description="Takes P1 and P2.")
    normal: ChannelName = Field(
        default="alert-normal", description="Takes P3 and P4; if it is not there, urgent takes them."
    )


class CorrelationSettings(Section):
    """Which alerts share a card: those of one service, and of services that call one another, that began together."""

    enabled: bool = Field(default=True, description="`correlation: off` gives each alert group a card of its own.")
    window: Span = Field(
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=2),
        description="How far apart alerts of one trouble may begin.",
    )
    alone: list[str] = Field(default=[], description="Names of alerts, or of services, that never share a card.")
    together: list[list[str]] = Field(
        default=[], description="Services that belong together although none is known to call the other."
    )

    @model_validator(mode="before")
    @classmethod
    def _on_or_off(cls, written: Any) -> Any:
        # YAML reads `off` as false; the environment hands on what was typed.
        if isinstance(written, str):
            written = {"on": True, "true": True, "off": False, "false": False}.get(written.strip().lower(), written)
        return {"enabled": written} if isinstance(written, bool) else written


class StormSection(Section):
    """When more is to be shown than a channel carries, one digest stands for all but P1."""

    cards: int = Field(
        default=10, ge=1, le=1000, description="More new cards than these that wait for one channel become a digest."
    )
    calm: Span = Field(
        default=timedelta(minutes=3),
        ge=timedelta(seconds=5),
        le=timedelta(hours=1),
        description="It is over when fewer than half of these have come for so long.",
    )


class FlappingSection(Section):
    """What fires again and again is one state, and not an edit each time."""

    times: int = Field(default=4, ge=2, le=100, description="So many times it fires again, and it is flapping.")
    within: Span = Field(
        default=timedelta(minutes=15),
        ge=timedelta(minutes=1),
        le=timedelta(hours=6),
        description="Within this time; it has settled when it fired again at most half as often.",
    )


class Permissions(Section):
    """Role ids that carry each right."""

    read: list[Snowflake] = Field(default=[], description="Who may read; empty: everyone.")
    ack: list[Snowflake] = Field(default=[], description="Who may acknowledge; empty: who may manage the server.")
    silence: list[Snowflake] = Field(default=[], description="Who may silence; empty: who may manage the server.")
    raw: list[Snowflake] = Field(
        default=[], description="Who may read webhooks as they came; empty: who may manage the server."
    )
    oncall: list[Snowflake] = Field(
        default=[], description="Who may stand in and swap shifts; empty: who may manage the server."
    )


class Silences(Section):
    """Bounds of what `/silence` takes."""

    least: Span = Field(default=timedelta(minutes=5), description="The shortest silence.")
    most: Span = Field(default=timedelta(days=14), description="The longest silence.")
    default: Span = Field(default=timedelta(hours=1), description="The length if none is typed.")


class Status(Section):
    """What `/status` asks Prometheus: each query gives one series per service."""

    service_label: str = Field(default="service", description="The label that names the service.")
    queries: dict[Literal["up", "rate", "errors", "p99"], str] = Field(
        default={}, description="What `/status` asks, in PromQL."
    )


class Query(Section):
    """One PromQL of an investigation: asked for each service if it contains `$selector`, else once."""

    name: str
    query: str = Field(max_length=2000)
    kind: MetricKind = MetricKind.OTHER
    unit: str = ""


class PriceSettings(Section):
    """What a million tokens cost, in USD."""

    usd_in: float = Field(ge=0)
    usd_out: float = Field(ge=0)


class Budgets(Section):
    """The most that models may cost, in USD: for one question, on one incident, within an hour, within a day."""

    question_usd: float = Field(default=QUESTION_USD, ge=0, description="The most one question may cost.")
    incident_usd: float = Field(default=0.10, ge=0, description="The most one incident may cost.")
    hour_usd: float = Field(default=0.50, ge=0, description="The most an hour may cost.")
    day_usd: float = Field(default=2.00, ge=0, description="The most a day may cost.")


class LanguageModel(Section):
    """Which language models are asked, and what they may cost; names and prices change, so none stands here."""

    provider: Literal["anthropic", "openai", "none"] = Field(default="anthropic", description="Who is asked.")
    p1: str = Field(default="", description="The stronger model, for P1 and for what the other is not sure of.")
    other: str = Field(default="", description="The model for all else.")
    prices_of: date = Field(default=date(2000, 1, 1), description="The day of the prices.")
    prices: dict[str, PriceSettings] = Field(
        default={}, description="USD for a million tokens, by model: `usd_in`, `usd_out`."
    )
    budgets: Budgets = Budgets()
    timeout: Span = Field(
        default=timedelta(seconds=45),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=60),
        description="How long an answer may take.",
    )


class Investigation(Section):
    """What an investigation reads, when it begins by itself, and what must not be shown."""

    severities: list[Literal["P1", "P2", "P3", "P4"]] = Field(
        default=["P1", "P2"], description="What is investigated by itself."
    )
    settle: Span = Field(default=timedelta(seconds=15), description="How long after the alert it begins.")
    pause: Span = Field(default=timedelta(minutes=2), description="How soon it may begin again.")
    look_back: Span = Field(
        default=timedelta(minutes=40),
        ge=timedelta(minutes=5),
        le=timedelta(hours=6),
        description="How far before the alert metrics are read.",
    )
    step: Span = Field(
        default=timedelta(seconds=15), ge=timedelta(seconds=1), description="The distance of two samples."
    )
    rate: Rate = Field(default="1m", description="The window of rates, `$rate` in queries.")
    logs_around: Span = Field(
        default=timedelta(minutes=5),
        ge=timedelta(seconds=1),
        description="How much of the logs is read before and after.",
    )
    baseline: Span = Field(
        default=timedelta(minutes=10),
        ge=timedelta(minutes=1),
        description="How much of the calm before is compared with.",
    )
    log_label: str = Field(default="service", description="The label that names the service in Loki.")
    trace_attribute: str = Field(default="resource.service.name", description="The attribute that names it in Tempo.")
    metrics: list[Query] = Field(default=[], description="The PromQL that is read: `name`, `query`, `kind`, `unit`.")
    redact: dict[str, str] = Field(default={}, description="Patterns (RE2) of what must never be shown, by name.")
    runbooks: str = Field(default="", description="A folder of Markdown files, named as the alerts.")
    runbooks_url: Address = Field(
        default="",
        description="Where people read them: `<address>/<name>`, or with `{page}`; Bongsu's own are at `/runbooks`.",
    )
    model: LanguageModel = LanguageModel()
    explore: dict[Literal["prometheus", "loki", "tempo"], str] = Field(
        default={}, description="The uids of Grafana's data sources, for links into Explore."
    )


class Pictures(Section):
    """How pictures of dashboards are taken."""

    width: int = Field(default=1600, ge=600, le=3000, description="In pixels.")
    scale: float = Field(default=1.0, ge=0.5, le=3.0, description="Pixels of the picture for one of the page.")
    theme: Literal["dark", "light"] = Field(default="dark", description="Grafana's theme.")
    most_at_once: int = Field(default=2, ge=1, le=16, description="How many are taken at the same time.")
    idle: Span = Field(default=timedelta(minutes=5), description="How long the browser waits for the next one.")
    restart_after: int = Field(default=100, ge=1, description="The browser is started anew after so many.")
    rss_ceiling_mb: int | None = Field(
        default=None,
        ge=200,
        description="The browser is ended above so much memory (PSS); by itself two fifths of the host's.",
    )
    cache: Span = Field(
        default=timedelta(seconds=15), le=timedelta(minutes=5), description="How long one is shown again."
    )


class TargetEntry(Section):
    """How soon an incident is to be acknowledged, and to be over."""

    acknowledge: Span | None = None
    resolve: Span | None = None


class Reports(Section):
    """The report that comes by itself, and what reports measure against."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "off"] = Field(
        default="mon", description="When the report on the last seven days comes by itself; `off`: never."
    )
    at: Clock = Field(default="09:00", description="At which time of that day, in `timezone`.")
    channel: str | int = Field(
        default="", description="Where, by name or id; the channel for urgent alerts if left out."
    )
    targets: dict[SeverityName, TargetEntry] = Field(
        default={}, description="`acknowledge` and `resolve` by severity; P1 15m and P2 1h to acknowledge if left out."
    )


class Owners(Section):
    """User and role ids of Discord."""

    users: list[Snowflake] = []
    roles: list[Snowflake] = []

    def owners(self) -> tuple[Owner, ...]:
        """Return them as the domain knows them."""
        return (*(Owner(i, is_role=True) for i in self.roles), *(Owner(i, is_role=False) for i in self.users))


class ServiceEntry(Section):
    """One service of `config/services.yml`."""

    display: str = ""
    owners: Owners = Owners()
    dashboard: Address = ""
    runbook: str = ""
    metrics: str = ""
    logs: str = ""
    traces: str = ""
    depends_on: list[str] = []
    without: list[Literal["metrics", "logs", "traces"]] = []


class ServicesFile(Section):
    """All of `config/services.yml`."""

    owners: Owners = Owners()
    services: dict[Word, ServiceEntry] = {}
