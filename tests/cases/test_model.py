"""Random lives of alerts at two sources, against the plainest model of what must then be on the cards.

Nothing of the program stands in the model: it only knows which alerts fire, which of them are loud, and what was said.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.core import watching
from bot.core.watching import SourceWatch
from bot.domain import alerts, episodes, lifecycle, looks
from bot.domain.alerts import Rule
from bot.domain.incidents import State
from bot.domain.looks import SourceState
from bot.domain.people import Person
from bot.store import alert_incidents
from tests import draws
from tests.builders import make_alert
from tests.cases.trial import Trial
from tests.fakes import FakeAlertSource, FakeMetrics
from tests.inline_store import inline_store

MINJI = Person(1001, "minji", manages_guild=True)
NAMES = ("a", "b", "c", "d")
PERIOD = timedelta(minutes=3)
ORGANISATION = "1"
PRODUCTION, REPLICA, STAGING = "http://am-0.prod:9093", "http://am-1.prod:9093", "http://am-0.staging:9093"

NEVER = datetime.min.replace(tzinfo=UTC)

names = st.sampled_from(NAMES)


@dataclass
class Truth:
    """One alert as it is at its source."""

    name: str
    since: datetime | None = None
    muted: bool = False
    silenced: bool = False
    # What the source last said of it, and we have heard.
    said: bool = False
    # Since when it is loud at a source that answers, and was not told.
    untold_since: datetime | None = None

    @property
    def active(self) -> bool:
        return self.since is not None

    @property
    def loud(self) -> bool:
        return self.active and not self.muted and not self.silenced


class Lives(RuleBasedStateMachine):
    """What happens at the sources, and on the way."""

    empty: Path

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = contextlib.ExitStack()
        store = self.stack.enter_context(inline_store(self.empty))
        self.trial = Trial(store)
        self.source = FakeAlertSource(self.trial.clock)
        self.source.known_rules = []
        self.production = {name: Truth(name) for name in NAMES}
        self.staging = {name: Truth(name) for name in NAMES}
        self.forgotten: set[str] = set()
        self.organisation = ORGANISATION
        self.answers = "all"
        self.started_at = self.now - timedelta(days=1)
        self.held: set[int] = set()
        self.watch = SourceWatch(
            respond=self.trial.respond,
            source=self.source,
            metrics=FakeMetrics(),
            incidents=store.incidents,
            clock=self.trial.clock,
            receiver="bongsu",
            group_interval=timedelta(minutes=5),
        )

    def run(self, work):
        return self.loop.run_until_complete(work)

    @property
    def now(self) -> datetime:
        return self.trial.clock()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.stack.close()
            self.loop.close()

    # What happens at the source.

    @rule(name=names, lost=st.booleans(), group=st.sampled_from(["one", "two", "own"]))
    def fire(self, name, lost, group):
        truth = self.production[name]
        self.forgotten.discard(name)
        if not truth.active:
            truth.since, truth.said = self.now, False
        if truth.loud and not lost:
            self.say([name], PRODUCTION, group)

    @rule(name=names, lost=st.booleans(), group=st.sampled_from(["one", "two", "own"]))
    def end(self, name, lost, group):
        truth = self.production[name]
        if truth.active:
            loud, truth.since = truth.loud, None
            if loud and not lost:
                self.say([name], PRODUCTION, group)

    @rule(name=names)
    def repeat(self, name):
        if self.production[name].loud and name not in self.forgotten:
            self.say([name], PRODUCTION, "two")

    @rule(some=st.sets(names, min_size=1))
    def say_a_group(self, some):
        told = [name for name in sorted(some) if self.production[name].loud and name not in self.forgotten]
        if told:
            self.say(told, PRODUCTION, "all")

    @rule(name=names)
    def late_copy_of_a_replica(self, name):
        truth = self.production[name]
        if not truth.active and hasattr(truth, "told_since"):
            self.post([(name, True, truth.told_since)], REPLICA, "one")

    @rule(name=names)
    def flap(self, name):
        """End and come again under the same beginning, as a source does that has only lost sight of it."""
        truth = self.production[name]
        if truth.loud and truth.said:
            since, truth.since = truth.since, None
            self.say([name], PRODUCTION, "one")
            self.trial.clock.forward(seconds=5)
            truth.since = since
            self.say([name], PRODUCTION, "one")

    @rule(name=names, muted=st.booleans())
    def mute(self, name, muted):
        # While a card still shows it, because its end was lost, what begins anew goes on there: nobody is called again.
        if not self.production[name].active and name not in self.firing("prod"):
            self.production[name].muted = muted

    @rule(name=names, silenced=st.booleans())
    def silence(self, name, silenced):
        self.production[name].silenced = silenced

    @rule(answers=st.sampled_from(["all", "nothing", "half"]))
    def answer(self, answers):
        self.answers = answers

    @rule()
    def restart(self):
        self.forgotten = set(NAMES)
        self.started_at = self.now

    @rule()
    def remember(self):
        self.forgotten = set()

    @rule(organisation=st.sampled_from(["1", "2"]))
    def change_the_token(self, organisation):
        self.organisation = organisation

    @rule(
        answers=st.sampled_from(["nothing", "half"]),
        organisation=st.sampled_from(["1", "2"]),
        minutes=st.integers(1, 20),
    )
    def answer_wrongly_for_a_while(self, answers, organisation, minutes):
        """Each step alone can be drawn too; in this order they are what happens in the night."""
        self.fire(NAMES[0], lost=False, group="own")
        self.answers, self.organisation = answers, organisation
        self.wait(minutes)
        self.answers, self.organisation = "all", ORGANISATION

    @rule(name=names, muted=st.booleans(), minutes=st.integers(1, 20))
    def fire_unheard_for_a_while(self, name, muted, minutes):
        """Nobody tells us of it, because it is muted or because the message is lost."""
        self.mute(name, muted)
        self.fire(name, lost=True, group="own")
        self.wait(minutes)

    @rule(name=names, active=st.booleans())
    def tell_from_staging(self, name, active):
        truth = self.staging[name]
        if truth.active != active:
            since = truth.since or self.now
            truth.since = self.now if active else None
            truth.said = active
            self.post([(name, active, truth.since or since)], STAGING, "one")

    # What people do, and time.

    @rule(data=st.data())
    def acknowledge(self, data):
        open_ones = self.run(self.trial.database.incidents.open())
        if open_ones:
            number = data.draw(st.sampled_from(sorted(each.number for each in open_ones)))
            self.run(self.trial.respond.acknowledge(number, MINJI))
            self.held.add(number)

    @rule(minutes=st.integers(1, 8))
    def wait(self, minutes):
        for _ in range(minutes):
            self.trial.clock.forward(seconds=60)
            self.look()

    @rule()
    def wait_until_all_is_well(self):
        """Give it a source that answers, and one period: nothing may be hidden after that."""
        self.answers, self.organisation, self.forgotten = "all", ORGANISATION, set()
        self.trial.clock.forward(minutes=10)
        for _ in range(3):
            self.trial.clock.forward(seconds=PERIOD.total_seconds() / 2)
            self.look()
        hidden = {name for name, truth in self.production.items() if truth.loud} - self.firing("prod")
        assert not hidden, f"the source lists {hidden} as active and loud, and no card says so"

    def look(self) -> None:
        self.source.firing = self.listed()
        self.source.known_rules = self.evaluated()
        self.source.told = SourceState(
            self.started_at, self.organisation, PRODUCTION, f"am.prod:9093#{self.organisation}"
        )
        self.run(self.watch.look())
        self.run(self.trial.respond.take_in(50))
        self.run(self.trial.respond.lapse())
        self.run(self.trial.show())

    def evaluated(self):
        """Each rule as it was evaluated just now; after a restart not before it remembers, and not by a stranger."""
        return [
            Rule(
                truth.name,
                evaluated_at=self.now if truth.name not in self.forgotten else NEVER,
                active=(frozenset({("alertname", truth.name)}),) if truth.active else (),
            )
            for truth in self.production.values()
            if self.organisation == ORGANISATION
        ]

    def listed(self):
        if self.answers == "nothing" or self.organisation != ORGANISATION:
            return []
        found = [truth for truth in self.production.values() if truth.active and truth.name not in self.forgotten]
        found = found[: len(found) // 2] if self.answers == "half" else found
        return [
            make_alert(
                truth.name,
                fingerprint=truth.name,
                starts_at=truth.since,
                labels={"severity": "critical"},
                receivers=("bongsu",),
                muted=truth.muted,
                silenced_by=("s",) if truth.silenced else (),
            )
            for truth in found
        ]

    def say(self, told, sender, group):
        self.post([(name, self.production[name].active, self.begun(name)) for name in told], sender, group)
        for name in told:
            self.production[name].said = self.production[name].active

    def begun(self, name) -> datetime:
        truth = self.production[name]
        if truth.since:
            truth.told_since = truth.since
        return truth.since or getattr(truth, "told_since", self.now)

    def post(self, told, sender, group):
        key = told[0][0] if group == "own" else group
        alerts = [
            {
                "status": "firing" if active else "resolved",
                "labels": {"alertname": name, "severity": "critical"},
                "startsAt": since.isoformat(),
                "endsAt": None if active else self.now.isoformat(),
                "fingerprint": name,
            }
            for name, active, since in told
        ]
        organisation = ORGANISATION if sender != STAGING else "9"
        body = {"groupKey": key, "receiver": "bongsu", "externalURL": sender, "orgId": organisation, "alerts": alerts}
        json.dumps(body)
        self.run(self.trial.post(body))

    # What must be true whenever anybody looks.

    def firing(self, where):
        return on_cards(self.run(self.trial.database.incidents.open()), where)

    @invariant()
    def what_is_shown_is_true(self):
        if not hasattr(self, "trial"):
            return
        shown = self.run(self.trial.database.incidents.open())
        self.no_card_is_green_while_it_burns(shown)
        self.one_alert_is_one_incident(shown)
        self.nobody_is_called_for_what_is_muted(shown)
        self.whoever_has_it_keeps_it(shown)

    def no_card_is_green_while_it_burns(self, shown):
        for where, truths in (("prod", self.production), ("staging", self.staging)):
            burning = {name for name, truth in truths.items() if truth.active and truth.said}
            green = burning - on_cards(shown, where)
            assert not green, f"{where}: {green} fire, and were told"

    def one_alert_is_one_incident(self, shown):
        fires = [(each.origin.partition(":")[0], alert.fingerprint) for each in shown for alert in each.firing]
        assert len(fires) == len(set(fires)), "one alert fires on two cards"

    def nobody_is_called_for_what_is_muted(self, shown):
        muted = {name for name, truth in self.production.items() if truth.active and truth.muted}
        assert not muted & on_cards(shown, "prod"), "what is muted is on a card"

    def whoever_has_it_keeps_it(self, shown):
        lost = [each.number for each in shown if each.number in self.held and each.state is not State.ACKNOWLEDGED]
        assert not lost, f"nobody has {lost} any more"


def on_cards(shown, where):
    """What fires on the cards of one place."""
    return {alert.fingerprint for each in shown if where in (each.origin or "prod") for alert in each.firing}


def tried(empty: Path, chosen: int, examples: int) -> None:
    """Try lives that depend on the chosen seed alone, not on what else was loaded or tried before."""
    Lives.empty = empty
    run_state_machine_as_test(
        seed(chosen)(Lives),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            backend=draws.NAME,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("chosen", range(4))
def test_the_cards_tell_what_the_sources_know(empty_sqlite, chosen):
    tried(empty_sqlite, chosen, 30)


def end_at_the_first_look(patch):
    patch.setattr(looks, "_proof", lambda *_: "Reconciled")


def believe_whoever_answers(patch):
    patch.setattr(looks, "doubtful", lambda *_: ())
    patch.setattr(watching, "_elsewhere", lambda *_: False)
    patch.setattr(watching, "of_source", lambda incidents, *_: list(incidents))


def drop_what_comes_soon_after_the_end(patch):
    def late(old, alert, at):
        return episodes.goes_on(old, alert) and at - (old.seen_at or at) < timedelta(minutes=2)

    patch.setattr(episodes, "is_late_copy", late)
    patch.setattr(lifecycle, "is_late_copy", late)


def adopt_what_is_muted(patch):
    class Loud(FakeAlertSource):
        async def alerts(self):
            return [replace(alert, muted=False) for alert in self.firing]

    patch.setattr(FakeAlertSource, "alerts", Loud.alerts)


def go_by_the_group_alone(patch):
    patch.setattr(alert_incidents, "_incidents_of", lambda *_: {})


def take_all_for_one_source(patch):
    for module in (alerts, looks):
        patch.setattr(module, "same_origin", lambda *_: True)


GREEN = "fire, and were told"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("plant", "seen"),
    [
        (end_at_the_first_look, GREEN),
        (believe_whoever_answers, GREEN),
        (drop_what_comes_soon_after_the_end, GREEN),
        (adopt_what_is_muted, "what is muted is on a card"),
        (go_by_the_group_alone, "one alert fires on two cards"),
        (take_all_for_one_source, GREEN),
    ],
)
def test_it_finds_what_was_planted(empty_sqlite, monkeypatch, plant, seen):
    plant(monkeypatch)

    with pytest.raises(AssertionError, match=seen):
        # Most are found within ten.
        tried(empty_sqlite, 0, 400)
