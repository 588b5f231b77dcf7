"""Cards on their way to Discord, over a real socket, with everything that can go wrong there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.domain import lifecycle
from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason
from bot.domain.views import FoundCard, Page
from bot.errors import (
    ChannelClosed,
    DeliveryDelayed,
    DeliveryRefused,
    DeliveryUnanswered,
    MessageGone,
    SourceUnavailable,
)
from bot.ui.announcer import DiscordAnnouncer, nonce
from bot.ui.client import point_to
from tests.builders import MINJI, NOW, make_incident, make_view
from tests.ui.drawn import each
from tests.ui.rest import GUILD_ID, Rest, running


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rest]:
    async with running() as server:
        for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
            monkeypatch.setattr(owner, name, getattr(owner, name))
        point_to(server.address)
        yield server


@pytest.fixture
async def client(rest: Rest) -> AsyncIterator[discord.Client]:
    async with discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30) as opened:
        await opened.login("token")
        yield opened


@pytest.fixture
def announcer(client: discord.Client) -> DiscordAnnouncer:
    return announce_with(client)


def announce_with(client: discord.Client, urgent: str | int = "alert-urgent", normal: str | int = "alert-normal"):
    return DiscordAnnouncer(client, guild_id=int(GUILD_ID), urgent=urgent, normal=normal, language="en")


def view_of(severity: Severity = Severity.P1, **changes: object):
    incident = make_incident(at=datetime.now(UTC) - timedelta(seconds=1), **changes)
    return make_view(replace(incident, severity=severity))


def acknowledged(view):
    outcome = lifecycle.apply(view.incident, lifecycle.Acknowledged(MINJI, datetime.now(UTC)))
    return replace(view, incident=outcome.incident)


def words(message) -> str:
    return "\n".join(component.get("content", "") for component in each(message["components"]))


async def test_a_card_that_was_drawn_ahead_is_posted_and_no_other_in_its_place(announcer, rest, monkeypatch):
    first, second, third = view_of(number=1), view_of(Severity.P2, number=2), view_of(number=3)
    announcer.draw(first)
    await announcer.post(second)
    await announcer.post(first)
    announcer.draw(third)
    with monkeypatch.context() as patch:
        # It is not drawn again.
        patch.delattr("bot.ui.announcer.incident_card")
        await announcer.post(third)

    shown = [words(message) for message in rest.messages.values()]
    assert [[mark in text for mark in ("🔴", "🟠")] for text in shown] == [[False, True], [True, False], [True, False]]
    assert ["#1" in text for text in shown] == [False, True, False]


async def test_a_posted_card_is_edited_in_place(announcer, rest):
    view = view_of()
    ref = await announcer.post(view)

    await announcer.edit(ref, acknowledged(view))

    assert len(rest.messages) == 1
    assert "**minji** has it" in words(rest.messages[str(ref.message_id)])


@pytest.mark.parametrize(
    ("severity", "channel", "mentions"),
    [
        (Severity.P1, 501, {"parse": ["everyone"], "users": [1001], "roles": [501]}),
        (Severity.P2, 501, {"parse": [], "users": [1001], "roles": [501]}),
        (Severity.P3, 502, {"parse": []}),
        (Severity.P4, 502, {"parse": []}),
    ],
)
async def test_severity_chooses_the_channel_and_who_is_called(announcer, rest, severity, channel, mentions):
    ref = await announcer.post(view_of(severity))

    allowed = rest.bodies[-1]["allowed_mentions"]
    assert ref.channel_id == channel
    assert allowed["parse"] == mentions["parse"]
    for kind in ("users", "roles"):
        assert [int(number) for number in allowed.get(kind, [])] == mentions.get(kind, [])
    assert ("@here" in words(rest.messages[str(ref.message_id)])) is (severity is Severity.P1)


async def test_an_edit_never_calls_anybody(announcer, rest):
    view = view_of()
    ref = await announcer.post(view)

    await announcer.edit(ref, view)

    assert rest.bodies[-1]["allowed_mentions"] == {"parse": []}
    assert "@here" not in words(rest.messages[str(ref.message_id)])


async def test_a_repeated_attempt_is_the_same_message(announcer, client, rest):
    view = view_of()
    first = await announcer.post(view)

    again = await announcer.post(view)
    after_restart = await announce_with(client).post(view)

    assert first == again == after_restart
    assert len(rest.messages) == 1


def test_a_nonce_is_never_too_long_for_discord():
    long_ago = datetime(1, 1, 1, tzinfo=UTC)
    names = {nonce("bongsu", 999_999_999, at) for at in (long_ago, datetime.now(UTC))}

    assert len(names) == 2
    assert all(len(name) <= 25 for name in names)


async def test_a_deleted_card_is_gone_and_its_successor_calls_nobody_again(announcer, rest):
    view = view_of()
    view = replace(view, incident=replace(view.incident, paged_at=NOW))
    ref = await announcer.post(view)
    deleted = rest.messages.pop(str(ref.message_id))

    with pytest.raises(MessageGone):
        await announcer.edit(ref, view)
    rest.messages["1"] = deleted | {"channel_id": "0"}
    successor = await announcer.post(view, 1)

    assert str(successor.message_id) in rest.messages
    assert successor.message_id != 1
    assert rest.bodies[-1]["allowed_mentions"] == {"parse": []}
    assert "@here" not in words(rest.messages[str(successor.message_id)])


async def test_the_successor_of_a_card_that_called_nobody_calls(announcer, rest):
    await announcer.post(view_of(), 1)

    assert rest.bodies[-1]["allowed_mentions"]["parse"] == ["everyone"]


async def test_a_card_is_found_by_its_buttons_and_never_by_its_title(announcer, rest):
    wanted, other = view_of(number=42), view_of(number=421)
    await announcer.post(other)
    assert await announcer.find(wanted) is None

    ref = await announcer.post(wanted)

    assert await announcer.find(wanted) == FoundCard(ref, called=False)


async def test_a_card_is_found_in_the_channel_of_the_severity_it_once_had(announcer, rest):
    ref = await announcer.post(view_of(Severity.P3))

    found = await announcer.find(view_of(Severity.P1))
    assert found
    assert found.ref == ref


@pytest.mark.parametrize("denied", ["501", "502"])
async def test_a_channel_that_may_not_be_read_keeps_no_other_from_being_searched_and_no_card_back(
    announcer, rest, denied
):
    await announcer.post(view_of(Severity.P1, number=1))
    await announcer.post(view_of(Severity.P3, number=2))
    rest.denied.add(denied)

    found = [await announcer.find(view_of(Severity.P1, number=number)) for number in (1, 2, 3)]

    assert [each is not None for each in found] == [denied == "502", denied == "501", False]
    assert str((await announcer.post(view_of(Severity.P1, number=3))).channel_id) != denied


async def test_a_card_of_another_database_is_not_adopted(announcer, rest):
    await announcer.post(view_of())
    later = view_of()
    later = replace(later, incident=replace(later.incident, opened_at=datetime.now(UTC) + timedelta(hours=1)))

    assert await announcer.find(later) is None


async def test_a_missing_channel_falls_back_to_the_urgent_one_and_is_logged_once(client, rest, caplog):
    announcer = announce_with(client, normal="no-such-channel")

    refs = [await announcer.post(view_of(Severity.P3, number=number)) for number in (1, 2, 3)]

    assert {ref.channel_id for ref in refs} == {501}
    assert caplog.text.count("no-such-channel") == 1


async def test_without_any_channel_the_card_is_refused_and_says_what_to_do(client, rest):
    announcer = announce_with(client, urgent="nowhere", normal="nowhere")

    with pytest.raises(DeliveryRefused, match=r"create it"):
        await announcer.post(view_of())


@pytest.mark.parametrize("name", ["#alert-urgent", 501, "501"])
async def test_a_channel_is_named_by_name_or_by_id_and_asked_for_once(client, rest, name):
    announcer = announce_with(client, urgent=name)

    for number in (1, 2):
        assert (await announcer.post(view_of(number=number))).channel_id == 501

    assert rest.channel_lists == 1


async def test_a_voice_channel_of_the_same_name_takes_no_cards(client, rest):
    rest.channels = {"400": "alert-urgent", "501": "alert-urgent"}
    rest.kinds["400"] = 2

    assert (await announce_with(client).post(view_of())).channel_id == 501


async def test_a_channel_made_anew_is_found_at_the_next_attempt(announcer, rest):
    await announcer.post(view_of(number=1))
    rest.rename("alert-urgent", "601")

    with pytest.raises(DeliveryDelayed):
        await announcer.post(view_of(number=2))

    assert (await announcer.post(view_of(number=2))).channel_id == 601


async def test_a_card_in_a_deleted_channel_is_gone(announcer, rest):
    ref = await announcer.post(view_of())
    rest.rename("alert-urgent", "601")

    with pytest.raises(MessageGone):
        await announcer.edit(ref, view_of())


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, 50001, "View Channel"),
        (403, 50013, "Send Messages"),
        (400, 50008, "text channel"),
        (400, 50035, "50035"),
        (401, 0, "token"),
    ],
)
async def test_what_will_never_work_says_what_to_mend(announcer, rest, status, code, told):
    rest.order(status, code)

    with pytest.raises(DeliveryRefused, match=told):
        await announcer.post(view_of())


async def test_what_may_work_later_is_delayed(announcer, rest):
    rest.order(503)
    # Whoever answered so may only stand in front of Discord, so nobody knows whether it will be carried out.
    with pytest.raises(DeliveryUnanswered):
        await announcer.post(view_of())

    rest.order(429, retry_after=45.0, **{"global": False})
    with pytest.raises(DeliveryDelayed) as limited:
        await announcer.post(view_of())
    assert limited.value.retry_after_s == 45.0
    assert not isinstance(limited.value, DeliveryUnanswered)


@pytest.mark.parametrize("status", [503, 520, 521, 522, 523])
async def test_a_page_of_what_stands_in_front_of_discord_says_nothing_of_the_card(announcer, rest, status):
    rest.order_page(status)
    with pytest.raises(DeliveryUnanswered, match=str(status)):
        await announcer.post(view_of())


async def test_a_limit_that_is_told_by_a_page_is_waited_for_and_the_card_was_not_taken(announcer, rest):
    rest.order_page(429)
    with pytest.raises(DeliveryDelayed) as limited:
        await announcer.post(view_of())

    assert limited.value.retry_after_s == 5.0
    assert not isinstance(limited.value, DeliveryUnanswered)


async def test_a_card_edited_too_often_rests_for_a_minute(announcer, rest):
    view = view_of()
    ref = await announcer.post(view)
    rest.order(400, 30046)

    with pytest.raises(DeliveryDelayed) as delayed:
        await announcer.edit(ref, view)

    assert delayed.value.retry_after_s >= 60


async def test_a_short_rate_limit_is_waited_for(announcer, rest):
    rest.order(429, retry_after=0.01, **{"global": False})

    ref = await announcer.post(view_of())

    assert str(ref.message_id) in rest.messages


async def test_without_a_connection_a_card_is_delayed(announcer, rest):
    await announcer.post(view_of(number=1))
    point_to("http://127.0.0.1:9")

    with pytest.raises(DeliveryDelayed):
        await announcer.post(view_of(number=2))


async def test_a_call_answers_the_card_and_is_made_once(announcer, rest):
    view = view_of()
    ref = await announcer.post(view)
    view = replace(view, incident=replace(view.incident, paged_at=view.incident.opened_at))

    for _ in range(2):
        await announcer.page(ref, Page(view, PageReason.ACK_LAPSED))

    body = rest.bodies[-1]
    assert len(rest.messages) == 2
    assert "still fires and nobody has it any more (#42)" in body["content"]
    assert "<@1001> <@&501>" in body["content"]
    assert body["allowed_mentions"]["parse"] == []
    assert int(body["message_reference"]["message_id"]) == ref.message_id
    assert body["message_reference"]["fail_if_not_exists"] is False


async def test_a_call_for_what_somebody_has_tells_nobody_else(announcer, rest):
    view = acknowledged(view_of())

    await announcer.page(None, Page(view, PageReason.REOPENED))

    body = rest.bodies[-1]
    assert f"<@{MINJI.id}>" in body["content"]
    assert "@here" not in body["content"]
    assert (body["allowed_mentions"]["parse"], body["allowed_mentions"]["roles"]) == ([], [])


@pytest.mark.parametrize("reason", [PageReason.SEVERITY_RAISED, PageReason.OPENED])
async def test_the_first_call_of_a_p1_calls_whoever_is_here(announcer, rest, reason):
    view = view_of(Severity.P1)

    await announcer.page(None, Page(view, reason))

    assert "@here" in rest.bodies[-1]["content"]
    assert "everyone" in rest.bodies[-1]["allowed_mentions"]["parse"]


async def test_a_card_that_became_a_p1_is_posted_where_p1_are_and_the_old_one_points_to_it(announcer, rest):
    ref = await announcer.post(view_of(Severity.P3))
    view = view_of(Severity.P1)

    nothing = await announcer.promote(ref, Page(view, PageReason.SEVERITY_RAISED, 7), post=False)
    moved = await announcer.promote(ref, Page(view, PageReason.SEVERITY_RAISED, 7))
    # For another call, which was promised after the one whose answer was lost.
    again = await announcer.promote(ref, Page(view, PageReason.SEVERITY_RAISED, 8))
    taken = await announcer.promote(ref, Page(view, PageReason.SEVERITY_RAISED, 8), post=False)

    assert nothing is None
    assert taken == moved
    assert moved
    assert moved.channel_id != ref.channel_id
    assert again == moved
    assert len(rest.messages) == 2
    posted = next(body for body in reversed(rest.bodies) if "nonce" in body)
    assert "everyone" in posted["allowed_mentions"]["parse"]
    assert "@here" in json.dumps(posted)
    pointer = json.dumps(rest.bodies[-1])
    assert str(moved.message_id) in pointer
    assert "custom_id" not in pointer
    assert await announcer.promote(moved, Page(view, PageReason.SEVERITY_RAISED, 7)) is None


@pytest.mark.parametrize("kept_out", [True, False])
async def test_a_card_moves_although_no_sign_can_be_left_where_it_was(announcer, rest, kept_out):
    ref = await announcer.post(view_of(Severity.P3))
    if kept_out:
        rest.denied.add(str(ref.channel_id))
    else:
        del rest.messages[str(ref.message_id)]

    moved = await announcer.promote(ref, Page(view_of(Severity.P1), PageReason.SEVERITY_RAISED, 7))

    assert moved
    assert moved.channel_id != ref.channel_id


@pytest.mark.parametrize("told", ["<html>proxy</html>", '{"id": "12', "[]", '{"unexpected": true}'])
async def test_an_answer_that_cannot_be_read_is_tried_again(announcer, rest, told):
    rest.garbled.append(told)

    with pytest.raises(DeliveryDelayed):
        await announcer.post(view_of())

    assert await announcer.post(view_of())


async def test_what_wakes_people_goes_elsewhere_when_its_channel_refuses(announcer, rest):
    rest.order(403, 50013)
    with pytest.raises(ChannelClosed):
        await announcer.post(view_of(number=1))
    with pytest.raises(SourceUnavailable):
        await announcer.ping()

    elsewhere = await announcer.post(view_of(number=1))
    announcer.channels_changed()
    again = await announcer.post(view_of(number=2))

    assert (elsewhere.channel_id, again.channel_id) == (502, 501)
    await announcer.ping()


async def test_what_became_a_p1_is_called_for_elsewhere_when_the_urgent_channel_refuses(announcer, rest):
    ref = await announcer.post(view_of(Severity.P3))
    page = Page(view_of(Severity.P1), PageReason.SEVERITY_RAISED, 7)
    rest.closed.add("501")

    with pytest.raises(ChannelClosed):
        await announcer.promote(ref, page)
    moved = await announcer.promote(ref, page)
    called = await announcer.page(ref, page)

    assert moved is None
    assert called.channel_id == ref.channel_id
    with pytest.raises(SourceUnavailable):
        await announcer.ping()


async def test_a_channel_that_is_not_there_is_made_up_for_by_any_other(client, rest):
    announcer = announce_with(client, urgent="nowhere", normal="nowhere")
    with pytest.raises(ChannelClosed):
        await announcer.post(view_of())

    assert (await announcer.post(view_of())).channel_id in (501, 502)
    with pytest.raises(SourceUnavailable):
        await announcer.ping()


async def test_what_is_not_urgent_waits_for_its_own_channel(announcer, rest):
    rest.order(403, 50013)

    with pytest.raises(DeliveryRefused) as refused:
        await announcer.post(view_of(Severity.P4))

    assert not isinstance(refused.value, ChannelClosed)
    await announcer.ping()


async def test_the_urgent_channel_is_looked_at_before_an_alert_needs_it(announcer, rest):
    await announcer.look()
    await announcer.ping()
    rest.denied.add("501")

    await announcer.look()

    with pytest.raises(SourceUnavailable, match="View Channel"):
        await announcer.ping()
    rest.denied.clear()
    announcer.channels_changed()
    await announcer.look()
    await announcer.ping()


async def test_a_card_that_came_late_in_another_channel_is_found_and_points_to_the_other(announcer, rest):
    # Of the same nonce Discord would make one message.
    late, card = await announcer.post(view_of(Severity.P3)), await announcer.post(view_of(), replaces=1)
    listed = [each for severity in (Severity.P1, Severity.P3) for each in await announcer.posted.listed(severity)]
    before = await announcer.posted.still(late)

    await announcer.posted.point(listed[1], card)

    assert [(each.incident, each.ref) for each in listed] == [(42, card), (42, late)]
    sign = words(rest.messages[str(late.message_id)])
    assert f"/{card.channel_id}/{card.message_id}" in sign
    assert f"<#{card.channel_id}>" in sign
    assert await announcer.posted.listed(Severity.P3) == []
    assert (before, await announcer.posted.still(late)) == (listed[1], None)


async def test_a_card_that_nobody_needs_is_taken_away(announcer, rest):
    ref = await announcer.post(view_of())
    card = await announcer.posted.still(ref)

    await announcer.posted.remove(card)

    assert str(ref.message_id) not in rest.messages
    assert await announcer.posted.still(ref) is None
    with pytest.raises(MessageGone):
        await announcer.posted.remove(card)


async def test_what_answers_a_command_is_no_card_that_came_late(announcer, rest):
    ref = await announcer.post(view_of())
    rest.messages[str(ref.message_id)]["interaction_metadata"] = {
        "id": "1",
        "type": 2,
        "user": rest.messages[str(ref.message_id)]["author"],
        "authorizing_integration_owners": {},
    }

    assert await announcer.posted.listed(Severity.P1) == []
