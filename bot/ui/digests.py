"""Posts digests on Discord once, edits them while the storm lasts, finds them again by the id of their menu."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import discord

from bot.domain.alerts import Severity
from bot.domain.digests import LANES, Digest
from bot.domain.messages import MessageRef
from bot.domain.owners import Owner
from bot.errors import ChannelClosed, MessageGone
from bot.ui import ids
from bot.ui.channels import Channels
from bot.ui.digest import call_below_text, digest_layout
from bot.ui.guild_writer import SEARCHED_MESSAGES, GuildWriter
from bot.ui.limits import NONCE


class DiscordDigests:
    """Implements `bot.ports.digests.DigestBoard`; it needs REST only."""

    def __init__(self, writer: GuildWriter, channels: Channels) -> None:
        self._writer = writer
        self._channels = channels

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
        layout = digest_layout(digest, self._writer.language, last=last, call=call)
        name = f"digest-{digest.id}-{int(digest.began_at.timestamp()) & 0xFFFFF:x}-{digest.lost}"[:NONCE]
        channel_id = await self._where(digest)
        async with self._channels.closing(channel_id, _worst(digest)), self._writer.translated():
            message = await self._writer.place(channel_id).send(
                view=layout, nonce=name, allowed_mentions=_allowed(call)
            )
        return MessageRef(channel_id, message.id)

    async def _edit(self, ref: MessageRef, digest: Digest, *, last: bool, called: Collection[Owner] = ()) -> MessageRef:
        layout = digest_layout(digest, self._writer.language, last=last, call=called)
        try:
            async with self._channels.closing(ref.channel_id, _worst(digest)), self._writer.translated(in_place=True):
                message = self._writer.place(ref.channel_id).get_partial_message(ref.message_id)
                await message.edit(view=layout, allowed_mentions=discord.AllowedMentions.none())
        except ChannelClosed as error:
            # Another channel is left, and here nobody hears of what comes.
            raise MessageGone from error
        return ref

    async def call_below(self, digest: Digest, call: Collection[Owner], incidents: Sequence[int]) -> MessageRef:
        assert digest.card is not None
        place = self._writer.place(digest.card.channel_id)
        words = call_below_text(call, incidents, self._writer.language)
        # The same until the call is written down; the next one for the same incidents is another.
        before = tuple((line.number, str(line.paged_at)) for line in digest.lines if line.number in incidents)
        name = f"dcall-{digest.id:x}-{zlib.crc32(repr(before).encode()):x}"[:NONCE]
        card = place.get_partial_message(digest.card.message_id).to_reference(fail_if_not_exists=False)
        async with self._channels.closing(digest.card.channel_id, _worst(digest)), self._writer.translated():
            message = await place.send(words, nonce=name, allowed_mentions=_allowed(call), reference=card)
        return MessageRef(digest.card.channel_id, message.id)

    async def carried(self, severities: Collection[Severity]) -> Mapping[int, tuple[MessageRef, datetime]]:
        cards: dict[int, tuple[MessageRef, datetime]] = {}
        pattern = ids.pattern(ids.ACK, ids.MENU)
        severity = next(iter(severities))
        async with self._writer.translated():
            channel_id = await self._channels.of(severity)
        async with self._channels.closing(channel_id, severity), self._writer.translated():
            async for message in self._writer.place(channel_id).history(limit=SEARCHED_MESSAGES):
                if not self._writer.is_ours(message):
                    continue
                for found in filter(None, map(pattern.fullmatch, ids.carried(message.components))):
                    cards.setdefault(int(found["number"]), (MessageRef(channel_id, message.id), message.created_at))
        return cards

    async def _find(self, digest: Digest) -> tuple[MessageRef, str] | None:
        """Look for what an earlier attempt may have posted, and for what stands in it."""
        wanted = ids.custom_id(ids.DIGEST, digest.id)
        channel_id = await self._where(digest)
        async with self._channels.closing(channel_id, _worst(digest)), self._writer.translated():
            async for message in self._writer.place(channel_id).history(limit=SEARCHED_MESSAGES, after=digest.began_at):
                if self._writer.is_ours(message) and wanted in ids.carried(message.components):
                    words = " ".join(str(getattr(each, "content", "")) for each in message.components)
                    return MessageRef(channel_id, message.id), words
        return None

    async def _where(self, digest: Digest) -> int:
        async with self._writer.translated():
            return await self._channels.of(_worst(digest))


def _worst(digest: Digest) -> Severity:
    return LANES[digest.lane][0]


def _allowed(call: Collection[Owner]) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(owner.id) for owner in call if not owner.is_role],
        roles=[discord.Object(owner.id) for owner in call if owner.is_role],
        replied_user=False,
    )
