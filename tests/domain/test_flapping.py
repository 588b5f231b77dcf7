"""Flapping: one state with hysteresis, one call, and never green in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import lifecycle
from bot.domain.alerts import Joined, JoinedHow, Severity
from bot.domain.events import Acknowledged, Notified, Settled, Vanished
from bot.domain.flapping import FlappingRules
from bot.domain.incidents import EntryKind, PageReason, State
from bot.domain.merging import split
from tests.builders import MINJI, NOW, make_alert, make_notification

RULES = FlappingRules(times=3, within=timedelta(minutes=10))
MINUTE = timedelta(minutes=1)


class Line:
    """One incident that is told one thing after the other; `outcomes` is what each made of it."""

    def __init__(self, *, called: bool = True):
        self.at = NOW
        self.incident = None
        self.outcomes = []
        self.tell(firing=True)
        self.incident = replace(self.incident, number=1, paged_at=NOW if called else None)

    def happen(self, event, **forward):
        self.at += timedelta(**forward)
        outcome = lifecycle.apply(self.incident, event(self.at), RULES)
        self.incident = outcome.incident
        self.outcomes.append(outcome)
        return outcome

    def tell(self, *, firing, severity="high", name="HighLatency", **forward):
        def told(at):
            alert = make_alert(name, firing=firing, starts_at=at, labels={"severity": severity})
            alert = alert if firing else replace(alert, ends_at=at)
            return Notified(make_notification(alerts=(alert,)), at)

        return self.happen(told, **forward)

    def flap(self, times, **forward):
        for _ in range(times):
            self.tell(firing=False, **(forward or {"seconds": 30}))
            self.tell(firing=True, **(forward or {"seconds": 30}))


def test_what_fires_again_and_again_is_flapping_and_said_once():
    line = Line()

    line.flap(6)

    told = [entry.kind for outcome in line.outcomes for entry in outcome.entries]
    assert told.count(EntryKind.FLAPPING) == 1
    assert told.index(EntryKind.FLAPPING) == len(told) - 1
    assert line.incident.flapped == 6
    assert [outcome.quiet for outcome in line.outcomes[-6:]] == [True] * 6


def test_it_calls_nobody_again_while_it_flaps():
    line = Line()
    line.flap(2)
    before = len(line.outcomes)

    line.flap(20)

    assert [outcome.page for outcome in line.outcomes[before:] if outcome.page] == []


def test_whoever_was_never_called_is_called_when_it_begins_to_flap():
    line = Line(called=False)

    line.flap(3)

    assert line.outcomes[-1].page is PageReason.REOPENED


def test_it_is_never_green_while_it_flaps_and_whoever_has_it_keeps_it():
    line = Line()
    line.flap(3)
    line.happen(lambda at: Acknowledged(MINJI, at), seconds=1)

    line.tell(firing=False, seconds=20)

    assert line.incident.state is State.ACKNOWLEDGED
    assert line.incident.firing == ()
    assert line.incident.resolved_at is None


def test_hysteresis_it_settles_only_when_it_fires_again_at_most_half_as_often():
    line = Line()
    line.flap(4)
    until = line.incident.flapping_until

    early = line.happen(lambda at: Settled(until - timedelta(seconds=1)))
    assert early.incident.flapping_since is not None
    line.flap(1, seconds=60)
    assert line.incident.flapping_until > until


@pytest.mark.parametrize("firing", [True, False])
def test_what_has_settled_goes_on_or_is_over(firing):
    line = Line()
    line.flap(4)
    if not firing:
        line.tell(firing=False, seconds=5)

    outcome = line.happen(lambda at: Settled(at), minutes=20)

    assert line.incident.flapping_since is None
    assert line.incident.state is (State.FIRING if firing else State.RESOLVED)
    assert outcome.page is (PageReason.REOPENED if firing else None)
    assert outcome.entries[0].kind is EntryKind.SETTLED


def test_what_has_settled_is_watched_from_the_beginning():
    line = Line()
    line.flap(4)
    line.happen(lambda at: Settled(at), minutes=20)

    line.flap(2)

    assert line.incident.flapping_since is None


def test_something_worse_or_new_is_news_also_while_it_flaps():
    line = Line()
    line.flap(4)

    new = line.tell(firing=True, name="Other", seconds=10)
    worse = line.tell(firing=True, severity="critical", name="Worst", seconds=10)

    assert not new.quiet
    assert (worse.page, worse.incident.severity) == (PageReason.SEVERITY_RAISED, Severity.P1)
    assert worse.incident.flapping_since is not None


def test_the_worst_of_it_comes_and_goes_without_a_call_each_time():
    line = Line()
    line.tell(firing=True, severity="warning", name="Mild", seconds=1)
    line.flap(4)
    before = len(line.outcomes)

    line.flap(4)

    assert line.incident.severity is Severity.P2
    assert {outcome.page for outcome in line.outcomes[before:]} == {None}


def test_what_gets_worse_in_the_moment_in_which_it_begins_to_flap_calls():
    line = Line()
    line.flap(2)
    line.tell(firing=False, seconds=30)

    outcome = line.tell(firing=True, severity="critical", seconds=30)

    assert line.incident.flapping_since is not None
    assert line.incident.severity is Severity.P1
    assert outcome.page is not None
    assert line.incident.state is State.FIRING


def test_what_joins_in_the_moment_in_which_it_begins_to_flap_is_told():
    line = Line()
    line.flap(2)
    line.tell(firing=False, seconds=30)
    old = make_alert("HighLatency", starts_at=line.at + MINUTE, labels={"severity": "high"})
    new = make_alert("Other", starts_at=line.at + MINUTE, labels={"severity": "high", "service": "web"})

    outcome = line.happen(lambda at: Notified(make_notification(alerts=(old, new)), at), seconds=60)

    assert line.incident.flapping_since is not None
    assert outcome.page is not None


def test_what_settles_after_the_clock_was_set_back_settles_once_it_began_ahead_of_it():
    line = Line()
    line.flap(4)

    outcome = line.happen(Settled, hours=-3)

    assert outcome.incident.flapping_since is None


def test_what_is_split_off_something_that_flaps_does_not_flap():
    line = Line()
    line.flap(4)
    joined = replace(
        line.incident.alerts[0], fingerprint="other", joined=Joined("other", line.at, JoinedHow.SAME_SERVICE)
    )
    whole = replace(line.incident, alerts=(*line.incident.alerts, joined))

    _, own = split(whole, "other", MINJI, line.at)

    assert own.incident.flapping_since is None
    assert own.incident.fired_again == ()


def test_several_that_fire_again_one_after_the_other_are_one_time():
    line = Line()
    names = [f"Rule{number}" for number in range(6)]
    for name in names:
        line.tell(firing=True, name=name, seconds=2)
    for name in (*names, "HighLatency"):
        line.tell(firing=False, name=name, seconds=5)

    for name in names:
        line.tell(firing=True, name=name, seconds=3)

    assert (line.incident.flapping_since, len(line.incident.fired_again)) == (None, 1)
    assert EntryKind.FLAPPING not in [entry.kind for outcome in line.outcomes for entry in outcome.entries]


def test_several_that_fire_again_and_again_together_are_flapping():
    line = Line()
    line.tell(firing=True, name="Other", seconds=2)

    for _ in range(4):
        for firing in (False, True):
            line.tell(firing=firing, seconds=20)
            line.tell(firing=firing, name="Other", seconds=5)

    assert line.incident.flapped == 4


def test_one_that_flaps_beside_another_that_goes_on_is_flapping():
    line = Line()
    line.tell(firing=True, name="Other", seconds=2)

    line.flap(3)

    assert line.incident.flapped == 3


def test_what_is_worse_and_fires_again_is_not_put_off_by_a_call_for_less():
    line = Line()
    line.tell(firing=True, severity="critical", name="Down", seconds=1)
    line.tell(firing=False, severity="critical", name="Down", minutes=1)
    over_at = line.at
    line.tell(firing=True, name="Other", minutes=2)
    line.incident = replace(line.incident, paged_at=line.at)

    outcome = line.tell(firing=True, severity="critical", name="Down", minutes=1)

    assert (outcome.page, outcome.page_at) == (PageReason.REOPENED, over_at + 5 * MINUTE)


def test_several_ends_one_after_the_other_are_no_flapping():
    line = Line()
    for number in range(10):
        line.tell(firing=True, name=f"More{number}", seconds=10)
    for number in range(10):
        line.tell(firing=False, name=f"More{number}", seconds=10)

    assert line.incident.flapping_since is None


def test_slow_changes_are_no_flapping():
    line = Line()

    line.flap(8, minutes=6)

    assert line.incident.flapping_since is None


def test_what_the_source_knows_no_more_while_it_flaps_ends_when_it_settles():
    line = Line()
    line.flap(4)

    line.happen(lambda at: Vanished(at), minutes=1)
    assert line.incident.is_open
    line.happen(lambda at: Settled(at), minutes=20)

    assert line.incident.state is State.RESOLVED


def test_a_clock_that_was_set_back_makes_nothing_flap():
    line = Line()
    line.flap(2)
    line.at -= timedelta(hours=1)

    line.flap(1)

    assert line.incident is None or line.incident.flapping_since is None


def test_each_time_it_fired_again_counts_also_while_it_flapped():
    line = Line()

    line.flap(6)
    line.happen(Settled, hours=1)

    assert (line.incident.flapping_since, line.incident.flaps) == (None, 6)
