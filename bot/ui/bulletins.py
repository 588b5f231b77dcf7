"""Posts reports in a channel and as an answer: one message with the picture, the rule diffs, and a table if wanted."""

from __future__ import annotations

import io
from collections.abc import Sequence

import discord

from bot.domain.memory import Remembered
from bot.domain.views import MessageRef
from bot.i18n import Language
from bot.reporting.overview import Overview
from bot.ui.channels import Resolve
from bot.ui.guild_writer import SEARCHED_MESSAGES, GuildWriter
from bot.ui.limits import NONCE
from bot.ui.memory import table
from bot.ui.team_report import report_message
from bot.ui.team_report_file import report_file


class Bulletins:
    """Implements `bot.ports.reports.Board`."""

    def __init__(self, writer: GuildWriter, resolve: Resolve) -> None:
        self._writer = writer
        self._resolve = resolve

    async def tell(
        self, channel: str | int, number: int, overview: Overview, picture: bytes | None, *, again: bool
    ) -> MessageRef:
        """Post a report, calling nobody. Raises DeliveryDelayed or DeliveryRefused."""
        words = report_message(overview, self._writer.language)
        async with self._writer.translated():
            channel_id = await self._resolve(channel)
        place = self._writer.place(channel_id)
        found = await self._find(place, words.partition("\n")[0]) if again else None
        if found is not None:
            return found
        async with self._writer.translated():
            message = await place.send(
                words,
                files=report_files(overview, picture, self._writer.language),
                # The same nonce again is the same message again, so an attempt that was cut off can be repeated.
                nonce=f"report-{number:x}"[:NONCE],
                suppress_embeds=True,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        return MessageRef(channel_id, message.id)

    async def _find(self, place: discord.PartialMessageable, first_line: str) -> MessageRef | None:
        """Look for a report that an earlier attempt may have posted."""
        async with self._writer.translated():
            async for message in place.history(limit=SEARCHED_MESSAGES):
                if message.content.partition("\n")[0] == first_line and self._writer.is_ours(message):
                    return MessageRef(place.id, message.id)
        return None


def report_files(
    overview: Overview, picture: bytes | None, language: Language, incidents: Sequence[Remembered] | None = None
) -> list[discord.File]:
    """Return what comes with a report: its picture, all its numbers, and the incidents as CSV if they are wanted."""
    day = f"{overview.window.end.astimezone(overview.zone):%Y-%m-%d}"
    files = [discord.File(io.BytesIO(picture), f"report-{day}.png")] if picture else []
    files.append(discord.File(io.BytesIO(report_file(overview, language)), f"report-{day}.md"))
    if incidents is not None:
        files.append(discord.File(io.BytesIO(table(incidents, overview.zone)), f"incidents-{day}.csv"))
    return files
