"""Finds the files of settings: an operator's folder (bot.yml, services.yml and .env side by side), or the variables that name them."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from dotenv import dotenv_values

import bot
from bot.errors import ConfigurationError

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
    try:
        kept = dotenv_values(SECRETS, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("errors.unreadable_file", file=SECRETS, problem=str(error)) from error
    for name, value in kept.items():
        if value:
            os.environ.setdefault(name, value)


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
