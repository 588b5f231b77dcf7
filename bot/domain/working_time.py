"""Tells when a team works: hours of the day, days of the week, no public holidays, by the calendar of its place. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.domain.rotations import Hours

# The longest row of holidays and weekends that we look past.
_MOST_DAYS = 60


def _never(_: date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Working hours; `is_holiday` is asked about dates of the team's own zone."""

    hours: Hours
    zone: tzinfo
    is_holiday: Callable[[date], bool] = _never

    def holds(self, at: datetime) -> bool:
        """Tell whether people work at a moment; what begins before a holiday ends when it does."""
        part = self.hours.around(at.timestamp(), self.zone)
        return part is not None and not self.is_holiday(datetime.fromtimestamp(part[0], self.zone).date())

    def begins_after(self, at: datetime) -> datetime:
        """Return when people begin to work next; a team that never does begins in 60 days."""
        day = at.astimezone(self.zone).date()
        for days in range(_MOST_DAYS):
            part = self.hours.on(day + timedelta(days=days), self.zone)
            if part and part[0] > at.timestamp() and not self.is_holiday(day + timedelta(days=days)):
                return datetime.fromtimestamp(part[0], UTC)
        return at + timedelta(days=_MOST_DAYS)
