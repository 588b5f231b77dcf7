"""Describes what is known of an incident once it is looked back at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.evidence import Claim
from bot.domain.inquiries import Exchange
from bot.domain.memory import Remembered
from bot.domain.views import IncidentView, MessageRef


@dataclass(frozen=True, slots=True)
class Summary:
    """A few sentences of a model, each with the findings that it rests on."""

    claims: tuple[Claim, ...]
    model: str


@dataclass(frozen=True, slots=True)
class PostedPicture:
    """A PNG that was posted below a card, under the name it has there."""

    name: str
    image: bytes


@dataclass(frozen=True, slots=True)
class Postmortem:
    """All that a post-mortem begins with, without secrets; `names` are those of people by their ids of Discord.

    `left_out` lines are missing in the midst of the timeline.
    """

    view: IncidentView
    at: datetime
    exchanges: Sequence[Exchange] = ()
    similar: Sequence[Remembered] = ()
    card: MessageRef | None = None
    summary: Summary | None = None
    names: Mapping[int, str] = field(default_factory=dict[int, str])
    left_out: int = 0
    pictures: Sequence[PostedPicture] = ()
