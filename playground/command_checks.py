"""What Discord refuses in a list of commands."""

from __future__ import annotations

import re
from typing import Any

from playground.errors import invalid

Json = dict[str, Any]

_NAME = re.compile(r"^[-_'\w]{1,32}$")
_LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)


def check_commands(commands: list[Json]) -> None:
    """Refuse a list of commands that Discord would refuse. Raises Refusal."""
    if sum(command.get("type", 1) == 1 for command in commands) > 100:
        raise invalid("commands", "APPLICATION_COMMAND_TOO_MANY", "Maximum number of commands reached (100)")
    for number, command in enumerate(commands):
        _check(command, str(number))
        if command.get("type", 1) == 1 and not command.get("description"):
            raise invalid(f"{number}.description", "BASE_TYPE_REQUIRED", "This field is required")


def _check(named: Json, path: str) -> None:
    name = named.get("name") or ""
    if not _NAME.match(name) or name != name.lower():
        raise invalid(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if len(named.get("description") or "") > 100:
        raise invalid(f"{path}.description", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
    for key in ("name_localizations", "description_localizations"):
        _check_words(named.get(key) or {}, f"{path}.{key}", 32 if key.startswith("name") else 100)
    options = named.get("options") or []
    if len(options) > 25:
        raise invalid(f"{path}.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        raise invalid(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options go first")
    for number, option in enumerate(options):
        _check(option, f"{path}.options.{number}")
        choices = option.get("choices") or []
        if len(choices) > 25 or any(not 1 <= len(choice["name"]) <= 100 for choice in choices):
            raise invalid(f"{path}.options.{number}.choices", "BASE_TYPE_BAD_LENGTH", "Too many or too long.")


def _check_words(words: dict[str, str], path: str, limit: int) -> None:
    for locale, text in words.items():
        if locale not in _LOCALES:
            raise invalid(path, "ENUM_TYPE_COERCE", f"Unknown locale {locale}")
        if not 1 <= len(text) <= limit:
            raise invalid(path, "BASE_TYPE_BAD_LENGTH", "Wrong length.")
