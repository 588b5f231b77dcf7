"""Describes what stands in `config/oncall.yml`; a misspelt key is a mistake."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from bot.app.fields import Address, SeverityName, Snowflake, Span, Timezone
from bot.app.sections import Section
from bot.domain.escalations import MOST_REPEATS, EscalationTarget, TargetKind

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY: Final = re.compile(r"(\d{1,3})\s*(?:d|days?)")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_TARGETS: Final = {
    "owners": EscalationTarget(TargetKind.OWNERS),
    "@oncall": EscalationTarget(TargetKind.ONCALL),
    "@next": EscalationTarget(TargetKind.NEXT),
    "@here": EscalationTarget(TargetKind.HERE),
    "message": EscalationTarget(TargetKind.MESSAGE),
}
_PREFIXES: Final = {
    "#": TargetKind.CHANNEL,
    "role:": TargetKind.ROLE,
    "message:": TargetKind.MESSAGE,
    "webhook:": TargetKind.WEBHOOK,
}


def _read_clock(typed: Any) -> Any:
    # YAML reads 18:30 without quotation marks as a number of base 60.
    if isinstance(typed, int) and 0 <= typed <= 24 * 60:
        return time(typed // 60 % 24, typed % 60)
    read = _CLOCK.fullmatch(typed.strip()) if isinstance(typed, str) else None
    if read and int(read[1]) < 24 and int(read[2]) < 60:
        return time(int(read[1]), int(read[2]))
    if read and (read[1], read[2]) == ("24", "00"):
        return time(0)
    raise PydanticCustomError("clock", "clock")


def _read_every(typed: Any) -> Any:
    words = {"daily": 1, "weekly": 7}
    if typed in words:
        return words[typed]
    read = _EVERY.fullmatch(typed.strip()) if isinstance(typed, str) else None
    days = typed if isinstance(typed, int) else int(read[1]) if read else 0
    if not 1 <= days <= 366:
        raise PydanticCustomError("every", "every")
    return days


def _read_moment(typed: Any) -> Any:
    # YAML reads a moment by itself if it has seconds.
    if isinstance(typed, str):
        try:
            typed = datetime.fromisoformat(typed.strip())
        except ValueError:
            typed = None
    if not isinstance(typed, datetime):
        raise PydanticCustomError("moment", "moment")
    return typed


def _target(word: str) -> str:
    if target_of(word) is None:
        raise PydanticCustomError("target", "target", {"typed": word[:60]})
    return word


def target_of(word: str) -> EscalationTarget | None:
    """Read whom a step calls; a bare word is a person's key. None if it can mean nothing."""
    if word in _TARGETS:
        return _TARGETS[word]
    for prefix, kind in _PREFIXES.items():
        if word.startswith(prefix):
            name = word.removeprefix(prefix)
            sound = name.isdecimal() if kind is TargetKind.ROLE else bool(name)
            return EscalationTarget(kind, name) if sound else None
    return EscalationTarget(TargetKind.PERSON, word) if word and not word.startswith("@") else None


Clock = Annotated[time, BeforeValidator(_read_clock)]
Days = Annotated[int, BeforeValidator(_read_every)]
Moment = Annotated[datetime, BeforeValidator(_read_moment)]
TargetWord = Annotated[str, AfterValidator(_target)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class PersonEntry(Section):
    """Somebody who may be on call; `aliases` are names and addresses that calendars call them by."""

    discord: Snowflake
    aliases: list[str] = []


class HoursEntry(Section):
    """A part of some days; one that ends earlier than it begins ends on the next day."""

    begins: Clock = Field(default=time(9), alias="from")
    ends: Clock = Field(default=time(18), alias="to")
    weekdays: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]

    def numbers(self) -> frozenset[int]:
        """Return the weekdays as numbers, Monday is 0."""
        return frozenset(_DAYS.index(day) for day in self.weekdays)


class LayerEntry(Section):
    """One layer of a schedule: people who take turns, or a calendar (`ical`: an address or a file)."""

    people: list[str] = []
    every: Days = 7
    start: date | None = None
    handover: Clock = time(9)
    timezone: Timezone | None = None
    hours: HoursEntry | None = None
    ical: str = ""


class OverrideEntry(Section):
    """Somebody who stands in; times without an offset are those of the team."""

    person: str
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")


class StepEntry(Section):
    """Whom to call, so long after the step before."""

    wait: Span = timedelta()
    call: list[TargetWord] = Field(min_length=1)


class ChainEntry(Section):
    """Steps, the last `repeat_last` of which come again `repeat` times."""

    steps: list[StepEntry]
    repeat: int = Field(default=0, ge=0, le=MOST_REPEATS)
    repeat_last: int = Field(default=1, ge=1)
    working_hours_only: bool = False


class TeamEntry(Section):
    """A team."""

    services: list[str] = []
    channel: str | int = ""
    timezone: Timezone | None = None
    working_hours: HoursEntry = HoursEntry()
    holidays: str | None = Field(default=None, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$|^none$")
    more_holidays: list[date] = []
    no_holidays: list[date] = []
    schedule: list[LayerEntry] = []
    overrides: list[OverrideEntry] = []
    escalation: dict[SeverityName, ChainEntry] = {}


class WebhookEntry(Section):
    """Somewhere else that a step tells; a header that begins with `$` is that variable of the environment."""

    url: Address
    body: Any = None
    headers: dict[str, str] = {}


class OncallFile(Section):
    """All of `config/oncall.yml`."""

    people: dict[str, PersonEntry] = {}
    teams: dict[str, TeamEntry] = {}
    webhooks: dict[str, WebhookEntry] = {}
    remind_after: Span | None = None
