"""Checks `config/oncall.yml`: names against the guild, calendars, and gaps of the next four weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import aiohttp

from bot.app.guild import Guild
from bot.core.oncall.announcing import gaps_of
from bot.doctor.lines import CheckFinding, LineWriter
from bot.domain.escalations import TargetKind
from bot.domain.teams import Roster, Team
from bot.errors import SourceError
from bot.oncall.reader import CalendarReader


async def schedules(
    roster: Roster, guild: Guild, session: aiohttp.ClientSession, say: LineWriter
) -> list[CheckFinding]:
    """Return a line for each team, and one for each thing that is wrong with it."""
    findings: list[CheckFinding] = []
    for team in roster.teams.values():
        if not team.name:
            return [say.note("oncall", "check.no_oncall")]
        findings += _names(team, guild, say)
        findings += await _calendars(team, session, say)
        gaps = gaps_of(team, datetime.now(UTC))
        subject = f"oncall {team.name}"
        findings += [say.note(subject, gap.key, **gap.values) for gap in gaps[:5]]
        if not gaps:
            findings.append(say.ok(subject, "check.oncall", count=len(team.schedule.layers)))
    return findings


def _names(team: Team, guild: Guild, say: LineWriter) -> Iterator[CheckFinding]:
    subject = f"oncall {team.name}"
    targets = {target for chain in team.chains.values() for step in chain.steps for target in step.targets}
    channels = {target.name for target in targets if target.kind is TargetKind.CHANNEL}
    channels |= {str(team.channel)} if team.channel else set[str]()
    for channel in sorted(channels):
        if guild.channel(channel) is None:
            yield say.wrong(subject, "check.no_channel", name=channel)
    for role in sorted(target.name for target in targets if target.kind is TargetKind.ROLE):
        if not guild.has_role(int(role)):
            yield say.wrong(subject, "check.no_role", id=int(role))


async def _calendars(team: Team, session: aiohttp.ClientSession, say: LineWriter) -> list[CheckFinding]:
    findings: list[CheckFinding] = []
    for feed in team.feeds:
        try:
            stints, notes = await CalendarReader(session).read(feed, datetime.now(UTC))
        except SourceError as error:
            findings.append(say.wrong(f"oncall {feed.name}", "check.no_calendar", problem=error.detail))
            continue
        feed.take(stints, notes)
        findings += [say.note(f"oncall {feed.name}", note.key, **note.values) for note in notes]
    return findings
