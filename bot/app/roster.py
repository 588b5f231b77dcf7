"""Reads `config/oncall.yml` into teams, schedules and chains; every mistake is a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot.app.mistakes import configuration_error, mistakes_of, of_file
from bot.app.oncall_file import ChainEntry, HoursEntry, LayerEntry, OncallFile, OverrideEntry, TeamEntry, target_of
from bot.app.oncall_mistakes import wrong_of
from bot.domain.alerts import Severity
from bot.domain.escalations import DEFAULT, DEFAULT_ONCALL, Chain, EscalationStep, Webhook
from bot.domain.feeds import Feed
from bot.domain.owners import Catalogue
from bot.domain.rotations import Hours, Rotation
from bot.domain.schedules import Layer, Schedule, Stint
from bot.domain.teams import Member, Roster, Team
from bot.domain.working_time import WorkingTime
from bot.oncall.reader import calendars_installed, public_holidays

# A Monday, so that weeks begin as people expect who name no start.
_FIRST_DAY: Final = date(2024, 1, 1)

Holidays = Callable[[str], Callable[[date], bool]]
_COUNTRY: Final = "KR"


def read_roster(
    written: object, path: Path, catalogue: Catalogue, timezone: str, holidays: Holidays = public_holidays
) -> Roster:
    """Read what stands in the file. Raises ConfigurationError.

    `timezone` is that of teams which name none; `holidays` says which days of a country are holidays.
    """
    origin = of_file(path)
    try:
        read = OncallFile.model_validate(written)
    except ValidationError as error:
        raise configuration_error(mistakes_of(error, OncallFile, origin)) from error
    if wrong := [origin(place, problem) for place, problem in wrong_of(read, catalogue, os.environ)]:
        raise configuration_error(wrong)
    people = {key: Member(key, entry.discord, tuple(entry.aliases)) for key, entry in read.people.items()}
    teams = {name: _team(name, entry, people, timezone, holidays) for name, entry in read.teams.items()}
    webhooks = {
        name: Webhook(entry.url, entry.body, {key: _revealed(value) for key, value in entry.headers.items()})
        for name, entry in read.webhooks.items()
    }
    return Roster(people, teams or Roster().teams, webhooks, read.remind_after)


def _revealed(header: str) -> str:
    return os.environ[header[1:]] if header.startswith("$") else header


def _team(name: str, entry: TeamEntry, people: Mapping[str, Member], timezone: str, holidays: Holidays) -> Team:
    zone = ZoneInfo(entry.timezone or timezone)
    layers = tuple(_layer(name, place, each, people, zone) for place, each in enumerate(entry.schedule))
    chains = {Severity[severity]: _chain(chain) for severity, chain in entry.escalation.items()}
    return Team(
        name=name,
        schedule=Schedule(layers, tuple(_override(each, zone) for each in entry.overrides)),
        chains={**(DEFAULT_ONCALL if layers else DEFAULT), **chains},
        services=frozenset(entry.services),
        channel=entry.channel,
        zone=zone,
        working=WorkingTime(_hours(entry.working_hours), zone, _holiday(entry, holidays)),
    )


def _holiday(entry: TeamEntry, holidays: Holidays) -> Callable[[date], bool]:
    # Who names no country and has no library for it has no holidays; who names one is told that it is missing.
    country = entry.holidays or (_COUNTRY if calendars_installed() else "none")
    public: Callable[[date], bool] = (lambda _: False) if country == "none" else holidays(country)
    more, none = frozenset(entry.more_holidays), frozenset(entry.no_holidays)
    return lambda day: day in more or (day not in none and public(day))


def _layer(team: str, place: int, entry: LayerEntry, people: Mapping[str, Member], zone: ZoneInfo) -> Layer:
    if entry.ical:
        return Feed(f"{team}/{place}", entry.ical, tuple(people.values()), zone)
    own = ZoneInfo(entry.timezone) if entry.timezone else zone
    hours = _hours(entry.hours) if entry.hours else None
    return Rotation(tuple(entry.people), entry.start or _FIRST_DAY, entry.every, entry.handover, own, hours)


def _hours(entry: HoursEntry) -> Hours:
    return Hours(entry.begins, entry.ends, entry.numbers())


def _override(entry: OverrideEntry, zone: ZoneInfo) -> Stint:
    def moment(typed: datetime) -> float:
        return (typed if typed.tzinfo else typed.replace(tzinfo=zone)).timestamp()

    return Stint(entry.person, moment(entry.begins), moment(entry.ends))


def _chain(entry: ChainEntry) -> Chain:
    steps = tuple(
        EscalationStep(each.wait, tuple(target for word in each.call if (target := target_of(word))))
        for each in entry.steps
    )
    return Chain(steps, entry.repeat, entry.repeat_last, entry.working_hours_only)
