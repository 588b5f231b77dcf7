"""Reads settings, the environment over `*_FILE` secrets over `config/bot.yml`, and services of `config/services.yml`.

Every mistake is told with its place (ConfigurationError), all mistakes at once.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, MutableMapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from bot.app.contradictions import contradictions
from bot.app.mistakes import configuration_error, mistakes_of, near, of_file, of_sources, quoted
from bot.app.sections import ServiceEntry, ServicesFile
from bot.app.settings import Settings
from bot.app.yaml_file import read_text, read_yaml
from bot.domain.owners import Catalogue, Service
from bot.errors import ConfigurationError
from bot.i18n import LANGUAGES, Language, Phrase, language_of, text

log = logging.getLogger(__name__)

SECRETS: Final = (
    "DISCORD_TOKEN",
    "WEBHOOK_TOKEN",
    "WEBHOOK_PASSWORD",
    "WEBHOOK_HMAC_SECRET",
    "GRAFANA_TOKEN",
    "DATABASE_URL",
    "HEALTHCHECK_URL",
    "FALLBACK_WEBHOOK_URL",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
)
LANGUAGE: Final = "BONGSU_LANGUAGE"


def load_settings() -> Settings:
    """Read environment, secret files and `BONGSU_CONFIG` (default config/bot.yml). Raises ConfigurationError."""
    environment = os.environ
    _trim(environment)
    path = settings_path()
    values = read_yaml(path)
    if "language" in values:
        values[LANGUAGE.lower()] = values.pop("language")
    if not environment.get(LANGUAGE) and environment.get("LANGUAGE") in LANGUAGES:
        values[LANGUAGE.lower()] = spoken = environment["LANGUAGE"]
        log.warning("%s", text(language_of(spoken), "check.old_language", language=spoken))
    for name in SECRETS:
        if file := environment.get(f"{name}_FILE"):
            values[name.lower()] = read_text(Path(file), f"{name}_FILE").strip()
    origin = of_sources(path, environment, SECRETS)
    if wrong := [origin((name,), Phrase("mistake.quoted")) for name in _quoted(environment, values)]:
        raise configuration_error(wrong)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise configuration_error(mistakes_of(error, Settings, origin)) from error
    except SettingsError as error:
        raise configuration_error(_unparsed(environment)) from error
    if wrong := contradictions(settings, awaits_token=bool(environment.get("GRAFANA_TOKEN_FILE"))):
        raise configuration_error(wrong)
    return settings


def _trim(environment: MutableMapping[str, str]) -> None:
    """Take the ends of lines off our variables: env files of Windows leave a carriage return behind each value."""
    ours = {name.upper() for name in Settings.model_fields}
    for name, value in environment.items():
        if name.split("__")[0].upper() in ours and value != value.strip():
            environment[name] = value.strip()


def settings_path() -> Path:
    """Return where the settings are."""
    return Path(os.environ.get("BONGSU_CONFIG") or "config/bot.yml")


def spoken_language() -> Language:
    """Return the language of whoever starts us, as far as it can be known without sound settings."""
    environment = os.environ
    for known in (environment.get(LANGUAGE), _written_language(), environment.get("LANGUAGE")):
        if known in LANGUAGES:
            return "ko" if known == "ko" else "en"
    shell = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return language_of(next(filter(None, shell), "en"))


def misspelt_variables() -> Iterator[tuple[str, str]]:
    """Yield variables of the environment that nobody reads and that look like one of ours, with the one meant."""
    ours = {name.upper() for name in Settings.model_fields} | {f"{name}_FILE" for name in SECRETS}
    for name in sorted(os.environ.keys() - ours):
        # So near that it is hardly somebody else's, and what was meant is missing.
        meant = next(iter(get_close_matches(name, ours, n=1, cutoff=0.9)), "")
        if "_" in name and meant and not os.environ.get(meant):
            yield name, meant


def load_catalogue() -> Catalogue:
    """Read `BONGSU_SERVICES` (default config/services.yml). Raises ConfigurationError."""
    path = Path(os.environ.get("BONGSU_SERVICES") or "config/services.yml")
    origin = of_file(path)
    written = read_yaml(path)
    if outside := [name for name in written if name not in ServicesFile.model_fields]:
        raise configuration_error([origin((name,), Phrase("mistake.outside_services", name=name)) for name in outside])
    try:
        read = ServicesFile.model_validate(written)
    except ValidationError as error:
        raise configuration_error(mistakes_of(error, ServicesFile, origin)) from error
    wrong = [origin(("services", *place), problem) for place, problem in _wrong_services(read.services)]
    if wrong:
        raise configuration_error(wrong)
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
    return Catalogue(services, default)


def _wrong_services(services: Mapping[str, ServiceEntry]) -> Iterator[tuple[tuple[str, str], Phrase]]:
    for name, entry in services.items():
        for field, value in (("metrics", entry.metrics), ("logs", entry.logs), ("traces", entry.traces)):
            if "{" in value or "}" in value:
                yield (name, field), Phrase("mistake.braces", value=repr(value))
        for callee in entry.depends_on:
            if callee == name:
                yield (name, "depends_on"), Phrase("mistake.depends_on_itself")
            elif callee not in services:
                meant = near(callee, services)
                key = "mistake.depends_on_unknown_near" if meant else "mistake.depends_on_unknown"
                yield (name, "depends_on"), Phrase(key, name=callee, **({"near": meant} if meant else {}))
    circle = _circle(services)
    if circle:
        yield (circle[0], "depends_on"), Phrase("mistake.depends_in_circle", circle=" → ".join((*circle, circle[0])))


def _circle(services: Mapping[str, ServiceEntry]) -> tuple[str, ...]:
    """Return the first circle of more than one service, or nothing."""
    done: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> tuple[str, ...]:
        if name in way:
            return way[way.index(name) :]
        if name in done or name not in services:
            return ()
        done.add(name)
        for callee in services[name].depends_on:
            if callee != name and (found := follow(callee, (*way, name))):
                return found
        return ()

    for name in services:
        if found := follow(name, ()):
            return found
    return ()


def _quoted(environment: Mapping[str, str], values: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of plain values that carry quotation marks; compose and Docker keep those of an env file."""
    for name, field in Settings.model_fields.items():
        value = environment.get(name.upper()) or values.get(name)
        if isinstance(value, str) and quoted(value) and not _is_table(field.annotation):
            yield name


def _unparsed(environment: Mapping[str, str]) -> list[Phrase]:
    """Find the variables of tables and lists that are no JSON; pydantic names the table only."""
    names = ", ".join(sorted(name for name, value in environment.items() if value and _no_json(name, value)))
    return [Phrase("mistake.of_variable", name=names or "?", problem=Phrase("mistake.not_json"))]


def _no_json(name: str, value: str) -> bool:
    kind: object = Settings
    for part in name.lower().split("__"):
        fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
        if part not in fields:
            return False
        kind = fields[part].annotation
    if not _is_table(kind):
        return False
    try:
        json.loads(value)
    except ValueError:
        return True
    return False


def _is_table(annotation: object) -> bool:
    kind = get_origin(annotation) or annotation
    return isinstance(kind, type) and issubclass(kind, (BaseModel, list, dict))


def _written_language() -> object:
    try:
        return read_yaml(settings_path()).get("language")
    except ConfigurationError:
        return None
