"""What comes alone is taken in with the commit that keeps it; whatever else comes is kept first. With the real store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.arrivals import Arrivals
from bot.core.at_once import AtOnce
from bot.core.endings import Endings
from bot.domain.flapping import USUAL as USUAL_FLAPPING
from bot.domain.labels import USUAL
from bot.errors import SourceUnavailable
from bot.ports import Posted
from tests.builders import alertmanager_body


class Silent:
    """A Prometheus that nobody must ask: whoever sent the webhook would wait for it."""


@pytest.fixture
def is_busy():
    return [False]


@pytest.fixture
def at_once(database, clock, is_busy):
    arrivals = Arrivals(
        vocabulary=USUAL, endings=Endings(Silent(), clock), correlation=None, flapping=USUAL_FLAPPING, clock=clock
    )
    return AtOnce(incidents=database.incidents, arrivals=arrivals, busy=lambda: is_busy[0])


def posted(clock, body):
    return Posted("alertmanager", body, clock())


async def counts(database):
    return {state: number for state, number in (await database.inbox.counts()).items() if number}


async def test_what_comes_alone_is_kept_and_an_incident_at_once(database, at_once, clock):
    rung = []
    database.incidents.on_change(rung.append)

    taken = await at_once.take(posted(clock, alertmanager_body(severity="critical")))

    (incident,) = await database.incidents.open()
    assert taken
    assert incident.title == "HighLatency"
    assert await counts(database) == {"applied": 1}
    assert [task.incident for task in await database.outbox.due(clock(), 5)] == [incident.number]
    assert rung == [{incident.severity}]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(alertmanager_body() + b" " * 20_000, id="long"),
        pytest.param(b"{}", id="unreadable"),
        pytest.param(alertmanager_body().replace(b'"alerts": [', b'"alerts": [{"status": "odd"}, '), id="half"),
        pytest.param(alertmanager_body("Watchdog", severity="none"), id="watchdog"),
        pytest.param(alertmanager_body(status="resolved"), id="an end that Prometheus is asked about"),
    ],
)
async def test_what_takes_longer_is_kept_first(database, at_once, clock, body):
    assert not await at_once.take(posted(clock, body))
    assert await counts(database) == {}


async def test_nothing_passes_by_what_waits(database, at_once, clock, is_busy):
    await database.inbox.keep("alertmanager", alertmanager_body("Earlier"), clock())
    assert not await at_once.take(posted(clock, alertmanager_body("Later")))
    is_busy[0] = True
    assert not await at_once.take(posted(clock, alertmanager_body("Later")))

    assert await counts(database) == {"received": 1}


async def test_of_several_at_the_same_moment_the_others_are_kept_first(database, at_once, clock):
    some = [posted(clock, alertmanager_body(f"Alert{number}")) for number in range(5)]

    taken = await asyncio.gather(*map(at_once.take, some))

    assert taken == [True, False, False, False, False]


async def test_over_a_defect_of_ours_nothing_is_kept_so_that_the_inbox_can_go_on(database, at_once, clock, caplog):
    def stumbling(*_):
        raise ZeroDivisionError

    database.incidents.follow(stumbling)

    assert not await at_once.take(posted(clock, alertmanager_body()))
    assert await counts(database) == {}
    assert "could not be taken in at once" in caplog.text
    database.incidents.follow(lambda *_: ())
    assert await at_once.take(posted(clock, alertmanager_body()))


async def test_a_store_that_does_not_answer_is_told(database, at_once, clock):
    def away(*_):
        raise SourceUnavailable("store", "disk full")

    database.incidents.follow(away)

    with pytest.raises(SourceUnavailable):
        await at_once.take(posted(clock, alertmanager_body()))


async def test_a_sender_who_does_not_wait_stops_nothing(database, at_once, clock):
    taking = asyncio.create_task(at_once.take(posted(clock, alertmanager_body())))
    await asyncio.sleep(0)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)

    async with asyncio.timeout(30):
        while await counts(database) != {"applied": 1}:
            await asyncio.sleep(0)


async def test_what_a_sender_left_behind_is_still_alone(database, clock):
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        async def receive_at_once(self, *arguments):
            begun.set()
            await go_on.wait()
            return await database.incidents.receive_at_once(*arguments)

    arrivals = Arrivals(vocabulary=USUAL, endings=None, correlation=None, flapping=USUAL_FLAPPING, clock=clock)
    at_once = AtOnce(incidents=Slow(), arrivals=arrivals, busy=lambda: False)
    taking = asyncio.create_task(at_once.take(posted(clock, alertmanager_body("First"))))
    await begun.wait()
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)

    assert not await at_once.take(posted(clock, alertmanager_body("Second")))

    go_on.set()
    async with asyncio.timeout(30):
        while await counts(database) != {"applied": 1}:
            await asyncio.sleep(0)
    assert await at_once.take(posted(clock, alertmanager_body("Third")))


@pytest.mark.parametrize(
    ("gathered", "more", "wakes"),
    [
        pytest.param(False, {"count": 2}, None, id="a card is to be drawn again"),
        pytest.param(True, {"count": 2}, frozenset(), id="a digest looks by itself"),
        pytest.param(True, {"severity": "critical"}, None, id="a P1 has a card of its own"),
        pytest.param(False, {}, frozenset(), id="nothing is new"),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
async def test_whoever_has_nothing_to_show_is_not_woken(database, at_once, clock, gathered, more, wakes, kept):
    await at_once.take(posted(clock, alertmanager_body(severity="warning")))
    if gathered:
        await database.digests.absorb("normal", [1], clock())
    rung = []
    database.incidents.on_change(rung.append)
    body = alertmanager_body(**{"severity": "warning", **more})

    if kept:
        arrival = await at_once._arrivals.plain(posted(clock, body))
        number = await database.inbox.keep("alertmanager", body, clock())
        await database.incidents.receive_some([replace(arrival, delivery=number)])
    else:
        await at_once.take(posted(clock, body))

    assert rung == [wakes]
    assert (await database.inbox.counts())["shown"] == 0
