"""How we are: everybody is asked at once, and what did not come back in time is named."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

import pytest

from bot.domain.owners import Catalogue, Service
from bot.domain.people import Policy, Right
from bot.domain.views import ConnectionStatus, ServiceHealth
from bot.errors import InvalidTarget, SourceUnavailable
from bot.ports import Sample
from bot.store.database import Database
from bot.ui.status import status_view
from tests.builders import MINJI, NOW
from tests.ui.world import World, make_world

API, CHAT = Service("api", "API"), Service("chat", "Chat")


def per_service(**values: float) -> list[Sample]:
    return [Sample({"service": name}, value) for name, value in values.items()]


@pytest.fixture
def world(database: Database) -> World:
    made = make_world(database, catalogue=Catalogue({"api": API, "chat": CHAT}), patience_s=0.3)
    made.metrics.answers = {
        "up": per_service(api=1, chat=0),
        "rate": per_service(api=41.5, chat=0),
        "errors": per_service(api=0.02, chat=math.nan),
        "p99": per_service(api=0.25, chat=math.inf),
    }
    made.rules.policy = Policy({Right.ACK: MINJI.role_ids, Right.SILENCE: MINJI.role_ids})
    return made


@pytest.fixture
def desk(world):
    return world.services.status


async def test_every_service_has_its_numbers_and_what_is_no_number_is_not_known(desk):
    report = await desk.report()

    assert report.services == (
        ServiceHealth(API, up=True, rate=41.5, errors=0.02, p99_s=0.25),
        # No request came in: a share of nothing and a quantile of nothing are not known, which is not zero.
        ServiceHealth(CHAT, up=False, rate=0, errors=None, p99_s=None),
    )
    assert report.at == NOW
    assert report.missing == ()


async def test_a_service_nobody_configured_is_shown_after_the_others(world, desk):
    world.metrics.answers["up"] = per_service(batch=1, api=1)

    assert [health.service.name for health in (await desk.report()).services] == ["api", "chat", "batch"]


async def test_a_series_without_the_label_is_left_out(world, desk):
    world.metrics.answers = {"up": [Sample({}, 1.0), Sample({"service": ""}, 1.0)]}

    assert [health.up for health in (await desk.report()).services] == [None, None]


async def test_what_fires_who_has_it_and_what_is_silenced(world, desk):
    await world.fire()
    await world.services.respond.acknowledge(1, MINJI)
    preview = await world.services.silencing.propose_for_incident(1, MINJI)
    row = await world.services.silencing.confirm(preview.draft.id, MINJI)

    report = await desk.report()

    [incident] = report.incidents
    assert incident.ack.by == MINJI
    assert report.silences == (row,)


async def test_the_most_severe_incident_comes_first(world, desk):
    await world.fire("Outage", severity="critical")
    await world.fire("Slow")
    await world.fire("Notice", severity="info")

    titles = [incident.title for incident in (await desk.report()).incidents]

    assert titles == ["Outage", "Slow", "Notice"]


@pytest.mark.parametrize("typed", ["chat", " Chat "])
async def test_one_service_has_only_its_own_incidents(world, desk, typed):
    await world.fire()

    report = await desk.report(typed)

    assert [health.service for health in report.services] == [CHAT]
    assert report.incidents == ()


async def test_an_unknown_service_is_refused_with_near_ones(desk):
    with pytest.raises(InvalidTarget) as refused:
        await desk.report("chatt")

    assert refused.value.values == {"typed": "chatt", "near": "chat"}


async def test_a_service_known_only_from_its_incident_is_no_mistake(world):
    desk = make_world(world.database).services.status
    await world.fire()

    assert [health.service.name for health in (await desk.report("api")).services] == ["api"]


@pytest.mark.parametrize("trouble", ["refuses", "hangs"])
async def test_without_prometheus_the_rest_is_reported_and_prometheus_is_named(world, desk, trouble):
    world.metrics.down = "connection refused" if trouble == "refuses" else None
    world.metrics.hangs = trouble == "hangs"
    await world.fire()

    report = await desk.report()

    assert report.missing == ("prometheus",)
    assert [health.up for health in report.services] == [None, None]
    assert len(report.incidents) == 1


async def test_a_silent_prometheus_does_not_make_services_disappear(world, desk):
    world.metrics.answers["up"] = per_service(batch=1)
    await desk.report()
    world.metrics.down = "connection refused"

    assert [health.service.name for health in (await desk.report()).services] == ["api", "chat", "batch"]
    assert desk.services("bat") == ["batch"]


async def test_while_prometheus_is_silent_an_unknown_service_may_well_exist(world, desk):
    world.metrics.down = "connection refused"

    assert [health.service.name for health in (await desk.report("batch")).services] == ["batch"]


async def test_everybody_is_asked_at_once(world, desk):
    # Nobody answers before the last one was asked: one after the other, none would in time.
    together = asyncio.Barrier(8)
    world.pings.update(dict.fromkeys("abcdefgh", together.wait))

    report = await desk.report()

    assert [connection.problem for connection in report.connections] == [None] * 8


async def test_our_own_connections_say_what_is_wrong(world, desk):
    async def refused() -> None:
        raise SourceUnavailable("grafana", "401 Unauthorized")

    async def fine() -> None:
        pass

    world.pings.update(discord=fine, grafana=refused, store=asyncio.Event().wait)

    assert (await desk.report()).connections == (
        ConnectionStatus("discord"),
        ConnectionStatus("grafana", "401 Unauthorized"),
        ConnectionStatus("store", "no answer within 0.3 s"),
    )


@pytest.mark.parametrize(("typed", "names"), [("", ["api", "chat"]), ("CH", ["chat"]), ("x", [])])
async def test_the_configured_services_are_offered(desk, typed, names):
    assert desk.services(typed) == names


async def test_what_waits_to_be_shown_is_told_with_its_reason(world, database):
    await world.fire()
    (task,) = await database.outbox.due(world.clock(), 1)
    await database.outbox.failed(task, "the bot may not write there", world.clock() + timedelta(minutes=5))
    desk = world.services.status
    desk._waiting = database.outbox.waiting
    world.clock.forward(minutes=2)

    report = await desk.report()

    assert report.waiting == {"the bot may not write there": (1, 120.0)}
    shown = str(status_view(report, "en").to_components())
    assert "1 message could not be shown yet, the oldest for 2 min: the bot may not write there" in shown
