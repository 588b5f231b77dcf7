"""Finds settings that are sound one by one and cannot work together: `run` refuses them as `check` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.app.settings import Settings
from bot.domain.durations import brief
from bot.errors import ConfigurationError
from bot.i18n import Phrase
from bot.redaction.own_patterns import own_rule
from bot.store.database import driver_url

# Shorter ones are guessed by whoever can post; ours are 64 characters long.
_SHORTEST_SECRET = 8


def contradictions(settings: Settings, *, awaits_token: bool) -> list[Phrase]:
    """Return a sentence for each. `awaits_token`: Grafana's token has a file, which may be empty until Grafana runs."""
    return [
        *_database(settings),
        *_webhook(settings),
        *_grafana(settings, awaits_token),
        *_silences(settings),
        *_model(settings),
        *_folders(settings),
        *_patterns(settings),
    ]


def _database(settings: Settings) -> Iterator[Phrase]:
    try:
        driver_url(settings.database_url.get_secret_value())
    except ConfigurationError as error:
        yield Phrase(error.key, **error.values)


def _webhook(settings: Settings) -> Iterator[Phrase]:
    if settings.webhook_port and settings.metrics_port == settings.webhook_port:
        yield Phrase("mistake.one_port", port=settings.webhook_port)
    password = settings.webhook_password.get_secret_value()
    if settings.webhook_user and not password:
        yield Phrase("mistake.user_alone")
    if password and not settings.webhook_user:
        yield Phrase("mistake.password_alone")
    for name in ("webhook_token", "webhook_password", "webhook_hmac_secret"):
        length = len(getattr(settings, name).get_secret_value())
        if 0 < length < _SHORTEST_SECRET:
            yield Phrase("mistake.short_secret", name=name.upper(), length=length)


def _grafana(settings: Settings, awaits_token: bool) -> Iterator[Phrase]:
    token = settings.grafana_token.get_secret_value()
    if settings.grafana_url and not token and not awaits_token:
        yield Phrase("mistake.grafana_alone")
    if token and not settings.grafana_url:
        yield Phrase("mistake.grafana_token_alone")
    if token and "@" in urlsplit(settings.grafana_url).netloc:
        yield Phrase("mistake.grafana_user")
    if settings.alert_source == "alertmanager" and not settings.alertmanager_url:
        yield Phrase("mistake.no_such_source", source="alertmanager", missing="ALERTMANAGER_URL")
    if settings.alert_source == "grafana" and not settings.grafana_url:
        yield Phrase("mistake.no_such_source", source="grafana", missing="GRAFANA_URL")


def _silences(settings: Settings) -> Iterator[Phrase]:
    chosen = settings.silences
    if not chosen.least <= chosen.default <= chosen.most:
        bounds = {name: brief(getattr(chosen, name)) for name in ("least", "default", "most")}
        yield Phrase("mistake.bounds_crossed", **bounds)


def _model(settings: Settings) -> Iterator[Phrase]:
    if settings.model_wanted:
        for name in ("p1", "other", "prices"):
            if not getattr(settings.investigation.model, name):
                # Without a price nobody could tell when the budget is used up.
                yield Phrase("mistake.model_incomplete", name=name)


def _folders(settings: Settings) -> Iterator[Phrase]:
    folder = settings.investigation.runbooks
    if folder and not Path(folder).is_dir():
        yield Phrase("mistake.no_folder", folder=folder, here=Path.cwd())
    if settings.investigation.runbooks_url and not folder:
        yield Phrase("mistake.runbooks_url_alone")


def _patterns(settings: Settings) -> Iterator[Phrase]:
    for name, pattern in settings.investigation.redact.items():
        try:
            own_rule(name, pattern)
        except ConfigurationError as error:
            problem = error.values["mistakes"]
            yield problem if isinstance(problem, Phrase) else Phrase("mistake.other", problem=problem)
