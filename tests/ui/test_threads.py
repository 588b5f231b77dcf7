"""Reports and answers in threads, with the real discord.py, over the playground's sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from hypothesis import given

from bot.domain.asking import Answered
from bot.domain.evidence import Analysis, Claim, Confidence, Finding, ModelUse, Ranking, Suspect, Verdict
from bot.domain.evidence import Channel as Source
from bot.domain.inquiries import Inquiry, InquiryState
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.views import MessageRef, Report
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone
from bot.ui import ids
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.threads import thread_name
from playground import world
from playground.checks import walk
from playground.server import Playground
from tests.builders import make_incident, make_view
from tests.person import Person, text_of
from tests.ui.hostile import LIVE_MENTION, hostile_text
from tests.ui.test_client import use

THREADS = r"POST /api/v10/channels/\d+/messages/\d+/threads"
MESSAGES = r"POST /api/v10/channels/\d+/messages$"
ONCALL = world.ROLES["oncall"]


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened
        assert opened.records.unhandled == []


@pytest.fixture
async def client(playground) -> AsyncIterator[discord.Client]:
    async with discord.Client(intents=discord.Intents(guilds=True)) as opened:
        await opened.login(playground.token)
        yield opened


@pytest.fixture
def announcer(client) -> DiscordAnnouncer:
    return announce_with(client)


def announce_with(client) -> DiscordAnnouncer:
    return DiscordAnnouncer(
        client, guild_id=world.GUILD_ID, urgent="alert-urgent", normal="alert-normal", language="en"
    )


def view_of(title: str = "HighErrorRate", number: int = 12):
    incident = replace(make_incident(number=number, at=datetime.now(UTC)), title=title)
    return make_view(incident, service=Service("api", "API", (Owner(world.PEOPLE["jun"].id, is_role=False),)))


def report_on(view, confidence: Confidence = Confidence.LIKELY, inquiry: int = 7) -> Report:
    cause = (
        None if confidence is Confidence.INCONCLUSIVE else Claim("the pool of checkout is full", "checkout", ("M1",))
    )
    finding = Finding("M1", Source.METRIC, "checkout", "metric", score=0.9)
    ranking = Ranking(0.0, (Suspect("checkout", 0.9, "saturation", ("M1",)),), (finding,), cause is None)
    analysis = Analysis(ranking, Verdict(confidence, cause), ModelUse())
    done = Inquiry(inquiry, view.incident.number, None, view.incident.opened_at, InquiryState.DONE, analysis=analysis)
    return Report(view, done, Catalogue({"checkout": Service("checkout", "Checkout", (Owner(ONCALL, is_role=True),))}))


def messages(playground, place: int) -> list[dict[str, Any]]:
    return [each for each in playground.state.messages.get(place, {}).values() if each["type"] != 21]


def is_report(message, inquiry: int = 7) -> bool:
    names = {each.get("custom_id") for each in walk(message["components"])}
    return any(str(name).startswith(f"{ids.custom_id(ids.RATE_USEFUL, inquiry)}:") for name in names)


async def test_a_report_is_posted_in_the_thread_of_its_card(playground, announcer):
    view = view_of()
    card = await announcer.post(view)

    ref = await announcer.report(card, report_on(view), again=False)

    (posted,) = messages(playground, card.message_id)
    assert ref == MessageRef(card.message_id, int(posted["id"]))
    assert is_report(posted)
    assert playground.state.threads[card.message_id]["name"] == "#12 HighErrorRate api"
    assert len(messages(playground, card.channel_id)) == 1


async def test_a_second_report_adopts_the_thread(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view, inquiry=7), again=False)

    ref = await announcer.report(card, report_on(view, inquiry=8), again=False)

    assert ref.channel_id == card.message_id
    assert [is_report(each, n) for each, n in zip(messages(playground, card.message_id), (7, 8), strict=True)] == [
        True
    ] * 2


async def test_dying_between_the_thread_and_the_report_leaves_one_of_each(playground, client, announcer):
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("error", route=THREADS, status=503, after=True)
    with pytest.raises(DeliveryDelayed):
        await announcer.report(card, report_on(view), again=False)
    assert messages(playground, card.message_id) == []

    ref = await announce_with(client).report(card, report_on(view), again=True)

    assert ref.channel_id == card.message_id
    assert len(playground.state.threads) == len(messages(playground, card.message_id)) == 1


async def test_a_report_whose_answer_got_lost_is_the_same_message_again(playground, client, announcer):
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("error", route=MESSAGES, status=503, after=True)
    with pytest.raises(DeliveryDelayed):
        await announcer.report(card, report_on(view), again=False)

    # The nonce alone makes it one message, even for who does not look.
    ref = await announce_with(client).report(card, report_on(view), again=False)

    assert [int(each["id"]) for each in messages(playground, card.message_id)] == [ref.message_id]


async def test_a_report_of_an_earlier_process_is_found_by_its_buttons(playground, client, announcer):
    view = view_of()
    card = await announcer.post(view)
    other = await announcer.report(card, report_on(view, inquiry=77), again=False)
    first = await announcer.report(card, report_on(view), again=False)
    # Discord remembers a nonce for minutes only.
    for message in messages(playground, card.message_id):
        message["_nonce"] = None

    again = await announce_with(client).report(card, report_on(view), again=True)

    assert again == first != other
    assert len(messages(playground, card.message_id)) == 2


async def test_buttons_that_somebody_else_shows_are_not_ours(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    first = await announcer.report(card, report_on(view), again=False)
    playground.state.message(card.message_id, first.message_id).update(
        author=world.PEOPLE["mallory"].user(), _nonce=None
    )

    again = await announcer.report(card, report_on(view), again=True)

    assert again != first


@pytest.mark.parametrize("code", [50001, 50013, 50024, 160006])
async def test_where_no_thread_may_be_opened_the_report_answers_the_card(playground, client, announcer, code):
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("refuse", route=THREADS, code=code, times=-1)

    ref = await announcer.report(card, report_on(view), again=False)
    playground.state.message(ref.channel_id, ref.message_id)["_nonce"] = None
    again = await announce_with(client).report(card, report_on(view), again=True)

    posted = playground.state.message(card.channel_id, ref.message_id)
    assert posted["message_reference"]["message_id"] == str(card.message_id)
    assert is_report(posted)
    assert again == ref


async def test_who_may_open_but_not_write_in_threads_answers_the_card(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("refuse", route=rf"POST /api/v10/channels/{card.message_id}/messages$")

    ref = await announcer.report(card, report_on(view), again=False)

    assert ref.channel_id == card.channel_id


async def test_a_thread_deleted_by_hand_is_opened_again(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view), again=False)
    await playground.state.remove_thread(card.message_id)

    ref = await announcer.report(card, report_on(view, inquiry=8), again=True)

    assert ref.channel_id == card.message_id
    assert len(messages(playground, card.message_id)) == 1


async def test_a_deleted_thread_that_discord_still_counts_is_no_obstacle(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("error", route=THREADS, status=400, code=160004)

    ref = await announcer.report(card, report_on(view), again=True)

    assert ref.channel_id == card.channel_id
    assert is_report(playground.state.message(card.channel_id, ref.message_id))


async def test_an_archived_thread_opens_by_itself_and_a_locked_one_leaves_the_report_below_the_card(
    playground, announcer
):
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view), again=False)
    state = playground.state.threads[card.message_id]["thread_metadata"]
    state["archived"] = True

    await announcer.report(card, report_on(view, inquiry=8), again=False)

    assert state["archived"] is False
    state |= {"archived": True, "locked": True}
    ref = await announcer.report(card, report_on(view, inquiry=9), again=False)

    assert ref.channel_id == card.channel_id
    assert await announcer.report(card, report_on(view, inquiry=9), again=True) == ref


async def test_a_card_that_is_gone_is_told_as_gone(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    await playground.state.remove_message(card.channel_id, card.message_id)

    with pytest.raises(MessageGone):
        await announcer.report(card, report_on(view), again=False)
    with pytest.raises(MessageGone):
        await announcer.report(MessageRef(1, card.message_id), report_on(view), again=True)


async def test_a_report_that_somebody_deletes_at_once_does_not_cost_the_card(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    # So Discord answers to the nonce of a message that was deleted a moment ago.
    playground.faults.order("error", route=MESSAGES, status=404, code=10008)

    with pytest.raises(DeliveryRefused, match="deleted"):
        await announcer.report(card, report_on(view), again=True)


async def test_only_the_owners_of_the_cause_are_called(playground, announcer):
    view = view_of()
    card = await announcer.post(view)

    likely = await announcer.report(card, report_on(view), again=False)
    unsure = await announcer.report(card, report_on(view, Confidence.INCONCLUSIVE, 8), again=False)

    called = [playground.state.message(each.channel_id, each.message_id)["_pinged"] for each in (likely, unsure)]
    sent = [
        each["payload"]["allowed_mentions"]
        for each in playground.records.requests
        if each["method"] == "POST" and each["path"].endswith(f"{card.message_id}/messages")
    ]
    assert called == [["minji"], []]
    assert sent[0]["parse"] == sent[1]["parse"] == []
    assert [int(role) for role in sent[0]["roles"]] == [ONCALL]
    assert not sent[1].get("roles")
    assert not sent[1].get("users")


@given(title=hostile_text, service=hostile_text)
def test_no_title_breaks_or_misuses_the_name_of_a_thread(title, service):
    view = make_view(replace(make_incident(number=999_999), title=title), service=Service(service, service))

    name = thread_name(view)

    assert name.startswith("#999999 ")
    assert len(name) <= 100
    assert "\n" not in name
    assert not LIVE_MENTION.search(name)
    assert "<#" not in name


async def test_a_hostile_title_calls_nobody_and_discord_takes_it(playground, announcer):
    view = view_of(f"@everyone <@{world.PEOPLE['minji'].id}> <#{world.CHANNELS['general']}> " + "x" * 300)
    card = await announcer.post(view)

    ref = await announcer.report(card, report_on(view, Confidence.INCONCLUSIVE), again=False)

    assert playground.state.message(ref.channel_id, ref.message_id)["_pinged"] == []
    assert playground.state.threads[card.message_id]["name"].endswith("… api")


async def test_an_answer_replies_to_the_question_and_calls_nobody(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view, Confidence.INCONCLUSIVE), again=False)
    async with Person.join(playground.url, "jun") as jun:
        asked = await jun.say(str(card.message_id), f"<@{world.BOT.id}> was there a deploy?")

        await announcer.say(card.message_id, f"@everyone <@&{ONCALL}> yes " + "y" * 3000, int(asked["id"]))

        answer = await jun.wait_message(lambda m: "yes" in text_of(m))
    assert answer["message_reference"]["message_id"] == asked["id"]
    assert len(answer["content"]) <= 2000
    assert playground.state.message(card.message_id, int(answer["id"]))["_pinged"] == []


async def test_an_answer_outlives_its_question_but_not_its_thread(playground, announcer):
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view), again=False)

    said = await announcer.say(card.message_id, "nobody asks this any more", 1)
    await playground.state.remove_thread(card.message_id)

    assert said.channel_id == card.message_id
    with pytest.raises(MessageGone):
        await announcer.say(card.message_id, "is anybody there?", None)


async def test_an_answer_takes_the_place_of_what_was_said_first(playground, announcer):
    card = await announcer.post(view_of())
    await announcer.report(card, report_on(view_of()), again=False)
    ref = await announcer.say(card.message_id, "Looking…", card.message_id)

    await announcer.answer(ref, Answered(claims=(Claim("@everyone look <@1001>", "", ("M1",)),), seconds=1.0))

    message = playground.state.message(card.message_id, ref.message_id)
    assert message["content"].startswith("@\u200beveryone look")
    assert (message["mentions"], message["mention_everyone"]) == ([], False)
    edit = playground.records.requests[-1]
    assert (edit["method"], edit["payload"]["allowed_mentions"]) == ("PATCH", {"parse": []})


async def test_the_place_of_an_answer_may_be_gone(playground, announcer):
    card = await announcer.post(view_of())
    await announcer.report(card, report_on(view_of()), again=False)
    ref = await announcer.say(card.message_id, "Looking…", None)
    await playground.state.remove_message(ref.channel_id, ref.message_id)

    with pytest.raises(MessageGone):
        await announcer.change(ref, "too late")
