"""Calls people, by the clock or by hand: they are mentioned once, and the same call is never posted twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord
from discord import ui

from bot.domain.owners import Owner
from bot.domain.views import Call, IncidentView, MessageRef
from bot.errors import DeliveryDelayed, DeliveryError
from bot.i18n import Language, Phrase, said, text
from bot.ui import ids
from bot.ui.channels import Channels, Resolve
from bot.ui.drawing import Drawing
from bot.ui.guild_writer import SEARCHED_MESSAGES, GuildWriter
from bot.ui.limits import BUTTON, CARD_TEXT, NONCE, plain, shorten
from bot.ui.moments import since
from bot.ui.threads import Threads, thread_name


class Calls:
    """Implements `bot.ports.oncall.Caller`; it needs REST only, so that people are called while the gateway is down."""

    def __init__(self, writer: GuildWriter, channels: Channels, resolve: Resolve, threads: Threads) -> None:
        self._writer = writer
        self._channels = channels
        self._resolve = resolve
        self._threads = threads

    async def call(self, card: MessageRef, call: Call, *, again: bool) -> MessageRef:
        """Call people as a reply to a card. Raises MessageGone if its channel is, DeliveryDelayed or DeliveryRefused."""
        return await self._send(card.channel_id, call, again=again, answers=card.message_id)

    async def call_below(self, card: MessageRef, view: IncidentView, call: Call, *, again: bool) -> MessageRef:
        """Call people in the thread of a card, or as a reply to it. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        wanted = _carried(call)
        sign = lambda message: bool(wanted & set(ids.carried(message.components)))  # noqa: E731
        found = await self._threads.find(card, sign) if again else None
        if found is not None:
            return found
        thread = await self._threads.open(card, thread_name(view))
        if thread is not None:
            try:
                return await self._send(thread, call, again=False)
            except DeliveryError as error:
                # A thread that was deleted cannot be opened anew; what fails twice is said below the card.
                if isinstance(error, DeliveryDelayed) and not again:
                    raise
        return await self._send(card.channel_id, call, again=False, answers=card.message_id)

    async def call_in(self, channel: str | int, call: Call, *, again: bool) -> MessageRef:
        """Call people in a channel, by name or id. Raises DeliveryDelayed or DeliveryRefused."""
        async with self._writer.translated():
            channel_id = await self._resolve(channel)
        return await self._send(channel_id, call, again=again)

    async def message(self, user: int, call: Call, *, again: bool) -> MessageRef:
        """Write to one person alone. Raises DeliveryDelayed, or DeliveryRefused if they take no messages."""
        async with self._writer.translated():
            channel = await self._writer.client.http.start_private_message(user)
        return await self._send(int(channel["id"]), call, again=again, private=True)

    async def guild_owner(self) -> int:
        """Return who owns the server. Raises DeliveryDelayed or DeliveryRefused."""
        async with self._writer.translated():
            return int((await self._writer.client.http.get_guild(self._writer.guild_id, with_counts=False))["owner_id"])

    async def _send(
        self, channel_id: int, call: Call, *, again: bool, answers: int | None = None, private: bool = False
    ) -> MessageRef:
        guild = None if private else self._writer.guild_id
        place = self._writer.client.get_partial_messageable(channel_id, guild_id=guild)
        words = call_text(call, self._writer.language)
        # What would stand below a card, in a channel that is gone, will never stand there.
        below = answers is not None
        found = await self._find(place, call, words, below=below) if again else None
        if found is not None:
            return found
        async with self._writer.translated():
            severity = await self._channels.urgency(channel_id)
        async with self._channels.closing(channel_id, severity), self._writer.translated(in_place=below):
            # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
            name, view, allowed = f"by-{call.id:x}"[:NONCE], self._layout(call, words), _allowed(call)
            if answers is None:
                message = await place.send(view=view, nonce=name, allowed_mentions=allowed)
            else:
                card = place.get_partial_message(answers).to_reference(fail_if_not_exists=False)
                message = await place.send(view=view, nonce=name, allowed_mentions=allowed, reference=card)
        return MessageRef(channel_id, message.id)

    def _layout(self, call: Call, words: str) -> ui.LayoutView:
        view = Drawing()
        view.add_item(ui.TextDisplay(words))
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        if call.number:
            label = shorten(text(self._writer.language, "buttons.acknowledge"), BUTTON)
            name = ids.custom_id(ids.TAKE, call.id)
            row.add_item(ui.Button(label=label, style=discord.ButtonStyle.success, custom_id=name, emoji="👀"))
        for offer in call.offers:
            label = shorten(text(self._writer.language, f"buttons.{offer.replace('-', '_')}"), BUTTON)
            row.add_item(ui.Button(label=label, custom_id=ids.custom_id(offer, call.id)))
        if row.children:
            view.add_item(row)
        return view

    async def _find(
        self, place: discord.PartialMessageable, call: Call, words: str, *, below: bool
    ) -> MessageRef | None:
        """Look for a call that an earlier attempt may have made: by its button, or by its words if it has none."""
        wanted = _carried(call)
        async with self._writer.translated(in_place=below):
            async for message in place.history(limit=SEARCHED_MESSAGES):
                same = wanted & set(ids.carried(message.components)) if wanted else words in _words(message)
                if same and self._writer.is_ours(message):
                    return MessageRef(place.id, message.id)
        return None


def call_text(call: Call, language: Language) -> str:
    """Write a call: what it is about, whom it calls, and what went before."""
    values = {name: _value(value, language) for name, value in call.values.items()}
    who = " ".join([*(owner.mention for owner in call.owners), *(["@here"] if call.here else [])])
    notes = [f"-# {plain(said(language, note), 200)}" for note in dict.fromkeys(call.notes)]
    lines = [text(language, call.key, **values), who, *notes[:5]]
    return shorten("\n".join(line for line in lines if line), CARD_TEXT)


def _carried(call: Call) -> set[str]:
    """Return the ids of its buttons, by which a call is found again."""
    return {ids.custom_id(each, call.id) for each in ((ids.TAKE,) if call.number else call.offers)}


def _value(value: object, language: Language) -> object:
    if isinstance(value, datetime):
        return since(value)
    if isinstance(value, Phrase):
        return said(language, value)
    return plain(value, 150) if isinstance(value, str) else value


def _words(message: discord.Message) -> Sequence[str]:
    return [str(getattr(each, "content", "")) for each in message.components]


def _allowed(call: Call) -> discord.AllowedMentions:
    def ids_of(owners: Sequence[Owner]) -> list[discord.Object]:
        return [discord.Object(owner.id) for owner in owners]

    return discord.AllowedMentions(
        everyone=call.here,
        users=ids_of([owner for owner in call.owners if not owner.is_role]),
        roles=ids_of([owner for owner in call.owners if owner.is_role]),
        replied_user=False,
    )
