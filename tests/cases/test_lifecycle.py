"""The rows about time and people, on the real process: when an incident begins, ends and comes again, and who is called."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import pytest_asyncio

from tests.cases.bot_process import BotProcess, Shared, bot_process, steps
from tests.person import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

row = pytest.mark.row


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory):
    """One process for all cases, to which nobody but the tests tells anything."""
    kept = Shared(lambda: bot_process(tmp_path_factory.mktemp("life")))
    yield kept
    await kept.close()


@pytest_asyncio.fixture(loop_scope="module")
async def process(shared: Shared, request):
    return await shared.process(request.node)


def alert(name: str, status: str = "firing", began: str = "@-1m", **labels: str):
    told = {"alertname": name, "severity": "high", "service": "life", "instance": "i-1"} | labels
    fingerprint = "-".join(told.values())
    end = {"endsAt": "@-0m"} if status == "resolved" else {}
    return {"status": status, "labels": told, "startsAt": began, "fingerprint": fingerprint, **end}


def body(*alerts, group: str = "", **more):
    name = alerts[0]["labels"]["alertname"]
    return {"groupKey": f"{{}}:{{{group or name}}}", "externalURL": "http://am:9093", "alerts": list(alerts), **more}


def stamps(said: str) -> list[int]:
    return [int(found) for found in re.findall(r"<t:(\d+)", said)]


@row("24", "30", "73")
@pytest.mark.parametrize(("number", "name"), [("24", "HaPair"), ("30", "Twice"), ("73", "Repeat")])
async def test_one_alert_is_one_card_with_one_line(process: BotProcess, number, name):
    await process.play(number, "Once")

    [said] = process.said(f"{name}Once")
    assert len(re.findall(r"^- ", said, re.MULTILINE)) <= 1
    assert len(process.called(f"{name}Once")) <= 1


@row("16")
@pytest.mark.parametrize("written", [None, "%Y-%m-%dT%H:%M:%S.%f+0000", "%Y-%m-%d %H:%M:%S.%fZ"])
async def test_16_a_beginning_with_an_offset_is_read_as_it_is_meant(process: BotProcess, written):
    variant = f"as{bool(written)}{len(written or '')}"
    [step] = steps("16", variant)
    began = process.now() - timedelta(minutes=30)
    if written:
        step["post"]["alerts"][0]["startsAt"] = began.strftime(written)
    await process.take(step)

    said = await process.card(f"OffsetAlert{variant}", "firing since")
    assert abs(stamps(said)[0] - began.timestamp()) < 30


@row("17")
async def test_17_an_outage_lasted_from_its_beginning_to_its_end(process: BotProcess):
    await process.play("17")

    assert "after 10 min" in await process.card("ShortOutage", "🟢")


@row("17")
async def test_17_an_end_before_the_beginning_or_in_the_future_is_not_believed(process: BotProcess):
    for name, end in (("EndBefore", "@-3h"), ("EndAhead", "@+3h")):
        await process.post(body(alert(name, began="@-10m")))
        await process.post(body(alert(name, "resolved", began="@-10m") | {"endsAt": end}))

    assert "after 0 s" in await process.card("EndBefore", "🟢")
    assert "after 10 min" in await process.card("EndAhead", "🟢")


@row("19")
async def test_19_a_beginning_in_the_future_is_the_arrival(process: BotProcess):
    arrival = process.now()
    await process.play("19")

    said = await process.card("Skewed", "firing since")
    assert -1 <= stamps(said)[0] - arrival.timestamp() < 30


@row("22")
async def test_22_ends_are_told_for_each_instance(process: BotProcess):
    await process.play("22")

    said = await process.card("SeriesGone", "1 recovered", "1 disappeared")
    assert "🟢" not in said


@row("22")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("NoData", "No data"),
        ("MissingSeries", "Series disappeared (not recovered)"),
        ("Paused", "Rule paused"),
        ("Updated", "Rule changed"),
        ("RuleDeleted", "Rule deleted"),
    ],
)
async def test_22_each_end_of_grafana_has_its_words_and_is_not_green(process: BotProcess, reason, words):
    name = f"Ends{reason}"
    await process.post(body(alert(name)), "grafana")
    end = {"startsAt": "@-0m", "endsAt": "@-0m", "values": None, "annotations": {"grafana_state_reason": reason}}
    await process.post(body(alert(name, "resolved") | end), "grafana")

    said = await process.card(name, words)
    assert "🟢" not in said
    assert "after 1 min" in said


@row("24")
async def test_24_a_late_copy_of_the_other_replica_leaves_it_green(process: BotProcess):
    await process.play("24")

    [said] = process.said("HaPair ")
    assert "🟢" in said


async def test_24_what_was_no_late_copy_is_red_once_it_stays_untold(process: BotProcess):
    await process.play("24", "Doubt")
    assert "🟢" in process.said("HaPairDoubt")[0]

    # Nobody can be asked here: what may fire is shown as if it does.
    process.pass_time(400)

    await process.card("HaPairDoubt", "🟠")


async def test_24_a_repeat_is_no_late_copy(process: BotProcess):
    await process.play("24", "Rep")
    last = steps("24", "Rep")[-1]["post"]

    await process.post(last | {"notification_reason": "repeat interval elapsed"})

    await process.card("HaPairRep", "🟠")


@row("25")
async def test_25_two_grafanas_are_two_and_one_ends_nothing_of_the_other(process: BotProcess):
    await process.play("25")

    first, second = process.said("CheckoutDown ")
    assert ("🔴" in first, "production checkout is down" in first) == (True, True)
    assert "🟢" in second


async def test_25_two_organisations_of_one_grafana_are_two(process: BotProcess):
    posts = [step["post"] for step in steps("25", "Org") if "post" in step]
    for post, organisation in zip(posts, (1, 2, 2), strict=True):
        await process.post(post | {"orgId": organisation, "externalURL": "https://grafana.example/"}, "grafana")

    first, second = process.said("CheckoutDownOrg")
    assert "🔴" in first
    assert "🟢" in second


async def test_25_replicas_of_one_grafana_are_one(process: BotProcess):
    posts = [step["post"] for step in steps("25", "Ha") if "post" in step]
    for post, replica in zip(posts, (0, 1, 1), strict=True):
        await process.post(post | {"externalURL": f"http://grafana-{replica}:3000/"}, "grafana")

    [said] = process.said("CheckoutDownHa")
    assert "🟢" in said


@row("26")
async def test_26_one_alert_by_two_routes_is_one_card_and_one_call(process: BotProcess):
    await process.play("26")

    assert len(process.cards("TwoRoutes ")) == 1
    assert len(process.called("TwoRoutes ")) == 1


@pytest.mark.parametrize("route", [0, 1])
async def test_26_an_end_by_either_route_ends_it(process: BotProcess, route):
    variant = f"Route{route}"
    posts = [step["post"] for step in steps("26", variant) if "post" in step]
    await process.play("26", variant)
    process.pass_time(30)

    over = [each | {"status": "resolved", "endsAt": "@-0m"} for each in posts[route]["alerts"]]
    await process.post(posts[route] | {"alerts": over})

    await process.card(f"TwoRoutes{variant}", "🟢")


async def test_26_what_is_grouped_anew_stays_one_card(process: BotProcess):
    def some(*names, status="firing"):
        return [alert("Regrouped", status, instance=name) for name in names]

    await process.post(body(*some("a", "b")))
    for group, names in (("one a", "a"), ("one b", "b"), ("all", "abc")):
        await process.post(body(*some(*names), group=group))
    [said] = process.said("Regrouped")
    assert "Firing: 3" in said

    await process.post(body(*some(*"abc", status="resolved"), group="one a"))

    assert [("🟢" in said) for said in process.said("Regrouped")] == [True]


@row("31")
async def test_31_an_alert_without_a_fingerprint_ends_by_its_labels(process: BotProcess):
    await process.play("31")

    [said] = process.said("NoPrint")
    assert "🟢" in said


@row("32")
@pytest.mark.parametrize("pause", [None, 0, 2.5, 60, 60 * 60 * 6])
async def test_32_what_fires_again_under_the_same_beginning_is_red_again(process: BotProcess, pause):
    variant = f"After{pause}"
    for step in steps("32", variant):
        await process.take({"wait": pause} if pause is not None and "wait" in step else step)

    [said] = process.said(f"Returns{variant}")
    assert "🔴" in said
    assert "firing again since" in said
    assert "first" in said


@row("53")
async def test_53_an_end_of_what_never_began_is_nothing(process: BotProcess):
    await process.play("53")

    assert process.said("OnlyEnd") == []


@row("54")
async def test_54_a_message_that_was_cut_off_ends_nothing(process: BotProcess):
    await process.play("54")

    [said] = process.said("Cut ")
    assert "🟠" in said
    assert "7 alerts are not shown" in said


@row("11")
async def test_11_a_severity_of_none_calls_nobody(process: BotProcess):
    await process.play("11")

    [card] = process.cards("InfoInhibitor", "alert-normal")
    assert "P4" in text_of(card)
    assert "treated as P2" not in text_of(card)
    assert process.called("InfoInhibitor") == []


@row("11")
@pytest.mark.parametrize(
    ("word", "channel", "called"),
    [
        ("page", "alert-urgent", ["@here", "oncall"]),
        ("Disaster", "alert-urgent", ["@here", "oncall"]),
        ("error", "alert-urgent", ["oncall"]),
        ("Warn", "alert-normal", []),
        ("notice", "alert-normal", []),
        ("NONE", "alert-normal", []),
        ("purple", "alert-urgent", ["oncall"]),
    ],
)
async def test_11_the_words_for_severities_call_whom_they_should(process: BotProcess, word, channel, called):
    name = f"Severity{word}"
    await process.post(body(alert(name, severity=word)))

    [card] = process.cards(name, channel)
    assert process.called(name) == ([called] if called else [])
    assert ("is not known" in text_of(card)) == (word == "purple")


@row("14")
async def test_14_the_owner_of_a_service_is_called_by_whatever_name_it_goes(process: BotProcess):
    await process.play("14")

    for name in ("LogErrors", "OtelErrors"):
        [card] = process.cards(name)
        assert "· Api ·" in text_of(card)
        assert "https://runbooks.example/api" in text_of(card)
        assert process.called(name) == [["@here", "mallory"]]


@row("14")
@pytest.mark.parametrize("label", ["Service", "app", "application", "app_kubernetes_io_name", "SERVICE_NAME"])
async def test_14_any_usual_label_names_the_service(process: BotProcess, label):
    told = alert(f"Labelled{label}", severity="critical", job="blackbox", **{label: "API"})
    told["labels"] = {name: value for name, value in told["labels"].items() if name != "service"}
    await process.post(body(told))

    assert process.called(f"Labelled{label} ") == [["@here", "mallory"]]


@row("74")
async def test_74_the_owners_of_every_service_are_called(process: BotProcess):
    await process.play("74")

    [card] = process.cards("TargetDown ")
    assert "Chat, Api, Nginx" in text_of(card)
    assert process.called("TargetDown ") == [["@here", "mallory", "minji", "viewer"]]


async def test_74_an_owner_whose_service_joins_is_called_then(process: BotProcess):
    first = alert("JoinDown", severity="critical", service="chat")
    await process.post(body(first))
    process.pass_time(600)
    await process.post(body(first, alert("JoinDown", severity="critical", service="nginx")))

    found = await process.until(lambda: process.called("JoinDown")[1:], "a second call")
    assert "viewer" in found[0]


async def test_74_whoever_has_it_hears_that_it_has_grown(process: BotProcess):
    first = alert("GrowDown", service="chat")
    await process.post(body(first))
    process.pass_time(600)
    await process.minji.press(process.cards("GrowDown")[0], "Acknowledge")
    await process.card("GrowDown", "has it since")
    await process.post(body(first, alert("GrowDown", service="chat", instance="i-2")))

    found = await process.until(lambda: process.called("GrowDown")[1:], "a second call")
    assert found == [["minji"]]


@row("71")
async def test_71_what_becomes_a_p1_is_shown_and_called_as_a_p1(process: BotProcess):
    await process.play("71")

    [moved] = await process.until(lambda: process.cards("DiskFull", "alert-urgent"), "the card in the urgent channel")
    assert process.called("DiskFull ") == [["@here", "oncall"]]
    assert "P1" in text_of(moved)
    number = process.number("DiskFull", "alert-urgent")
    await process.until(
        lambda: any(f"#{number} became P1" in text_of(each) for each in process.messages("alert-normal")),
        "a sign where the card was",
    )


@row("71")
async def test_71_a_card_that_comes_again_is_as_bad_as_what_fires_and_calls_when_that_gets_worse(process: BotProcess):
    bad, mild = alert("ComesDown", severity="critical"), alert("ComesSlow", severity="warning")
    await process.post(body(bad, mild))
    await process.post(body(alert("ComesDown", "resolved", severity="critical"), group="ComesDown"))
    left = await process.card("ComesSlow", "🟡 P3")
    await process.post(body(alert("ComesSlow", "resolved", severity="warning"), group="ComesDown"))
    await process.until(lambda: any("🟢 P1" in said for said in process.said("ComesDown")), "the green card")
    process.pass_time(60)
    await process.post(body(alert("ComesSlow", began="@-0m", severity="warning"), group="ComesDown"))
    again = await process.card("ComesSlow", "🟡 P3", "firing again")
    before = len(process.called("Comes"))
    process.pass_time(600)
    await process.post(body(alert("ComesDown", began="@-0m", severity="critical", instance="i-2"), group="ComesDown"))

    found = await process.until(lambda: process.called("Comes")[before:], "the call of a P1")
    assert [said.split("\n")[0].split(" · #")[1] for said in (left, again)] == [str(process.number("ComesDown"))] * 2
    assert found[-1] == ["@here", "oncall"]


@row("78")
@pytest.mark.parametrize("apart", [10, 600])
async def test_78_whoever_had_it_has_it_again_and_hears_of_it(process: BotProcess, apart):
    name = f"Flaps{apart}"
    await process.post(body(alert(name, severity="critical")), "grafana")
    process.pass_time(20)
    await process.minji.press(process.cards(name)[0], "Acknowledge")
    await process.card(name, "has it since")
    await process.post(body(alert(name, "resolved", severity="critical")), "grafana")
    process.pass_time(apart)
    await process.post(body(alert(name, began="@-0m", severity="critical")), "grafana")

    said = await process.card(name, "🔴", "has it since")
    assert "Nobody has it" not in said
    # At most every five minutes, and then it is due.
    process.pass_time(330)
    found = await process.until(lambda: process.called(name)[1:], "the call that it fires again")
    assert found == [["minji"]]


@row("80")
async def test_80_an_acknowledgement_after_the_end_is_refused(process: BotProcess):
    await process.post(body(alert("AckLate")))
    number = process.number("AckLate")
    await process.post(body(alert("AckLate", "resolved")))

    answer = await process.minji.command("ack", alert=f"#{number}")

    assert "already" in text_of(answer)
    await process.settled()
    assert "🟢" in process.said("AckLate")[0]


async def test_a_test_by_its_group_key_is_one_whatever_its_labels(process: BotProcess):
    told = alert("MyTest", began="@-0m")
    key = {"groupKey": "webhook-353f98273695e666-1795821982", "receiver": "webhook", "orgId": 1}

    await process.post(body(told) | key, "grafana")

    [card] = process.cards("MyTest")
    assert "🧪" in text_of(card)
