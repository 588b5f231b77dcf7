"""Alerts of one trouble on one card, and what is not of it on its own: from the webhook to the card."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.correlation import Rules
from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason, State
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.people import Person
from tests.cases.trial import Trial

MINJI = Person(1001, "minji", manages_guild=True)
ANNA, BERT = Owner(11, is_role=False), Owner(22, is_role=False)
ON = Rules(timedelta(minutes=10))
SHOP = Catalogue(
    {
        "web": Service("web", "Web", (BERT,), depends_on=("api",)),
        "api": Service("api", "API", (ANNA,), depends_on=("db",)),
        "db": Service("db", "DB", (ANNA,)),
        "mail": Service("mail", "Mail", (BERT,)),
    }
)


@pytest.fixture
def trial(database):
    return Trial(database, SHOP, rules=ON)


def body(trial, *told, group=None, truncated=0, sender="http://am:9093", **labels):
    """Write a webhook body of one group: alerts as (name, service), or (name, service, "resolved")."""
    alerts = []
    for name, service, *status in told:
        began = trial.begun.setdefault((name, service), trial.clock()) if hasattr(trial, "begun") else None
        if began is None:
            trial.begun = {(name, service): trial.clock()}
            began = trial.clock()
        ended = status == ["resolved"]
        alerts.append(
            {
                "status": "resolved" if ended else "firing",
                "labels": {"alertname": name, "service": service, "severity": "P2"} | labels,
                "annotations": {"summary": f"{name} of {service}"},
                "startsAt": began.isoformat(),
                "endsAt": trial.clock().isoformat() if ended else None,
                "fingerprint": f"{name}-{service}",
            }
        )
        if ended:
            del trial.begun[name, service]
    return {
        "groupKey": group or f"{told[0][0]}/{told[0][1]}",
        "receiver": "bongsu",
        "externalURL": sender,
        "truncatedAlerts": truncated,
        "alerts": alerts,
    }


async def tell(trial, *told, **changes):
    await trial.post(body(trial, *told, **changes))


async def test_what_calls_what_fires_joins_its_card_and_the_card_says_why(trial):
    await tell(trial, ("PoolExhausted", "api"))
    trial.clock.forward(seconds=40)
    await tell(trial, ("HighLatency", "web"))

    (incident,) = await trial.incidents()
    assert {alert.service for alert in incident.firing} == {"api", "web"}
    assert incident.cause == "api"
    (card,) = trial.texts
    assert card.startswith("### 🟠 P2 · PoolExhausted +1 · API, Web")
    assert "**HighLatency** service=web — joined: calls api, began 40 s later" in card


async def test_the_cause_comes_first_even_when_it_is_heard_of_last(trial):
    await tell(trial, ("HighLatency", "web"), severity="P1")
    trial.clock.forward(seconds=30)
    await tell(trial, ("DiskSlow", "db"))

    (card,) = trial.texts
    assert card.startswith("### 🔴 P1 · DiskSlow +1")
    assert "joined: called by web, began 30 s later" in card


async def test_two_rules_of_one_service_are_one_trouble(trial):
    await tell(trial, ("HighErrorRate", "mail"))
    await tell(trial, ("HighLatency", "mail"))

    (card,) = trial.texts
    assert "joined: same service, began at the same time" in card


@pytest.mark.parametrize(
    ("other", "labels"),
    [(("DiskFull", "mail"), {}), (("HighLatency", "api"), {"env": "staging"}), (("HighLatency", ""), {})],
)
async def test_what_is_not_of_it_has_a_card_of_its_own(trial, other, labels):
    await tell(trial, ("PoolExhausted", "api"), **({"env": "prod"} if labels else {}))
    await tell(trial, other, **labels)

    assert len(await trial.incidents()) == 2


async def test_two_that_one_service_calls_do_not_explain_one_another(database):
    catalogue = Catalogue({"web": Service("web", "Web", depends_on=("api", "pay"))})
    trial = Trial(database, catalogue, rules=ON)
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("CertificateExpired", "pay"))

    assert [len(each.firing) for each in await trial.incidents()] == [2, 1]


async def test_what_begins_later_than_the_window_is_new(trial):
    await tell(trial, ("PoolExhausted", "api"))
    trial.clock.forward(minutes=11)
    await tell(trial, ("HighLatency", "web"))

    assert len(await trial.incidents()) == 2


async def test_after_the_cause_is_over_a_new_incident_begins(trial):
    await tell(trial, ("PoolExhausted", "api"))
    trial.clock.forward(minutes=2)
    await tell(trial, ("PoolExhausted", "api", "resolved"))
    await tell(trial, ("HighLatency", "web"))

    assert [each.state for each in await trial.incidents()] == [State.RESOLVED, State.FIRING]


async def test_what_had_joined_long_ago_and_comes_again_is_new_though_the_cause_goes_on(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))
    trial.clock.forward(minutes=5)
    await tell(trial, ("HighLatency", "web", "resolved"))
    trial.clock.forward(minutes=45)
    await tell(trial, ("HighLatency", "web"))

    first, second = await trial.incidents()
    assert [alert.service for alert in first.firing] == ["api"]
    assert [alert.service for alert in second.firing] == ["web"]


async def test_it_is_not_green_while_one_of_them_fires(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("PoolExhausted", "api", "resolved"))

    (incident,) = await trial.incidents()
    assert incident.state is State.FIRING
    (card,) = trial.texts
    assert card.startswith("### 🟠 P2 · HighLatency")
    assert "✅ **PoolExhausted**" in card

    await tell(trial, ("HighLatency", "web", "resolved"))
    (incident,) = await trial.incidents()
    assert incident.state is State.RESOLVED


async def test_a_cut_off_group_keeps_what_was_cut_off(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("PoolExhausted", "api"), truncated=3)
    await tell(trial, ("HighLatency", "web", "resolved"))
    await tell(trial, ("PoolExhausted", "api", "resolved"), truncated=3)

    (incident,) = await trial.incidents()
    assert (incident.state, incident.truncated) == (State.FIRING, 3)


async def test_one_person_is_called_once_and_another_one_when_their_service_joins(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("DiskSlow", "db"))
    assert (len(trial.announcer.called), trial.announcer.pages) == (1, [])

    await tell(trial, ("HighLatency", "web"))

    (page,) = trial.announcer.pages
    assert page.reason is PageReason.JOINED
    assert trial.paged(page) == (BERT,)


async def test_a_p1_that_joins_a_p2_calls_as_a_p1_does(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await trial.respond.acknowledge(1, MINJI)
    await tell(trial, ("AllDown", "web"), severity="P1")

    (incident,) = await trial.incidents()
    assert (incident.severity, incident.state) == (Severity.P1, State.FIRING)
    (page,) = trial.announcer.pages
    assert page.reason is PageReason.SEVERITY_RAISED


async def test_one_acknowledgement_holds_for_what_joins_and_whoever_has_it_hears_of_it(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await trial.respond.acknowledge(1, MINJI)
    trial.clock.forward(seconds=60)
    await tell(trial, ("HighLatency", "web"))
    trial.clock.forward(minutes=5)
    await trial.show()

    (incident,) = await trial.incidents()
    assert incident.state is State.ACKNOWLEDGED
    (page,) = trial.announcer.pages
    assert trial.paged(page) == (Owner(MINJI.id, is_role=False),)


async def test_a_test_alert_joins_nothing(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("TestAlert", "api"))

    assert len(await trial.incidents()) == 2


@pytest.mark.parametrize("rules", [Rules(), Rules(timedelta(minutes=10), alone=("HighLatency",))])
async def test_an_operator_can_keep_them_apart(database, rules):
    trial = Trial(database, SHOP, rules=rules)
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))

    assert len(await trial.incidents()) == 2


async def test_an_operator_can_say_what_belongs_together(database):
    trial = Trial(database, SHOP, rules=Rules(timedelta(minutes=10), together=(("Mail", "web"),)))
    await tell(trial, ("QueueFull", "mail"))
    await tell(trial, ("HighLatency", "web"))

    assert len(await trial.incidents()) == 1


async def test_calls_that_traces_have_shown_count_and_are_known_after_a_restart(database):
    before = Trial(database, Catalogue(), rules=ON)
    await before.correlation.learn([("web", "api"), ("api", "db")])

    trial = Trial(database, Catalogue(), rules=ON)
    await tell(trial, ("DiskSlow", "db"))
    await tell(trial, ("HighLatency", "web"))

    assert len(await trial.incidents()) == 1


async def test_another_source_has_cards_of_its_own(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"), sender="http://other.example:9093")

    assert len(await trial.incidents()) == 2


async def test_a_group_that_had_joined_tells_of_another_instance_beside_its_own(trial):
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))
    trial.clock.forward(minutes=30)
    await tell(trial, ("HighLatency", "web"), ("HighLatency", "web-2"), group="HighLatency/web")

    (incident,) = await trial.incidents()
    assert len(incident.firing) == 3


@pytest.mark.parametrize(
    ("cause", "unexplained"),
    [("api", ()), ("db", ()), ("web", ("api",)), ("mail", ()), ("host-1", ())],
    ids=["what is called", "what it calls", "what calls it", "of whom no call is known", "a host"],
)
async def test_what_fires_and_does_not_call_the_cause_is_named(trial, cause, unexplained):
    await trial.post(body(trial, ("Down", "api")))
    await trial.post(body(trial, ("Slow", "web")))
    (one,) = await trial.incidents()

    assert await trial.merging.unexplained(one, cause, ()) == unexplained


async def test_a_call_that_an_investigation_has_just_seen_explains(trial):
    await trial.post(body(trial, ("Down", "api")))
    await trial.post(body(trial, ("Slow", "web")))
    (one,) = await trial.incidents()

    assert await trial.merging.unexplained(one, "web", [("api", "web")]) == ()
