"""Renders a report on a stretch of time as one message: what an on-call lead reads on a Monday at nine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.views import SilenceRow
from bot.i18n import Language, text
from bot.reporting.answering import AcknowledgedShare, Times
from bot.reporting.overview import Judged, NotTuned, Overview
from bot.reporting.rule_diffs import length
from bot.reporting.tuning import Knob, Proposal
from bot.ui.limits import CONTENT, code, fit, plain
from bot.ui.moments import spell, stamp
from bot.ui.naming import made_by
from bot.ui.silences import matchers_of

_PEOPLE, _LISTED, _NAME = 5, 4, 50
_CALM: Final = timedelta(seconds=30)


def report_message(overview: Overview, language: Language) -> str:
    """Write the message; its first line is that of no other report."""
    start, end = period(overview)
    lines = [text(language, "team_report.head", start=start, end=end, zone=overview.zone_name)]
    if overview.incidents:
        load = overview.load
        values = {"pages": load.pages, "nights": load.nights, "weekends": load.weekends, "before": overview.before}
        lines.append(text(language, "team_report.summary", count=overview.incidents, **values))
    else:
        lines.append(text(language, "team_report.nothing"))
    lines += _section("quieten", language, (rule_line(i, each, language) for i, each in enumerate(overview.rules, 1)))
    lines += _section("answered", language, (severity_line(each, language) for each in overview.answered))
    lines += _section("called", language, _called(overview, language))
    lines += _section("tidy", language, tidy_lines(overview, language))
    lines += advice_lines(overview, language)
    if overview.cut:
        lines.append(text(language, "team_report.cut", count=overview.cut))
    tail = text(language, "team_report.files")
    return f"{fit(lines, CONTENT - len(tail) - 1)}\n{tail}"


def period(overview: Overview) -> tuple[str, str]:
    """Write beginning and end by the clock of the team."""
    return _clock(overview.window.start, overview), _clock(overview.window.end, overview)


def rule_line(place: int, judged: Judged, language: Language) -> str:
    """Say how noisy a rule was, and what would have quietened it."""
    noise, tuned = judged.noise, judged.tuned
    what = (
        text(language, f"team_report.not_tuned.{tuned.value}")
        if isinstance(tuned, NotTuned)
        else proposal_words(tuned, language)
    )
    counts = (("in_vain", noise.in_vain), ("again", noise.again))
    how = "".join(text(language, f"team_report.{key}", count=count) for key, count in counts if count)
    values = {"place": place, "rule": plain(noise.rule, _NAME), "how": how, "what": what}
    return text(language, "team_report.rule", count=noise.notifications, **values)


def proposal_words(found: Proposal, language: Language) -> str:
    """Say what to change, and what it saves and costs."""
    old, new = knob_values(found)
    knob = text(language, f"team_report.knob.{found.knob.value}")
    values = {"saved": found.saved, "before": found.before, "days": round(found.days)}
    words = text(language, "team_report.saves", knob=knob, old=code(old, 30), new=code(new, 30), **values)
    if not found.real:
        return f"{words} {text(language, 'team_report.none_real')}"
    late = found.delay > _CALM
    later = text(language, "team_report.later", delay=spell(found.delay, language)) if late else ""
    return f"{words} {text(language, 'team_report.all_kept', real=found.real, later=later)}"


def knob_values(found: Proposal) -> tuple[str, str]:
    """Return what is changed, as it was and as it would be."""
    old, new = found.rule, found.changed
    if found.knob is Knob.WAIT:
        return length(old.wait), length(new.wait)
    if found.knob is Knob.KEEP:
        return length(old.keep or timedelta()), length(new.keep or timedelta())
    assert old.compared
    assert new.compared
    return f"{old.compared.sign} {old.compared.bound}", f"{new.compared.sign} {new.compared.bound}"


def severity_line(each: AcknowledgedShare, language: Language) -> str:
    """Say how soon the incidents of a severity were acknowledged and over."""
    said = [*_times("acknowledged", each.acknowledged, language), *_times("resolved", each.resolved, language)]
    if each.unanswered and each.by_itself == each.unanswered:
        said.append(text(language, "team_report.all_by_itself", count=each.unanswered))
    elif each.by_itself:
        said.append(text(language, "team_report.by_itself", count=each.unanswered, ended=each.by_itself))
    elif each.unanswered:
        said.append(text(language, "team_report.unanswered", count=each.unanswered))
    name = each.severity.name
    return text(language, "team_report.severity", severity=name, count=each.count, what=" · ".join(said))


def tidy_lines(overview: Overview, language: Language) -> list[str]:
    """Say what is to be tidied up, what cannot wait first."""
    ends = [
        text(language, f"team_report.ends.{each.kind.value}", name=code(each.name, 60), at=stamp(each.at))
        for each in overview.endings
    ]
    untidy, standing = overview.untidy, overview.standing
    flapping = [f"{code(rule, _NAME)} ({count}×)" for rule, count in untidy.flapping]
    found = (
        ("runs_out", ends),
        ("flapping", flapping),
        ("no_owner", [code(name, _NAME) for name in untidy.no_owner]),
        ("no_runbook", [code(name, _NAME) for name in untidy.no_runbook]),
        ("wide", [_silence(row, language) for row in standing.wide]),
        ("forgotten", [_silence(row, language) for row in standing.forgotten]),
    )
    return [text(language, f"team_report.{key}", what=_listed(items, language)) for key, items in found if items]


def _rated(overview: Overview, language: Language) -> str:
    counts = [
        text(language, "team_report.rating", count=count, word=text(language, f"rating.{word}").lower())
        for word, count in overview.advice.ratings.items()
    ]
    return text(language, "team_report.rated", what=", ".join(counts)) if counts else ""


def _called(overview: Overview, language: Language) -> list[str]:
    people = [
        text(
            language,
            "team_report.person",
            who=f"<@{each.person}>",
            pages=each.pages,
            nights=each.nights,
            weekends=each.weekends,
        )
        for each in overview.load.people[:_PEOPLE]
    ]
    worst = overview.load.worst_hour
    if worst:
        hour, count = worst
        values = {"hour": f"{hour:02}", "next": f"{(hour + 1) % 24:02}"}
        people.append(text(language, "team_report.worst_hour", count=count, **values))
    return [" · ".join(people)] if people else []


def _times(key: str, times: Times | None, language: Language) -> list[str]:
    if times is None:
        return []
    said = text(language, f"team_report.{key}", median=spell(times.median, language), p90=spell(times.p90, language))
    if times.target is None or not times.judged:
        return [said]
    values = {"met": times.met, "judged": times.judged, "target": spell(times.target, language)}
    return [f"{said}, {text(language, 'team_report.met', **values)}"]


def _silence(row: SilenceRow, language: Language) -> str:
    silence = row.silence
    values = {"by": made_by(silence), "end": stamp(silence.ends_at, "d")}
    return text(language, "team_report.silence", matchers=matchers_of(silence.matchers, 80, language), **values)


def advice_lines(overview: Overview, language: Language) -> list[str]:
    """Say what investigations have cost and how they were rated."""
    advice = overview.advice
    if not advice.investigations and not advice.usd:
        return []
    said = text(language, "team_report.advice", count=advice.investigations, usd=f"{advice.usd:.2f}")
    return [", ".join(filter(None, (said, _rated(overview, language))))]


def _listed(items: Sequence[str], language: Language) -> str:
    more = [text(language, "team_report.more", count=len(items) - _LISTED)] if len(items) > _LISTED else []
    return ", ".join([*items[:_LISTED], *more])


def _section(key: str, language: Language, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [text(language, f"team_report.{key}"), *found] if found else []


def _clock(at: datetime, overview: Overview) -> str:
    return f"{at.astimezone(overview.zone):%Y-%m-%d %H:%M}"
