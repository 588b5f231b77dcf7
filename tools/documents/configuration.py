"""Writes docs/configuration.md from the settings themselves: `python -m tools.documents.configuration`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.app.loading import SECRETS
from bot.app.sections import ServiceEntry
from bot.app.settings import Settings

PATH = Path(__file__).parents[2] / "docs/configuration.md"

_HEAD = """# Settings

*Written by `python -m tools.documents.configuration` from `bot/app/settings.py` and `bot/app/sections.py`.*

Bongsu reads, strongest first: the environment, files named by `<NAME>_FILE` (for secrets), and `config/bot.yml`
(`BONGSU_CONFIG` names another file). Services and their owners stand in `config/services.yml` (`BONGSU_SERVICES`).

- A setting inside a table has two underscores in the environment: `CHANNELS__URGENT=fire`.
- Lists and tables are JSON there: `PERMISSIONS__ACK=[123456789012345678]`.
- A length of time is `90s`, `15m`, `1h30m`, `14d`, or ISO 8601 (`PT1H30M`).
- A secret (– below) has no place in `bot.yml`. It may stand in a file: `DISCORD_TOKEN_FILE=/run/secrets/token`.
- A misspelt key, a wrong value or a contradiction stops the start: one sentence, exit code 78.
- `python -m bot check` tries everything that is set; `run` refuses what it refuses.
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
`GET /seen/<marker>` (how far a test alert has come). The whole stack: [verify-stack](verify.md).
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


def document() -> str:
    """Return the whole page."""
    rows = [*_rows(Settings, "", "")]
    plain = [row for row in rows if "." not in row[1]]
    tables: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        if "." in row[1]:
            tables.setdefault(row[1].rpartition(".")[0].strip("`"), []).append(row)
    parts = [_HEAD, *_table(plain)]
    for name, inner in tables.items():
        parts += ["", f"## `{name}`", "", *_table(inner)]
    services = [f"- `{name}`: {_SERVICE[name]}" for name in ServiceEntry.model_fields]
    return "\n".join(parts) + "\n" + _TAIL.format(services="\n".join(services))


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    head = ["| in `bot.yml` | in the environment | default | what |", "|---|---|---|---|"]
    return head + [f"| {yml} | `{variable}` | {default} | {what} |" for variable, yml, default, what in rows]


def _rows(model: type[BaseModel], prefix: str, path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _rows(field.annotation, f"{prefix}{name.upper()}__", f"{path}{name}.")
            continue
        variable = f"{prefix}{name.upper()}"
        shown = f"`{path}{name.removeprefix('bongsu_')}`"
        if variable in SECRETS:
            shown = "–"
        what = " ".join(filter(None, (field.description, _bounds(field))))
        yield variable, shown, _default(field), what.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in ("", [], {}) or value is None:
        return "–"
    return f"`{_plain(value)}`"


def _bounds(field: FieldInfo) -> str:
    limits = {
        name: getattr(each, name)
        for each in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(each, name, None) is not None
    }
    least, most = limits.get("ge", limits.get("gt")), limits.get("le")
    if isinstance(least, timedelta) and not least:
        least = None
    if get_origin(field.annotation) is not None and "Literal" in str(get_origin(field.annotation)):
        return "One of " + ", ".join(f"`{each}`" for each in get_args(field.annotation)) + "."
    if least is not None and most is not None:
        return f"From {_plain(least)} to {_plain(most)}."
    if most is not None:
        return f"At most {_plain(most)}."
    return f"At least {_plain(least)}." if least else ""


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
    PATH.write_text(document(), "utf-8")
