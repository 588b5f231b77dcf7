"""Describes the settings of `config/bot.yml`, each with its environment variable; `bot.app.loading` reads them.

Only `bot.app`, `bot.doctor` and `bot.__main__` read this module. docs/configuration.md is written from it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.app.fields import (
    Address,
    BrowserAddress,
    DatabaseAddress,
    FallbackBody,
    Host,
    Secret,
    SecretAddress,
    ServerAddress,
    SeverityWords,
    Span,
    Timezone,
    Upper,
    Word,
)
from bot.app.sections import (
    ChannelSettings,
    CorrelationSettings,
    FlappingSection,
    Investigation,
    Permissions,
    Pictures,
    Reports,
    Silences,
    Status,
    StormSection,
)
from bot.domain.labels import SERVICE_LABELS
from bot.i18n import Language

_OPENAI = "https://api.openai.com/v1"


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        env_ignore_empty=True,
        env_nested_delimiter="__",
    )

    discord_token: Secret = Field(default=SecretStr(""), description="The bot's token. Required.")
    discord_guild_id: int = Field(
        default=0, ge=0, lt=2**63, description="The one server (guild) Bongsu works in. Required."
    )
    discord_api_url: ServerAddress = Field(
        default="", description="Another server than Discord, such as the playground."
    )
    guild_ready_timeout_s: float = Field(
        default=2.0, ge=0, le=60, description="How long Discord may take to name the guild."
    )

    grafana_url: ServerAddress = Field(default="", description="Grafana: alerts, rules, silences and dashboards.")
    grafana_public_url: ServerAddress = Field(
        default="", description="Grafana as people reach it, for links; else `GRAFANA_URL`."
    )
    grafana_token: Secret = Field(default=SecretStr(""), description="The token of Grafana's service account.")
    grafana_annotations: bool = Field(
        default=True, description="Whether incidents, acts and deploys are written into Grafana as annotations."
    )
    alertmanager_url: ServerAddress = Field(
        default="", description="Alertmanager, where Grafana does not do the alerting."
    )
    alertmanager_tenant: Word = Field(
        default="", description="The tenant to serve, where Alertmanager has several (Mimir): `X-Scope-OrgID`."
    )
    alert_source: Literal["auto", "grafana", "alertmanager"] = Field(
        default="auto", description="Whose alerts and silences count where both are set; `auto` takes Grafana."
    )
    prometheus_url: ServerAddress = Field(default="", description="Numbers of `/status` and of investigations; rules.")
    prometheus_tenant: Word = Field(
        default="", description="The tenant to read, where Prometheus' API has several (Mimir): `X-Scope-OrgID`."
    )
    loki_url: ServerAddress = Field(default="", description="Logs for investigations.")
    loki_tenant: Word = Field(default="", description="The tenant to read, where Loki has several: `X-Scope-OrgID`.")
    tempo_url: ServerAddress = Field(default="", description="Traces for investigations.")
    tempo_tenant: Word = Field(default="", description="The tenant to read, where Tempo has several: `X-Scope-OrgID`.")
    receiver: str = Field(
        default="bongsu", description="The contact point that leads here, to find alerts that were lost."
    )

    webhook_host: Host = Field(
        default="", description="Where to listen: everywhere, or only here if no credential is set."
    )
    webhook_port: int = Field(default=8085, ge=0, le=65535, description="The port webhooks arrive at.")
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="A second port with `/metrics` alone, names included, for a Prometheus in the same network; 0: none.",
    )
    webhook_token: Secret = Field(
        default=SecretStr(""), description="The Bearer token that Grafana or Alertmanager sends."
    )
    webhook_user: str = Field(default="", description="Basic authentication: the user, with `WEBHOOK_PASSWORD`.")
    webhook_password: Secret = Field(default=SecretStr(""), description="Basic authentication: the password.")
    webhook_hmac_secret: Secret = Field(
        default=SecretStr(""),
        description="Grafana 12's signature, on top; its timestamp header must be `X-Grafana-Alerting-Timestamp`.",
    )

    watchdog_every: Span = Field(
        default=timedelta(minutes=5),
        le=timedelta(days=1),
        description="How often the alert Watchdog comes at the latest; away for twice that is a P1. `0s`: not watched.",
    )
    healthcheck_url: SecretAddress = Field(
        default=SecretStr(""),
        description="Pinged each minute while store, gateway and intake work (healthchecks.io: `/start`, `/fail`).",
    )
    fallback_webhook_url: SecretAddress = Field(
        default=SecretStr(""), description="Hears of it when Discord has been out of reach for 2 minutes."
    )
    fallback_webhook_body: FallbackBody = Field(
        default='{"text": "$text"}', description="What it is sent, in JSON; `$text` stands for the words."
    )

    database_url: DatabaseAddress = Field(
        default=SecretStr("sqlite:///data/bongsu.db"),
        description="`sqlite:///data/bongsu.db` or `postgresql://user:password@host/name`.",
    )
    leader_lease_s: float = Field(
        default=6.0,
        ge=2,
        le=10,
        description="With PostgreSQL and several processes: after how long without a sign of the leader another one leads.",
    )
    anthropic_api_key: Secret = Field(
        default=SecretStr(""), description="Key of a language model; without one none is asked."
    )
    anthropic_base_url: Address = Field(
        default="https://api.anthropic.com", description="Another endpoint, such as a gateway."
    )
    openai_api_key: Secret = Field(default=SecretStr(""), description="Key for `investigation.model.provider: openai`.")
    openai_base_url: Address = Field(default=_OPENAI, description="Another endpoint, such as `http://ollama:11434/v1`.")
    browser_ws_endpoint: BrowserAddress = Field(default="", description="A browser elsewhere that takes the pictures.")
    chromium: str = Field(default="", description="The browser's program, if it is not found; `none` for none.")

    # The shell has a LANGUAGE of its own (en_US:en), so ours has another name there; `bot.app.loading` knows the old one.
    bongsu_language: Language = Field(
        default="en", description="Language of cards; replies to a person follow that person's Discord."
    )
    timezone: Timezone = Field(default="Asia/Seoul", description="Time zone of `/silence … until 18:00`.")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], Upper] = Field(
        default="INFO", description="How much is logged."
    )
    channels: ChannelSettings = ChannelSettings()
    correlation: CorrelationSettings = CorrelationSettings()
    storm: StormSection = StormSection()
    flapping: FlappingSection = FlappingSection()
    permissions: Permissions = Permissions()
    service_labels: list[Word] = Field(
        default=list(SERVICE_LABELS),
        description="The labels that name the service of an alert; the first that is there counts.",
    )
    severities: SeverityWords = Field(
        default={}, description="Words of the label `severity`, by `P1` to `P4`, beside the usual ones."
    )
    silences: Silences = Silences()
    status: Status = Status()
    investigation: Investigation = Investigation()
    pictures: Pictures = Pictures()
    reports: Reports = Reports()
    refresh_every_s: float = Field(
        default=30, ge=0.5, description="How often rules, dashboards and silences are read again."
    )
    reconcile_every_s: float = Field(
        default=180, ge=1, description="How often the alert source is compared with the cards."
    )
    group_interval_s: float = Field(
        default=300,
        ge=1,
        description="The longest group_interval of the routes that lead here: an end that waits for it is not lost.",
    )

    @property
    def language(self) -> Language:
        """The language of cards: `language` in bot.yml, BONGSU_LANGUAGE in the environment."""
        return self.bongsu_language

    def tenant_headers(self, source: str) -> dict[str, str]:
        """Return what a server with several tenants must be told with every question."""
        named = {
            "alertmanager": self.alertmanager_tenant,
            "prometheus": self.prometheus_tenant,
            "loki": self.loki_tenant,
            "tempo": self.tempo_tenant,
        }
        return {"X-Scope-OrgID": named[source]} if named.get(source) else {}

    @property
    def alerts_from(self) -> Literal["grafana", "alertmanager", ""]:
        """Where alerts and silences are: nowhere, if what `alert_source` names is not set up."""
        grafana = bool(self.grafana_url and self.grafana_token.get_secret_value())
        if grafana and self.alert_source != "alertmanager":
            return "grafana"
        return "alertmanager" if self.alertmanager_url and self.alert_source != "grafana" else ""

    @property
    def model_wanted(self) -> bool:
        """Whether a language model is configured with all that it needs."""
        keys = {"anthropic": self.anthropic_api_key, "openai": self.openai_api_key}
        provider = self.investigation.model.provider
        key = keys[provider].get_secret_value() if provider in keys else ""
        return bool(key) or (provider == "openai" and self.openai_of_ones_own)

    @property
    def openai_of_ones_own(self) -> bool:
        """Whether chat completions come from another endpoint than OpenAI's, which may want no key."""
        return self.openai_base_url != _OPENAI

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic calls it with these names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment over what came from files; `.env` files are for compose, not for us."""
        return env_settings, init_settings
