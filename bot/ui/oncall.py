"""Renders who is on call, as people read it: one block for each team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.oncall.service import OnCallReport
from bot.domain.schedules import Shift
from bot.domain.teams import Roster
from bot.i18n import Language, text
from bot.ui.limits import CONTENT, plain, shorten
from bot.ui.moments import stamp


def oncall_text(reports: Sequence[OnCallReport], roster: Roster, language: Language) -> str:
    """Write who is on call, who comes next, and when the asker is."""
    return shorten("\n".join(_block(report, roster, language) for report in reports), CONTENT)


def _block(report: OnCallReport, roster: Roster, language: Language) -> str:
    lines = [text(language, "oncall.head", team=plain(report.team.name, 60), at=stamp(report.at, "f"))]
    who = names(report.now, roster) or text(language, "oncall.nobody")
    lines.append(text(language, "oncall.now", who=who, until=_when(report.now.end)))
    if report.coming:
        lines.append(text(language, "oncall.next", who=names(report.coming, roster), at=_when(report.coming.start)))
    if report.mine:
        values = {"start": _when(report.mine.start), "end": _when(report.mine.end)}
        lines.append(text(language, "oncall.mine", **values))
    lines += [
        text(language, "oncall.feed_problem", source=plain(source, 100), problem=plain(problem, 200))
        for source, problem in report.problems
    ]
    return "\n".join(lines)


def names(shift: Shift, roster: Roster) -> str:
    """Name who is on call, as mentions that call nobody in an answer."""
    known = (roster.people.get(person) for person in shift.people)
    return " ".join(f"<@{member.discord}>" for member in known if member)


def _when(at: datetime) -> str:
    return f"{stamp(at, 'f')} ({stamp(at)})"
