"""Writes bot.yml, services.yml and .env into the current folder, from what an operator answers: `bongsu init`."""

from __future__ import annotations

import getpass
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.app.folder import SECRETS, SERVICES, SETTINGS, template
from bot.errors import ConfigurationError
from bot.i18n import Language, text

Ask = Callable[[str], str]

# BSD's EX_CANTCREAT.
_EXIT_EXISTS = 73
_ENGLISH_OR_KOREAN = ("en", "ko")
_EXPLORED = ("prometheus", "loki", "tempo")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the variable that may hold its answer, what it must look like, and whose answer it needs first."""

    name: str
    default: str = ""
    hidden: bool = False
    fits: Callable[[str], bool] = bool
    after: str = ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_id_or_empty(typed: str) -> bool:
    return not typed or (typed.isascii() and typed.isdecimal())


def _is_address_or_empty(typed: str) -> bool:
    return not typed or bool(re.fullmatch(r"https?://[^\s\"'#]+", typed))


def _anything(typed: str) -> bool:
    # What would need an escape in the file is no token of anybody's.
    return typed.isprintable() and not set(typed) & set("\"'\\")


def _are_names(typed: str) -> bool:
    return all(re.fullmatch(r"[\w./-]+", name) for name in _names(typed))


def _is_folder(typed: str) -> bool:
    return Path(typed).is_dir() and typed.isprintable()


def _are_sources(typed: str) -> bool:
    return bool(_sources(typed)) and all(each[0] in _EXPLORED and each[1] for each in _sources(typed))


def questions(language: Language, zone: str) -> list[Question]:
    """Return what is asked, in order; `language` and `zone` are proposed."""
    return [
        Question("BONGSU_LANGUAGE", language, fits=lambda typed: typed in _ENGLISH_OR_KOREAN),
        # Proposed from this machine, never assumed: servers stand in UTC, and "until 18:00" is meant by people.
        Question("TIMEZONE", zone, fits=_is_zone),
        Question("DISCORD_TOKEN", hidden=True, fits=_anything),
        Question("DISCORD_GUILD_ID", fits=_is_id_or_empty),
        Question("PROMETHEUS_URL", fits=_is_address_or_empty),
        Question("ALERTMANAGER_URL", fits=_is_address_or_empty),
        # What an investigation sees beside metrics.
        Question("LOKI_URL", fits=_is_address_or_empty),
        Question("TEMPO_URL", fits=_is_address_or_empty),
        Question("GRAFANA_URL", fits=_is_address_or_empty),
        Question("GRAFANA_TOKEN", hidden=True, fits=_anything, after="GRAFANA_URL"),
        Question("INVESTIGATION__EXPLORE", fits=_are_sources, after="GRAFANA_URL"),
        Question("INVESTIGATION__RUNBOOKS", fits=_is_folder),
        Question("INVESTIGATION__RUNBOOKS_URL", fits=_is_address_or_empty, after="INVESTIGATION__RUNBOOKS"),
        Question("SERVICES", fits=_are_names),
    ]


def init(language: Language, out: TextIO, *, ask: bool) -> int:
    """Write the three files and say what comes next; return the exit code. Without `ask` only the environment answers.

    Nothing that exists is overwritten. Raises ConfigurationError.
    """
    standing = [name for name in (SETTINGS, SERVICES, SECRETS) if Path(name).exists()]
    if standing:
        print(text(language, "init.exists", files=", ".join(standing)), file=out)
        return _EXIT_EXISTS
    try:
        answers = _answers(language, out, ask=ask)
    except EOFError:
        raise ConfigurationError("init.nobody") from None
    try:
        _write(answers)
    except OSError as error:
        raise ConfigurationError("init.unwritable", problem=str(error)) from error
    chosen: Language = "ko" if answers["BONGSU_LANGUAGE"] == "ko" else "en"
    print(text(chosen, "init.done", zone=answers["TIMEZONE"]), file=out)
    return 0


def _answers(language: Language, out: TextIO, *, ask: bool) -> dict[str, str]:
    answers: dict[str, str] = {}
    for each in questions(language, local_zone()):
        needed = not each.after or answers[each.after]
        answers[each.name] = _answer(each, language, out, ask=ask) if needed else ""
    return answers


def local_zone() -> str:
    """Return this machine's time zone by its IANA name, UTC if it does not say."""
    linked = os.path.realpath("/etc/localtime").rpartition("zoneinfo/")[2]
    named = Path("/etc/timezone")
    told = named.read_text("utf-8", "replace").strip() if named.is_file() else ""
    return next((each for each in (os.environ.get("TZ", ""), told, linked) if each and _is_zone(each)), "UTC")


def _answer(question: Question, language: Language, out: TextIO, *, ask: bool) -> str:
    # TIMEZONE of a shell may be a habit of other programs; only what fits is taken.
    found = os.environ.get(question.name, "").strip()
    proposed = found if found and question.fits(found) else question.default
    if not ask:
        return proposed
    # Without a terminal there is nothing that would show what is typed.
    read: Ask = getpass.getpass if question.hidden and sys.stdin.isatty() else input
    shown = "…" if question.hidden and proposed else proposed
    prompt = text(language, f"init.ask_{question.name.lower()}") + (f" [{shown}] " if shown else " ")
    while True:
        typed = read(prompt).strip() or proposed
        if question.fits(typed) or not typed:
            return typed
        print(text(language, "init.unfit", typed=typed[:60]), file=out)


def _names(typed: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", typed) if name]


def _sources(typed: str) -> list[tuple[str, str]]:
    """Read `prometheus=uid, loki=uid`; JSON, as the variable has it, is read as well."""
    return re.findall(r"[\"']?(\w+)[\"']?\s*[=:]\s*[\"']?([\w-]*)", typed)


def _write(answers: Mapping[str, str]) -> None:
    settings = template("bot.yml")
    for key, value in (
        ("discord_guild_id", answers["DISCORD_GUILD_ID"] or "0"),
        ("language", answers["BONGSU_LANGUAGE"]),
        ("timezone", answers["TIMEZONE"]),
    ):
        settings = _set(settings, key, value)
    for key in ("prometheus_url", "alertmanager_url", "loki_url", "tempo_url", "grafana_url"):
        if answers[key.upper()]:
            settings = _set(settings, key, answers[key.upper()])
    for key in ("runbooks", "runbooks_url"):
        if typed := answers[f"INVESTIGATION__{key.upper()}"]:
            # JSON's strings are YAML's, whatever a folder is called.
            settings = _set(settings, key, json.dumps(typed, ensure_ascii=False))
    if sources := _sources(answers["INVESTIGATION__EXPLORE"]):
        settings = _set(settings, "explore", json.dumps(dict(sources)))
    # The folder is the operator's own, so what the text says of the repository's is made to fit.
    Path(SETTINGS).write_text(settings.replace("config/.env.example", SECRETS), "utf-8")
    Path(SERVICES).write_text(_services(_names(answers["SERVICES"])), "utf-8")
    kept = {
        "DISCORD_TOKEN": answers["DISCORD_TOKEN"],
        "GRAFANA_TOKEN": answers["GRAFANA_TOKEN"],
        "WEBHOOK_TOKEN": secrets.token_hex(24),
    }
    # Bare where that says the same to every reader: Docker's --env-file takes quotation marks for part of the value.
    lines = "".join(
        f"{name}={value}\n" if re.fullmatch(r"[\w.+/=-]*", value) else f'{name}="{value}"\n'
        for name, value in kept.items()
    )
    # Made for this user only from the first byte on.
    with os.fdopen(os.open(SECRETS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(lines)


def _set(settings: str, key: str, value: str) -> str:
    """Put a value in the place of a key's own, or of the comment that shows the key."""
    return re.sub(
        rf"^( *)(# )?{key}:.*$", lambda found: f"{found[1]}{key}: {value}", settings, count=1, flags=re.MULTILINE
    )


def _services(names: list[str]) -> str:
    head, _, _ = template("services.yml").partition("services:\n")
    if not names:
        return f"{head}services: {{}}\n"
    return f"{head}services:\n" + "".join(f'  "{name}":\n    display: "{name}"\n' for name in names)
