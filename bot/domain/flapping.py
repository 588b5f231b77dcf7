"""Tells what flaps: what fires again and again is one state with hysteresis, and no news each time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.episodes import goes_on
from bot.domain.events import Outcome
from bot.domain.incidents import Entry, EntryKind, Incident, State
from bot.domain.people import BONGSU


@dataclass(frozen=True, slots=True)
class FlappingRules:
    """It flaps when it fires again so many `times` within a time, and has settled when it did at most half as often.

    Alerts that fire again one after the other, each once, are one time: they are of the same trouble.
    """

    times: int = 4
    within: timedelta = timedelta(minutes=15)


USUAL: Final = FlappingRules()


def watched(
    before: Incident | None, outcome: Outcome, at: datetime, rules: FlappingRules = USUAL, *, told: bool = True
) -> Outcome:
    """Return what becomes of an incident, told once if it only flaps; only what a source has `told` counts as firing again."""
    after = outcome.incident
    if before is None or after is None or outcome.begins or outcome.refusal:
        return outcome
    if told and (again := _fires_again(before, after, at)):
        after = _counted(after, min(again, at), at, rules)
        if before.flapping_since is not None and not before.firing:
            # It is held open in between, so that nothing else counts it.
            after = replace(after, flaps=after.flaps + 1)
    if after.flapping_since is None:
        return replace(outcome, incident=after)
    held = _held(before, after)
    if before.flapping_since is None:
        entry = Entry(at, EntryKind.FLAPPING, BONGSU, {"count": str(after.flapped)})
        if _is_news(before, after):
            return replace(outcome, incident=held, entries=(*outcome.entries, entry))
        # Whoever was called knows; if nobody was, somebody is now.
        page = outcome.page if before.paged_at is None else None
        return Outcome(held, (entry,), page=page, page_at=outcome.page_at if page else None)
    if _is_news(before, after):
        return replace(outcome, incident=held)
    return Outcome(held, quiet=True)


def calm(incident: Incident) -> Incident:
    """Return an incident as one that does not flap."""
    return replace(incident, flapping_since=None, flapping_until=None, flapped=0, fired_again=())


def _fires_again(before: Incident, after: Incident, at: datetime) -> datetime | None:
    """Return when what fires again began; nothing if it had not fired yet since something last fired again."""
    over = {alert.fingerprint: alert for alert in before.alerts if not alert.firing}
    known = [(over[alert.fingerprint], alert) for alert in after.firing if alert.fingerprint in over]
    last = max((each for each in before.fired_again if each <= at), default=None)
    began = [new.starts_at for old, new in known if not goes_on(old, new) and (last is None or old.starts_at >= last)]
    return min(began, default=None)


def _counted(incident: Incident, again: datetime, at: datetime, rules: FlappingRules) -> Incident:
    # A clock that was set back leaves moments that lie ahead of it.
    times = tuple(each for each in incident.fired_again if again - rules.within < each <= at)
    times = (*times, again)[-rules.times :]
    if incident.flapping_since is None:
        if len(times) < rules.times:
            return replace(incident, fired_again=times)
        incident = replace(incident, flapping_since=times[0], flapped=len(times) - 1)
    return replace(
        incident, fired_again=times, flapped=incident.flapped + 1, flapping_until=_settles_at(times, at, rules)
    )


def _settles_at(times: Sequence[datetime], at: datetime, rules: FlappingRules) -> datetime:
    """Return when, if nothing more comes, it will have fired again at most half as often as makes it flap."""
    allowed = rules.times // 2
    leaving = times[-allowed - 1] if len(times) > allowed else at
    return max(leaving + rules.within, at + rules.within / rules.times)


def _held(before: Incident, after: Incident) -> Incident:
    """Keep it open and as bad as it was: green in between would be a lie, and whoever has it still has it."""
    severity = before.severity.worse_of(after.severity)
    if after.state is not State.RESOLVED:
        return replace(after, severity=severity)
    if before.state is State.RESOLVED:
        return after
    return replace(after, state=before.state, ack=before.ack, resolved_at=None, end_reason=None, severity=severity)


def _is_news(before: Incident, after: Incident) -> bool:
    """Tell whether something has happened that no flapping explains: a new alert, or a worse one than ever."""
    known = {alert.fingerprint for alert in before.alerts}
    return after.severity.value < before.severity.value or any(alert.fingerprint not in known for alert in after.firing)
