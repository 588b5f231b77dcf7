"""Posts cards on Discord once, edits them for their whole life, finds them again by their buttons' ids."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord import ui

from bot.domain.alerts import Severity
from bot.domain.asking import Answered
from bot.domain.exhibits import IncidentPicture
from bot.domain.incidents import Incident
from bot.domain.postmortems import PostedPicture
from bot.domain.views import FoundCard, IncidentView, MessageRef, Page, Report
from bot.errors import BongsuError, ChannelClosed, DeliveryDelayed, DeliveryError, DeliveryRefused, MessageGone
from bot.i18n import Language, text
from bot.ui import ids
from bot.ui.bulletins import Bulletins
from bot.ui.calls import Calls
from bot.ui.cards import EMOJI, called, everyone_called, incident_card, paged
from bot.ui.channels import Channels
from bot.ui.digests import DiscordDigests
from bot.ui.drawing import Drawing
from bot.ui.layout import card_layout
from bot.ui.limits import NONCE, plain
from bot.ui.mentions import allowed_mentions, calls_everyone, has_called
from bot.ui.threads import Threads, is_ours

log = logging.getLogger(__name__)

_DEADLINE_S = 15.0
_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE, _EDITED_TOO_OFTEN, _UNAUTHORISED = 10003, 10008, 30046, 401
# Discord publishes no number for "edited too often"; less than a minute only makes it worse.
_EDIT_PAUSE_S = 60.0
_SEARCHED_MESSAGES = 100
# Our clock and Discord's need not agree to the second.
_CLOCK_SKEW = timedelta(minutes=5)

_MENDING = {
    50001: "the bot cannot see the channel: allow it View Channel there",
    50013: "the bot may not write there: allow it Send Messages and Read Message History",
    50008: "the channel takes no messages (a forum?): name a text channel under channels",
    50083: "the thread of the card is archived: open it again",
    160005: "the thread of the card is locked: unlock it, or allow the bot Manage Threads",
}
# Of these it is the channel that refuses, whatever is to be posted.
_CLOSED = frozenset({50001, 50013, 50008})


class DiscordAnnouncer:
    """Implements `bot.ports.Announcer`, `bot.ports.Speaker` and `bot.ports.dashboards.PostedPictures`.

    It needs REST only, so cards go out while the gateway is down.
    """

    def __init__(
        self, client: discord.Client, *, guild_id: int, urgent: str | int, normal: str | int, language: Language
    ) -> None:
        self._client = client
        self._guild_id = guild_id
        self._wanted: Mapping[Severity, str | int] = {
            Severity.P1: urgent,
            Severity.P2: urgent,
            Severity.P3: normal,
            Severity.P4: normal,
        }
        self._language: Language = language
        self._channels = Channels(client, guild_id, self._wanted, urgent)
        told: Any = {"guild_id": guild_id, "language": language, "translated": self._translated}
        self._threads = Threads(client, **told)
        self.calls = Calls(client, **told, resolve=self._resolve, threads=self._threads)
        self.bulletins = Bulletins(client, **told, resolve=self._resolve)
        self.digests = DiscordDigests(client, **told, channel=self._channel, closing=self._closing)

    async def post(self, view: IncidentView, replaces: int = 0) -> MessageRef:
        incident = view.incident
        # Somebody deleted the card that called; the one in its place tells, but does not call again.
        silent = bool(replaces) and incident.paged_at is not None
        layout = card_layout(incident_card(view, self._language), self._language, first=not silent)
        async with self._translated():
            channel_id = await self._channel(incident.severity)
        async with self._closing(channel_id, incident.severity), self._translated():
            message = await self._place(channel_id).send(
                view=layout,
                # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
                nonce=nonce("bongsu", incident.number, incident.opened_at + timedelta(seconds=replaces)),
                allowed_mentions=discord.AllowedMentions.none()
                if silent
                else allowed_mentions(called(view), everyone=everyone_called(view)),
            )
        return MessageRef(channel_id, message.id)

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        layout = card_layout(incident_card(view, self._language), self._language)
        async with self._translated(in_place=True):
            message = self._place(ref.channel_id).get_partial_message(ref.message_id)
            await message.edit(view=layout, allowed_mentions=discord.AllowedMentions.none())

    async def find(self, view: IncidentView) -> FoundCard | None:
        async with self._translated():
            # The worst that belongs there says what it means if a channel is forbidden.
            channels = {await self._channel(severity): severity for severity in reversed(Severity)}
        for channel_id, severity in channels.items():
            try:
                if found := await self._search(view, channel_id):
                    return found
            except ChannelClosed as error:
                # Nobody sees a card there; to wait for it would keep the next one back for as long.
                self._channels.close(channel_id, severity, error)
        return None

    async def _search(self, view: IncidentView, channel_id: int) -> FoundCard | None:
        wanted = {ids.custom_id(action, view.incident.number) for action in (ids.ACK, ids.MENU)}
        # An older card with this number belongs to a database that is no more.
        since = view.incident.opened_at - _CLOCK_SKEW
        async with self._translated():
            async for message in self._place(channel_id).history(limit=_SEARCHED_MESSAGES):
                if message.created_at < since:
                    break
                if is_ours(self._client, message) and wanted & set(ids.carried(message.components)):
                    return FoundCard(MessageRef(channel_id, message.id), has_called(message, view.incident))
        return None

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        incident = page.view.incident
        count = len(incident.firing)
        reason = text(self._language, f"page.{page.reason.value}", number=incident.number, count=count)
        everyone = calls_everyone(page)
        owners = " ".join(
            [*(owner.mention for owner in paged(page.view, page.reason)), *(["@here"] if everyone else [])]
        )
        words = f"{EMOJI[incident.severity]} **{plain(incident.heading, 150)}** {reason}\n{owners}".strip()
        if ref and self._channels.is_closed(ref.channel_id):
            # The card cannot be pointed at, but who is called must hear it.
            ref = None
        async with self._translated():
            channel_id = ref.channel_id if ref else await self._channel(incident.severity)
        async with self._closing(channel_id, incident.severity), self._translated():
            place = self._place(channel_id)
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
        async with self._translated():
            channel_id = await self._channel(incident.severity)
        if channel_id == ref.channel_id or self._wanted[incident.severity] != self._wanted[Severity.P1]:
            return None
        async with self._closing(channel_id, incident.severity):
            # Always: it may have been posted for another call that was promised before this one.
            found = await self._search(page.view, channel_id)
            if found is None and not post:
                return None
            moved = found.ref if found else await self._post_above(channel_id, page)
        await self._point(ref, moved, incident)
        return moved

    async def _post_above(self, channel_id: int, page: Page) -> MessageRef:
        layout = card_layout(incident_card(page.view, self._language), self._language, first=True)
        allowed = allowed_mentions(called(page.view), everyone=everyone_called(page.view))
        name = f"up-{page.view.incident.number}-{page.id:x}"[:NONCE]
        async with self._translated():
            message = await self._place(channel_id).send(view=layout, nonce=name, allowed_mentions=allowed)
        return MessageRef(channel_id, message.id)

    async def _point(self, ref: MessageRef, moved: MessageRef, incident: Incident) -> None:
        """Leave a sign where a card was."""
        address = f"https://discord.com/channels/{self._guild_id}/{moved.channel_id}/{moved.message_id}"
        values = {"number": incident.number, "severity": incident.severity.name, "address": address}
        sign = Drawing()
        sign.add_item(ui.TextDisplay(text(self._language, "card.moved", channel=moved.channel_id, **values)))
        try:
            async with self._translated(in_place=True):
                await self._place(ref.channel_id).get_partial_message(ref.message_id).edit(view=sign)
        except (MessageGone, DeliveryRefused) as error:
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
        words = text(self._language, key, **{name: plain(value, 300) for name, value in values.items()})
        async with self._translated():
            place = self._place(await self._channel(Severity.P1))
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
            async with self._translated():
                channel_id = await self._channels.of(Severity.P1)
            async with self._closing(channel_id, Severity.P1), self._translated():
                await self._client.http.logs_from(channel_id, 1)
        except DeliveryError as error:
            log.warning("the channel for urgent alerts cannot be used: %s", error)
        return False

    def channels_changed(self) -> None:
        """Ask anew which channels there are and what we may do in them."""
        self._channels.forget()

    @asynccontextmanager
    async def _closing(self, channel_id: int, severity: Severity) -> AsyncGenerator[None]:
        """Remember a channel that refuses us, so that the next attempt goes elsewhere."""
        try:
            yield
        except ChannelClosed as error:
            raise self._channels.close(channel_id, severity, error) from error
        self._channels.took(channel_id)

    def _place(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._guild_id)

    async def _resolve(self, wanted: str | int) -> int:
        return await (self._channels.named(wanted) if wanted else self._channel(Severity.P1))

    async def _channel(self, severity: Severity) -> int:
        return await self._channels.of(severity)

    @asynccontextmanager
    async def _translated(self, *, in_place: bool = False) -> AsyncGenerator[None]:
        """Give every call a deadline, and turn Discord's errors into ours."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                yield
        except TimeoutError as error:
            raise DeliveryDelayed(f"no answer within {_DEADLINE_S:.0f} s") from error
        except discord.RateLimited as error:
            raise DeliveryDelayed("rate limited", error.retry_after) from error
        except discord.HTTPException as error:
            raise self._meaning(error, in_place=in_place) from error
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayed(f"no connection ({type(error).__name__})") from error
        except (ValueError, LookupError, TypeError) as error:
            # Not JSON, or not what Discord documents: a proxy's page, an answer that was cut off.
            raise DeliveryDelayed(f"an answer that cannot be read ({type(error).__name__})") from error

    def _meaning(self, error: discord.HTTPException, *, in_place: bool) -> BongsuError:
        if error.status >= 500:
            return DeliveryDelayed(f"Discord answered {error.status}")
        if error.code == _EDITED_TOO_OFTEN:
            return DeliveryDelayed("edited too often", _EDIT_PAUSE_S)
        if error.status == 429:
            # From what stands in front of Discord, whose answer has a header at most.
            told = error.response.headers.get("Retry-After", "")
            return DeliveryDelayed("rate limited", float(told) if told.isdecimal() else 5.0)
        if error.code == _UNKNOWN_CHANNEL:
            # It may have been made anew under the same name, so the next attempt asks which channels there are.
            self._channels.forget()
            return MessageGone() if in_place else DeliveryDelayed("the channel was deleted")
        if error.code == _UNKNOWN_MESSAGE:
            return MessageGone()
        if error.code in _CLOSED:
            return ChannelClosed(_MENDING[error.code])
        mending = "the token is not valid any more" if error.status == _UNAUTHORISED else _MENDING.get(error.code)
        return DeliveryRefused(mending or f"{error.status} (error code {error.code}): {error.text}"[:300])


def nonce(kind: str, number: int, at: datetime) -> str:
    """Name a message before it exists: the same for every attempt, another for every other message."""
    return f"{kind}-{number}-{int(at.timestamp()) & 0xFFFFFFFF:x}"[:NONCE]
