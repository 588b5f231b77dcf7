"""Turns text keys into English or Korean sentences; every text a person sees is in `en.toml` and `ko.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from bot.i18n.particles import with_particles

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


def language_of(locale: str) -> Language:
    """Choose the language for a Discord locale such as `ko` or `en-US`."""
    return "ko" if locale.startswith("ko") else "en"


class Phrase(str):  # noqa: SLOT000 - a subclass of str with values of its own can have none
    """A text that can be said in every language: English as a string, and with it the key and the values it is made of.

    An error carries it as a value where a part of its sentence is a sentence of ours, too.
    """

    key: str
    values: dict[str, object]

    def __new__(cls, key: str, /, **values: object) -> Self:
        """Fill the text of a key in, in English."""
        made = super().__new__(cls, text("en", key, **values))
        made.key, made.values = key, values
        return made


def both(first: Phrase, second: Phrase) -> Phrase:
    """Say two things in one sentence."""
    return Phrase("mistake.both", first=first, second=second)


def text(language: Language, key: str, /, **values: object) -> str:
    """Return the text of a dotted key with its `{placeholders}` filled in. A missing key is a defect: KeyError.

    `{count:alert|alerts}` chooses by the number.
    """
    words = catalogue(language)[key].format(**{name: _said(language, value) for name, value in values.items()})
    return with_particles(words) if language == "ko" else words


def _said(language: Language, value: object) -> object:
    if isinstance(value, Phrase):
        return text(language, value.key, **value.values)
    if type(value) is int:
        return _Count(value)
    return _Written(value) if type(value) is str else value


class _Count(int):
    def __format__(self, spec: str) -> str:
        one, chooses, many = spec.partition("|")
        if not chooses:
            return super().__format__(spec)
        return one if self == 1 else many


class _Written(str):  # noqa: SLOT000 - as Phrase
    def __format__(self, spec: str) -> str:
        one, chooses, many = spec.partition("|")
        if not chooses:
            return super().__format__(spec)
        # What is kept in the store is a text, also where it is a number.
        return one if self == "1" else many


def said(language: Language, words: str) -> str:
    """Return words in a language, if they are ours; somebody else's as they are."""
    return text(language, words.key, **words.values) if isinstance(words, Phrase) else words


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
