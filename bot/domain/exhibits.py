"""Describes what a person is shown who asked for a dashboard: the picture, or why there is none, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.pictures import Picture, Shot, Theme
from bot.domain.views import IncidentView


class Phase(StrEnum):
    """What a picture waits for; each has a text `dashboard.phase.<word>`."""

    QUEUE = "queue"
    BROWSER = "browser"
    RENDERER = "renderer"
    CHART = "chart"


@dataclass(frozen=True, slots=True)
class Missed:
    """A step of the ladder that gave no picture: which, and the key and values of the text that says why."""

    step: str
    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person typed; with `rows_open` what collapsed rows hide is wanted as well."""

    name: str
    panel: str = ""
    stretch: str = ""
    variables: str = ""
    theme: Theme | None = None
    rows_open: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """An order that was understood: what is to be pictured, and what it is called; `moving` means "until now".

    `asked_at` is when the person began to wait, in seconds of the event loop's clock; None is now.
    """

    title: str
    url: str
    shot: Shot
    panel: str = ""
    moving: bool = True
    asked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The answer to a request: a picture, or none and why not; `missed` are the steps before."""

    request: Request
    picture: Picture | None = None
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentPicture:
    """What is shown in the thread of an incident."""

    view: IncidentView
    exhibit: Exhibit


@dataclass(frozen=True, slots=True)
class PictureProgress:
    """How far a picture is: what it waits for, and at which place of the queue (0: it is being taken)."""

    phase: Phase = Phase.QUEUE
    place: int = 0
