"""Posts a report, or an answer, in the thread of a card: opened if there is none, and never posted twice.

Source: Discord's developer documentation, "Threads" and "Start Thread from Message", August 2026.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

import discord

from bot.domain.asking import Answered
from bot.domain.exhibits import IncidentPicture
from bot.domain.postmortems import PostedPicture
from bot.domain.views import IncidentView, MessageRef, Report
from bot.errors import DeliveryRefused
from bot.ui import ids
from bot.ui.answers import answer_text
from bot.ui.guild_writer import GuildWriter
from bot.ui.limits import CONTENT, NONCE, THREAD_NAME, one_line, shorten
from bot.ui.marks import of_inquiry
from bot.ui.pictures import batches, caption
from bot.ui.report import owners_called, report_layout

log = logging.getLogger(__name__)

_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE, _ALREADY_OPEN, _LOCKED = 10003, 10008, 160004, 160005
_NO_ACCESS, _NO_PERMISSION, _WRONG_KIND_OF_CHANNEL, _TOO_MANY_OPEN = 50001, 50013, 50024, 160006
# The card can still be answered in its channel where no thread may be opened, or nothing may be written into one.
_NO_THREAD: Final = frozenset({_NO_ACCESS, _NO_PERMISSION, _WRONG_KIND_OF_CHANNEL, _TOO_MANY_OPEN})
_NOT_IN_THREAD: Final = frozenset({_UNKNOWN_CHANNEL, _NO_ACCESS, _NO_PERMISSION, _LOCKED})

# Minutes without a message after which Discord takes the thread from the list of channels: three days, a weekend.
_LISTED_MIN: Final = 4320
_SEARCHED_MESSAGES = 50
_SERVICE = 40
# One message takes ten files and ten megabytes, and the text is one of them.
_PICTURES, _MOST_BYTES = 9, 9_000_000
_ZERO_WIDTH_SPACE = "\u200b"


Sign = Callable[[discord.Message], bool]


class Threads:
    """What is said below cards, as `bot.ports.Speaker` describes it; it needs REST only, so that reports go out while the gateway is down."""

    def __init__(self, writer: GuildWriter) -> None:
        self._writer = writer

    async def report(self, card: MessageRef, report: Report, *, again: bool) -> MessageRef:
        """Post a report in the thread of its card, or as a reply to the card where there can be no thread.

        With `again` an earlier attempt may have posted it, so that it is looked for first.
        Raises MessageGone if the card is gone, DeliveryDelayed or DeliveryRefused.
        """
        known = report.inquiry
        # Without a mark: one that the version before has posted.
        marks = (of_inquiry(known), "")
        wanted = {ids.custom_id(name, known.id, mark) for name in (*ids.RATE, ids.AGAIN, ids.MORE) for mark in marks}
        carries: Sign = lambda message: bool(wanted & set(ids.carried(message.components)))  # noqa: E731
        found = await self.find(card, carries) if again else None
        if found is not None:
            return found
        thread = await self.open(card, thread_name(report.view))
        sent = await self._guarded(self._send(thread, report)) if thread is not None else None
        if sent is None:
            log.warning("the report on #%s goes below its card: no thread there", report.view.incident.number)
            sent = await self._reply(card, report)
        return sent

    async def hang(self, card: MessageRef, shown: IncidentPicture, *, again: bool) -> MessageRef:
        """Post a picture in the thread of its card, or as a reply to the card where there can be no thread.

        With `again` an earlier attempt may have posted it, so that it is looked for first.
        Raises MessageGone if the card is gone, DeliveryDelayed or DeliveryRefused.
        """
        name = f"incident-{shown.view.incident.number}"
        found = await self.find(card, lambda message: _carries(message, name)) if again else None
        if found is not None:
            return found
        thread = await self.open(card, thread_name(shown.view))
        sent = await self._guarded(self._hang(thread, shown, name)) if thread is not None else None
        if sent is None:
            async with self._writer.translated(in_place=True):
                sent = await self._hang(card.channel_id, shown, name, answers=card.message_id)
        return sent

    async def pictures(self, card: MessageRef, number: int) -> Sequence[PostedPicture]:
        """Return the pictures of an incident that hang below its card, as many as one message takes beside another file."""
        name = f"incident-{number}"
        found = await self.find(card, lambda message: _carries(message, name))
        if found is None:
            return ()
        async with self._writer.translated(in_place=True):
            message = await self._writer.place(found.channel_id).fetch_message(found.message_id)
            files = [each for each in message.attachments[:_PICTURES] if each.size <= _MOST_BYTES // _PICTURES]
            return [PostedPicture(each.filename, await each.read()) for each in files]

    async def _hang(
        self, place_id: int, shown: IncidentPicture, name: str, *, answers: int | None = None
    ) -> MessageRef:
        place, silent = self._writer.place(place_id), discord.AllowedMentions.none()
        files = next(iter(batches(shown.exhibit, name)), [])
        # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
        nonce = f"picture-{shown.view.incident.number}"[:NONCE]
        words = caption(shown.exhibit, self._writer.language)
        if answers is None:
            message = await place.send(words, files=files, nonce=nonce, allowed_mentions=silent)
        else:
            card = place.get_partial_message(answers).to_reference(fail_if_not_exists=False)
            message = await place.send(words, files=files, nonce=nonce, allowed_mentions=silent, reference=card)
        return MessageRef(place_id, message.id)

    async def say(self, thread: int, text: str, reply_to: int | None) -> MessageRef:
        """Say something in a thread that calls nobody, cut to what Discord takes. Raises MessageGone if it is gone."""
        words, silent = shorten(text, CONTENT), discord.AllowedMentions.none()
        async with self._writer.translated(in_place=True):
            place = self._writer.place(thread)
            if reply_to is None:
                message = await place.send(words, allowed_mentions=silent, suppress_embeds=True)
            else:
                asked = place.get_partial_message(reply_to).to_reference(fail_if_not_exists=False)
                message = await place.send(words, allowed_mentions=silent, suppress_embeds=True, reference=asked)
        return MessageRef(thread, message.id)

    async def change(self, ref: MessageRef, text: str) -> None:
        async with self._writer.translated(in_place=True):
            message = self._writer.place(ref.channel_id).get_partial_message(ref.message_id)
            words, silent = shorten(text, CONTENT), discord.AllowedMentions.none()
            await message.edit(content=words, allowed_mentions=silent)

    async def answer(self, ref: MessageRef, answered: Answered) -> None:
        """Put an answer in the place of what was said before. Raises as `change` does."""
        asked_at = discord.utils.snowflake_time(ref.message_id)
        await self.change(ref, answer_text(answered, self._writer.language, asked_at))

    async def open(self, card: MessageRef, name: str) -> int | None:
        """Open the thread of a card, or take the one there is; None if there cannot be one."""
        async with self._writer.translated(in_place=True):
            try:
                # Not `PartialMessage.create_thread`, which wants a guild that only the gateway tells us.
                thread = await self._writer.client.http.start_thread_with_message(
                    card.channel_id, card.message_id, name=name, auto_archive_duration=_LISTED_MIN
                )
            except discord.HTTPException as error:
                if error.code == _ALREADY_OPEN:
                    # A thread has the id of the message that it began at.
                    return card.message_id
                if error.code in _NO_THREAD:
                    return None
                raise
        return int(thread["id"])

    async def _guarded(self, posting: Coroutine[None, None, MessageRef]) -> MessageRef | None:
        """Post in a thread; None if it was deleted for good or locked, or we may not write there."""
        async with self._writer.translated():
            try:
                return await posting
            except discord.HTTPException as error:
                if error.code in _NOT_IN_THREAD:
                    return None
                raise

    async def _reply(self, card: MessageRef, report: Report) -> MessageRef:
        async with self._writer.translated(in_place=True):
            return await self._send(card.channel_id, report, answers=card.message_id)

    async def _send(self, place_id: int, report: Report, *, answers: int | None = None) -> MessageRef:
        place, layout, allowed = (
            self._writer.place(place_id),
            report_layout(report, self._writer.language),
            _allowed(report),
        )
        # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
        name = f"report-{report.inquiry.id}"[:NONCE]
        try:
            if answers is None:
                message = await place.send(view=layout, nonce=name, allowed_mentions=allowed)
            else:
                card = place.get_partial_message(answers).to_reference(fail_if_not_exists=False)
                message = await place.send(view=layout, nonce=name, allowed_mentions=allowed, reference=card)
        except discord.NotFound as error:
            if error.code == _UNKNOWN_MESSAGE:
                # What Discord says to the nonce of a message that was deleted a moment ago; the card is not gone.
                raise DeliveryRefused("somebody deleted the report") from error
            raise
        return MessageRef(place_id, message.id)

    async def find(self, card: MessageRef, wanted: Sign) -> MessageRef | None:
        """Look for a message of ours, in the thread and then below the card."""
        for place in (card.message_id, card.channel_id):
            async with self._writer.translated(in_place=True):
                try:
                    async for message in self._writer.place(place).history(limit=_SEARCHED_MESSAGES):
                        if message.id < card.message_id:
                            break
                        if self._writer.is_ours(message) and wanted(message):
                            return MessageRef(place, message.id)
                except discord.HTTPException as error:
                    # No thread yet, or none that we may read, holds no report; of the channel we want to hear it.
                    if place != card.message_id or error.code not in _NOT_IN_THREAD:
                        raise
        return None


def thread_name(view: IncidentView) -> str:
    """Name a thread after its incident: `#12 HighErrorRate api`, at most 100 characters, mentioning nobody."""
    service = shorten(_harmless(view.service.name), _SERVICE)
    head, tail = f"#{view.incident.number} ", f" {service}" if service else ""
    return head + shorten(_harmless(view.incident.title), THREAD_NAME - len(head) - len(tail)) + tail


def _carries(message: discord.Message, name: str) -> bool:
    """Tell whether a message has the picture of this name."""
    return any(each.filename in (f"{name}.png", f"{name}-1.png") for each in message.attachments)


def _harmless(text: str) -> str:
    # Names know no markdown, but where Discord quotes one it looks for mentions, of people as well as of channels.
    return one_line(text).replace("@", f"@{_ZERO_WIDTH_SPACE}").replace("<", f"<{_ZERO_WIDTH_SPACE}")


def _allowed(report: Report) -> discord.AllowedMentions:
    owners = owners_called(report)
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(owner.id) for owner in owners if not owner.is_role],
        roles=[discord.Object(owner.id) for owner in owners if owner.is_role],
        replied_user=False,
    )
