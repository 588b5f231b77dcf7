"""Describes pictures of dashboards: what is asked for, and what was really to be seen when one was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.telemetry import Window

Theme = Literal["light", "dark"]


class PanelState(StrEnum):
    """What a panel showed; each has a text `panel.<word>`."""

    READY = "ready"
    NO_DATA = "no-data"
    ERROR = "error"
    LOADING = "loading"


class Step(StrEnum):
    """How a picture was made: our browser, Grafana's image renderer, or a chart drawn from Prometheus."""

    BROWSER = "browser"
    RENDERER = "renderer"
    CHART = "chart"


@dataclass(frozen=True, slots=True)
class Shot:
    """What is to be pictured: a dashboard, or one panel of it (`panel` is its id), over a stretch of time.

    `variables` are the dashboard's, several values for one name are allowed. `slug` is for the address only. `tab` is the
    title of the tab that is wanted, where a dashboard has tabs; without it the one that it opens with.
    """

    uid: str
    window: Window
    slug: str = ""
    panel: int | None = None
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    theme: Theme = "dark"
    rows_open: bool = False
    tab: str = ""


@dataclass(frozen=True, slots=True)
class PanelSeen:
    """One panel as it was when the picture was taken; `message` is its own error, hostile text."""

    title: str
    state: PanelState
    message: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Images (PNG, each at most 10 MiB; more than one if the dashboard is very tall) and what they show.

    `tabs` are those that the dashboard has, `tab` the only one that is pictured and counted.
    """

    images: tuple[bytes, ...]
    taken_at: datetime
    step: Step
    panels: tuple[PanelSeen, ...] = ()
    tabs: tuple[str, ...] = ()
    tab: str = ""

    def count(self, state: PanelState) -> int:
        """Return how many panels are in a state."""
        return sum(each.state is state for each in self.panels)
