"""Settings: environment over `*_FILE` secrets over `config/bot.yml`; and services out of `config/services.yml`.

Only `bot.app` and `bot.__main__` read this module. Every mistake is one sentence (ConfigurationError).
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.telemetry import MetricKind
from bot.errors import ConfigurationError

_SECRETS = (
    "DISCORD_TOKEN",
    "WEBHOOK_TOKEN",
    "WEBHOOK_PASSWORD",
    "WEBHOOK_HMAC_SECRET",
    "GRAFANA_TOKEN",
    "DATABASE_URL",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
)


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone of the IANA database, such as Asia/Seoul") from error
    return name


class _Section(BaseModel):
    # A misspelt key that is silently ignored is found at three in the morning.
    model_config = ConfigDict(extra="forbid")


class Channels(_Section):
    """Which channel, by name or id, takes which severities."""

    urgent: str | int = "alert-urgent"
    normal: str | int = "alert-normal"


class Permissions(_Section):
    """Role ids that carry each right."""

    read: list[int] = []
    ack: list[int] = []
    silence: list[int] = []


class Silences(_Section):
    """Bounds of what `/silence` takes."""

    least: timedelta = timedelta(minutes=5)
    most: timedelta = timedelta(days=14)
    default: timedelta = timedelta(hours=1)


class Status(_Section):
    """What `/status` asks Prometheus: each query gives one series per service."""

    service_label: str = "service"
    queries: dict[Literal["up", "rate", "errors", "p99"], str] = {}


class Query(_Section):
    """One PromQL of an investigation: asked for each service if it contains `$selector`, else once."""

    name: str
    query: str = Field(max_length=2000)
    kind: MetricKind = MetricKind.OTHER
    unit: str = ""


class Investigation(_Section):
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
    explore: dict[Literal["prometheus", "loki", "tempo"], str] = {}


class Pictures(_Section):
    """How pictures of dashboards are taken; `width` in pixels, `scale` of the device, `rss_ceiling_mb` of the browser."""

    width: int = Field(default=1600, ge=600, le=3000)
    scale: float = Field(default=1.0, ge=0.5, le=3.0)
    theme: Literal["dark", "light"] = "dark"
    most_at_once: int = Field(default=2, ge=1, le=16)
    idle: timedelta = timedelta(minutes=5)
    restart_after: int = Field(default=100, ge=1)
    rss_ceiling_mb: int = Field(default=700, ge=200)
    cache: timedelta = Field(default=timedelta(seconds=15), le=timedelta(minutes=5))


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        extra="forbid", hide_input_in_errors=True, env_ignore_empty=True, env_nested_delimiter="__"
    )

    discord_token: SecretStr = SecretStr("")
    discord_guild_id: int = 0
    discord_api_url: str = ""
    guild_ready_timeout_s: float = 2.0

    grafana_url: str = ""
    grafana_public_url: str = ""
    grafana_token: SecretStr = SecretStr("")
    alertmanager_url: str = ""
    prometheus_url: str = ""
    loki_url: str = ""
    tempo_url: str = ""
    receiver: str = "bongsu"

    webhook_host: str = ""
    webhook_port: int = Field(default=8085, ge=0, le=65535)
    webhook_token: SecretStr = SecretStr("")
    webhook_user: str = ""
    webhook_password: SecretStr = SecretStr("")
    webhook_hmac_secret: SecretStr = SecretStr("")

    database_url: SecretStr = SecretStr("sqlite:///data/bongsu.db")
    anthropic_api_key: SecretStr = SecretStr("")
    anthropic_base_url: str = "https://api.anthropic.com"
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = "https://api.openai.com"
    browser_ws_endpoint: str = ""
    chromium: str = ""

    language: Literal["en", "ko"] = "en"
    timezone: Annotated[str, AfterValidator(_known_timezone)] = "Asia/Seoul"
    channels: Channels = Channels()
    permissions: Permissions = Permissions()
    silences: Silences = Silences()
    status: Status = Status()
    investigation: Investigation = Investigation()
    pictures: Pictures = Pictures()
    refresh_every_s: float = Field(default=30, ge=0.5)
    reconcile_every_s: float = Field(default=180, ge=1)

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


class _Owners(_Section):
    users: list[int] = []
    roles: list[int] = []

    def owners(self) -> tuple[Owner, ...]:
        return (*(Owner(i, is_role=True) for i in self.roles), *(Owner(i, is_role=False) for i in self.users))


class _Service(_Section):
    display: str = ""
    owners: _Owners = _Owners()
    dashboard: str = ""
    runbook: str = ""
    metrics: str = ""
    logs: str = ""
    traces: str = ""
    depends_on: list[str] = []


class _Services(_Section):
    owners: _Owners = _Owners()
    services: dict[str, _Service] = {}


def load_settings() -> Settings:
    """Read environment, secret files and `BONGSU_CONFIG` (default config/bot.yml). Raises ConfigurationError."""
    path = Path(os.environ.get("BONGSU_CONFIG") or "config/bot.yml")
    values = _yaml(path)
    for name in _SECRETS:
        file = os.environ.get(f"{name}_FILE")
        if file:
            values[name.lower()] = _read(Path(file)).strip()
    try:
        return Settings(**values)
    except ValidationError as error:
        raise _mistakes(str(path), error) from error
    except SettingsError as error:
        raise ConfigurationError("errors.configuration", file="environment", mistakes=str(error)) from error


def load_catalogue() -> Catalogue:
    """Read `BONGSU_SERVICES` (default config/services.yml). Raises ConfigurationError."""
    path = Path(os.environ.get("BONGSU_SERVICES") or "config/services.yml")
    try:
        read = _Services.model_validate(_yaml(path))
    except ValidationError as error:
        raise _mistakes(str(path), error) from error
    default = read.owners.owners()
    services = {
        name: Service(
            name,
            entry.display or name,
            entry.owners.owners() or default,
            entry.dashboard,
            entry.runbook,
            entry.metrics,
            entry.logs,
            entry.traces,
            tuple(entry.depends_on),
        )
        for name, entry in read.services.items()
    }
    mistakes = [
        f"services.{name}.{field}: {value!r} is written without braces"
        for name, entry in read.services.items()
        for field, value in (("metrics", entry.metrics), ("logs", entry.logs), ("traces", entry.traces))
        if "{" in value or "}" in value
    ]
    mistakes += [
        f"services.{name}.depends_on: it depends on itself"
        for name, each in services.items()
        if name in each.depends_on
    ]
    if mistakes:
        raise ConfigurationError("errors.configuration", file=str(path), mistakes="; ".join(mistakes))
    return Catalogue(services, default)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        raw: Any = yaml.safe_load(_read(path))
    except yaml.YAMLError as error:
        # PyYAML's message names line and column, over several lines.
        mistake = " ".join(str(error).split())
        raise ConfigurationError("errors.configuration", file=str(path), mistakes=mistake) from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ConfigurationError("errors.configuration", file=str(path), mistakes="is not a table of settings")
    return cast("dict[str, Any]", raw)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("errors.unreadable_file", file=str(path), problem=str(error)) from error


def _mistakes(file: str, error: ValidationError) -> ConfigurationError:
    mistakes = "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)
    )
    return ConfigurationError("errors.configuration", file=file, mistakes=mistakes)
