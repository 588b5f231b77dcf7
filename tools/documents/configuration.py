"""Writes docs/configuration.md and its Korean twin from the settings themselves: `python -m tools.documents.configuration`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.app.loading import SECRETS
from bot.app.sections import ServiceEntry
from bot.app.settings import Settings

_DOCS = Path(__file__).parents[2] / "docs"
PATHS: Final = {"en": _DOCS / "configuration.md", "ko": _DOCS / "configuration.ko.md"}
_KOREAN = Path(__file__).parent / "settings.ko.toml"
# Of every length of time; no bound that anybody meets.
_TEN_YEARS = timedelta(days=3650)

_HEAD = """
# Settings

[한국어](configuration.ko.md)

*Written by `python -m tools.documents.configuration` from `bot/app/settings.py` and `bot/app/sections.py`.*

Bongsu reads, strongest first: the environment, files named by `<NAME>_FILE` (for secrets), and `config/bot.yml`
(`BONGSU_CONFIG` names another file). Services and their owners stand in `config/services.yml` (`BONGSU_SERVICES`).

- A setting inside a table has two underscores in the environment: `CHANNELS__URGENT=fire`.
- Lists and tables are JSON there: `PERMISSIONS__ACK=[123456789012345678]`.
- A length of time is `90s`, `15m`, `1h30m`, `14d`, or ISO 8601 (`PT1H30M`).
- A secret (– below) has no place in `bot.yml`. It may stand in a file: `DISCORD_TOKEN_FILE=/run/secrets/token`.
- A misspelt key, a wrong value or a contradiction stops the start: one sentence, exit code 78.
- So does a line of `.env` that is not `NAME=value` (as with Compose): it may have been meant for a secret.
- `bongsu check` tries everything that is set; `run` refuses what it refuses.
"""

_TAIL = """
## Services (`config/services.yml`)

`owners` (`users`, `roles`: ids of Discord) are called for what no service claims. Under `services`, by the value of the
alerts' `service` label:

{services}

## Addresses of Bongsu

`POST /webhooks/grafana`, `POST /webhooks/alertmanager`, `POST /webhooks/deploy`. 202 means stored, 401 not you;
400 and 413 name the field.

`GET /healthz` (alive) · `GET /readyz` (store and gateway up; sources are listed) · `GET /metrics` ·
`GET /seen/<marker>` (how far a test alert has come). The whole stack: [verify](verify.md).
"""

_SERVICE = {
    "display": "What people call it.",
    "owners": "Who is called: `users` and `roles`, ids of Discord.",
    "dashboard": "Address of its dashboard.",
    "runbook": "Address of its runbook.",
    "metrics": 'How to find it in Prometheus, without braces: `job="api"`.',
    "logs": 'How to find it in Loki, without braces: `app="api"`.',
    "traces": 'How to find it in Tempo: `resource.service.name = "api"`.',
    "depends_on": "The services it calls.",
    "without": "What it does not send: `metrics`, `logs`, `traces`.",
}


@dataclass(frozen=True)
class Wording:
    """What a page says in one language; `settings` by path in bot.yml, None where the settings' own words are meant."""

    head: str
    tail: str
    columns: Sequence[str]
    one_of: str
    between: str
    at_most: str
    at_least: str
    settings: Mapping[str, str] | None
    services: Mapping[str, str]

    def of(self, path: str, field: FieldInfo) -> str:
        """Return what is said of a setting."""
        return (field.description or "") if self.settings is None else self.settings[path]


def wording(language: str) -> Wording:
    """Return the words of a language, `en` or `ko`."""
    if language == "ko":
        read = tomllib.loads(_KOREAN.read_text("utf-8"))
        return Wording(**read["page"], settings=read["settings"], services=read["services"])
    return Wording(
        head=_HEAD.lstrip("\n"),
        tail=_TAIL,
        columns=("in `bot.yml`", "in the environment", "default", "what"),
        one_of="One of {values}.",
        between="From {least} to {most}.",
        at_most="At most {most}.",
        at_least="At least {least}.",
        settings=None,
        services=_SERVICE,
    )


def document(language: str) -> str:
    """Return the whole page."""
    words = wording(language)
    rows = [*_rows(words, Settings, "", "")]
    plain = [row for row in rows if "." not in row[1]]
    tables: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        if "." in row[1]:
            tables.setdefault(row[1].rpartition(".")[0].strip("`"), []).append(row)
    parts = [words.head, *_table(words, plain)]
    for name, inner in tables.items():
        parts += ["", f"## `{name}`", "", *_table(words, inner)]
    services = [f"- `{name}`: {words.services[name]}" for name in ServiceEntry.model_fields]
    return "\n".join(parts) + "\n" + words.tail.format(services="\n".join(services))


def paths() -> list[str]:
    """Return the path of every setting in bot.yml."""
    return [path for path, _ in _fields(Settings, "")]


def _table(words: Wording, rows: list[tuple[str, ...]]) -> list[str]:
    head = [f"| {' | '.join(words.columns)} |", "|---|---|---|---|"]
    return head + [f"| {yml} | `{variable}` | {default} | {what} |" for variable, yml, default, what in rows]


def _fields(model: type[BaseModel], path: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{path}{name}.")
        else:
            yield f"{path}{name.removeprefix('bongsu_')}", field


def _rows(words: Wording, model: type[BaseModel], prefix: str, path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _rows(words, field.annotation, f"{prefix}{name.upper()}__", f"{path}{name}.")
            continue
        variable, place = f"{prefix}{name.upper()}", f"{path}{name.removeprefix('bongsu_')}"
        shown = "–" if variable in SECRETS else f"`{place}`"
        what = " ".join(filter(None, (words.of(place, field), _bounds(words, field))))
        yield variable, shown, _default(field), what.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in ("", [], {}) or value is None:
        return "–"
    return f"`{_plain(value)}`"


def _bounds(words: Wording, field: FieldInfo) -> str:
    if get_origin(field.annotation) is not None and "Literal" in str(get_origin(field.annotation)):
        return words.one_of.format(values=", ".join(f"`{each}`" for each in get_args(field.annotation)))
    # A kind of value has bounds, and the setting may have narrower ones.
    least, most = max(_limits(field, "ge", "gt"), default=None), min(_limits(field, "le"), default=None)
    if not least and isinstance(least, timedelta):
        least = None
    if most == _TEN_YEARS:
        most = None
    if least is not None and most is not None:
        return words.between.format(least=_plain(least), most=_plain(most))
    if most is not None:
        return words.at_most.format(most=_plain(most))
    return words.at_least.format(least=_plain(least)) if least else ""


def _limits(field: FieldInfo, *names: str) -> list[Any]:
    found = (getattr(each, name, None) for each in field.metadata for name in names)
    return [each for each in found if each is not None]


def _plain(value: Any) -> str:
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds % size == 0 and seconds:
                return f"{seconds // size}{unit}"
        return f"{seconds}s"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    for each, path in PATHS.items():
        path.write_text(document(each), "utf-8")
