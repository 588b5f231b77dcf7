"""Service and place decide early which incidents are compared with what comes at all: never too few."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import combinations, product

import pytest
from sqlalchemy import event, update

from bot.domain import lifecycle
from bot.domain.joining import _one_place, places_of
from bot.ports import NOTHING_BESIDE, Beside
from bot.store.database import Database
from bot.store.tables import incidents
from tests.builders import NOW, make_alert, make_notification

PLACES = ("", "blue", "green")
BEFORE = NOW - timedelta(minutes=5)


def firing_in(*places, service="api"):
    labels = [{"service": service, **({"env": place} if place else {})} for place in places]
    group = f"{service[:9]} in {'+'.join(places)}"
    return tuple(make_alert(labels=each, fingerprint=f"{group} {n}") for n, each in enumerate(labels))


async def receive(store, alerts, look=None, beside=NOTHING_BESIDE):
    told = make_notification(group_key=alerts[0].fingerprint, alerts=alerts)
    delivery = await store.inbox.keep("alertmanager", b"{}", NOW)
    await store.incidents.receive(
        delivery, told, look or partial(lifecycle.tell, notification=told, at=NOW), NOW, beside
    )


async def beside(store, alerts, services=("api",), since=BEFORE):
    """Return by their alerts the incidents that stand beside those of another group."""
    found = []

    def look(known):
        found.extend(names(each.alerts) for each in known.beside)
        return ()

    new = tuple(replace(alert, fingerprint=f"new {alert.fingerprint}") for alert in alerts)
    await receive(store, new, look, Beside(frozenset(services), since, places_of(new)))
    return found


def some_of(alerts):
    return [some for size in range(1, len(alerts) + 1) for some in combinations(alerts, size)]


def names(alerts):
    return tuple(alert.fingerprint for alert in alerts)


@pytest.mark.parametrize("version", ["this one", "the one before"])
async def test_no_incident_is_left_out_that_any_of_the_alerts_may_join(store, version):
    kept = [firing_in(*places) for places in (*product(PLACES), *product(PLACES, PLACES))]
    for alerts in kept:
        await receive(store, alerts)
    if version == "the one before":
        unsaid = update(incidents).values(folded_service="?", place="?")
        await store._runner.write(lambda connection: connection.execute(unsaid))

    for ours in (*product(PLACES), *product(PLACES, PLACES)):
        alerts = firing_in(*ours)
        may_join = {
            names(members) for members in kept if any(_one_place([*members, *some]) for some in some_of(alerts))
        }

        assert may_join <= set(await beside(store, alerts)), ours


async def test_what_fires_elsewhere_is_of_another_service_or_is_old_is_left_out(store):
    here, there, both = firing_in("blue"), firing_in("green"), firing_in("blue", "green")
    for alerts in (here, there, both, firing_in("blue", service="web")):
        await receive(store, alerts)

    assert await beside(store, firing_in("blue")) == [names(here)]
    assert await beside(store, firing_in("Blue")) == [names(here)]
    assert await beside(store, both) == [names(here), names(there)]
    assert await beside(store, here, services=()) == []
    assert await beside(store, here, since=NOW + timedelta(seconds=1)) == []


@pytest.mark.parametrize("service", ["API", "Überweisung", "결제", "s" * 1000])
async def test_a_service_is_found_in_any_letters(store, service):
    alerts = firing_in("blue", service=service)
    await receive(store, alerts)

    assert await beside(store, firing_in("blue"), services=[service.lower()]) == [names(alerts)]


async def test_what_comes_is_looked_for_by_what_it_is_and_not_among_all_there_is(empty_sqlite, tmp_path):
    file = tmp_path / "store.db"
    file.write_bytes(empty_sqlite.read_bytes())
    asked, plans = [], []

    def ask(_, __, statement, values, ___, ____):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, values))

    async with Database.open(f"sqlite:///{file}") as store:
        await store._runner.read(lambda connection: event.listen(connection, "before_cursor_execute", ask))
        await beside(store, firing_in("blue"))

        def explain(connection):
            for statement, values in asked:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).mappings()
                plans.extend(row["detail"] for row in rows)

        await store._runner.read(explain)

    assert [plan for plan in plans if plan.startswith("SCAN")] == []
    assert [plan for plan in plans if "alert_incidents" in plan and "fingerprint=?" not in plan] == []
    assert any("folded_service=? AND place=?" in plan for plan in plans), plans
