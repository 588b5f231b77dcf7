"""Watches silences: which nobody needs any more, which mute more than anybody meant, which are asked about.

Each question is a job of the store, planned as soon as a silence is seen, whoever made it and where.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.directory import Directory
from bot.core.maintenance import SIGN
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.silences import FullMatch, is_wide
from bot.domain.views import SilenceRow
from bot.ports import Clock, Jobs, SilenceBook

UNUSED_AFTER = timedelta(days=1)
ASK_BEFORE = timedelta(minutes=15)
# What is muted is written down no oftener, and not from a list that is older.
_MARKED_EVERY = timedelta(minutes=10)


async def forgotten(book: SilenceBook, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences in force that have muted nothing for a day, the one that ends last first."""
    rows = [row for row in await book.active(at) if at - used_at(row) >= UNUSED_AFTER]
    return sorted(rows, key=lambda row: row.silence.ends_at, reverse=True)


async def wide(book: SilenceBook, full_match: FullMatch, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences in force or yet to come whose matchers name no rule, service or instance."""
    return [row for row in await book.listed(at) if is_wide(row.silence, full_match)]


async def together(book: SilenceBook, row: SilenceRow, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences that are one for people, those of one maintenance, this one among them; the first made first."""
    if not row.rule.startswith(SIGN):
        return (row,)
    same = {each.id: each for each in await book.listed(at) if _planned_as(each) == _planned_as(row)}
    return [each for _, each in sorted((same | {row.id: row}).items())]


def _planned_as(row: SilenceRow) -> tuple[str, str, int, int]:
    silence = row.silence
    return row.rule, silence.created_by, int(silence.starts_at.timestamp()), int(silence.ends_at.timestamp())


def used_at(row: SilenceRow) -> datetime:
    """Return when a silence was last of use: when it muted something, or else when it began."""
    return max(row.muted_at or row.silence.starts_at, row.silence.starts_at)


def asked_at(row: SilenceRow) -> datetime:
    """Return when its author is asked whether it shall go on: before it ends, of a short one half of it before."""
    silence = row.silence
    return silence.ends_at - min(ASK_BEFORE, (silence.ends_at - silence.starts_at) / 2)


def question(name: JobName, row: SilenceRow, due: datetime) -> Planned:
    """Plan a question about a silence as it is now: once its end is another one, the question is void."""
    # In whole seconds: the servers round what they are told to milliseconds.
    ends = int(row.silence.ends_at.timestamp())
    return Planned(name, f"{row.id}/{ends}/{int(due.timestamp())}", due, {"silence": row.id, "ends_at": ends})


def is_void(asked: Job, row: SilenceRow) -> bool:
    """Tell whether a silence has changed since a question about it was planned."""
    return int(row.silence.ends_at.timestamp()) != int(str(asked.payload["ends_at"]))


class SilenceWatch:
    """Follows the silences that there are."""

    def __init__(self, *, book: SilenceBook, jobs: Jobs, directory: Directory, clock: Clock) -> None:
        self._book = book
        self._jobs = jobs
        self._directory = directory
        self._clock = clock
        self._planned: dict[int, datetime] = {}

    async def follow(self) -> None:
        """Plan the questions about what is new or has changed, and write down what mutes something."""
        at = self._clock()
        rows = await self._book.listed(at)
        await self._mark(rows, at)
        fresh = [row for row in rows if self._planned.get(row.id) != row.silence.ends_at]
        await self._jobs.plan([each for row in fresh for each in _questions(row)], at)
        self._planned = {row.id: row.silence.ends_at for row in rows}

    async def _mark(self, rows: Sequence[SilenceRow], at: datetime) -> None:
        listed_at = self._directory.alerts_at
        if listed_at is None or at - listed_at > _MARKED_EVERY:
            return
        # The source judges; by the matchers alone thousands of alerts would be compared each time.
        muting = {each for alert in self._directory.alerts if alert.firing for each in alert.silenced_by}
        used = [
            row.id
            for row in rows
            if row.silence.source_id in muting and (row.muted_at is None or at - row.muted_at >= _MARKED_EVERY)
        ]
        if used:
            await self._book.muted(used, at)


def _questions(row: SilenceRow) -> list[Planned]:
    asked, unused = asked_at(row), used_at(row) + UNUSED_AFTER
    found = [question(JobName.SILENCE_ENDS, row, asked)]
    return [*found, question(JobName.SILENCE_UNUSED, row, unused)] if unused < asked else found
