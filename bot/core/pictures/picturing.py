"""Turns what a person typed, or what a card points at, into a request; and the request into a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta, tzinfo

from bot.core.access import Access
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.queue import PictureQueue, Ticket
from bot.core.viewing import Viewer
from bot.domain.alerts import Alert
from bot.domain.dashboards import (
    Chosen,
    DashboardModel,
    Panel,
    Pointer,
    address,
    check_value,
    parse_variables,
    pointer,
    unknown_variable,
)
from bot.domain.exhibits import Order, Request
from bot.domain.people import Person, Right
from bot.domain.pictures import Shot, Theme
from bot.domain.ranges import MOST, TimeSpan, last, parse_range
from bot.domain.telemetry import Window
from bot.domain.views import DashboardLink, IncidentView
from bot.errors import InvalidTarget, Refused, SourceError, SourceUnavailable
from bot.i18n import Phrase
from bot.ports import Clock
from bot.ports.dashboards import DashboardModels

_USUAL = timedelta(hours=1)
# What went before the onset is what the onset is compared with; what came after the end shows that it is over.
_BEFORE, _AFTER = timedelta(minutes=30), timedelta(minutes=15)
# Discord waits three seconds for what is offered while somebody types.
_OFFER_S = 1.0
# Of the twenty seconds of an answer, what may go by before anything is pictured.
_UNDERSTOOD_S, _GUESSED_S = 5.0, 2.0


class Picturing:
    """Knows what is to be pictured; the queue knows how."""

    def __init__(
        self,
        *,
        finder: DashboardFinder,
        models: DashboardModels,
        queue: PictureQueue,
        viewer: Viewer,
        access: Access,
        clock: Clock,
        zone: tzinfo,
        theme: Theme = "dark",
    ) -> None:
        self._finder = finder
        self._models = models
        self._queue = queue
        self._viewer = viewer
        self._access = access
        self._clock = clock
        self._zone = zone
        self._theme: Theme = theme

    @property
    def able(self) -> bool:
        """Whether there is anything to take pictures with; otherwise a link is all there can be."""
        return self._queue.able

    async def request(self, order: Order, by: Person) -> Request:
        """Understand what somebody typed. Raises Refused naming what is wrong with it, or SourceError."""
        asked_at = asyncio.get_running_loop().time()
        await self._access.require(by, Right.READ, "dashboard", order.name[:100])
        link = self._finder.find(order.name)
        span = self._span(order.stretch)
        typed = parse_variables(order.variables)
        tab = " ".join(typed.pop("tab", ()))
        model, chosen = await self._understood(link, typed, needed=bool(order.panel or typed))
        if tab and model and model.variable("tab"):
            # A variable of this name goes before: it was the dashboard's own word first.
            chosen |= await self._checked(model, {"tab": (tab,)})
            tab = ""
        panel = model.find_panel(order.panel) if model and order.panel else None
        made = replace(self._made(link, model, span, panel, chosen, order), asked_at=asked_at)
        made = replace(made, shot=replace(made.shot, tab=tab))
        if self.able or order.panel or order.stretch or order.variables:
            return made
        # A link and nothing else: the dashboard as it opens by itself.
        return replace(made, url=link.url)

    async def panels(self, name: str, typed: str) -> Sequence[Panel]:
        """Return the panels of the dashboard named that fit what was typed; none if Grafana takes too long."""
        try:
            link = self._finder.find(name)
            model = self._models.known(link.uid)
            if model is None:
                async with asyncio.timeout(_OFFER_S):
                    model = await self._models.model(link.uid)
        except (Refused, SourceError, TimeoutError):
            return []
        return model.panels_like(typed)

    async def of_incident(self, number: int, by: Person) -> Request:
        """Understand what a card points at. Raises Refused or SourceError."""
        asked_at = asyncio.get_running_loop().time()
        await self._access.require(by, Right.READ, "dashboard", f"#{number}")
        made = await self.pointed_at(await self._viewer.view(number))
        if made is None:
            raise InvalidTarget("errors.no_dashboard_linked", number=str(number))
        return replace(made, asked_at=asked_at)

    async def pointed_at(self, view: IncidentView) -> Request | None:
        """Return what an incident's alert points at, None if it points at no dashboard. Raises Refused or SourceError.

        Variables are filled from the labels of the alert, as far as the dashboard has them.
        """
        lead = view.incident.lead
        found = pointed(view)
        if found is None:
            return None
        url = next((each for each in (view.links.dashboard, view.links.panel) if pointer(each)), "")
        link = self._finder.by_uid(found.uid) or DashboardLink(found.uid, found.uid, url.partition("?")[0])
        model = await self._model(link, needed=False)
        panel = model.panel(found.panel) if model and found.panel is not None else None
        chosen = await self._fitting(model, {**_of_labels(model, lead), **found.variables}) if model else {}
        made = self._made(link, model, self._span_of(view), panel, chosen, Order(found.uid))
        if found.panel is not None and model is None:
            made = replace(made, shot=replace(made.shot, panel=found.panel))
        return made

    def order(self, request: Request, by: int) -> Ticket:
        """Have it taken. Raises TooSoon for one too many."""
        return self._queue.order(request, by)

    def cancel(self, ticket: int, by: int) -> None:
        """Give up a ticket. Raises OutOfDate or NotAllowed."""
        self._queue.cancel(ticket, by)

    def drop(self, ticket: Ticket) -> None:
        """Give up a ticket that nobody waits for any more."""
        self._queue.drop(ticket)

    async def _understood(
        self, link: DashboardLink, typed: Chosen, *, needed: bool
    ) -> tuple[DashboardModel | None, dict[str, tuple[str, ...]]]:
        """Return what is known of a dashboard, and what was typed as it writes it; both in a part of the time."""
        try:
            async with asyncio.timeout(_UNDERSTOOD_S):
                model = await self._model(link, needed=needed)
                return model, await self._checked(model, typed) if model else {}
        except TimeoutError as error:
            if needed:
                raise SourceUnavailable("grafana", Phrase("reach.silent", seconds=f"{_UNDERSTOOD_S:g}")) from error
            return None, {}

    async def _model(self, link: DashboardLink, *, needed: bool) -> DashboardModel | None:
        try:
            return await self._models.model(link.uid)
        except SourceError:
            if needed:
                # What was typed cannot be checked, and a picture of something else would be a wrong one.
                raise
            return None

    async def _checked(self, model: DashboardModel, typed: Chosen) -> dict[str, tuple[str, ...]]:
        chosen: dict[str, tuple[str, ...]] = {}
        for name, values in typed.items():
            variable = model.variable(name)
            if variable is None or variable.kind == "constant":
                raise unknown_variable(model, name)
            known = await self._models.values(model, variable, chosen)
            chosen[variable.name] = check_value(variable, values, known)
        return chosen

    async def _fitting(self, model: DashboardModel, wanted: Chosen) -> dict[str, tuple[str, ...]]:
        """Take what the dashboard knows, leave out the rest: a label is a guess, not an order."""
        chosen: dict[str, tuple[str, ...]] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(_GUESSED_S):
                for name, values in wanted.items():
                    with suppress(InvalidTarget):
                        chosen |= await self._checked(model, {name: values})
        return chosen

    def _made(
        self,
        link: DashboardLink,
        model: DashboardModel | None,
        span: TimeSpan,
        panel: Panel | None,
        chosen: Mapping[str, tuple[str, ...]],
        order: Order,
    ) -> Request:
        shot = Shot(
            uid=link.uid,
            window=span.window,
            slug=model.slug if model else "",
            panel=panel.id if panel else None,
            variables=chosen,
            theme=order.theme or self._theme,
            rows_open=order.rows_open,
        )
        title = (model.title if model else "") or link.title
        return Request(title, address(link.url, shot), shot, panel.title if panel else "", span.moving)

    def _span(self, typed: str) -> TimeSpan:
        now = self._clock()
        return parse_range(typed, now=now, zone=self._zone) if typed.strip() else last(_USUAL, now)

    def _span_of(self, view: IncidentView) -> TimeSpan:
        now = self._clock()
        incident = view.incident
        end = min(now, incident.resolved_at + _AFTER) if incident.resolved_at else now
        start = max(min(incident.lead.starts_at, incident.opened_at) - _BEFORE, end - MOST)
        return TimeSpan(Window(start, end), moving=False)


def pointed(view: IncidentView) -> Pointer | None:
    """Return the dashboard that an incident's alert points at, and its panel if it names one.

    What the alert itself says goes before what is configured for its service.
    """
    lead, links = view.incident.lead, view.links
    notes = lead.annotations
    own = f"/d/{notes.get('__dashboardUid__', '')}?viewPanel={notes.get('__panelId__', '')}"
    addresses = (lead.panel_url, lead.dashboard_url, own, links.panel, links.dashboard)
    found = [each for each in map(pointer, addresses) if each]
    if not found:
        return None
    first = found[0]
    same = [each for each in found if each.uid == first.uid]
    panel = next((each.panel for each in same if each.panel is not None), None)
    return replace(first, panel=panel)


def _of_labels(model: DashboardModel | None, alert: Alert) -> dict[str, tuple[str, ...]]:
    labels = {name.lower(): value for name, value in alert.labels.items() if value}
    variables = model.variables if model else ()
    return {each.name: (labels[each.name.lower()],) for each in variables if each.name.lower() in labels}
