"""The rounds: what is proved to have ended ends, what was never told is shown, and silence of the source means nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.access import Access
from bot.core.directory import Directory
from bot.core.reconcile import Reconciler
from bot.core.respond import Respond
from bot.core.silence_watch import SilenceWatch
from bot.core.watching import SourceWatch
from bot.domain.alerts import Rule
from bot.domain.incidents import State
from bot.domain.looks import SourceState
from bot.domain.people import Person, Policy, Right
from bot.domain.silences import Matcher, Silence
from bot.errors import SourceUnavailable
from tests.builders import NOW, alertmanager_body, make_alert
from tests.fakes import FakeAlertSource, FakeDashboards, FakeMetrics
from tests.ui.world import make_muting, make_viewer

MINJI = Person(1001, "minji", manages_guild=True)


@pytest.fixture
def source(clock):
    return FakeAlertSource(clock)


@pytest.fixture
def metrics():
    return FakeMetrics()


@pytest.fixture
def directory(source, clock):
    return Directory(source, FakeDashboards(), clock)


@pytest.fixture
def muting(database, clock, source, directory):
    return make_muting(database, clock, source, directory)


@pytest.fixture
def respond(database, clock, muting):
    viewer = make_viewer(database, clock, muting=muting)
    access = Access(Policy(), database.audit, clock)
    return Respond(inbox=database.inbox, incidents=database.incidents, viewer=viewer, access=access, clock=clock)


@pytest.fixture
def watch(database, source, metrics, respond, clock):
    return SourceWatch(
        respond=respond,
        source=source,
        metrics=metrics,
        incidents=database.incidents,
        clock=clock,
        receiver="bongsu",
        group_interval=timedelta(minutes=5),
    )


@pytest.fixture
def reconciler(database, source, directory, muting, respond, watch, clock):
    return Reconciler(
        respond=respond,
        muting=muting,
        directory=directory,
        watch=watch,
        follow=SilenceWatch(book=database.silences, jobs=database.jobs, directory=directory, clock=clock).follow,
        clock=clock,
        reconcile_every=timedelta(minutes=3),
    )


async def tell(database, respond, clock, name="HighLatency", **changes):
    await database.inbox.keep("alertmanager", alertmanager_body(name, **changes), clock())
    await respond.take_in(10)
    return (await database.incidents.open())[0]


async def rounds(reconciler, clock, minutes):
    for _ in range(int(minutes * 2)):
        clock.forward(seconds=30)
        await reconciler.refresh()


async def test_what_the_source_knows_no_more_ends_after_a_group_interval_and_not_before(
    database, respond, reconciler, clock
):
    await tell(database, respond, clock)
    await rounds(reconciler, clock, 4)
    early = (await respond.find("#1", MINJI, Right.READ, "read")).state

    await rounds(reconciler, clock, 6)

    incident = await respond.find("#1", MINJI, Right.READ, "read")
    assert early is State.FIRING
    assert (incident.state, incident.end_reason) == (State.RESOLVED, "Reconciled")


async def test_one_empty_answer_among_others_proves_nothing(database, respond, reconciler, source, clock):
    incident = await tell(database, respond, clock)
    alert = make_alert(fingerprint=incident.alerts[0].fingerprint)
    for _ in range(10):
        source.firing = []
        await rounds(reconciler, clock, 3)
        source.firing = [alert]
        await rounds(reconciler, clock, 3)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


async def test_a_source_that_does_not_answer_resolves_nothing(database, respond, reconciler, source, clock):
    await tell(database, respond, clock)
    source.down = "no answer"

    await rounds(reconciler, clock, 30)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


async def test_who_evaluates_the_rules_does_not_tell_them_and_what_fires_and_is_silenced_is_seen_all_the_same(
    database, respond, reconciler, source, clock, monkeypatch
):
    async def rules():
        raise SourceUnavailable("prometheus", "no answer")

    gone = await tell(database, respond, clock)
    monkeypatch.setattr(source, "rules", rules)
    source.firing = [make_alert("Lost", starts_at=NOW, receivers=("bongsu",))]
    matchers = (Matcher("alertname", gone.title),)
    source.silenced = [Silence("x", matchers, NOW, NOW + timedelta(hours=1), "admin", "maintenance")]

    await rounds(reconciler, clock, 20)
    await respond.take_in(10)

    # Nothing is known to have ended, for Prometheus may be what is down.
    assert sorted(each.title for each in await database.incidents.open()) == [gone.title, "Lost"]
    assert [s.silence.comment for s in (await respond._viewer.view(gone.number)).silences] == ["maintenance"]


async def test_a_source_that_has_just_started_resolves_nothing_and_says_so(
    database, respond, reconciler, source, watch, clock
):
    await tell(database, respond, clock)
    await respond.acknowledge(1, MINJI)
    for _ in range(5):
        source.told = SourceState(started_at=clock())
        await rounds(reconciler, clock, 4)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.ACKNOWLEDGED
    assert [notice.key for notice in watch.notices] == ["source_restarted"]


async def test_all_at_once_is_the_source_and_not_the_trouble(database, respond, reconciler, watch, clock):
    for name in ("A", "B", "C"):
        await tell(database, respond, clock, name)

    await rounds(reconciler, clock, 60)

    assert len(await database.incidents.open()) == 3
    assert [notice.key for notice in watch.notices] == ["source_emptied"]


async def test_all_at_once_is_believed_when_every_rule_was_evaluated_without_it(
    database, respond, reconciler, source, clock
):
    for name in ("A", "B", "C"):
        await tell(database, respond, clock, name)
    for _ in range(8):
        clock.forward(minutes=2)
        source.known_rules = [Rule(name, evaluated_at=clock()) for name in ("A", "B", "C")]
        await reconciler.refresh()

    assert await database.incidents.open() == []


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ({"healthy": True}, True),
        ({"healthy": False}, False),
        ({"evaluated_at": NOW}, False),
        ({"active": (frozenset(make_alert().labels.items()),)}, False),
        ({"active": (frozenset({("alertname", "HighLatency"), ("instance", "other")}),)}, True),
        ({"paused": True, "evaluated_at": NOW}, True),
    ],
    ids=["evaluated", "in error", "not evaluated since", "still fires", "another instance", "paused"],
)
async def test_an_alert_ends_only_if_its_rule_was_evaluated_without_it(
    database, respond, reconciler, source, clock, changes, ended
):
    await database.inbox.keep("alertmanager", alertmanager_body(instance="api-1:8080"), clock())
    await respond.take_in(10)
    for _ in range(8):
        clock.forward(minutes=2)
        source.known_rules = [Rule("HighLatency", **{"evaluated_at": clock(), **changes})]
        await reconciler.refresh()

    assert ((await respond.find("#1", MINJI, Right.READ, "read")).state is State.RESOLVED) is ended


async def test_a_token_of_another_organisation_ends_nothing_and_forgets_no_silence(
    database, respond, reconciler, source, watch, clock
):
    source.name = "grafana"
    source.told = SourceState(None, "1", "https://grafana.example/", "grafana.example#1")
    source.silenced = [Silence("x", (Matcher("alertname", "X"),), NOW, NOW + timedelta(days=1), "admin", "kept")]
    source.firing = [make_alert(receivers=("bongsu",), rule_uid="abc")]
    await rounds(reconciler, clock, 12)
    await respond.take_in(10)

    source.told = SourceState(None, "2", "https://grafana.example/", "grafana.example#2")
    source.firing, source.silenced, source.known_rules = [], [], []
    await rounds(reconciler, clock, 30)

    assert [incident.state for incident in await database.incidents.open()] == [State.FIRING]
    assert [row.silence.comment for row in await database.silences.active(clock())] == ["kept"]
    (notice,) = watch.notices
    assert (notice.key, notice.values["seen"], notice.values["expected"]) == ("other_organisation", "2", "1")


async def test_what_another_source_told_is_not_ended_by_the_one_we_ask(database, respond, reconciler, source, clock):
    source.told = SourceState(None, "", "http://am.staging.example:9093", "am.staging.example:9093#")
    await tell(database, respond, clock)

    await rounds(reconciler, clock, 30)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


async def test_rules_that_are_gone_altogether_are_said_and_end_nothing(
    database, respond, reconciler, source, watch, clock
):
    await tell(database, respond, clock)
    source.firing = [
        make_alert(fingerprint=(await respond.find("#1", MINJI, Right.READ, "read")).alerts[0].fingerprint)
    ]
    await rounds(reconciler, clock, 4)
    source.firing, source.known_rules = [], [Rule("Another")]

    await rounds(reconciler, clock, 30)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING
    assert [notice.key for notice in watch.notices] == ["rules_changed"]


async def test_what_ended_in_silence_ends_sooner_and_says_so(database, respond, reconciler, source, clock):
    incident = await tell(database, respond, clock)
    source.firing = [make_alert(fingerprint=incident.alerts[0].fingerprint, silenced_by=("s1",))]
    await rounds(reconciler, clock, 4)
    source.firing = []

    await rounds(reconciler, clock, 2)

    incident = await respond.find("#1", MINJI, Right.READ, "read")
    assert (incident.state, incident.end_reason) == (State.RESOLVED, "Silenced")


async def test_a_doubt_is_settled_at_the_next_look(database, respond, reconciler, source, clock):
    incident = await tell(database, respond, clock)
    await tell_end(database, respond, clock)
    # The same source under the name of its other replica.
    await database.inbox.keep(
        "alertmanager", alertmanager_body().replace(b"127.0.0.1:9093", b"127.0.0.1:9093/"), clock()
    )
    await respond.take_in(10)
    assert [each.number for each in await database.incidents.doubted()] == [1]
    source.firing = [make_alert(fingerprint=incident.alerts[0].fingerprint)]
    clock.forward(seconds=30)

    await reconciler.refresh()

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


async def test_a_source_that_did_not_answer_is_looked_at_on_the_next_round(reconciler, watch, source, clock):
    source.down = "down"
    await rounds(reconciler, clock, 1)
    before, source.down = watch.trusted, None

    await rounds(reconciler, clock, 0.5)

    assert (before, watch.trusted) == (False, True)


async def test_what_the_cards_show_as_silenced_ended_in_silence_though_no_look_saw_it(
    database, respond, reconciler, watch, clock
):
    incident = await tell(database, respond, clock)
    watch._silenced = lambda: frozenset({incident.alerts[0].fingerprint})

    await rounds(reconciler, clock, 3)

    incident = await respond.find("#1", MINJI, Right.READ, "read")
    assert (incident.state, incident.end_reason) == (State.RESOLVED, "Silenced")


async def test_a_doubt_about_another_source_is_not_settled_by_a_look_at_this_one(
    database, respond, reconciler, source, clock
):
    source.name = "none"
    await tell(database, respond, clock)
    await tell_end(database, respond, clock)
    await database.inbox.keep(
        "alertmanager", alertmanager_body().replace(b"127.0.0.1:9093", b"127.0.0.1:9093/"), clock()
    )
    await respond.take_in(10)

    await rounds(reconciler, clock, 7)
    await reconciler.lapse()

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


async def tell_end(database, respond, clock):
    await database.inbox.keep("alertmanager", alertmanager_body(status="resolved"), clock())
    await respond.take_in(10)


async def test_a_doubt_that_nobody_can_settle_is_shown_as_firing(database, respond, reconciler, source, clock):
    await tell(database, respond, clock)
    await tell_end(database, respond, clock)
    await database.inbox.keep(
        "alertmanager", alertmanager_body().replace(b"127.0.0.1:9093", b"127.0.0.1:9093/"), clock()
    )
    await respond.take_in(10)
    clock.forward(minutes=5)
    await reconciler.lapse()
    early = (await respond.find("#1", MINJI, Right.READ, "read")).state

    clock.forward(minutes=2)
    await reconciler.lapse()

    assert (early, (await respond.find("#1", MINJI, Right.READ, "read")).state) == (State.RESOLVED, State.FIRING)


async def test_an_alert_whose_message_was_lost_is_shown_within_one_period(database, respond, reconciler, source, clock):
    await reconciler.refresh()
    source.firing = [make_alert(starts_at=NOW, receivers=("bongsu",))]

    await rounds(reconciler, clock, 6)
    await respond.take_in(10)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "HighLatency"


async def test_an_alert_that_also_fires_elsewhere_is_shown_for_itself(database, respond, reconciler, source, clock):
    staging = await tell(database, respond, clock)
    source.told = SourceState(None, "", "http://am.prod.example:9093", "am.prod.example:9093#")
    fingerprint = staging.alerts[0].fingerprint
    source.firing = [make_alert(fingerprint=fingerprint, starts_at=NOW, receivers=("bongsu",))]

    await rounds(reconciler, clock, 6)
    await respond.take_in(10)
    await rounds(reconciler, clock, 6)
    await respond.take_in(10)

    shown = [(each.origin, alert.fingerprint) for each in await database.incidents.open() for alert in each.firing]
    assert sorted(shown) == [(staging.origin, fingerprint), ("am.prod.example:9093#", fingerprint)]


async def test_what_was_lost_before_we_started_is_shown_at_once(database, respond, reconciler, source, clock):
    source.firing = [make_alert(starts_at=NOW - timedelta(minutes=11), receivers=("bongsu",))]

    await reconciler.refresh()
    await respond.take_in(10)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "HighLatency"


async def test_what_fires_at_the_source_and_is_green_here_is_red_again(database, respond, reconciler, source, clock):
    incident = await tell(database, respond, clock)
    await tell_end(database, respond, clock)
    source.firing = [make_alert(fingerprint=incident.alerts[0].fingerprint, receivers=("bongsu",))]

    await rounds(reconciler, clock, 6)
    await respond.take_in(10)

    assert [each.number for each in await database.incidents.open()] == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"receivers": ("other",)},
        {"receivers": ("bongsu",), "silenced_by": ("s1",)},
        {"receivers": ("bongsu",), "muted": True},
    ],
    ids=["elsewhere", "silenced", "inhibited"],
)
async def test_what_is_not_ours_to_show_is_not_adopted(database, reconciler, source, clock, changes):
    source.firing = [make_alert(starts_at=NOW, **changes)]

    await rounds(reconciler, clock, 20)

    assert await database.inbox.pending(10) == []


async def test_a_young_alert_may_still_be_announced(database, reconciler, source, clock):
    clock.forward(minutes=5)
    source.firing = [make_alert(starts_at=clock(), receivers=("bongsu",))]

    await reconciler.refresh()

    assert await database.inbox.pending(10) == []


async def test_prometheus_that_has_just_started_and_frozen_targets_are_said(reconciler, watch, metrics, clock):
    metrics.began = clock()
    metrics.frozen = ["web-1:9100"]

    await reconciler.refresh()
    young = [(notice.key, notice.values.get("names")) for notice in watch.notices]
    metrics.frozen = []
    await rounds(reconciler, clock, 9)

    assert young == [("source_restarted", None), ("sample_limit", "web-1:9100")]
    assert watch.notices == ()


async def test_a_silence_made_elsewhere_appears_on_the_card(database, respond, reconciler, source, clock):
    await tell(database, respond, clock)
    source.silenced = [
        Silence("x", (Matcher("alertname", "HighLatency"),), NOW, NOW + timedelta(hours=1), "admin", "maintenance")
    ]

    await reconciler.refresh()

    assert [s.silence.comment for s in (await respond._viewer.view(1)).silences] == ["maintenance"]
    assert await database.outbox.due(clock(), 5)


async def test_lapsing_reports_whether_anything_lapsed(reconciler):
    assert await reconciler.lapse() is False
