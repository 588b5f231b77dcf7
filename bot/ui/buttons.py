"""Takes presses of buttons and menus that survive a restart: an id comes in, a use case runs, a sentence goes back.

They are the one place that reads `interaction.client.services`: the process that made a card may be long gone.
A card is drawn again by the outbox, not here, so that a press and a webhook never write over one another.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Self, cast

import discord
from discord import ui

from bot.domain.incidents import Incident
from bot.domain.inquiries import Rating
from bot.domain.people import Right
from bot.errors import NotAllowed
from bot.i18n import text
from bot.ui import ids, silence_presses
from bot.ui.details import instances, timeline
from bot.ui.limits import plain
from bot.ui.listing import show_list, show_one, turn_list
from bot.ui.marks import of_inquiry
from bot.ui.pictures import show
from bot.ui.press import Interaction, Press
from bot.ui.replies import person_alone, say, say_error
from bot.ui.report import more_pages
from bot.ui.silences import preview_view
from bot.ui.splitting import show_joined, split_off

Handler = Callable[[Press], Awaitable[None]]


_FOR_A_WHILE = timedelta(minutes=30)


async def acknowledge(press: Press) -> None:
    """Take an incident."""
    incident = await press.services.respond.acknowledge(press.number, press.person)
    await press.say("ack.done", number=incident.number, title=plain(incident.heading, 100))


async def take(press: Press) -> None:
    """Take the incident that a call is about."""
    number = await press.services.oncall.incident_of(press.number)
    incident = await press.services.respond.acknowledge(number, press.person)
    await press.say("ack.done", number=incident.number, title=plain(incident.title, 100))


async def silence(press: Press) -> None:
    """Open the dialogue that silences an incident's rule."""
    preview = await press.services.silencing.propose_for_incident(press.number, press.person)
    view = preview_view(preview, press.language)
    await press.interaction.followup.send(view=view, ephemeral=True)


async def menu(press: Press) -> None:
    """Do what was chosen in the card's menu."""
    chosen = {
        "ack_30m": _acknowledge_for_a_while,
        "release": _release,
        "unsilence": _unsilence,
        "timeline": _timeline,
        "instances": _instances,
        "dashboard": _dashboard,
    }.get(next(iter(press.values), ""))
    if chosen:
        await chosen(press)


async def _acknowledge_for_a_while(press: Press) -> None:
    incident = await press.services.respond.acknowledge(press.number, press.person, lasts=_FOR_A_WHILE)
    await press.say("ack.done", number=incident.number, title=plain(incident.heading, 100))


async def _release(press: Press) -> None:
    incident = await press.services.respond.release(press.number, press.person)
    await press.say("ack.released", number=incident.number, title=plain(incident.heading, 100))


async def _unsilence(press: Press) -> None:
    rows = await press.services.silencing.covering(press.number)
    for row in rows:
        await press.services.silencing.undo(row.id, press.person)
    await press.say("silence.undone_count", count=len(rows))


async def _timeline(press: Press) -> None:
    view = await press.services.respond.read(press.number, press.person)
    await say(press.interaction, timeline(view, press.language))


async def _instances(press: Press) -> None:
    view = await press.services.respond.read(press.number, press.person)
    incident: Incident = view.incident
    await say(press.interaction, instances(incident, press.language))


async def _dashboard(press: Press) -> None:
    picturing = press.services.picturing
    request = await picturing.of_incident(press.number, press.person)
    await show(press.interaction, picturing, request, press.language)


async def stop_picture(press: Press) -> None:
    """Stop waiting for a picture; who waits puts something else in the place of the button."""
    press.services.picturing.cancel(press.number, press.person.id)


async def rate(press: Press, rating: Rating) -> None:
    """Keep what somebody thinks of a report, and tell how many think what."""
    await _require_inquiry(press)
    counts = await press.services.investigating.rate(press.number, press.person, rating)
    each = (f"{text(press.language, f'rating.{known.value}')} {counts.get(known, 0)}" for known in Rating)
    await press.say("rating.thanks", counts=" · ".join(each))


async def again(press: Press) -> None:
    """Have the incident of a report investigated once more."""
    await _require_inquiry(press)
    inquiry = await press.services.investigating.again(press.number, press.person)
    await press.say("report.asked", number=inquiry.incident)


async def more(press: Press) -> None:
    """Show the whole report, in the language that it was written in."""
    await _require_inquiry(press)
    report = await press.services.investigating.report(press.number, press.person)
    none = discord.AllowedMentions.none()
    for page in more_pages(report, press.services.language):
        # Twenty links would each become a preview.
        await press.interaction.followup.send(page, ephemeral=True, suppress_embeds=True, allowed_mentions=none)


async def _require_inquiry(press: Press) -> None:
    press.require_mark(of_inquiry(await press.services.investigating.known(press.number)))


PRESSES: dict[str, Handler] = {
    ids.ACK: acknowledge,
    ids.TAKE: take,
    ids.SILENCE: silence,
    ids.SPLIT: show_joined,
    **silence_presses.PRESSES,
    ids.RATE_USEFUL: partial(rate, rating=Rating.USEFUL),
    ids.RATE_USELESS: partial(rate, rating=Rating.USELESS),
    ids.RATE_WRONG: partial(rate, rating=Rating.WRONG),
    ids.AGAIN: again,
    ids.MORE: more,
    ids.STOP_PICTURE: stop_picture,
}
CHOICES: dict[str, Handler] = {
    ids.MENU: menu,
    **silence_presses.CHOICES,
    ids.DIGEST: show_list,
    ids.DIGEST_TURN: turn_list,
    ids.DIGEST_ONE: show_one,
    ids.SPLIT_OFF: partial(split_off, take=False),
    ids.TAKE_ONLY: partial(split_off, take=True),
}

# These change the dialogue they stand in; all others answer with a new message.
_IN_PLACE = frozenset(
    {
        ids.SPLIT_OFF,
        ids.TAKE_ONLY,
        ids.DIGEST_TURN,
        *silence_presses.PRESSES,
        *silence_presses.CHOICES,
        ids.STOP_PICTURE,
    }
)

# What whoever presses must be allowed to: known before anything is looked up, so that nobody else hears what is there.
RIGHTS: dict[str, Right] = {
    **dict.fromkeys([*PRESSES, *CHOICES], Right.READ),
    **dict.fromkeys([ids.ACK, ids.TAKE, ids.AGAIN, ids.SPLIT_OFF, ids.TAKE_ONLY, ids.FIX], Right.ACK),
    **dict.fromkeys([ids.SILENCE, *silence_presses.PRESSES, *silence_presses.CHOICES], Right.SILENCE),
    ids.SILENCES: Right.READ,
}
_OF_MENU = {"ack_30m": Right.ACK, "release": Right.ACK, "unsilence": Right.SILENCE}

# The number of these is that of an incident.
_OF_INCIDENT = frozenset({ids.ACK, ids.SILENCE, ids.MENU})

# These stand in direct messages, too.
_ALONE = frozenset({ids.TAKE})


async def run(interaction: Interaction, action: str, number: int, handler: Handler, mark: str = "") -> None:
    """Defer first, then do it; whatever goes wrong becomes a sentence."""
    try:
        if action in _IN_PLACE or _nothing_chosen(interaction):
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        press = await _press(interaction, action, number, mark)
        right = _OF_MENU.get(next(iter(press.values), ""), Right.READ) if action == ids.MENU else RIGHTS[action]
        await press.services.access.require(press.person, right, action, f"#{number}")
        message = interaction.message
        # What only the presser sees was made for what they pressed before.
        if action in _OF_INCIDENT and message is not None and not message.flags.ephemeral:
            await press.services.respond.require_card(number, message.id)
        await handler(press)
    except Exception as error:  # noqa: BLE001
        # discord.py would only log it, and the presser would wait for ever.
        await say_error(interaction, error)


async def _press(interaction: Interaction, action: str, number: int, mark: str) -> Press:
    press = Press(interaction, number, mark)
    ours = press.services.guild_id
    if interaction.guild_id is None and action in _ALONE:
        press.person = await person_alone(interaction, ours)
    elif interaction.guild_id != ours:
        raise NotAllowed("errors.other_guild")
    return press


def _nothing_chosen(interaction: Interaction) -> bool:
    """Tell whether a menu was only emptied again; there is nothing to answer then."""
    return cast("dict[str, Any]", interaction.data or {}).get("values") == []


class ActionButton(ui.DynamicItem[ui.Button[Any]], template=ids.pattern(*PRESSES)):
    """Any button of ours, made by this process or by one before it."""

    def __init__(self, item: ui.Button[Any], action: str, number: int, mark: str) -> None:
        super().__init__(item)
        self.action = action
        self.number = number
        self.mark = mark

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Read the action and its number out of the id."""
        return cls(cast("ui.Button[Any]", item), match["action"], int(match["number"]), match["mark"] or "")

    async def callback(self, interaction: Interaction) -> None:
        """Run the action."""
        await run(interaction, self.action, self.number, PRESSES[self.action], self.mark)


class ActionMenu(ui.DynamicItem[ui.Select[Any]], template=ids.pattern(*CHOICES)):
    """Any menu of ours, made by this process or by one before it."""

    def __init__(self, item: ui.Select[Any], action: str, number: int) -> None:
        super().__init__(item)
        self.action = action
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Read the action and its number out of the id."""
        return cls(cast("ui.Select[Any]", item), match["action"], int(match["number"]))

    async def callback(self, interaction: Interaction) -> None:
        """Run what was chosen."""
        await run(interaction, self.action, self.number, CHOICES[self.action])
