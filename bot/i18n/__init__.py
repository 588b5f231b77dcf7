"""Text keys into English or Korean sentences; every text a person sees is in `en.toml` and `ko.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


def language_of(locale: str) -> Language:
    """Choose the language for a Discord locale such as `ko` or `en-US`."""
    return "ko" if locale.startswith("ko") else "en"


def text(language: Language, key: str, /, **values: object) -> str:
    """Return the text of a dotted key with its `{placeholders}` filled in. A missing key is a defect: KeyError.

    `{count:alert|alerts}` chooses by the number.
    """
    counted = {name: _Count(value) if type(value) is int else value for name, value in values.items()}
    return catalogue(language)[key].format(**counted)


class _Count(int):
    def __format__(self, spec: str) -> str:
        one, chooses, many = spec.partition("|")
        if not chooses:
            return super().__format__(spec)
        return one if self == 1 else many


def has(key: str) -> bool:
    """Tell whether there is a text with this key."""
    return key in catalogue("en")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return all texts of a language by dotted key."""
    raw = tomllib.loads((files("bot.i18n") / f"{language}.toml").read_text("utf-8"))
    return dict(_flatten(raw, ""))


def _flatten(table: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            rows.append((key, value))
        elif isinstance(value, dict):
            rows += _flatten(value, f"{key}.")  # pyright: ignore[reportUnknownArgumentType]
    return rows
