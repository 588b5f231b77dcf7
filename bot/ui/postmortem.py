"""Writes a post-mortem as a Markdown file: what is known, in order, and room for what people know. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from bot.core.investigation.phrasing import statement
from bot.domain.evidence import Analysis, Claim, Finding
from bot.domain.incidents import Entry
from bot.domain.people import BONGSU
from bot.domain.postmortems import Postmortem
from bot.i18n import Language, text
from bot.ui.details import entry_words
from bot.ui.impact import impact_line
from bot.ui.limits import address_of
from bot.ui.markdown import dated, table, written
from bot.ui.moments import clocked, spell

_MENTION: Final = re.compile(r"<@!?(\d{1,20})>")
_ROLE: Final = re.compile(r"<@&\d{1,20}>")
_FINDINGS, _ROWS = 30, 3


class _Paper:
    """Writes one post-mortem in one language, by one clock."""

    def __init__(self, found: Postmortem, language: Language, zone: tzinfo, zone_name: str, guild: int) -> None:
        self._found = found
        self._language: Language = language
        self._zone = zone
        self._zone_name = zone_name
        self._guild = guild

    def lines(self) -> Iterable[str]:
        """Return all lines, in reading order."""
        incident = self._found.view.incident
        yield f"# {self._text('title', title=written(incident.heading, 200), number=incident.number)}"
        yield ""
        yield f"_{self._text('draft', at=self._moment(self._found.at))}_"
        yield ""
        if incident.is_open:
            yield from (f"**{self._text('open')}**", "")
        yield from self._facts()
        yield from self._section("summary", self._summary())
        yield from self._section("impact", self._impact())
        yield from self._section("cause", self._cause())
        yield from self._section("fix", self._fix())
        yield from self._section("timeline", self._timeline())
        yield from self._section("evidence", self._evidence())
        yield from self._section("questions", self._questions())
        yield from self._section("pictures", self._pictures())
        yield from self._section("similar", self._similar())
        yield from self._section("actions", table(self._text("action_columns"), [("", "", "")] * _ROWS)[:-1])
        yield from self._section("well", ["…"])

    def _text(self, key: str, **values: object) -> str:
        return text(self._language, f"postmortem.{key}", **values)

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _section(self, key: str, lines: Iterable[str]) -> Iterable[str]:
        found = list(lines)
        if found:
            yield from (f"## {self._text(key, zone=self._zone_name)}", "", *found, "")

    def _facts(self) -> Iterable[str]:
        view, incident = self._found.view, self._found.view.incident
        facts = [("severity", incident.severity.name), ("service", written(view.service.display or view.service.name))]
        facts.append(("began", f"{self._moment(incident.opened_at)} ({self._zone_name})"))
        if incident.first_ack_at:
            took = spell(incident.first_ack_at - incident.opened_at, self._language)
            facts.append(("acknowledged", f"{self._moment(incident.first_ack_at)} (+{took})"))
        if incident.resolved_at:
            facts.append(("resolved", self._moment(incident.resolved_at)))
            facts.append(("lasted", spell(incident.resolved_at - incident.opened_at, self._language)))
        people = dict.fromkeys(entry.actor.name for entry in view.timeline if entry.actor.id != BONGSU.id)
        facts.append(("people", ", ".join(written(name, 60) for name in people)))
        lines = [f"- **{self._text(name)}**: {value}" for name, value in facts if value]
        lines += [f"- {_link(label, address)}" for label, address in self._links() if address]
        return self._section("facts", lines)

    def _links(self) -> list[tuple[str, str]]:
        links = self._found.view.links
        named = {"dashboard": links.dashboard, "rule": links.rule, "runbook": links.runbook}
        return [(text(self._language, f"card.link.{name}"), address_of(url)) for name, url in named.items()]

    def _summary(self) -> list[str]:
        summary = self._found.summary
        if summary is None:
            return [f"_{self._text('no_summary')}_"]
        said = [self._claim(claim) for claim in summary.claims]
        return [*said, "", f"_{self._text('by_model', model=written(summary.model, 60))}_"]

    def _impact(self) -> list[str]:
        analysis = self._found.view.analysis
        said = impact_line(analysis.impact, self._language) if analysis else ""
        return [dated(said, self._zone)] if said else [f"_{self._text('no_impact')}_"]

    def _cause(self) -> list[str]:
        analysis = self._found.view.analysis
        cause = analysis.verdict.cause if analysis else None
        if analysis is None or cause is None:
            return [f"_{self._text('no_cause')}_"]
        sure = text(self._language, f"confidence.{analysis.verdict.confidence.value}")
        why = [f"- {self._claim(claim)}" for claim in analysis.verdict.why]
        return [f"{self._claim(cause)} {self._text('doubt', confidence=sure)}", *(["", *why] if why else [])]

    def _fix(self) -> list[str]:
        fix = self._found.view.fix
        return [f"{written(fix.words)} ({written(fix.by.name, 60)})"] if fix else [f"_{self._text('no_fix')}_"]

    def _claim(self, claim: Claim) -> str:
        ids = ", ".join(written(name, 8) for name in claim.findings)
        words = self._said(claim.text)
        return f"{words} [{ids}]" if ids else words

    def _timeline(self) -> Iterable[str]:
        if self._found.left_out:
            yield from (f"_{self._text('left_out', count=self._found.left_out)}_", "")
        yield from (self._entry(each) for each in self._story())

    def _story(self) -> list[Entry]:
        # What was written down later may have been earlier.
        return sorted(self._found.view.timeline, key=lambda each: each.at)

    def _entry(self, entry: Entry) -> str:
        who = _MENTION.sub(lambda found: self._named(int(found[1])), entry.detail.get("who", ""))
        said = entry_words(entry, self._language, self._said, self._moment, written(_ROLE.sub("@…", who), 200))
        return f"- {entry.at.astimezone(self._zone):%m-%d %H:%M:%S} {' '.join(said.split())}"

    def _said(self, words: str) -> str:
        """Write anybody's words, with the times of day in them by the clock of the team."""
        return written(dated(clocked(words, self._found.view.incident.opened_at), self._zone))

    def _named(self, person: int) -> str:
        return self._found.names.get(person) or str(person)

    def _evidence(self) -> list[str]:
        analysis = self._found.view.analysis
        findings = _cited_first(analysis)[:_FINDINGS] if analysis else []
        return [f"- {self._finding(each)}" for each in findings]

    def _finding(self, finding: Finding) -> str:
        said = self._said(statement(finding, self._language))
        address = address_of(finding.link)
        look = f" ({_link(self._text('look'), address)})" if address else ""
        return f"**{written(finding.id, 8)}** {said}{look}"

    def _questions(self) -> list[str]:
        lines: list[str] = []
        for each in self._found.exchanges:
            at = self._moment(each.asked_at)
            asked = self._text("asked", who=written(each.asked_by.name, 60), at=at, question=written(each.question))
            lines += [f"- {asked}", f"  - {written(dated(each.answer, self._zone), 2000)}"]
            lines += [f"  - {self._finding(finding)}" for finding in each.findings]
        return lines

    def _pictures(self) -> list[str]:
        card = self._found.card
        if card is None:
            return []
        shown = [f"![{self._text('picture_of', name=each.name)}]({each.name})\n" for each in self._found.pictures]
        # The thread of a message has its number.
        address = f"https://discord.com/channels/{self._guild}/{card.message_id}"
        return [*shown, self._text("pictures_in", link=_link(f"#{self._found.view.incident.number}", address))]

    def _similar(self) -> list[str]:
        return [
            f"- #{each.number} {self._moment(each.opened_at)} {written(each.title, 100)}: "
            f"{written((each.fix.words if each.fix else each.cause) or '–', 200)}"
            for each in self._found.similar
        ]


def postmortem_file(found: Postmortem, language: Language, zone: tzinfo, zone_name: str, guild: int) -> bytes:
    """Return the draft as Markdown in UTF-8, its times in the zone; `guild` makes links to messages."""
    lines = _Paper(found, language, zone, zone_name, guild).lines()
    return "\n".join(lines).rstrip("\n").encode("utf-8", "replace") + b"\n"


def _link(label: str, address: str) -> str:
    return f"[{label}](<{address}>)"


def _cited_first(analysis: Analysis) -> list[Finding]:
    """Return the findings, those first that the cause and its reasons rest on."""
    verdict = analysis.verdict
    claims = [*([verdict.cause] if verdict.cause else []), *verdict.why]
    cited = {name for claim in claims for name in claim.findings}
    return sorted(analysis.ranking.findings, key=lambda each: (each.id not in cited, -each.score))
