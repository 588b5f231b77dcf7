"""Finds the files of settings: an operator's folder (bot.yml, services.yml and .env side by side), or the variables that name them."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, files
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

import bot
from bot.app.mistakes import configuration_error
from bot.app.yaml_file import read_text
from bot.errors import ConfigurationError
from bot.i18n import Phrase

SETTINGS, SERVICES, SECRETS = "bot.yml", "services.yml", ".env"


def enter_folder() -> None:
    """Take the current folder's files, as `bongsu init` writes them, for what the environment leaves open.

    Does nothing where there is no bot.yml, or where BONGSU_CONFIG names another one: then `.env` is Compose's.
    Raises ConfigurationError.
    """
    if os.environ.get("BONGSU_CONFIG") or not Path(SETTINGS).is_file():
        return
    os.environ["BONGSU_CONFIG"] = SETTINGS
    if Path(SERVICES).is_file():
        os.environ.setdefault("BONGSU_SERVICES", SERVICES)
    if Path(SECRETS).exists():
        for name, value in _written(read_text(Path(SECRETS))).items():
            if value:
                os.environ.setdefault(name, value)


def _written(words: str) -> dict[str, str]:
    """Read the lines of an env file. Raises ConfigurationError for one that is none, and for a name with two values."""
    kept: dict[str, str] = {}
    for each in parse_stream(StringIO(words)):
        line = each.original.line + each.original.string[: -len(each.original.string.lstrip()) or None].count("\n")
        if each.error:
            raise _mistake(Phrase("mistake.env_line", line=line))
        if each.key is None:
            continue
        value = each.value or ""
        # People write below what a template has left empty.
        if kept.get(each.key) not in (None, "", value):
            raise _mistake(Phrase("mistake.env_twice", line=line, name=each.key))
        kept[each.key] = value
    return kept


def _mistake(problem: Phrase) -> ConfigurationError:
    return configuration_error([Phrase("mistake.of_file_whole", file=SECRETS, problem=problem)])


def template(name: str) -> str:
    """Return a file of the default configuration: of the repository, or of the installed wheel. Raises ConfigurationError."""
    beside = Path(bot.__file__).parents[1] / "config" / name
    if not beside.is_file():
        try:
            kept = [each for each in files("bongsu") or () if each.name == name and "share" in each.parts]
        except PackageNotFoundError:
            kept = []
        if not kept:
            raise ConfigurationError("errors.unreadable_file", file=name, problem="not installed")
        beside = Path(str(kept[0].locate()))
    return beside.read_text("utf-8")
