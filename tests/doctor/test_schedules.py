"""What `check` says of the schedules: a channel that is not there, a gap, a calendar that cannot be read."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bot.app.guild import Guild
from bot.doctor.lines import LineWriter
from bot.doctor.schedules import schedules
from bot.domain.alerts import Severity
from bot.domain.escalations import Chain, EscalationStep, EscalationTarget, TargetKind
from bot.domain.feeds import Feed
from bot.domain.rotations import Hours, Rotation
from bot.domain.schedules import Schedule
from bot.domain.teams import Roster, Team

SEOUL = ZoneInfo("Asia/Seoul")
GUILD = Guild({"id": "1", "roles": [{"id": "1"}]}, [{"id": "5", "name": "ops", "type": 0}], {}, 9)


def rotation(hours=None):
    return Rotation(("minji",), date(2024, 1, 1), 7, time(9), SEOUL, hours)


async def said(session, *teams):
    roster = Roster({}, {team.name: team for team in teams}) if teams else Roster()
    return " | ".join(str(finding) for finding in await schedules(roster, GUILD, session, LineWriter("en")))


async def test_without_a_file_it_says_what_happens(session):
    assert "no config/oncall.yml" in await said(session)


async def test_a_schedule_without_gaps_is_well(session):
    assert "somebody is on call" in await said(session, Team("a", Schedule((rotation(),)), channel="ops"))


async def test_names_gaps_and_calendars_are_tried(session, tmp_path):
    call = (EscalationTarget(TargetKind.ROLE, "77"), EscalationTarget(TargetKind.CHANNEL, "nowhere"))
    feed = Feed("a/1", str(tmp_path / "none.ics"), (), SEOUL)
    chains = {Severity.P1: Chain((EscalationStep(timedelta(), call),))}

    words = await said(session, Team("a", Schedule((rotation(Hours(time(9), time(18))), feed)), chains=chains))

    assert "nowhere" in words
    assert "77" in words
    assert "Nobody is on call from" in words
    assert "the calendar cannot be read" in words
