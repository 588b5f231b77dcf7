"""Reads variables of a dashboard's JSON, and what Grafana makes of the values that a query of theirs answers.

Source: Grafana's documentation, "Add variables" and "Filter variables with regex"; packages/scenes,
`metricNamesToVariableValues` (11 to 13). Patterns are RE2's, so that a hostile one takes no time; JavaScript's look-around
is none of it, and then nobody can tell the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, cast

from bot.domain.dashboards import ALL, DataSource, Variable
from bot.telemetry.dashboard_shapes import items, number, source_named, words
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

MOST_VALUES: Final = 2000
_MOST_FILTERS: Final = 50
_WRITTEN: Final = re.compile(r"/(.*)/[a-z]*", re.DOTALL)
_FLAGS: Final = re.compile(r"/.*/([a-z]*)", re.DOTALL)
_COMMA: Final = re.compile(r"(?:\\,|[^,])+")
_PAIR: Final = re.compile(r"\s*(.+)\s:\s(.+?)\s*", re.DOTALL)
_NAMED_GROUP: Final = re.compile(r"\(\?<(?=[A-Za-z_])")


def read_variable(raw: dict[str, Any]) -> Variable:
    """Read one variable; parts of an unknown shape are left out."""
    query = raw.get("query")
    if isinstance(query, dict):
        query = cast("dict[str, Any]", query).get("query")
    kind = plain(raw.get("type"))
    known = _options(raw, kind, plain(query))
    current = _filters(raw) if kind == "adhoc" else obj(raw.get("current")).get("value")
    return Variable(
        name=plain(raw.get("name")),
        kind=kind,
        label=plain(raw.get("label")),
        options=tuple(known),
        current=(plain(current),) if isinstance(current, str) and current else words(current, MOST_VALUES),
        multi=raw.get("multi") is True,
        include_all=raw.get("includeAll") is True,
        all_value=plain(raw.get("allValue")),
        query=plain(raw.get("definition")) or plain(query),
        datasource=source_named(raw.get("datasource"))[0],
        texts={value: shown for value, shown in known.items() if shown != value},
        regex=plain(raw.get("regex")),
        automatic=(int(number(raw.get("auto_count")) or 30), plain(raw.get("auto_min")) or "10s"),
    )


def _filters(raw: dict[str, Any]) -> list[str]:
    filters = [*items(raw.get("baseFilters"), _MOST_FILTERS), *items(raw.get("filters"), _MOST_FILTERS)]
    return ["|".join(plain(each.get(name)) for name in ("key", "operator", "value")) for each in filters]


def _options(raw: dict[str, Any], kind: str, query: str) -> dict[str, str]:
    if kind == "query" and raw.get("refresh") in (1, 2):
        # What was saved with the dashboard is what there was then; Grafana asks again whenever it opens it.
        return {}
    if kind == "datasource":
        # The same: those that there are now are listed by Grafana.
        return {}
    saved = items(raw.get("options"), MOST_VALUES)
    found = [(plain(each.get("value")), _shown(each.get("text"))) for each in saved]
    if kind in ("custom", "interval") and not any(value for value, _ in found if value != ALL):
        found = [_written(each.replace("\\,", ",")) for each in _COMMA.findall(query)]
    if kind in ("constant", "textbox") and not found and query:
        found = [(query, query)]
    return {value: shown or value for value, shown in found if value and value != ALL}


def _written(option: str) -> tuple[str, str]:
    pair = _PAIR.fullmatch(option)
    return (pair[2].strip(), pair[1].strip()) if pair else (option.strip(), option.strip())


def _shown(raw: object) -> str:
    return " + ".join(words(cast("object", raw), 50)) if isinstance(raw, list) else plain(raw)


def offered(variable: Variable, sources: Iterable[DataSource]) -> dict[str, str] | None:
    """Return the data sources that a variable of that kind chooses from, by uid."""
    fitting = sorted((each.name, each.uid) for each in sources if each.kind == variable.query)
    pattern = _compiled(variable.regex)
    if pattern is False:
        return None
    return {uid: name for name, uid in fitting if not pattern or pattern.search(name)}


def picked(answered: Sequence[str], regex: str) -> dict[str, str] | None:
    """Return the values that Grafana makes of an answer, with their texts; None for a pattern that we do not know."""
    pattern = _compiled(regex)
    if pattern is False:
        return None
    found: dict[str, str] = {}
    for answer in answered[:MOST_VALUES]:
        for value, shown in _cut(answer, pattern) if pattern else [(answer, answer)]:
            if value:
                found.setdefault(value, shown or value)
    return found


def _cut(answer: str, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    matches = list(pattern.finditer(answer))
    if not matches:
        return []
    groups: dict[str, str] = {}
    for match in matches:
        groups |= {name: part for name, part in match.groupdict().items() if part and name not in groups}
    if "value" in groups or "text" in groups:
        value = groups.get("value") or groups["text"]
        return [(value, groups.get("text") or value)]
    if not pattern.groups:
        return [(answer, answer)]
    firsts = [match[1] or "" for match in (matches if len(matches) > 1 else matches[:1])]
    return [(each, each) for each in firsts]


def _compiled(regex: str) -> re.Pattern[str] | Literal[False] | None:
    """Compile a pattern as Grafana reads it; None where there is none, False for one that RE2 does not know."""
    if not regex.strip():
        return None
    written = _WRITTEN.fullmatch(regex.strip())
    flags = _FLAGS.fullmatch(regex.strip())
    # Here, because few dashboards need it, and it takes a megabyte.
    import re2

    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    options.case_sensitive = not (flags and "i" in flags[1])
    body = _NAMED_GROUP.sub("(?P<", written[1] if written else f"^{regex}$")
    try:
        return cast("re.Pattern[str]", re2.compile(body, options))
    except (re2.error, UnicodeEncodeError):
        return False
