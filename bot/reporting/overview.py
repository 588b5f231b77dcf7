"""Gathers all that a report tells, before anything of it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from enum import StrEnum

from bot.domain.telemetry import Window
from bot.domain.views import SilenceRow
from bot.reporting.answering import AcknowledgedShare
from bot.reporting.history import Advice
from bot.reporting.outlook import Ending
from bot.reporting.pages import Load
from bot.reporting.rules import Noise, Untidy
from bot.reporting.tuning import Proposal


class NotTuned(StrEnum):
    """Why nothing is proposed for a rule; each has a text `team_report.not_tuned.<word>`."""

    NO_PROMETHEUS = "no_prometheus"
    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"
    TOO_MANY = "too_many"
    NO_TIME = "no_time"
    NOT_SEEN = "not_seen"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Judged:
    """A noisy rule with the change that would have quietened it, or why there is none."""

    noise: Noise
    tuned: Proposal | NotTuned


@dataclass(frozen=True, slots=True)
class Standing:
    """Silences that mute nothing any more, and those that mute nearly everything."""

    forgotten: tuple[SilenceRow, ...] = ()
    wide: tuple[SilenceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """One stretch of time in the zone of the team; `before` counts the incidents of the equally long one before it.

    `names` are those of people by their ids of Discord.
    """

    window: Window
    zone: tzinfo
    zone_name: str
    incidents: int = 0
    before: int = 0
    cut: int = 0
    load: Load = field(default_factory=Load)
    answered: tuple[AcknowledgedShare, ...] = ()
    rules: tuple[Judged, ...] = ()
    untidy: Untidy = field(default_factory=Untidy)
    endings: tuple[Ending, ...] = ()
    standing: Standing = field(default_factory=Standing)
    advice: Advice = field(default_factory=Advice)
    names: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.window.end - self.window.start
