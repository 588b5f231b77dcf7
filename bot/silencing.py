"""Silences: proposed with what they would mute, made when confirmed, undone by a press; real ones at the source."""

from __future__ import annotations

import difflib
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bot.directory import Directory
from bot.domain import silences
from bot.domain.alerts import Alert, Rule, Severity
from bot.domain.durations import brief, parse_duration
from bot.domain.incidents import Entry, EntryKind
from bot.domain.people import Person, Right
from bot.domain.silences import Draft, Preview, Scope, Silence
from bot.domain.views import SilenceRow
from bot.errors import InvalidDuration, InvalidTarget, NotAllowed, SourceError
from bot.gate import Gate
from bot.ports import AlertSource, Clock, Dashboards, Incidents, SilenceBook

log = logging.getLogger(__name__)

# The preview must be on the screen within three seconds, whatever Grafana does.
_PREVIEW_S = 2.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What `/silence` takes, and the time zone of its `until`."""

    least: timedelta
    most: timedelta
    default: timedelta
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be silenced: a rule, or one firing instance of it; `value` is what Discord sends back."""

    value: str
    rule: Rule
    sample: Alert | None = None
    firing: int = 0


class Silencing:
    """Everything a person can do with silences."""

    def __init__(
        self,
        *,
        source: AlertSource,
        book: SilenceBook,
        incidents: Incidents,
        dashboards: Dashboards,
        directory: Directory,
        gate: Gate,
        clock: Clock,
        bounds: Bounds,
    ) -> None:
        self._source = source
        self._book = book
        self._incidents = incidents
        self._dashboards = dashboards
        self._directory = directory
        self._gate = gate
        self._clock = clock
        self._bounds = bounds

    def targets(self, typed: str) -> Sequence[Target]:
        """Return the rules and firing instances that what was typed may mean, firing ones first."""
        wanted = typed.strip().lower()
        found = [
            target
            for target in _targets(self._directory.rules, self._directory.alerts)
            if wanted in f"{target.rule.name} {target.sample.instance if target.sample else ''}".lower()
        ]
        return sorted(found, key=lambda target: (not target.firing, target.rule.name, target.sample is not None))

    async def propose(
        self, target: str, duration: str, by: Person, scope: Scope | None = None, reason: str = ""
    ) -> Preview:
        """Store a proposal and say what it would mute. Raises Refused."""
        await self._gate.require(by, Right.SILENCE, "silence", target)
        now = self._clock()
        bounds = self._bounds
        length = parse_duration(duration, now=now, zone=bounds.zone, least=bounds.least, most=bounds.most)
        found = self._find(target)
        draft = Draft(
            rule=found.rule,
            scope=scope or (Scope.INSTANCE if found.sample else Scope.RULE),
            ends_at=length.ends_at,
            lasts_s=None if length.fixed else length.lasts.total_seconds(),
            author_id=by.id,
            author_name=by.name,
            reason=reason,
            sample=found.sample or self._sample(found.rule),
        )
        return await self._preview(await self._book.draft(draft, now))

    async def propose_for_incident(self, number: int, by: Person) -> Preview:
        """Propose to silence an incident's rule for the usual time. Raises Refused."""
        await self._gate.require(by, Right.SILENCE, "silence", f"#{number}")
        incident = await self._incidents.load(number)
        lead = incident.lead
        lasts = self._bounds.default
        draft = Draft(
            rule=Rule(lead.name, lead.rule_uid, lead.labels.get("grafana_folder", "")),
            scope=Scope.RULE,
            ends_at=self._clock() + lasts,
            lasts_s=lasts.total_seconds(),
            author_id=by.id,
            author_name=by.name,
            sample=lead,
            incident=number,
        )
        return await self._preview(await self._book.draft(draft, self._clock()))

    async def revise(
        self, draft: int, by: Person, *, lasts: timedelta | None = None, scope: Scope | None = None
    ) -> Preview:
        """Change the length or the scope of a proposal. Raises Refused."""
        await self._gate.require(by, Right.SILENCE, "silence", f"draft {draft}")
        known = self._own(await self._book.load_draft(draft), by)
        if lasts is not None:
            if not self._bounds.least <= lasts <= self._bounds.most:
                least, most = brief(self._bounds.least), brief(self._bounds.most)
                raise InvalidDuration("errors.duration_bounds", least=least, most=most)
            known = replace(known, lasts_s=lasts.total_seconds(), ends_at=self._clock() + lasts)
        if scope is not None:
            known = replace(known, scope=scope)
        return await self._preview(await self._book.draft(known, self._clock()))

    async def confirm(self, draft: int, by: Person) -> SilenceRow:
        """Make the silence, once. Raises Refused, or SourceError when the source did not take it."""
        row = await self._gate.require(by, Right.SILENCE, "silence", f"draft {draft}")
        self._own(await self._book.load_draft(draft), by)
        claimed = await self._book.claim_draft(draft, row.at)
        ends_at = row.at + timedelta(seconds=claimed.lasts_s) if claimed.lasts_s else claimed.ends_at
        silence = Silence(
            source_id="",
            matchers=silences.matchers_for(claimed.rule, claimed.scope, claimed.sample),
            starts_at=row.at,
            ends_at=ends_at,
            created_by=f"discord: {by.name} ({by.id})",
            comment=claimed.reason or claimed.rule.name,
        )
        try:
            source_id = await self._source.create_silence(
                silence.matchers, row.at, ends_at, silence.created_by, silence.comment
            )
        except SourceError:
            await self._book.release_draft(draft)
            raise
        matchers = " ".join(map(str, silence.matchers))
        audit = replace(row, target=claimed.rule.name, detail=f"{matchers} until {ends_at.isoformat()}")
        stored = await self._book.add(replace(silence, source_id=source_id), claimed, audit)
        await self._tell(stored.silence, EntryKind.SILENCED, by)
        return stored

    async def cancel(self, draft: int, by: Person) -> None:
        """Throw a proposal away. Raises Refused."""
        self._own(await self._book.load_draft(draft), by)
        await self._book.claim_draft(draft, self._clock())

    async def undo(self, row: int, by: Person) -> SilenceRow:
        """End a silence. Raises Refused, or SourceError when the source could not be told."""
        audit = await self._gate.require(by, Right.SILENCE, "unsilence", f"silence {row}")
        known = await self._book.load(row)
        if known.silence.active(audit.at):
            await self._source.expire_silence(known.silence.source_id)
            await self._book.end(row, audit.at, replace(audit, target=known.rule or known.silence.comment))
            await self._tell(known.silence, EntryKind.UNSILENCED, by)
        return await self._book.load(row)

    async def active(self) -> Sequence[SilenceRow]:
        """Return the silences in force, the one that ends first first."""
        return await self._book.active(self._clock())

    async def covering(self, number: int) -> Sequence[SilenceRow]:
        """Return the silences in force that mute an incident. Raises UnknownIncident."""
        firing = (await self._incidents.load(number)).firing
        return [row for row in await self.active() if any(row.silence.covers(alert) for alert in firing)]

    async def sync(self) -> None:
        """Take over what the source has, and draw the cards again that it concerns. Raises SourceError."""
        before = [row.silence for row in await self.active()]
        changed = await self._book.sync(await self._source.silences(), self._clock())
        after = [row.silence for row in await self.active()]
        # A silence that ran out is no change of the table, but one of the card.
        if changed or before != after:
            await self._redraw([*before, *after])

    def _find(self, target: str) -> Target:
        targets = _targets(self._directory.rules, self._directory.alerts)
        for found in targets:
            if target == found.value:
                return found
        names = {found.rule.name: found for found in reversed(targets) if found.sample is None}
        for name, found in names.items():
            if name.lower() == target.strip().lower():
                return found
        near = ", ".join(difflib.get_close_matches(target, names, n=3, cutoff=0.3)) or "–"
        raise InvalidTarget("errors.unknown_rule", typed=target.strip()[:80], near=near)

    def _sample(self, rule: Rule) -> Alert | None:
        return next((alert for alert in self._directory.alerts if _same_rule(rule, alert)), None)

    def _own(self, draft: Draft, by: Person) -> Draft:
        if draft.author_id != by.id:
            raise NotAllowed("errors.not_your_draft", name=draft.author_name)
        return draft

    async def _preview(self, draft: Draft) -> Preview:
        return silences.preview(draft, await self._directory.alerts_now(_PREVIEW_S))

    async def _tell(self, silence: Silence, kind: EntryKind, by: Person) -> None:
        at = self._clock()
        for incident in await self._incidents.open():
            if any(silence.covers(alert) for alert in incident.firing):
                entry = Entry(at, kind, by, {"until": silence.ends_at.isoformat(), "reason": silence.comment})
                await self._incidents.note(incident.number, entry)
        await self._annotate(f"{kind.value}: {silence.comment} ({by.name})", at)

    async def _annotate(self, words: str, at: datetime) -> None:
        try:
            await self._dashboards.annotate(words, ("bongsu", "silence"), at)
        except SourceError as error:
            # The silence stands; a missing mark on a dashboard is no reason to frighten anybody.
            log.info("no annotation: %s", error)

    async def _redraw(self, concerned: Sequence[Silence]) -> None:
        numbers = [
            incident.number
            for incident in await self._incidents.open()
            if any(silence.covers(alert) for silence in concerned for alert in incident.firing)
        ]
        await self._incidents.redraw(numbers, self._clock())


def _same_rule(rule: Rule, alert: Alert) -> bool:
    return alert.rule_uid == rule.uid if rule.uid and alert.rule_uid else alert.name == rule.name


def _targets(rules: Sequence[Rule], alerts: Sequence[Alert]) -> list[Target]:
    targets: list[Target] = []
    for rule in rules:
        firing = [alert for alert in alerts if _same_rule(rule, alert)]
        severity = rule.severity or next((a.severity for a in firing if a.severity), None) or Severity.P2
        targets.append(
            Target(_value("rule", rule.uid or rule.name), replace(rule, severity=severity), None, len(firing))
        )
        if len(firing) > 1:
            targets += [Target(_value("alert", alert.fingerprint), rule, alert, 1) for alert in firing]
    return targets


def _value(kind: str, name: str) -> str:
    # Discord takes 100 characters; a name that is longer, or starts like another, is told by its hash.
    return f"{kind}:{name}" if len(name) <= 80 else f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
