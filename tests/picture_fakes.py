"""Stand-ins for what pictures are taken with, and images to take."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence

from PIL import Image, ImageDraw

from bot.domain.dashboards import Chosen, DashboardModel, Variable
from bot.domain.exhibits import IncidentPicture
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.telemetry import Window
from bot.domain.views import MessageRef
from bot.errors import InvalidTarget, NoPicture, SourceUnavailable
from tests.builders import NOW


def png(width: int = 64, height: int = 48, *, blank: bool = False) -> bytes:
    """A real image, with a line in it unless it is blank."""
    image = Image.new("RGB", (width, height), (24, 27, 31))
    if not blank:
        ImageDraw.Draw(image).line((0, 0, width, height), fill=(115, 191, 105), width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


READY = PanelSeen("Latency", PanelState.READY)


class FakeCamera:
    """A camera that takes what a test gives it: a picture, an error, or its time."""

    def __init__(self, step: Step = Step.BROWSER, *, panels: tuple[PanelSeen, ...] = (READY,)) -> None:
        self.name = step.value
        self.picture = Picture((png(),), NOW, step, panels)
        self.fails: NoPicture | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.taken: list[Shot] = []
        self.deadlines: list[float] = []
        self.stopped = 0
        self.before: Callable[[Shot], None] = lambda _: None

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        self.taken.append(shot)
        self.deadlines.append(deadline_s)
        self.before(shot)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if self.fails:
            raise self.fails
        return self.picture


class FakeModels:
    """Grafana's dashboards by uid; `offered` are the values of variables that only Grafana knows."""

    def __init__(self, *models: DashboardModel) -> None:
        self.models = {model.uid: model for model in models}
        self.offered: dict[str, Sequence[str]] = {}
        self.down: str | None = None
        self.hangs = False

    def known(self, uid: str) -> DashboardModel | None:
        return None if self.hangs or self.down else self.models.get(uid)

    async def model(self, uid: str) -> DashboardModel:
        if self.hangs:
            await asyncio.Event().wait()
        if self.down:
            raise SourceUnavailable("grafana", self.down)
        if uid not in self.models:
            raise InvalidTarget("errors.dashboard_gone", uid=uid)
        return self.models[uid]

    async def values(
        self, model: DashboardModel, variable: Variable, chosen: Chosen, window: Window | None = None
    ) -> Mapping[str, str] | None:
        offered = self.offered.get(variable.name)
        return variable.known or (None if offered is None else {each: each for each in offered})


class FakeBoard:
    """Threads as a list; `fail` errors are raised once each, in order."""

    def __init__(self) -> None:
        self.hung: list[tuple[MessageRef, IncidentPicture, bool]] = []
        self.fail: list[Exception] = []

    async def hang(self, card: MessageRef, picture: IncidentPicture, *, again: bool) -> MessageRef:
        if self.fail:
            raise self.fail.pop(0)
        self.hung.append((card, picture, again))
        return MessageRef(card.message_id, 1)
