"""Buttons and menus as people press them, in a simulated Discord, over real use cases and a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import simcord
from discord import ui

from bot.domain.alerts import Joined, JoinedHow
from bot.domain.events import Outcome
from bot.domain.incidents import State
from bot.domain.people import Policy, Right
from bot.domain.views import MessageRef, SilenceRow
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.silence_list import list_view
from bot.ui.silences import confirmed_view
from tests.builders import make_alert
from tests.ui.drawn import each
from tests.ui.world import GUILD_ID, World, make_world

# How long the simulated Discord waits for the bot; a busy machine may need seconds for one read of a store.
BUSY_S = 60


@dataclass
class Scene:
    """A guild with a channel, somebody on call and somebody who is not."""

    env: simcord.Env
    world: World
    channel: simcord.ChannelHandle
    minji: simcord.MemberActor
    mallory: simcord.MemberActor

    @property
    def announcer(self) -> DiscordAnnouncer:
        return DiscordAnnouncer(
            self.env.bot, guild_id=GUILD_ID, urgent="alert-urgent", normal="alert-normal", language="en"
        )

    async def card(self, *, count: int = 1):
        """Let an alert fire and post its card."""
        await self.announcer.post(await self.world.fire(count=count))
        return self.channel.last_message

    async def incident(self):
        return await self.world.database.incidents.load(1)


@asynccontextmanager
async def scene(database) -> AsyncIterator[Scene]:
    world = make_world(database)
    async with simcord.run(world.client(), settle_timeout=BUSY_S) as env:
        guild = env.create_guild(id=GUILD_ID)
        channel = guild.create_text_channel("alert-urgent")
        role = guild.create_role("on-call")
        minji = guild.add_member(env.create_user("minji"), roles=[role])
        mallory = guild.add_member(env.create_user("mallory"))
        rights = frozenset({role.id})
        world.rules.policy = Policy({Right.ACK: rights, Right.SILENCE: rights})
        yield Scene(env, world, channel, minji, mallory)


def said(result) -> str:
    """Return what the presser was told last."""
    messages = [message for message in [result.response, *result.followups] if message]
    parts = [m.content for m in messages] + [c.get("content", "") for m in messages for c in each(m.components)]
    return "\n".join(filter(None, parts))


async def test_pressing_acknowledge_takes_the_incident(database):
    async with scene(database) as it:
        card = await it.card()

        result = await it.minji.click(card, custom_id="bongsu:1:ack:1")

        assert result.ephemeral
        assert "You have #1 HighLatency" in said(result)
        assert (await it.incident()).ack.by.name == "minji"


async def test_without_the_role_a_press_is_refused_and_written_down(database):
    async with scene(database) as it:
        card = await it.card()

        result = await it.mallory.click(card, custom_id="bongsu:1:ack:1")

        assert result.ephemeral
        assert "You may not acknowledge" in said(result)
        assert (await it.incident()).state is State.FIRING
        assert [(row.actor.name, row.allowed) for row in await database.audit.rows(1)] == [("mallory", False)]


async def test_buttons_of_an_earlier_process_still_work(database):
    async with scene(database) as it:
        card = await it.card()
        await it.env.restart_bot(it.world.client())

        result = await it.minji.click(card, custom_id="bongsu:1:ack:1")

        assert "You have #1" in said(result)
        assert (await it.incident()).state is State.ACKNOWLEDGED


async def test_nothing_is_remembered_per_message(database):
    async with scene(database) as it:
        card = await it.card()
        await it.minji.click(card, custom_id="bongsu:1:silence:1")

        assert list(it.env.bot.persistent_views) == []


async def test_a_late_press_on_a_resolved_incident_is_told_so(database):
    async with scene(database) as it:
        card = await it.card()
        await it.world.mend()

        result = await it.minji.click(card, custom_id="bongsu:1:ack:1")

        assert "already resolved" in said(result)
        assert (await it.incident()).state is State.RESOLVED


async def test_the_menu_takes_it_for_half_an_hour_and_gives_it_back(database):
    async with scene(database) as it:
        card = await it.card()

        await it.minji.select(card, ["ack_30m"], custom_id="bongsu:1:menu:1")
        held = await it.incident()
        await it.announcer.edit(_ref(card), await it.world.view(1))
        result = await it.minji.select(it.channel.last_message, ["release"], custom_id="bongsu:1:menu:1")

        assert held.ack.until == it.world.clock() + timedelta(minutes=30)
        assert "gave #1" in said(result)
        assert (await it.incident()).ack is None


async def test_the_menu_tells_the_story_and_all_instances(database):
    async with scene(database) as it:
        card = await it.card(count=7)
        await it.minji.click(card, custom_id="bongsu:1:ack:1")

        story = await it.mallory.select(card, ["timeline"], custom_id="bongsu:1:menu:1")
        instances = await it.mallory.select(card, ["instances"], custom_id="bongsu:1:menu:1")

        assert "fired: 7" in said(story)
        assert "minji has it" in said(story)
        assert said(instances).count("🔥") == 7


async def test_a_silence_is_previewed_narrowed_confirmed_and_undone(database):
    async with scene(database) as it:
        card = await it.card(count=3)

        proposed = await it.minji.click(card, custom_id="bongsu:1:silence:1")
        assert "mutes **3** firing alerts" in said(proposed)
        assert it.world.source.silenced == []

        await it.minji.select(proposed.response, ["instance"], custom_id="bongsu:1:scope:1")
        assert "mutes **1** firing alert" in said(proposed)

        await it.minji.select(proposed.response, ["7200"], custom_id="bongsu:1:lasts:1")
        await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")
        [silence] = it.world.source.silenced
        assert silence.ends_at - silence.starts_at == timedelta(hours=2)
        assert "instance" in {matcher.name for matcher in silence.matchers}

        undone = await it.minji.click(proposed.response, label="Undo")
        assert "has ended" in said(undone)
        assert it.world.source.silenced == []


async def test_a_proposal_can_be_thrown_away(database):
    async with scene(database) as it:
        proposed = await it.minji.click(await it.card(), custom_id="bongsu:1:silence:1")

        await it.minji.click(proposed.response, custom_id="bongsu:1:cancel:1")

        assert "Nothing was silenced" in said(proposed)
        assert it.world.source.silenced == []


async def test_a_silence_that_grafana_does_not_take_can_be_confirmed_again(database):
    async with scene(database) as it:
        proposed = await it.minji.click(await it.card(), custom_id="bongsu:1:silence:1")
        it.world.source.down = "connection refused"

        refused = await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")
        assert "alertmanager did not answer" in said(refused)

        it.world.source.down = None
        await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")
        assert len(it.world.source.silenced) == 1


async def test_who_has_closed_the_proposal_meanwhile_hears_what_became_of_it(database, caplog):
    async with scene(database) as it:
        proposed = await it.minji.click(await it.card(), custom_id="bongsu:1:silence:1")
        it.env.inject_error("PATCH", "/webhooks/*", status=404, code=10008, times=None)

        told = await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")

        assert len(it.world.source.silenced) == 1
        assert "is silenced until" in said(told)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_only_those_who_may_silence_see_the_proposal(database):
    async with scene(database) as it:
        card = await it.card()

        result = await it.mallory.click(card, custom_id="bongsu:1:silence:1")

        assert "You may not silence" in said(result)


async def test_the_menu_ends_the_silences_on_an_incident(database):
    async with scene(database) as it:
        card = await it.card()
        proposed = await it.minji.click(card, custom_id="bongsu:1:silence:1")
        await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")
        muted = await it.world.muting.of(await it.world.database.incidents.load(1))
        view = replace(await it.world.view(1), silences=muted)
        await it.announcer.edit(_ref(card), view)

        result = await it.minji.select(it.channel.last_message, ["unsilence"], custom_id="bongsu:1:menu:1")

        assert "Silences ended: 1" in said(result)
        assert it.world.source.silenced == []


async def test_another_guild_cannot_press_our_buttons(database):
    async with scene(database) as it:
        card = await it.card()
        elsewhere = it.env.create_guild(id=GUILD_ID + 1)
        there = elsewhere.create_text_channel("alert-urgent")
        stranger = elsewhere.add_member(it.env.create_user("stranger"))
        announcer = DiscordAnnouncer(it.env.bot, guild_id=GUILD_ID + 1, urgent=there.id, normal=there.id, language="en")
        await announcer.post(await it.world.view(1))

        result = await stranger.click(there.last_message, custom_id="bongsu:1:ack:1")

        assert card
        assert "another server" in said(result)
        assert (await it.incident()).state is State.FIRING


async def test_a_defect_is_told_with_a_reference_and_logged_with_it(database, caplog):
    async with scene(database) as it:
        card = await it.card()
        it.world.rules.defect = RuntimeError("defect")

        result = await it.minji.click(card, custom_id="bongsu:1:ack:1")

        reference = said(result).split("reference ")[1].split(")")[0]
        assert reference in caplog.text
        assert "RuntimeError: defect" in caplog.text


def _ref(message):
    return MessageRef(message.channel.id, message.id)


@asynccontextmanager
async def joined(database) -> AsyncIterator[tuple[Scene, object]]:
    """A card that a rule of the same service has joined, as `Split off` finds it."""
    async with scene(database) as it:
        await it.world.fire()
        incident = await it.incident()
        why = Joined("other group", incident.opened_at, JoinedHow.SAME_SERVICE, "api", 40)
        other = make_alert("HighErrorRate", joined=why)
        grown = replace(incident, alerts=(*incident.alerts, other))
        await it.world.database.incidents.change(1, lambda _: Outcome(grown), incident.opened_at)
        await it.announcer.post(await it.world.view(1))
        yield it, it.channel.last_message


@pytest.mark.parametrize(
    ("action", "words"), [("split-off", "#2 HighErrorRate has a card"), ("take-only", "You have #2")]
)
async def test_what_has_joined_is_split_off_by_a_menu_that_says_why_it_joined(database, action, words):
    async with joined(database) as (it, card):
        listed = await it.minji.click(card, custom_id="bongsu:1:split:1")
        menu = listed.response
        assert "joined: same service, began 40 s later" in str(menu.components)

        result = await it.minji.select(menu, ["other group"], custom_id=f"bongsu:1:{action}:1")

        assert words in said(result)
        assert [alert.name for alert in (await it.incident()).firing] == ["HighLatency"]
        own = await it.world.database.incidents.load(2)
        assert (own.ack is not None) is (action == "take-only")


async def test_who_may_not_acknowledge_splits_nothing_off(database):
    async with joined(database) as (it, card):
        listed = await it.mallory.click(card, custom_id="bongsu:1:split:1")
        await it.mallory.select(listed.response, ["other group"], custom_id="bongsu:1:split-off:1")

        assert len((await it.incident()).firing) == 2


async def test_a_card_of_a_database_that_is_no_more_acts_on_no_other_incident(database):
    async with scene(database) as it:
        old = await it.card()
        newest = MessageRef(it.channel.id, old.id + 1)
        (task,) = await database.outbox.due(it.world.clock(), 5)
        await database.outbox.delivered(task, 1, newest, it.world.clock())

        result = await it.minji.click(old, custom_id="bongsu:1:ack:1")

        assert "not of #1 as it is known now" in said(result)
        assert (await it.incident()).state is State.FIRING


@asynccontextmanager
async def silenced(database) -> AsyncIterator[tuple[Scene, SilenceRow]]:
    """Have minji silence an incident's rule."""
    async with scene(database) as it:
        proposed = await it.minji.click(await it.card(), custom_id="bongsu:1:silence:1")
        await it.minji.click(proposed.response, custom_id="bongsu:1:confirm:1")
        yield it, await it.world.services.silencing.known(1)


async def posted(it: Scene, view: ui.LayoutView):
    place = it.env.bot.get_partial_messageable(it.channel.id, guild_id=GUILD_ID)
    await place.send(view=view)
    return it.channel.last_message


@pytest.mark.parametrize("draw", [confirmed_view, lambda row, language: list_view([row], language)])
async def test_undo_of_a_database_that_is_no_more_ends_no_other_silence(database, draw):
    async with silenced(database) as (it, row):
        earlier = replace(row.silence, starts_at=row.silence.starts_at - timedelta(days=1))
        old = await posted(it, draw(replace(row, silence=earlier), "en"))

        result = await it.minji.click(old, label="Undo")

        assert "Nothing was done: this button is of a database that is gone or was restored" in said(result)
        assert len(it.world.source.silenced) == 1


async def test_undo_knows_its_silence_after_it_was_extended(database):
    async with silenced(database) as (it, row):
        longer = replace(row.silence, source_id="another", ends_at=row.silence.ends_at + timedelta(hours=1))
        old = await posted(it, confirmed_view(replace(row, silence=longer), "en"))

        await it.minji.click(old, label="Undo")

        assert it.world.source.silenced == []


async def test_undo_of_the_version_before_still_ends_its_silence(database):
    async with silenced(database) as (it, row):
        view = ui.LayoutView()
        line: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        line.add_item(ui.Button(label="Undo", custom_id=f"bongsu:1:undo:{row.id}"))
        view.add_item(line)

        await it.minji.click(await posted(it, view), label="Undo")

        assert it.world.source.silenced == []
