"""The rounds: what the source no longer knows ends, what it never told is shown, and silence of the source means nothing."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.access import Gate
from bot.core.directory import Directory
from bot.core.reconcile import Patrol
from bot.core.respond import Respond
from bot.core.silencing import Bounds, Silencing
from bot.core.viewing import Viewer
from bot.domain.alerts import Rule
from bot.domain.incidents import State
from bot.domain.owners import Catalogue
from bot.domain.people import Policy
from bot.domain.silences import Matcher, Silence
from bot.ports import Delivery
from tests.builders import NOW, alertmanager_body, make_alert
from tests.fakes import FakeAlertSource, FakeDashboards


@pytest.fixture
def source(clock):
    return FakeAlertSource(clock)


@pytest.fixture
def respond(database, clock):
    viewer = Viewer(
        incidents=database.incidents, book=database.silences, catalogue=Catalogue(), grafana_url="", clock=clock
    )
    gate = Gate(Policy(), database.audit, clock)
    return Respond(inbox=database.inbox, incidents=database.incidents, viewer=viewer, gate=gate, clock=clock)


@pytest.fixture
def patrol(database, source, respond, clock):
    directory = Directory(source, FakeDashboards())
    silencing = Silencing(
        source=source,
        book=database.silences,
        incidents=database.incidents,
        dashboards=FakeDashboards(),
        directory=directory,
        gate=Gate(Policy(), database.audit, clock),
        clock=clock,
        bounds=Bounds(timedelta(minutes=1), timedelta(days=1), timedelta(hours=1), ZoneInfo("Asia/Seoul")),
    )
    return Patrol(
        respond=respond,
        silencing=silencing,
        directory=directory,
        source=source,
        incidents=database.incidents,
        prune=database.prune,
        clock=clock,
        reconcile_every=timedelta(minutes=3),
        receiver="bongsu",
    )


async def tell(database, respond, clock):
    await database.inbox.keep("alertmanager", alertmanager_body(), clock())
    await respond.take_in(10)
    return (await database.incidents.open())[0]


async def looks(patrol, clock, *, minutes):
    """Let time pass, with a round every three minutes."""
    for _ in range(0, minutes, 3):
        clock.forward(minutes=3)
        await patrol.refresh()


async def test_an_incident_the_source_no_longer_knows_is_resolved(database, respond, patrol, clock):
    await tell(database, respond, clock)

    await looks(patrol, clock, minutes=15)

    incident = await respond.find("#1")
    assert (incident.state, incident.end_reason) == (State.RESOLVED, "Reconciled")


async def test_one_empty_answer_proves_nothing(database, respond, patrol, source, clock):
    incident = await tell(database, respond, clock)
    await looks(patrol, clock, minutes=9)

    # It was started anew and had not evaluated its rules yet.
    source.firing = [make_alert(fingerprint=incident.alerts[0].fingerprint)]
    await looks(patrol, clock, minutes=3)
    source.firing = []
    await looks(patrol, clock, minutes=9)

    assert (await respond.find("#1")).state is State.FIRING


async def test_everything_gone_at_once_without_a_rule_is_no_end(database, respond, patrol, source, clock):
    await tell(database, respond, clock)
    body = alertmanager_body("HighErrors")
    await respond.receive(Delivery(await database.inbox.keep("alertmanager", body, NOW), "alertmanager", body, NOW))

    # Another organisation's token lists neither alerts nor rules.
    source.known_rules = []

    await looks(patrol, clock, minutes=30)

    assert [incident.state for incident in await database.incidents.open()] == [State.FIRING, State.FIRING]
    assert patrol.doubt


async def test_a_rule_that_no_longer_fires_tells_the_end(database, respond, patrol, source, clock):
    await tell(database, respond, clock)
    body = alertmanager_body("HighErrors")
    await respond.receive(Delivery(await database.inbox.keep("alertmanager", body, NOW), "alertmanager", body, NOW))
    source.known_rules = [Rule("HighLatency"), Rule("HighErrors", firing=1)]

    await looks(patrol, clock, minutes=15)

    assert [incident.title for incident in await database.incidents.open()] == ["HighErrors"]


async def test_what_is_muted_is_not_adopted(database, patrol, source, clock):
    source.firing = [make_alert(starts_at=NOW, receivers=("bongsu",), muted=True)]

    await looks(patrol, clock, minutes=30)

    assert await database.inbox.pending(10) == []


async def test_what_was_heard_of_a_moment_ago_is_left_alone(database, respond, patrol, clock):
    clock.forward(minutes=5)
    await tell(database, respond, clock)

    await patrol.refresh()

    assert (await respond.find("#1")).state is State.FIRING


async def test_what_still_fires_at_the_source_stays(database, respond, patrol, source, clock):
    incident = await tell(database, respond, clock)
    source.firing = [make_alert(fingerprint=incident.alerts[0].fingerprint)]
    clock.forward(minutes=5)

    await patrol.refresh()

    assert (await respond.find("#1")).state is State.FIRING


async def test_a_source_that_does_not_answer_resolves_nothing(database, respond, patrol, source, clock):
    await tell(database, respond, clock)
    source.down = "no answer"
    clock.forward(minutes=5)

    await patrol.refresh()

    assert (await respond.find("#1")).state is State.FIRING


async def test_an_alert_whose_webhook_was_lost_is_shown(database, respond, patrol, source, clock):
    source.firing = [make_alert(starts_at=NOW, receivers=("bongsu",))]
    clock.forward(minutes=11)

    await patrol.refresh()
    await respond.take_in(10)

    assert (await respond.find("#1")).title == "HighLatency"


@pytest.mark.parametrize(
    "changes",
    [{"receivers": ("other",)}, {"receivers": ("bongsu",), "silenced_by": ("s1",)}],
    ids=["elsewhere", "silenced"],
)
async def test_what_is_not_ours_to_show_is_not_adopted(database, patrol, source, clock, changes):
    source.firing = [make_alert(starts_at=NOW, **changes)]
    clock.forward(minutes=11)

    await patrol.refresh()

    assert await database.inbox.pending(10) == []


async def test_a_young_alert_may_still_be_announced(database, patrol, source, clock):
    clock.forward(minutes=5)
    source.firing = [make_alert(starts_at=clock(), receivers=("bongsu",))]

    await patrol.refresh()

    assert await database.inbox.pending(10) == []


async def test_a_silence_made_elsewhere_appears_on_the_card(database, respond, patrol, source, clock):
    await tell(database, respond, clock)
    source.silenced = [
        Silence("x", (Matcher("alertname", "HighLatency"),), NOW, NOW + timedelta(hours=1), "admin", "maintenance")
    ]

    await patrol.refresh()

    assert [s.comment for s in (await respond._viewer.view(1)).silences] == ["maintenance"]
    assert await database.outbox.due(clock(), 5)


async def test_lapsing_reports_whether_anything_lapsed(patrol):
    assert await patrol.lapse() is False
