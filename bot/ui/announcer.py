"""Cards on Discord: posted once, edited for their whole life, found again by their buttons' ids."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord

from bot.domain.alerts import Severity
from bot.domain.views import IncidentView, MessageRef, Page
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone
from bot.i18n import Language, text
from bot.ui import ids
from bot.ui.cards import EMOJI, incident_card
from bot.ui.layout import card_layout
from bot.ui.limits import NONCE, plain

log = logging.getLogger(__name__)

_DEADLINE_S = 15.0
_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE, _EDITED_TOO_OFTEN = 10003, 10008, 30046
# Discord publishes no number for "edited too often"; a minute is what clears it in practice.
_EDIT_PAUSE_S = 60.0
_SEARCHED_MESSAGES = 100


class DiscordAnnouncer:
    """Implements `bot.ports.Announcer`; it needs REST only, so cards go out while the gateway is down."""

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
        self._fallback = urgent
        self._language: Language = language
        self._channels: dict[str | int, int] = {}
        self._missed: set[str | int] = set()

    async def post(self, view: IncidentView) -> MessageRef:
        """Post a card. Raises DeliveryDelayed or DeliveryRefused."""
        number = view.incident.number
        async with self._translated():
            channel_id = await self._channel(view.incident.severity)
            layout = card_layout(incident_card(view, self._language), self._language, first=True)
            message = await self._place(channel_id).send(
                view=layout,
                # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
                nonce=_nonce(f"bongsu-{number}-{int(view.incident.opened_at.timestamp())}"),
                allowed_mentions=_allowed(view, here=view.incident.severity is Severity.P1),
            )
        return MessageRef(channel_id, message.id)

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        """Draw a card again. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        layout = card_layout(incident_card(view, self._language), self._language)
        async with self._translated():
            message = self._place(ref.channel_id).get_partial_message(ref.message_id)
            await message.edit(view=layout, allowed_mentions=discord.AllowedMentions.none())

    async def find(self, view: IncidentView) -> MessageRef | None:
        """Look for the card of an incident that an earlier process may have posted; by custom id, never by title."""
        wanted = {ids.custom_id(action, view.incident.number) for action in (ids.ACK, ids.MENU)}
        async with self._translated():
            channel_id = await self._channel(view.incident.severity)
            after = discord.utils.snowflake_time(discord.utils.time_snowflake(view.incident.opened_at))
            async for message in self._place(channel_id).history(limit=_SEARCHED_MESSAGES):
                if message.created_at < after:
                    break
                if wanted & set(_custom_ids(message.components)):
                    return MessageRef(channel_id, message.id)
        return None

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        """Call the owner again, as a reply to the card. Raises DeliveryDelayed or DeliveryRefused."""
        incident = page.view.incident
        reason = text(self._language, f"page.{page.reason.value}", number=incident.number)
        owners = " ".join(owner.mention for owner in page.view.service.owners[:10])
        title = f"{EMOJI[incident.severity]} **{plain(incident.title, 150)}**"
        async with self._translated():
            channel_id = ref.channel_id if ref else await self._channel(incident.severity)
            place = self._place(channel_id)
            # A reply to a message that was deleted is still a call to the owner.
            card = _reference(ref) if ref else discord.utils.MISSING
            message = await place.send(
                f"{title} {reason}\n{owners}".strip(),
                reference=card,
                nonce=_nonce(f"bongsu-p-{incident.number}-{incident.version}"),
                allowed_mentions=_allowed(page.view, here=False),
            )
        return MessageRef(channel_id, message.id)

    def _place(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._guild_id)

    async def _channel(self, severity: Severity) -> int:
        for wanted in (self._wanted[severity], self._fallback):
            found = await self._resolve(wanted)
            if found:
                return found
            if wanted not in self._missed:
                self._missed.add(wanted)
                log.warning("there is no channel %s; its alerts go to %s", wanted, self._fallback)
        raise DeliveryRefused(f"no channel {self._fallback}")

    async def _resolve(self, wanted: str | int) -> int | None:
        if wanted not in self._channels:
            channels = await self._client.http.get_all_guild_channels(self._guild_id)
            for channel in channels:
                if channel["type"] in (discord.ChannelType.text.value, discord.ChannelType.news.value):
                    self._channels[int(channel["id"])] = int(channel["id"])
                    self._channels[channel["name"]] = int(channel["id"])
        key = int(wanted) if str(wanted).isdecimal() else str(wanted).removeprefix("#")
        return self._channels.get(key)

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None]:
        """Give every call a deadline, and turn Discord's errors into ours."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                yield
        except TimeoutError as error:
            raise DeliveryDelayed(f"no answer within {_DEADLINE_S:.0f} s") from error
        except discord.RateLimited as error:
            raise DeliveryDelayed("rate limited", error.retry_after) from error
        except discord.DiscordServerError as error:
            raise DeliveryDelayed(f"Discord answered {error.status}") from error
        except discord.HTTPException as error:
            raise self._meaning(error) from error
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayed(type(error).__name__) from error

    def _meaning(self, error: discord.HTTPException) -> Exception:
        if error.code == _UNKNOWN_MESSAGE:
            return MessageGone()
        if error.code == _EDITED_TOO_OFTEN:
            return DeliveryDelayed("edited too often", _EDIT_PAUSE_S)
        if error.status == 429:
            return DeliveryDelayed("rate limited", 5.0)
        if error.code == _UNKNOWN_CHANNEL:
            # It may have been made anew under the same name; the next attempt looks again.
            self._channels.clear()
        return DeliveryRefused(f"{error.status} (error code {error.code}): {error.text}"[:300])


def _allowed(view: IncidentView, *, here: bool) -> discord.AllowedMentions:
    called = view.incident.severity in (Severity.P1, Severity.P2)
    owners = view.service.owners if called else ()
    return discord.AllowedMentions(
        everyone=here,
        users=[discord.Object(owner.id) for owner in owners if not owner.is_role],
        roles=[discord.Object(owner.id) for owner in owners if owner.is_role],
        replied_user=False,
    )


def _reference(ref: MessageRef) -> discord.MessageReference:
    return discord.MessageReference(message_id=ref.message_id, channel_id=ref.channel_id, fail_if_not_exists=False)


def _nonce(name: str) -> str:
    return name[:NONCE]


def _custom_ids(components: Iterable[Any]) -> Iterable[str]:
    for component in components:
        name = getattr(component, "custom_id", None)
        if name:
            yield name
        yield from _custom_ids(getattr(component, "children", ()))
