"""A digest as Discord shows it: the card, its lists, and its messages over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from hypothesis import given, settings
from sqlalchemy import update

from bot.domain.alerts import Severity
from bot.domain.digests import Digest, Line
from bot.domain.incidents import State
from bot.domain.messages import MessageRef
from bot.domain.owners import Owner
from bot.errors import ChannelClosed, MessageGone, OutOfDate
from bot.store.tables import incidents
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.client import point_to
from bot.ui.digest import call_below_text, chosen_of, digest_layout, list_view
from tests.builders import MINJI, NOW
from tests.ui.drawn import assert_discord_takes, buttons, each, words
from tests.ui.hostile import LIVE_MENTION, hostile_text
from tests.ui.rest import GUILD_ID, Rest, running
from tests.ui.test_announcer import view_of
from tests.ui.test_buttons import scene

OWNER = Owner(1001, is_role=False)


def line(number: int, **changes: object) -> Line:
    made = Line(number, f"Rule{number}", Severity.P2, f"s{number % 3}", State.FIRING, NOW + timedelta(seconds=number))
    return replace(made, **changes)


def digest(count: int = 25, **changes: object) -> Digest:
    return replace(Digest(7, "urgent", NOW, tuple(line(number) for number in range(1, count + 1))), **changes)


def menus(view: discord.ui.LayoutView) -> dict[str, list[str]]:
    return {
        component["custom_id"]: [option["value"] for option in component["options"]]
        for component in each(view.to_components())
        if component.get("options")
    }


def test_it_says_how_many_by_severity_and_service_the_oldest_and_who_has_what():
    lines = (*digest(4).lines, line(5, state=State.RESOLVED), line(6, severity=Severity.P3))
    held = tuple(
        replace(each, holder="minji", state=State.ACKNOWLEDGED) if each.number == 2 else each for each in lines
    )

    said = words(digest_layout(digest(lines=held), "en"))

    assert "Storm: 5 alerts firing, shown in one card" in said
    assert "6 in all, 1 ended" in said
    assert "🟠 P2: **4** · 🟡 P3: **1**" in said
    assert "s1 2" in said
    assert "Oldest: #1 Rule1" in said
    assert "**minji** has #2" in said
    assert "Nobody has 4 of them." in said


def test_thousands_of_lines_are_gone_through_once_however_much_is_said_of_them():
    asked = list[Line]()

    class Asked(Line):
        @property
        def is_open(self) -> bool:
            asked.append(self)
            return super().is_open

    lines = tuple(Asked(number, "Rule", Severity.P2, "s", State.FIRING, NOW) for number in range(2000))
    digest_layout(digest(lines=lines), "en", call=[OWNER])

    assert len(asked) == len(lines)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_calms_down_and_is_over_and_says_so(language):
    calm = words(digest_layout(digest(calm_at=NOW), language))
    over = digest_layout(digest(calm_at=NOW), language, last=True)

    assert "🌤️" in calm
    assert words(over).startswith("### 🟢")
    assert menus(over) == {}


def test_the_menu_lists_ten_at_a_time_each_with_its_button():
    view = list_view(digest(), "en", "0:")

    assert len(buttons(view)) == 10
    assert "25 alerts" in words(view)
    assert "(page 1 of 3)" in words(view)
    assert menus(view)["bongsu:1:digest-one:7"] == [str(number) for number in range(1, 11)]
    assert menus(view)["bongsu:1:digest-turn:7"][0] == "1:"
    assert_discord_takes(view)


def test_a_list_of_one_service_has_that_services_alone():
    view = list_view(digest(), "en", "0:s1")

    assert "9 alerts" in words(view)
    assert "Rule2 " not in words(view)


def test_the_last_page_leads_back():
    assert menus(list_view(digest(), "en", "2:"))["bongsu:1:digest-turn:7"][0] == "1:"


@pytest.mark.parametrize("chosen", ["", "x:api", "999:", "-1:"])
def test_whatever_was_chosen_is_a_page(chosen):
    assert chosen_of(chosen)[0] >= 0
    assert list_view(digest(), "en", chosen).to_components()


@settings(max_examples=30)
@given(hostile_text, hostile_text, hostile_text)
def test_hostile_words_fit_and_mention_nobody(title, service, holder):
    lines = tuple(line(number, title=title, service=service, holder=holder, flapping=True) for number in range(1, 41))
    views = (digest_layout(digest(lines=lines), "en"), list_view(digest(lines=lines), "ko", "0:"))

    for view in views:
        assert_discord_takes(view)
        assert not LIVE_MENTION.search(words(view))


def test_a_call_names_for_how_many_it_is():
    said = call_below_text([OWNER], range(1, 15), "en")

    assert "14 more alerts" in said
    assert "#10 +4" in said
    assert said.endswith("<@1001>")


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rest]:
    async with running() as server:
        for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
            monkeypatch.setattr(owner, name, getattr(owner, name))
        point_to(server.address)
        yield server


@pytest.fixture
async def announcer(rest: Rest) -> AsyncIterator[DiscordAnnouncer]:
    async with discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30) as client:
        await client.login("token")
        yield DiscordAnnouncer(
            client, guild_id=int(GUILD_ID), urgent="alert-urgent", normal="alert-normal", language="en"
        )


async def test_it_is_posted_once_with_a_call_and_edited_without(announcer, rest):
    fresh = digest(began_at=datetime.now(UTC))
    ref, _ = await announcer.digests.digest(fresh, [OWNER], last=False, again=False)
    called = rest.bodies[-1]["allowed_mentions"]
    again, _ = await announcer.digests.digest(replace(fresh, card=ref), [OWNER], last=False, again=False)

    assert [int(user) for user in called["users"]] == [1001]
    assert again == ref
    assert rest.bodies[-1]["allowed_mentions"] == {"parse": []}
    assert len(rest.messages) == 1


async def test_an_attempt_that_was_not_answered_is_found_by_its_menu_and_tells_whom_it_called(announcer, rest):
    fresh = digest(began_at=datetime.now(UTC) - timedelta(seconds=5))
    other_owner = Owner(501, is_role=True)
    ref, _ = await announcer.digests.digest(fresh, [OWNER], last=False, again=False)

    for _ in range(2):
        found = await announcer.digests.digest(fresh, [OWNER, other_owner], last=False, again=True)
        assert found == (ref, [OWNER])
    other, called = await announcer.digests.digest(replace(fresh, id=8), [], last=False, again=True)

    assert other != ref
    assert called == []
    assert len(rest.messages) == 2


async def test_a_later_call_for_the_same_incidents_is_another_message(announcer, rest):
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=False)
    shown = digest(card=ref)
    names = []
    for paged_at in (None, None, NOW):
        lines = tuple(replace(each, paged_at=paged_at) for each in shown.lines)
        await announcer.digests.call_below(replace(shown, lines=lines), [OWNER], [3, 4])
        names.append(rest.bodies[-1]["nonce"])

    assert names[0] == names[1] != names[2]


async def test_one_that_was_deleted_is_gone(announcer, rest):
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=False)
    rest.messages.clear()

    with pytest.raises(MessageGone):
        await announcer.digests.digest(digest(card=ref), [], last=False, again=False)


async def test_a_channel_that_may_not_be_read_does_not_keep_it_back(announcer, rest):
    rest.denied.add("501")
    urgent = [Severity.P2]

    with pytest.raises(ChannelClosed):
        await announcer.digests.digest(digest(), [], last=False, again=True)
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=True)

    assert ref.channel_id == 502
    announcer.channels_changed()
    with pytest.raises(ChannelClosed):
        await announcer.digests.carried(urgent)
    assert await announcer.digests.carried(urgent) == {}


async def test_people_are_called_below_it(announcer, rest):
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=False)

    await announcer.digests.call_below(digest(card=ref), [OWNER, Owner(501, is_role=True)], [3, 4])

    assert "#3, #4" in rest.bodies[-1]["content"]
    assert [int(role) for role in rest.bodies[-1]["allowed_mentions"]["roles"]] == [501]


async def test_the_cards_of_a_channel_are_known_by_their_buttons(announcer, rest):
    view = view_of(Severity.P2)
    ref = await announcer.post(view)

    there = await announcer.digests.carried((Severity.P1, Severity.P2))

    assert there[view.incident.number][0] == ref


async def test_a_digest_is_pressed_through_to_one_incident_and_acknowledged(database):
    async with scene(database) as it:
        await it.card()
        number = await it.world.database.digests.absorb("urgent", [1], it.world.clock())
        # What has a card is in no digest; the test lets it be in both.
        await it.world.database._runner.write(
            lambda connection: connection.execute(update(incidents).values(digest=number))
        )
        shown, _ = await it.world.database.digests.load(number, it.world.clock(), timedelta(minutes=3))
        await it.announcer.digests.digest(shown, [], last=False, again=False)

        listed = await it.minji.select(it.channel.last_message, ["0:"], custom_id=f"bongsu:1:digest:{number}")
        turned = await it.minji.select(listed.response, ["0:api"], custom_id=f"bongsu:1:digest-turn:{number}")
        one = await it.minji.select(turned.response, ["1"], custom_id=f"bongsu:1:digest-one:{number}")
        await it.minji.click(one.response, custom_id="bongsu:1:ack:1")

        assert (await it.world.database.incidents.load(1)).ack is not None


async def test_a_digest_of_a_database_that_is_no_more_lists_nothing(database):
    async with scene(database) as it:
        desk = it.world.services.digests
        number = await it.world.database.digests.absorb("urgent", [], it.world.clock())
        shown, drawn = await it.world.database.digests.load(number, it.world.clock(), timedelta())
        await it.world.database.digests.shown(shown, drawn, MessageRef(1, 500), it.world.clock(), {})

        with pytest.raises(OutOfDate):
            await desk.read(number, MINJI, 499)
        with pytest.raises(OutOfDate):
            await desk.read(number + 1, MINJI)
        assert (await desk.read(number, MINJI, 500)).id == number


async def test_where_a_channel_refuses_it_another_one_takes_it(announcer, rest):
    rest.order(403, 50013)

    with pytest.raises(ChannelClosed):
        await announcer.digests.digest(digest(), [], last=False, again=False)
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=True)

    assert rest.channels[str(ref.channel_id)] == "alert-normal"


async def test_one_in_a_channel_that_refuses_us_is_posted_anew_in_another_one(announcer, rest):
    ref, _ = await announcer.digests.digest(digest(), [], last=False, again=False)
    rest.order(403, 50001)

    with pytest.raises(MessageGone):
        await announcer.digests.digest(digest(card=ref), [], last=False, again=False)
    anew, _ = await announcer.digests.digest(digest(lost=1), [], last=False, again=True)

    assert rest.channels[str(anew.channel_id)] == "alert-normal"
