"""Posts digests on Discord once, edits them while the storm lasts, finds them again by the id of their menu."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import discord

from bot.domain.alerts import Severity
from bot.domain.digests import LANES, Digest
from bot.domain.messages import MessageRef
from bot.domain.owners import Owner
from bot.errors import ChannelClosed, MessageGone
from bot.i18n import Language
from bot.ui import ids
from bot.ui.digest import call_below_text, digest_layout
from bot.ui.limits import NONCE
from bot.ui.threads import Translated, is_ours

_SEARCHED_MESSAGES = 100


class DiscordDigests:
    """Implements `bot.ports.digests.DigestBoard`; it needs REST only."""

    def __init__(
        self,
        client: discord.Client,
        *,
        guild_id: int,
        language: Language,
        translated: Translated,
        channel: Callable[[Severity], Awaitable[int]],
        closing: Callable[[int, Severity], AbstractAsyncContextManager[None]],
    ) -> None:
        self._client = client
        self._guild_id = guild_id
        self._language: Language = language
        self._translated = translated
        self._channel = channel
        self._closing = closing

    async def digest(
        self, digest: Digest, call: Collection[Owner], *, last: bool, again: bool
    ) -> tuple[MessageRef, Collection[Owner]]:
        """Post a digest, or draw it again where it is. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        if digest.card is not None:
            return await self._edit(digest.card, digest, last=last), ()
        found = await self._find(digest) if again else None
        if found is None:
            return await self._post(digest, call, last=last), call
        ref, words = found
        # As long as nobody has written down whom it has called it says so itself.
        called = [owner for owner in call if owner.mention in words]
        return await self._edit(ref, digest, last=last, called=called), called

    async def _post(self, digest: Digest, call: Collection[Owner], *, last: bool) -> MessageRef:
        layout = digest_layout(digest, self._language, last=last, call=call)
        name = f"digest-{digest.id}-{int(digest.began_at.timestamp()) & 0xFFFFF:x}-{digest.lost}"[:NONCE]
        channel_id = await self._where(digest)
        async with self._closing(channel_id, _worst(digest)), self._translated():
            message = await self._place(channel_id).send(view=layout, nonce=name, allowed_mentions=_allowed(call))
        return MessageRef(channel_id, message.id)

    async def _edit(self, ref: MessageRef, digest: Digest, *, last: bool, called: Collection[Owner] = ()) -> MessageRef:
        layout = digest_layout(digest, self._language, last=last, call=called)
        try:
            async with self._closing(ref.channel_id, _worst(digest)), self._translated(in_place=True):
                message = self._place(ref.channel_id).get_partial_message(ref.message_id)
                await message.edit(view=layout, allowed_mentions=discord.AllowedMentions.none())
        except ChannelClosed as error:
            # Another channel is left, and here nobody hears of what comes.
            raise MessageGone from error
        return ref

    async def call_below(self, digest: Digest, call: Collection[Owner], incidents: Sequence[int]) -> MessageRef:
        assert digest.card is not None
        place = self._place(digest.card.channel_id)
        words = call_below_text(call, incidents, self._language)
        # The same until the call is written down; the next one for the same incidents is another.
        before = tuple((line.number, str(line.paged_at)) for line in digest.lines if line.number in incidents)
        name = f"dcall-{digest.id:x}-{zlib.crc32(repr(before).encode()):x}"[:NONCE]
        card = place.get_partial_message(digest.card.message_id).to_reference(fail_if_not_exists=False)
        async with self._closing(digest.card.channel_id, _worst(digest)), self._translated():
            message = await place.send(words, nonce=name, allowed_mentions=_allowed(call), reference=card)
        return MessageRef(digest.card.channel_id, message.id)

    async def carried(self, severities: Collection[Severity]) -> Mapping[int, tuple[MessageRef, datetime]]:
        cards: dict[int, tuple[MessageRef, datetime]] = {}
        pattern = ids.pattern(ids.ACK, ids.MENU)
        severity = next(iter(severities))
        async with self._translated():
            channel_id = await self._channel(severity)
        async with self._closing(channel_id, severity), self._translated():
            async for message in self._place(channel_id).history(limit=_SEARCHED_MESSAGES):
                if not is_ours(self._client, message):
                    continue
                for found in filter(None, map(pattern.fullmatch, ids.carried(message.components))):
                    cards.setdefault(int(found["number"]), (MessageRef(channel_id, message.id), message.created_at))
        return cards

    async def _find(self, digest: Digest) -> tuple[MessageRef, str] | None:
        """Look for what an earlier attempt may have posted, and for what stands in it."""
        wanted = ids.custom_id(ids.DIGEST, digest.id)
        channel_id = await self._where(digest)
        async with self._closing(channel_id, _worst(digest)), self._translated():
            async for message in self._place(channel_id).history(limit=_SEARCHED_MESSAGES, after=digest.began_at):
                if is_ours(self._client, message) and wanted in ids.carried(message.components):
                    words = " ".join(str(getattr(each, "content", "")) for each in message.components)
                    return MessageRef(channel_id, message.id), words
        return None

    async def _where(self, digest: Digest) -> int:
        async with self._translated():
            return await self._channel(_worst(digest))

    def _place(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._guild_id)


def _worst(digest: Digest) -> Severity:
    return LANES[digest.lane][0]


def _allowed(call: Collection[Owner]) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(owner.id) for owner in call if not owner.is_role],
        roles=[discord.Object(owner.id) for owner in call if owner.is_role],
        replied_user=False,
    )
