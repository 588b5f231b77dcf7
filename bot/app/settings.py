"""Settings: environment over `*_FILE` secrets over `config/bot.yml`; and services out of `config/services.yml`.

Only `bot.app` and `bot.__main__` read this module. Every mistake is one sentence (ConfigurationError).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.app.sections import Channels, Investigation, Permissions, Pictures, ServicesFile, Silences, Status
from bot.domain.owners import Catalogue, Service
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


_OPENAI = "https://api.openai.com/v1"


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone of the IANA database, such as Asia/Seoul") from error
    return name


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
    alert_source: Literal["auto", "grafana", "alertmanager"] = "auto"
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
    openai_base_url: str = _OPENAI
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
        read = ServicesFile.model_validate(_yaml(path))
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
            tuple(entry.without),
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
