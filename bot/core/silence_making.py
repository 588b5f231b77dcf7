"""Makes one silence of a confirmed proposal, however often it is asked and whatever became of the answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.people import Person
from bot.domain.silences import Draft, Silence
from bot.errors import BongsuError, OutOfDate, SourceError
from bot.ports import AlertSource, SilenceBook

# Our clock and the source's need not agree to the second.
_CLOCK_SKEW = timedelta(minutes=1)


class SilenceMaker:
    """Asks the source, which has `patience_s` to answer; an answer that never came is looked for before it is asked again."""

    def __init__(self, *, source: AlertSource, book: SilenceBook, patience_s: float) -> None:
        self._source = source
        self._book = book
        self._patience_s = patience_s

    async def make(self, claimed: Draft, by: Person, at: datetime) -> Silence:
        """Make the silence, or give the proposal back. Raises OutOfDate or SourceError."""
        try:
            wanted = silence_of(claimed, by, at)
            async with asyncio.timeout(self._patience_s):
                return await self._earlier(claimed, wanted) or await self._create(wanted)
        except TimeoutError as error:
            await self._book.release_draft(replace(claimed, tried_at=claimed.tried_at or at))
            detail = f"{self._patience_s:g}"
            raise SourceError("errors.source_slow", source=self._source.name, detail=detail) from error
        except BongsuError as error:
            # It may have taken it and lost the connection.
            tried_at = claimed.tried_at or (at if isinstance(error, SourceError) else None)
            await self._book.release_draft(replace(claimed, tried_at=tried_at))
            raise

    async def _earlier(self, draft: Draft, wanted: Silence) -> Silence | None:
        """Find what an attempt has made of which we never heard; while the source does not say, nothing is made."""
        if draft.tried_at is None:
            return None
        since = draft.tried_at - _CLOCK_SKEW
        return next(
            (
                each
                for each in await self._source.silences()
                if each.ended_at is None
                and each.starts_at >= since
                and (each.created_by, each.comment) == (wanted.created_by, wanted.comment)
                and set(each.matchers) == set(wanted.matchers)
            ),
            None,
        )

    async def _create(self, silence: Silence) -> Silence:
        source_id = await self._source.create_silence(
            silence.matchers, silence.starts_at, silence.ends_at, silence.created_by, silence.comment
        )
        return replace(silence, source_id=source_id)


def silence_of(draft: Draft, by: Person, at: datetime) -> Silence:
    """Make of a proposal what is sent to the source; a length counts from now, a moment stays. Raises OutOfDate."""
    if not draft.matchers:
        # Proposed by a version of this program that did not keep what it showed.
        raise OutOfDate("errors.out_of_date")
    ends_at = at + timedelta(seconds=draft.lasts_s) if draft.lasts_s else draft.ends_at
    if ends_at <= at:
        raise OutOfDate("errors.duration_past")
    return Silence(
        source_id="",
        matchers=draft.matchers,
        starts_at=at,
        ends_at=ends_at,
        created_by=f"discord: {by.name} ({by.id})",
        comment=draft.reason or draft.rule.name,
    )
