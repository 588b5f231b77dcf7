"""Renders a finished investigation as the report in the card's thread: short first, all of it behind a button.

Pure down to `report_layout`. Whatever servers, people or a model wrote is made harmless here; `Block.lines` are safe.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from discord import ui

from bot.core.investigation.phrasing import statement
from bot.domain.alerts import Severity
from bot.domain.evidence import Action, Alternative, Analysis, Claim, Confidence, Finding
from bot.domain.incidents import State
from bot.domain.inquiries import Inquiry, InquiryState, Rating
from bot.domain.owners import Owner
from bot.domain.views import Report
from bot.i18n import Language, text
from bot.ui.cards import COLOUR
from bot.ui.codes import cited, codes_line, links
from bot.ui.drawing import Drawing
from bot.ui.gist import cause_service, headline, named, reservations, sentence, unknown_past, unseen, without_model
from bot.ui.ids import AGAIN, MORE, RATE_USEFUL, RATE_USELESS, RATE_WRONG, custom_id
from bot.ui.impact import impact_line
from bot.ui.limits import CARD_TEXT, CONTENT, address_of, code, link, plain, shorten
from bot.ui.marks import of_inquiry
from bot.ui.moments import clocked, spell, stamp

BRIEF, BRIEF_WIDTH = 1_200, 150

_GREY = 0x8B8D98
_WIDTH = 260
_OWNERS_CALLED, _PAGES, _NAMES_SHOWN = 3, 6, 8
# Less than that is within what an onset is known by.
_WORTH_SAYING = timedelta(seconds=30)
_PAGE = CONTENT - 2  # room for an ellipsis on a line of its own
_BUTTONS = {
    RATE_USEFUL: ("👍", f"rating.{Rating.USEFUL.value}"),
    RATE_USELESS: ("👎", f"rating.{Rating.USELESS.value}"),
    RATE_WRONG: ("❌", f"rating.{Rating.WRONG.value}"),
    AGAIN: ("🔁", "report.again"),
    MORE: ("📄", "report.more"),
}

# Which parts get room first where there is little, and how many lines of one are shown at first, if not three.
_ROOM = (
    *("actions", "why", "seen", "gaps", "blast_radius", "alternatives", "runbook", "similar", "harmless"),
    *("evidence", "dropped"),
)
_BRIEF_LINES = {"actions": 2, "alternatives": 2, "gaps": 1, "similar": 1, "harmless": 1, "evidence": 20}


@dataclass(frozen=True, slots=True)
class Block:
    """A titled part of the report; of its lines `brief` are shown at first, the least `priority` before all others."""

    title: str
    lines: tuple[str, ...]
    priority: int
    brief: int = 3

    def at(self, near: datetime) -> Block:
        """Return it with the times of day that are said in it as each reader's own."""
        return replace(self, lines=tuple(clocked(line, near) for line in self.lines))

    def within(self, budget: int) -> str:
        """Write as many of the first lines as fit, or nothing."""
        for count in range(min(self.brief, len(self.lines)), 0, -1):
            said = self.written(count)
            if len(said) <= budget:
                return said
        return ""

    def written(self, count: int | None = None) -> str:
        """Write the first `count` lines below the title, or beside it if the block has one only."""
        if len(self.lines) == 1:
            return f"**{self.title}**: {self.lines[0]}"
        return "\n".join([f"**{self.title}**", *(f"- {line}" for line in self.lines[:count])])


@dataclass(frozen=True, slots=True)
class Paper:
    """The report as text: `blocks` in reading order, `links` as (label, address)."""

    head: str
    blocks: tuple[Block, ...] = ()
    foot: str = ""
    mention: str = ""
    links: tuple[tuple[str, str], ...] = ()


def report_layout(report: Report, language: Language, *, full: bool = False) -> ui.LayoutView:
    """Lay the report out: at most 1,200 characters, or with `full` as many as Discord takes."""
    view = Drawing()
    sheet = paper(report, language, _WIDTH if full else BRIEF_WIDTH)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_colour(report))
    write(box, sheet, full=full)
    if report.inquiry.state in (InquiryState.DONE, InquiryState.FAILED):
        box.add_item(_buttons(report.inquiry, language, done=report.inquiry.analysis is not None))
    view.add_item(box)
    if sheet.mention:
        view.add_item(ui.TextDisplay(sheet.mention))
    return view


def write(box: ui.Container[ui.LayoutView], sheet: Paper, *, full: bool = False) -> None:
    """Write a report into a container: its text, and a row of links."""
    for part in brief(sheet, CARD_TEXT - 100 if full else BRIEF, full=full):
        box.add_item(ui.TextDisplay(part))
    if sheet.links:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for label, address in sheet.links:
            row.add_item(ui.Button(label=label, url=address))
        box.add_item(row)


def more_pages(report: Report, language: Language) -> list[str]:
    """Return the whole report with its evidence, in messages that Discord takes."""
    sheet = paper(report, language, _WIDTH)
    parts = [sheet.head, *(block.written() for block in sheet.blocks), sheet.foot]
    lines = [line for part in parts if part for line in part.split("\n")]
    pages: list[str] = []
    for line in (shorten(line, _PAGE) for line in lines):
        if pages and len(pages[-1]) + 1 + len(line) <= _PAGE:
            pages[-1] += f"\n{line}"
        elif len(pages) < _PAGES:
            pages.append(line)
        else:
            pages[-1] += "\n…"
            break
    return pages


def owners_called(report: Report) -> tuple[Owner, ...]:
    """Choose whom the report calls: the owners of the cause, for a P1 or P2 that is still open, and only once.

    An inconclusive report calls nobody, nor does one that a person asked for.
    """
    analysis, incident = report.inquiry.analysis, report.view.incident
    if analysis is None or analysis.verdict.cause is None or report.inquiry.asked_by is not None:
        return ()
    urgent = incident.severity in (Severity.P1, Severity.P2) and incident.state is not State.RESOLVED
    if not urgent or analysis.verdict.confidence is Confidence.INCONCLUSIVE:
        return ()
    owners = dict.fromkeys(report.catalogue.find(cause_service(analysis)).owners)
    # Of what has joined, the card has called the owners; each renewed report would call them again.
    known = {owner for each in report.view.services for owner in each.owners} if incident.groups else set[Owner]()
    return tuple(owner for owner in owners if owner not in known)[:_OWNERS_CALLED]


def paper(report: Report, language: Language, width: int) -> Paper:
    """Write the report; `width` is how long a sentence may be."""
    analysis = report.inquiry.analysis
    if analysis is None:
        failed = report.inquiry.state is InquiryState.FAILED
        return Paper(text(language, "report.failed" if failed else "report.waiting"))
    runbook = report.view.links.runbook
    near = datetime.fromtimestamp(analysis.ranking.onset_at, UTC)
    return Paper(
        head=clocked(head(analysis, language, width) + _began(report, analysis, language), near),
        blocks=tuple(each.at(near) for each in blocks(analysis, runbook, language, width)),
        foot=foot(analysis, language),
        mention=" ".join(owner.mention for owner in owners_called(report)),
        links=links(analysis, runbook, language),
    )


def _began(report: Report, analysis: Analysis, language: Language) -> str:
    """Say when it began: the alert came later; or that nobody saw it begin."""
    if analysis.ranking.lead is None:
        return ""
    if unseen := unknown_past(analysis, language, "began"):
        return f"\n-# {unseen}"
    began = datetime.fromtimestamp(analysis.ranking.onset_at, UTC)
    when, early = stamp(began, "T"), report.view.incident.opened_at - began
    if early < _WORTH_SAYING:
        return f"\n-# {text(language, 'report.began', when=when)}"
    return f"\n-# {text(language, 'report.began_before', when=when, length=spell(early, language))}"


def brief(sheet: Paper, budget: int, *, full: bool = False) -> tuple[str, ...]:
    """Choose what fits: the most important blocks first, shown in reading order; head, foot and mention always."""
    first = shorten(sheet.head, budget // 2)
    left = budget - len(first) - len(sheet.foot) - len(sheet.mention)
    chosen: dict[int, str] = {}
    for position in sorted(range(len(sheet.blocks)), key=lambda place: sheet.blocks[place].priority):
        block = sheet.blocks[position]
        said = shorten(block.written(), left) if full and left > BRIEF // 4 else block.within(left)
        if said:
            chosen[position] = said
            left -= len(said)
    return tuple(part for part in (first, *(chosen[place] for place in sorted(chosen)), sheet.foot) if part)


def head(analysis: Analysis, language: Language, width: int) -> str:
    """Say the cause, what it rests on, and whether the model and the numbers agree."""
    lines = [
        f"### {headline(analysis, language, width)}{cited(analysis.verdict.cause)}",
        *(f"⚖️ {each}" for each in reservations(analysis, language)),
        impact_line(analysis.impact, language),
        codes_line(analysis, language),
    ]
    return "\n".join(line for line in lines if line)


def blocks(analysis: Analysis, runbook: str, language: Language, width: int) -> tuple[Block, ...]:
    """Write the parts of a report; `runbook` is where one is if the analysis does not say."""
    verdict, ranking = analysis.verdict, analysis.ranking
    cause = cause_service(analysis)
    affected = [claim.service for claim in verdict.blast_radius if claim.service]
    harmless = ", ".join(code(name, 40) for name in ranking.harmless[:_NAMES_SHOWN])
    whole = width == _WIDTH
    reach = [_claimed(claim, width) for claim in verdict.blast_radius] if whole else [_names(affected)]
    parts = {
        "actions": [_action(action, cause, language, width) for action in verdict.actions],
        "why" if verdict.cause else "seen": [_claimed(claim, width) for claim in verdict.why],
        "blast_radius": reach,
        "alternatives": [_alternative(each, width) for each in verdict.alternatives],
        "runbook": _runbook(analysis, runbook, language, width),
        "gaps": [unseen(analysis.gaps, language)],
        "similar": [" · ".join(f"#{number}" for number in analysis.similar[:_NAMES_SHOWN])],
        "harmless": [harmless],
    }
    if whole:
        parts["dropped"] = [plain(words, width) for words in verdict.dropped]
        parts["evidence"] = [_evidence(finding, language, width) for finding in ranking.findings]
    return tuple(
        Block(text(language, f"report.{name}"), shown, _ROOM.index(name), _BRIEF_LINES.get(name, 3))
        for name, lines in parts.items()
        if (shown := tuple(line for line in lines if line))
    )


def _claimed(claim: Claim, width: int) -> str:
    return f"{sentence(claim, width)}{cited(claim)}"


def _action(action: Action, service: str, language: Language, width: int) -> str:
    kind, risk = text(language, f"action.{action.kind.value}"), text(language, f"risk.{action.risk.value}")
    said = named(action.text, service, width)
    # "Roll back: roll back v42" says it twice.
    return f"{said} · {risk}" if kind.casefold() in action.text.casefold() else f"**{kind}** · {said} · {risk}"


def _alternative(each: Alternative, width: int) -> str:
    return f"{_claimed(each.claim, width // 2)} — {plain(each.why_not, width // 2)}"


def _runbook(analysis: Analysis, runbook: str, language: Language, width: int) -> list[str]:
    name = analysis.runbook or runbook
    where = plain(name, 80)
    if address_of(name):
        # The short form has a button for it.
        where = link(text(language, "card.link.runbook"), name) if width == _WIDTH else ""
    return [where, *(plain(step, width) for step in analysis.runbook_steps)]


def _names(services: list[str]) -> str:
    return ", ".join(code(name, 40) for name in list(dict.fromkeys(services))[:_NAMES_SHOWN])


def _evidence(finding: Finding, language: Language, width: int) -> str:
    name = plain(finding.id, 8) or "–"
    shown = link(name, finding.link) if address_of(finding.link) else f"**{name}** {code(finding.query, 120)}".rstrip()
    return f"{shown} {named(statement(finding, language), finding.service, width)}"


def foot(analysis: Analysis, language: Language) -> str:
    """Say who said it, what that cost and how long it took."""
    use = analysis.use
    parts = [without_model(use, language)]
    if use.model and use.calls:
        values = {"tokens_in": f"{use.tokens_in:,}", "tokens_out": f"{use.tokens_out:,}", "usd": f"{use.usd:.4f}"}
        parts.append(text(language, "report.cost", model=plain(use.model, 60), **values))
    parts.append(text(language, "report.took", seconds=f"{analysis.seconds:.1f}"))
    return f"-# {shorten(' · '.join(part for part in parts if part), 300)}"


def _buttons(inquiry: Inquiry, language: Language, *, done: bool) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for action, (emoji, key) in _BUTTONS.items():
        if done or action == AGAIN:
            name = custom_id(action, inquiry.id, of_inquiry(inquiry))
            row.add_item(ui.Button(label=text(language, key), emoji=emoji, custom_id=name))
    return row


def _colour(report: Report) -> int:
    analysis = report.inquiry.analysis
    named_one = analysis is not None and analysis.verdict.cause is not None
    return COLOUR[report.view.incident.severity] if named_one else _GREY
