"""Renders the answer of `/analyze <service>`: what is wrong there, or that nothing stands out. Pure.

It calls nobody and has no buttons of its own: nothing of it is kept, so there is nothing to rate or to begin again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from discord import ui

from bot.domain.alerts import Severity
from bot.domain.views import ServiceReport
from bot.i18n import Language, text
from bot.ui.cards import COLOUR, EMOJI, GREEN
from bot.ui.codes import links
from bot.ui.drawing import Drawing
from bot.ui.gist import unknown_past
from bot.ui.limits import plain
from bot.ui.moments import clocked
from bot.ui.report import BRIEF_WIDTH, Block, Paper, blocks, foot, head, write

_GREY = 0x8B8D98
_INCIDENTS = 5


def service_layout(report: ServiceReport, language: Language) -> ui.LayoutView:
    """Lay the answer out, at most 1,200 characters."""
    view = Drawing()
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_colour(report))
    write(box, service_paper(report, language))
    view.add_item(box)
    return view


def service_paper(report: ServiceReport, language: Language) -> Paper:
    """Write the answer; of a service that is well there is nothing to do."""
    analysis = report.analysis
    well = analysis.verdict.cause is None and analysis.ranking.abstained
    # Who is well needs no advice, and who was not seen is not called fine.
    left_out = {"actions", "runbook"} if well else set[str]()
    left_out |= set[str]() if report.seen else {"harmless"}
    titles = {text(language, f"report.{name}") for name in left_out}
    near = datetime.fromtimestamp(analysis.ranking.onset_at, UTC)
    said = blocks(analysis, report.service.runbook, language, BRIEF_WIDTH)
    parts = [part.at(near) for part in said if part.title not in titles]
    return Paper(
        head=_well(report, language) if well else clocked(head(analysis, language, BRIEF_WIDTH), near),
        blocks=(*_firing(report, language), *parts),
        foot=foot(analysis, language),
        links=links(analysis, report.service.runbook, language),
    )


def _well(report: ServiceReport, language: Language) -> str:
    name = plain(report.service.display or report.service.name, 60)
    if not report.seen:
        return f"### ❔ {text(language, 'examined.blind', service=name)}"
    if unknown := unknown_past(report.analysis, language, "examined"):
        return f"### ❔ {name}: {unknown}"
    unseen = [gap for gap in report.analysis.gaps if gap.reason != "not_configured"]
    key = "partly" if unseen else "harmless" if report.analysis.ranking.findings else "quiet"
    return f"### ✅ {text(language, f'examined.{key}', service=name)}"


def _firing(report: ServiceReport, language: Language) -> tuple[Block, ...]:
    shown = report.incidents[:_INCIDENTS]
    lines = tuple(f"{EMOJI[each.severity]} #{each.number} {plain(each.heading, 80)}" for each in shown)
    return (Block(text(language, "examined.firing"), lines, 0, _INCIDENTS),) if lines else ()


def _colour(report: ServiceReport) -> int:
    if report.analysis.verdict.cause is not None:
        # How bad it is nobody has said, since no alert did.
        return COLOUR[Severity.P3]
    ranking = report.analysis.ranking
    return GREEN if report.seen and ranking.abstained and not ranking.unknown else _GREY
