"""Writes a report on a stretch of time as a Markdown file: all numbers, and each change of a rule as a diff to paste."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Language, text
from bot.reporting.answering import Times
from bot.reporting.overview import Judged, NotTuned, Overview
from bot.reporting.rule_diffs import rule_diff, rule_yaml
from bot.reporting.tuning import Proposal
from bot.ui.markdown import block, dated, table, written
from bot.ui.moments import spell
from bot.ui.team_report import advice_lines, period, proposal_words, tidy_lines


def report_file(overview: Overview, language: Language) -> bytes:
    """Return the whole report as Markdown in UTF-8: what the message has no room for."""
    start, end = period(overview)
    title = text(language, "team_report.file.title", start=start, end=end, zone=overview.zone_name)
    lines = [f"# {title}", "", *_rules(overview.rules, language), *_answered(overview, language)]
    lines += [*_called(overview, language), *_hours(overview, language), *_tidy(overview, language)]
    lines += advice_lines(overview, language)
    return "\n".join(lines).rstrip("\n").encode("utf-8", "replace") + b"\n"


def _head(language: Language, key: str) -> list[str]:
    return [f"## {text(language, f'team_report.file.{key}')}", ""]


def _rules(rules: Sequence[Judged], language: Language) -> list[str]:
    if not rules:
        return []
    rows = [
        (
            written(each.noise.rule, 100),
            each.noise.notifications,
            len(each.noise.incidents),
            each.noise.in_vain,
            each.noise.again,
            _what(each.tuned, language),
        )
        for each in rules
    ]
    lines = [*_head(language, "rules"), *table(text(language, "team_report.file.rule_columns"), rows)]
    found = [each.tuned for each in rules if isinstance(each.tuned, Proposal)]
    if found:
        lines += _head(language, "diffs")
    for each in found:
        lines += _diff(each, language)
    return lines


def _what(tuned: Proposal | NotTuned, language: Language) -> str:
    if isinstance(tuned, NotTuned):
        return text(language, f"team_report.not_tuned.{tuned.value}")
    return proposal_words(tuned, language)


def _diff(found: Proposal, language: Language) -> list[str]:
    kind = "grafana" if found.rule.grafana else "prometheus"
    place = text(language, f"team_report.file.{kind}", place=written(found.rule.place, 200))
    lines = [f"### {written(found.rule.name, 100)}", "", proposal_words(found, language), "", place, ""]
    return [*lines, *block("diff", rule_diff(found.rule, found.changed)), *block("yaml", rule_yaml(found.changed))]


def _answered(overview: Overview, language: Language) -> list[str]:
    if not overview.answered:
        return []
    rows = [
        (
            each.severity.name,
            each.count,
            *_times(each.acknowledged, language),
            *_times(each.resolved, language),
            each.unanswered,
        )
        for each in overview.answered
    ]
    return [*_head(language, "numbers"), *table(text(language, "team_report.file.answered_columns"), rows)]


def _times(times: Times | None, language: Language) -> tuple[str, str, str]:
    if times is None:
        return "–", "–", "–"
    met = f"{times.met}/{times.judged} ({spell(times.target, language)})" if times.target and times.judged else "–"
    return spell(times.median, language), spell(times.p90, language), met


def _called(overview: Overview, language: Language) -> list[str]:
    if not overview.load.people:
        return []
    rows = [
        (written(overview.names.get(each.person, str(each.person)), 60), each.pages, each.nights, each.weekends)
        for each in overview.load.people
    ]
    return [*_head(language, "people"), *table(text(language, "team_report.file.called_columns"), rows)]


def _hours(overview: Overview, language: Language) -> list[str]:
    hours = overview.load.hours
    if not hours:
        return []
    rows = [
        (f"{hour:02}", *(hours.get((day, hour)) or "" for day in range(7)))
        for hour in range(24)
        if any(hours.get((day, hour)) for day in range(7))
    ]
    return [*_head(language, "hours"), *table(text(language, "team_report.file.hour_columns"), rows)]


def _tidy(overview: Overview, language: Language) -> list[str]:
    lines = tidy_lines(overview, language)
    if not lines:
        return []
    return [*_head(language, "tidy"), *(f"- {dated(line, overview.zone)}" for line in lines), ""]
