"""Posts cards on Discord once, edits them for their whole life, finds them again by their buttons' ids."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import discord
from discord import ui

from bot.domain.alerts import Severity
from bot.domain.asking import Answered
from bot.domain.exhibits import IncidentPicture
from bot.domain.incidents import Incident
from bot.domain.postmortems import PostedPicture
from bot.domain.views import FoundCard, IncidentView, MessageRef, Page, Report
from bot.errors import (
    ChannelClosed,
    DeliveryError,
    DeliveryRefused,
    MessageGone,
)
from bot.i18n import Language, text
from bot.ui.bulletins import Bulletins
from bot.ui.calls import Calls
from bot.ui.cards import EMOJI, called, everyone_called, incident_card, paged
from bot.ui.channels import Channels
from bot.ui.digests import DiscordDigests
from bot.ui.drawing import Drawing
from bot.ui.guild_writer import GuildWriter
from bot.ui.layout import card_layout
from bot.ui.limits import NONCE, plain
from bot.ui.mentions import allowed_mentions, calls_everyone
from bot.ui.posted import DiscordCards
from bot.ui.threads import Threads

log = logging.getLogger(__name__)


class DiscordAnnouncer:
    """Implements `bot.ports.Announcer`, `bot.ports.Speaker` and `bot.ports.dashboards.PostedPictures`.

    It needs REST only, so cards go out while the gateway is down.
    """

    def __init__(
        self, client: discord.Client, *, guild_id: int, urgent: str | int, normal: str | int, language: Language
    ) -> None:
        self._wanted: Mapping[Severity, str | int] = {
            Severity.P1: urgent,
            Severity.P2: urgent,
            Severity.P3: normal,
            Severity.P4: normal,
        }
        self._channels = Channels(client, guild_id, self._wanted, urgent)
        self._writer = writer = GuildWriter(client, guild_id, language, self._channels.forget)
        self._threads = Threads(writer)
        self.calls = Calls(writer, self._channels, self._resolve, self._threads)
        self.bulletins = Bulletins(writer, self._resolve)
        # A first card that was drawn before its incident was on the disk.
        self._ahead: tuple[IncidentView, ui.LayoutView] | None = None
        self.digests, self.posted = DiscordDigests(writer, self._channels), DiscordCards(writer, self._channels)

    def draw(self, view: IncidentView) -> None:
        self._ahead = view, self._layout(view, first=True)

    async def post(self, view: IncidentView, replaces: int = 0) -> MessageRef:
        incident = view.incident
        # Somebody deleted the card that called, or took this out of another; it tells, but does not call again.
        silent = incident.has_called(replaces)
        drawn, self._ahead = self._ahead, None
        layout = drawn[1] if drawn and drawn[0] is view and not silent else self._layout(view, first=not silent)
        async with self._writer.translated():
            channel_id = await self._channels.of(incident.severity)
        async with self._channels.closing(channel_id, incident.severity), self._writer.translated():
            message = await self._writer.place(channel_id).send(
                view=layout,
                # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
                nonce=nonce("bongsu", incident.number, incident.opened_at + timedelta(seconds=replaces)),
                allowed_mentions=discord.AllowedMentions.none()
                if silent
                else allowed_mentions(called(view), everyone=everyone_called(view)),
            )
        return MessageRef(channel_id, message.id)

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        layout = self._layout(view)
        async with self._writer.translated(in_place=True):
            message = self._writer.place(ref.channel_id).get_partial_message(ref.message_id)
            await message.edit(view=layout, allowed_mentions=discord.AllowedMentions.none())

    async def find(self, view: IncidentView) -> FoundCard | None:
        async with self._writer.translated():
            # The worst that belongs there says what it means if a channel is forbidden.
            channels = {await self._channels.of(severity): severity for severity in reversed(Severity)}
        for channel_id, severity in channels.items():
            try:
                if found := await self.posted.search(view, channel_id):
                    return found
            except ChannelClosed as error:
                # Nobody sees a card there; to wait for it would keep the next one back for as long.
                self._channels.close(channel_id, severity, error)
        return None

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        incident = page.view.incident
        count = len(incident.firing)
        reason = text(self._writer.language, f"page.{page.reason.value}", number=incident.number, count=count)
        everyone = calls_everyone(page)
        owners = " ".join(
            [*(owner.mention for owner in paged(page.view, page.reason)), *(["@here"] if everyone else [])]
        )
        words = f"{EMOJI[incident.severity]} **{plain(incident.heading, 150)}** {reason}\n{owners}".strip()
        if ref and self._channels.is_closed(ref.channel_id):
            # The card cannot be pointed at, but who is called must hear it.
            ref = None
        async with self._writer.translated():
            channel_id = ref.channel_id if ref else await self._channels.of(incident.severity)
        async with self._channels.closing(channel_id, incident.severity), self._writer.translated():
            place = self._writer.place(channel_id)
            name = f"call-{incident.number}-{page.id:x}"[:NONCE]
            allowed = allowed_mentions(paged(page.view, page.reason), everyone=everyone)
            if ref is None:
                message = await place.send(words, nonce=name, allowed_mentions=allowed)
            else:
                card = place.get_partial_message(ref.message_id).to_reference(fail_if_not_exists=False)
                message = await place.send(words, nonce=name, allowed_mentions=allowed, reference=card)
        return MessageRef(channel_id, message.id)

    async def promote(self, ref: MessageRef, page: Page, *, post: bool = True) -> MessageRef | None:
        """Post the card anew where its severity belongs, and have the old one point to it; None if it is there already.

        What an earlier attempt has posted is taken for it; without `post` that alone.
        """
        incident = page.view.incident
        async with self._writer.translated():
            channel_id = await self._channels.of(incident.severity)
        if channel_id == ref.channel_id or self._wanted[incident.severity] != self._wanted[Severity.P1]:
            return None
        async with self._channels.closing(channel_id, incident.severity):
            # Always: it may have been posted for another call that was promised before this one.
            found = await self.posted.search(page.view, channel_id)
            if found is None and not post:
                return None
            moved = found.ref if found else await self._post_above(channel_id, page)
        await self._point(ref, moved, incident)
        return moved

    async def _post_above(self, channel_id: int, page: Page) -> MessageRef:
        layout = self._layout(page.view, first=True)
        allowed = allowed_mentions(called(page.view), everyone=everyone_called(page.view))
        name = f"up-{page.view.incident.number}-{page.id:x}"[:NONCE]
        async with self._writer.translated():
            message = await self._writer.place(channel_id).send(view=layout, nonce=name, allowed_mentions=allowed)
        return MessageRef(channel_id, message.id)

    async def _point(self, ref: MessageRef, moved: MessageRef, incident: Incident) -> None:
        """Leave a sign where a card was; if that is refused, a card still stands there."""
        address = self._writer.address(moved)
        values = {"number": incident.number, "severity": incident.severity.name, "address": address}
        sign = Drawing()
        sign.add_item(ui.TextDisplay(text(self._writer.language, "card.moved", channel=moved.channel_id, **values)))
        try:
            async with self._writer.translated(in_place=True):
                await self._writer.place(ref.channel_id).get_partial_message(ref.message_id).edit(view=sign)
        except MessageGone:
            return
        except DeliveryRefused as error:
            # The card itself is where it belongs.
            log.warning("no sign could be left where the card of #%s was: %s", incident.number, error)

    async def report(self, card: MessageRef, report: Report, *, again: bool) -> MessageRef:
        return await self._threads.report(card, report, again=again)

    async def hang(self, card: MessageRef, picture: IncidentPicture, *, again: bool) -> MessageRef:
        """Post a picture in the thread of a card. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        return await self._threads.hang(card, picture, again=again)

    async def pictures(self, card: MessageRef, number: int) -> Sequence[PostedPicture]:
        return await self._threads.pictures(card, number)

    async def warn(self, key: str, **values: str) -> None:
        """Say something where P1 alerts are, calling nobody. Raises DeliveryDelayed or DeliveryRefused."""
        words = text(self._writer.language, key, **{name: plain(value, 300) for name, value in values.items()})
        async with self._writer.translated():
            place = self._writer.place(await self._channels.of(Severity.P1))
            await place.send(words, allowed_mentions=discord.AllowedMentions.none())

    async def say(self, thread: int, text: str, reply_to: int | None) -> MessageRef:
        return await self._threads.say(thread, text, reply_to)

    async def change(self, ref: MessageRef, text: str) -> None:
        await self._threads.change(ref, text)

    async def answer(self, ref: MessageRef, answered: Answered) -> None:
        await self._threads.answer(ref, answered)

    async def ping(self) -> None:
        """Raise SourceUnavailable while the channel for urgent alerts takes nothing."""
        self._channels.problem()

    async def look(self) -> bool:
        """See whether the channel for urgent alerts can be used, before an alert does; there is nothing more to do."""
        try:
            async with self._writer.translated():
                channel_id = await self._channels.of(Severity.P1)
            async with self._channels.closing(channel_id, Severity.P1), self._writer.translated():
                await self._writer.client.http.logs_from(channel_id, 1)
        except DeliveryError as error:
            log.warning("the channel for urgent alerts cannot be used: %s", error)
        return False

    def channels_changed(self) -> None:
        """Ask anew which channels there are and what we may do in them."""
        self._channels.forget()

    def _layout(self, view: IncidentView, *, first: bool = False) -> ui.LayoutView:
        return card_layout(incident_card(view, self._writer.language), self._writer.language, first=first)

    async def _resolve(self, wanted: str | int) -> int:
        return await (self._channels.named(wanted) if wanted else self._channels.of(Severity.P1))


def nonce(kind: str, number: int, at: datetime) -> str:
    """Name a message before it exists: the same for every attempt, another for every other message."""
    return f"{kind}-{number}-{int(at.timestamp()) & 0xFFFFFFFF:x}"[:NONCE]
