"""Cases about the life of an incident: when it begins, ends, comes again, and how many it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents import PageReason, State
from bot.domain.people import Person
from tests.builders import alertmanager_body
from tests.cases import given

MINJI = Person(1001, "minji", manages_guild=True)


def states(incidents):
    return [incident.state for incident in incidents]


@pytest.mark.parametrize("number", ["24", "30", "73"])
async def test_one_alert_is_one_card(trial, number):
    await trial.play(number)

    assert len(trial.cards) == 1
    assert "- " not in trial.texts[0].split("**Firing: 1**")[-1].partition("\n- ")[2]


async def test_case_16_a_beginning_with_an_offset_is_read_as_it_is_meant(trial):
    await trial.play("16")

    (incident,) = await trial.incidents()
    assert trial.clock() - incident.opened_at == timedelta(minutes=30)


async def test_case_17_an_outage_lasted_from_its_beginning_to_its_end(trial):
    await trial.play("17")

    (incident,) = await trial.incidents()
    assert incident.resolved_at
    assert timedelta(minutes=9) < incident.resolved_at - incident.opened_at < timedelta(minutes=11)
    assert "after 10 min" in trial.texts[0]


async def test_case_19_a_beginning_in_the_future_is_the_arrival(trial):
    await trial.play("19")

    (incident,) = await trial.incidents()
    assert incident.opened_at == trial.clock()


async def test_case_22_ends_are_told_for_each_instance(trial):
    await trial.play("22")

    assert "1 recovered, 1 disappeared" in trial.texts[0].replace(
        "1 disappeared, 1 recovered", "1 recovered, 1 disappeared"
    )
    assert "🟢" not in trial.texts[0]


async def test_case_24_a_late_copy_of_the_other_replica_leaves_it_green(trial):
    await trial.play("24")

    assert states(await trial.incidents()) == [State.RESOLVED]
    assert "🟢" in trial.texts[0]


async def test_a_late_copy_that_was_none_is_red_again_once_the_source_says_so(trial):
    await trial.play("24")
    (incident,) = await trial.database.incidents.doubted()

    await trial.respond.recheck(incident.number, {alert.fingerprint for alert in incident.alerts})
    await trial.show()

    assert states(await trial.incidents()) == [State.FIRING]
    assert await trial.database.incidents.doubted() == []


async def test_case_25_two_grafanas_are_two_and_one_ends_nothing_of_the_other(trial):
    await trial.play("25")

    assert states(await trial.incidents()) == [State.FIRING, State.RESOLVED]
    assert "production checkout is down" in trial.texts[0]


async def test_two_organisations_of_one_grafana_are_two(trial):
    for step, organisation in zip([s for s in given.steps("25") if "post" in s], (1, 2, 2), strict=True):
        body = step["post"] | {"orgId": organisation, "externalURL": "https://grafana.example/"}
        await trial.take({"post": body}, "grafana")

    assert states(await trial.incidents()) == [State.FIRING, State.RESOLVED]


async def test_case_26_one_alert_by_two_routes_is_one_incident(trial):
    await trial.play("26")

    assert len(trial.cards) == 1
    assert len(await trial.incidents()) == 1


@pytest.mark.parametrize("route", [0, 1])
async def test_an_end_by_either_route_ends_it(trial, route):
    posts = [step["post"] for step in given.steps("26") if "post" in step]
    await trial.play("26")
    over = posts[route] | {"alerts": [a | {"status": "resolved", "endsAt": "@-0m"} for a in posts[route]["alerts"]]}
    trial.clock.forward(seconds=30)

    await trial.take({"post": over})

    assert states(await trial.incidents()) == [State.RESOLVED]


async def test_an_alert_that_was_regrouped_stays_in_its_incident(trial):
    async def post(key, *names, status="firing"):
        alerts = [
            {
                "status": status,
                "labels": {"alertname": "Regrouped", "instance": name, "severity": "high"},
                "startsAt": "2026-11-27T20:00:00Z",
                "fingerprint": name,
            }
            for name in names
        ]
        await trial.post({"receiver": "bongsu", "groupKey": key, "alerts": alerts, "externalURL": "http://am:9093"})

    await post("{}:{alertname}", "a", "b")
    await post("{}:{alertname,instance} a", "a")
    await post("{}:{alertname,instance} b", "b")
    await post("{}:{} all", "a", "b", "c")
    assert len(await trial.incidents()) == 1
    assert len((await trial.incidents())[0].firing) == 3

    await post("{}:{alertname,instance} a", "a", "b", "c", status="resolved")

    assert states(await trial.incidents()) == [State.RESOLVED]


async def test_case_31_an_alert_without_a_fingerprint_ends_by_its_labels(trial):
    await trial.play("31")

    assert states(await trial.incidents()) == [State.RESOLVED]


@pytest.mark.parametrize("pause", [None, 0, 2.5, 60, 60 * 60 * 6])
async def test_case_32_what_fires_again_under_the_same_beginning_is_red_again(trial, pause):
    for step in given.steps("32"):
        await trial.take({"wait": pause} if pause is not None and "wait" in step else step)

    assert states(await trial.incidents()) == [State.FIRING]
    assert len(trial.cards) == 1
    assert "🔴" in trial.texts[0]


async def test_a_card_that_came_again_says_since_when(trial):
    await trial.play("32")

    assert "firing again since" in trial.texts[0]
    assert "first" in trial.texts[0]


async def test_case_53_an_end_of_what_never_began_is_nothing(trial):
    await trial.play("53")

    assert await trial.incidents() == []


async def test_case_54_a_message_that_was_cut_off_ends_nothing(trial):
    await trial.play("54")

    assert states(await trial.incidents()) == [State.FIRING]
    assert "7" in trial.texts[0]


async def test_case_71_what_becomes_a_p1_is_shown_and_called_as_a_p1(trial):
    await trial.play("71")

    (moved,) = trial.announcer.moved
    assert (moved.reason, moved.view.incident.severity.name) == (PageReason.SEVERITY_RAISED, "P1")
    assert len(trial.cards) == 1
    assert "@here" in trial.texts[0]


@pytest.mark.parametrize("apart", [10, 600])
async def test_case_78_whoever_had_it_has_it_again_and_hears_of_it(trial, apart):
    async def tell(status, starts_at="2026-11-27T20:09:00Z"):
        await trial.database.inbox.keep("grafana", alertmanager_body(status=status, starts_at=starts_at), trial.clock())
        await trial.respond.take_in(10)
        await trial.show()

    await tell("firing")
    trial.clock.forward(seconds=20)
    await trial.respond.acknowledge(1, MINJI)
    await tell("resolved")
    trial.clock.forward(seconds=apart)
    await tell("firing", trial.clock().isoformat())

    (incident,) = await trial.incidents()
    assert (incident.state, incident.ack and incident.ack.by) == (State.ACKNOWLEDGED, MINJI)
    assert "minji" in trial.texts[0]
    trial.clock.forward(minutes=5)
    await trial.show()
    assert [page.reason for page in trial.announcer.pages] == [PageReason.REOPENED]


async def test_case_80_an_acknowledgement_after_the_end_is_refused(trial):
    from bot.errors import Refused

    await trial.play("31")

    with pytest.raises(Refused):
        await trial.respond.acknowledge(1, MINJI)
    await trial.show()
    assert "🟢" in trial.texts[0]


async def test_a_test_by_its_group_key_is_one_whatever_its_labels(trial):
    body = {
        "receiver": "webhook",
        "groupKey": "webhook-353f98273695e666-1795821982",
        "externalURL": "http://127.0.0.1:3000/",
        "orgId": 1,
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "MyTest", "service": "api", "severity": "high"},
                "startsAt": "@-0m",
                "fingerprint": "353f98273695e666",
            }
        ],
    }

    await trial.take({"post": body}, "grafana")

    assert "🧪" in trial.texts[0]


async def test_a_repeat_is_no_late_copy(trial):
    for step in given.steps("24"):
        await trial.take(step)
    last = list(given.steps("24"))[-1]["post"]

    await trial.take({"post": last | {"notification_reason": "repeat interval elapsed"}})

    assert states(await trial.incidents()) == [State.FIRING]
