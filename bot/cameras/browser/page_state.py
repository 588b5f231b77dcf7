"""Turns what the page said about itself into what a person is told: panels and their states, or why there is no picture."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.pictures import PanelSeen, PanelState, Shot
from bot.errors import NoPicture

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Box:
    """A panel and where it stands on the page, in CSS pixels; `written` if it shows any text."""

    id: int | None
    seen: PanelSeen
    left: float
    top: float
    right: float
    bottom: float
    written: bool


@dataclass(frozen=True, slots=True)
class PageLook:
    """One look at the page (see watch.js).

    `height` is what the window must be for all to be visible, `bottom` where the last panel or row ends, `waiting` the
    number of panels that are not there yet. `mark` differs when panels changed or moved, `drawn` when one was drawn
    otherwise. `places` are top and bottom of what is not there yet. `inner` says that a part of the page scrolls, with
    `above` over it, not the page; `closed` counts closed rows.
    """

    boxes: tuple[Box, ...]
    reason: str
    detail: str
    mark: str
    drawn: str
    waiting: int
    closed: int
    height: int
    bottom: int
    inner: bool
    above: int
    scrolled: int
    viewing: str | None
    settled: bool
    tabs: tuple[str, ...] = ()
    tab: str = ""
    places: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, raw: Json) -> PageLook:
        """Read what watch.js answers."""
        return cls(
            boxes=tuple(_box(each) for each in raw["panels"]),
            reason=raw["reason"],
            detail=raw["detail"],
            mark=raw["mark"],
            drawn=raw["drawn"],
            waiting=raw["waiting"],
            closed=raw["closed"],
            height=math.ceil(raw["height"]),
            bottom=math.ceil(raw["bottom"]),
            inner=raw["inner"],
            above=math.floor(raw["above"]),
            scrolled=math.floor(raw["scrolled"]),
            viewing=raw["viewing"],
            settled=raw["settled"],
            tabs=tuple(str(each) for each in raw["tabs"]),
            tab=str(raw["tab"]),
            places=tuple((float(top), float(bottom)) for top, bottom in raw["places"]),
        )

    def same(self, other: PageLook) -> bool:
        """Say whether nothing was different."""
        return (self.mark, self.drawn) == (other.mark, other.drawn)

    @property
    def states(self) -> tuple[str, str | None, list[tuple[str, PanelState]]]:
        """What would have to change for a picture to be out of date, or to be of something else."""
        return self.reason, self.viewing, [(box.seen.title, box.seen.state) for box in self.boxes]

    def judge(self, shot: Shot) -> None:
        """Raise NoPicture if this is not what was asked for, or shows nothing that anybody could use."""
        if self.reason:
            raise NoPicture(self.reason, self.detail)
        if not self.boxes and not self.waiting:
            # What is not there yet is no sign of anything.
            if not self.settled:
                raise NoPicture("timeout")
            raise NoPicture("not-found" if shot.panel is not None else "empty")
        if shot.panel is not None and not self._shows_only(shot.panel):
            # For a panel that does not exist Grafana shows the whole dashboard, as if that had been asked for, or nothing.
            raise NoPicture("not-found")
        if all(box.seen.state is PanelState.LOADING for box in self.boxes):
            raise NoPicture("timeout")

    def _shows_only(self, panel: int) -> bool:
        return self.viewing is not None and [box.id for box in self.boxes] in ([panel], [None])

    def panels(self, errors: Mapping[int, str]) -> tuple[PanelSeen, ...]:
        """Return each panel in reading order; `errors` are those that the queries themselves ended with, by panel."""
        ordered = sorted(self.boxes, key=lambda box: (round(box.top), box.left))
        missing = (PanelSeen("", PanelState.LOADING) for _ in range(self.waiting))
        # Panels that repeat share their id: which of them a failed query was of, only their marks tell.
        marked = {box.id for box in self.boxes if box.seen.state is PanelState.ERROR}
        seen = (_with_error(box, errors) if _is_its_own(box, marked) else box.seen for box in ordered)
        return (*seen, *missing)


def _is_its_own(box: Box, marked: Collection[int | None]) -> bool:
    """Say whether what failed under the id of a panel failed in this one, and not in another of the same id."""
    return box.id not in marked or box.seen.state is PanelState.ERROR


def _with_error(box: Box, errors: Mapping[int, str]) -> PanelSeen:
    """Trust the answer of the query more than the mark on the panel: marks change between versions of Grafana."""
    message = errors.get(box.id) if box.id is not None else None
    if message is None or box.seen.state is PanelState.LOADING:
        return box.seen
    return PanelSeen(box.seen.title, PanelState.ERROR, box.seen.message or message)


def _box(raw: Json) -> Box:
    seen = PanelSeen(raw["title"], PanelState(raw["state"]), raw["message"])
    return Box(raw["id"], seen, raw["left"], raw["top"], raw["right"], raw["bottom"], raw["written"])


def cut(
    height: int, boxes: Sequence[Box], limit: int, places: Sequence[tuple[float, float]] = ()
) -> list[tuple[int, int]]:
    """Divide a page into stretches (top, bottom) of at most `limit`, evenly, and between panels where that can be."""
    spans = [*((box.top, box.bottom) for box in boxes), *places]
    lines = sorted({math.ceil(bottom) for _, bottom in spans})
    whole = [line for line in lines if not any(top < line - 1 and line + 1 < bottom for top, bottom in spans)]
    stretches: list[tuple[int, int]] = []
    top = 0
    while height - top > limit:
        ideal = top + (height - top) / math.ceil((height - top) / limit)
        # A cut in the upper half would leave slivers; a panel taller than the limit is cut, but nothing of it is lost.
        fitting = [line for line in whole if top + limit / 2 < line <= top + limit]
        bottom = min(fitting, key=lambda line: abs(line - ideal)) if fitting else top + limit
        stretches.append((top, bottom))
        top = bottom
    return [*stretches, (top, height)]
