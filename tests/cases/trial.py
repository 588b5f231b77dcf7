"""The use cases from the inbox to the card, in one process and with a clock that a test moves.

The store, the use cases and the cards are the real ones; only Discord is a list of what was posted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.core.access import Access
from bot.core.correlation import Correlation, Rules
from bot.core.deliver import CardDelivery
from bot.core.merging import Merging
from bot.core.respond import Respond
from bot.domain.incidents import Incident
from bot.domain.notifications import ALERTMANAGER
from bot.domain.owners import Catalogue, Owner
from bot.domain.people import Policy
from bot.domain.views import Page
from bot.store.database import Database
from bot.ui.cards import Card, incident_card, paged
from tests.cases import given
from tests.fakes import FakeAnnouncer, HandClock
from tests.ui.world import make_viewer

# After the absolute moments that some cases name.
BEGIN = datetime(2026, 11, 27, 20, 10, tzinfo=UTC)


class Trial:
    """Plays a case and tells what is on Discord."""

    def __init__(
        self, database: Database, catalogue: Catalogue | None = None, language: str = "en", rules: Rules | None = None
    ) -> None:
        self.clock = HandClock(BEGIN)
        self.database = database
        self.language = language
        self.catalogue = catalogue or Catalogue()
        self.announcer = FakeAnnouncer()
        viewer = make_viewer(database, self.clock, self.catalogue)
        access = Access(Policy(), database.audit, self.clock)
        self.correlation = Correlation(
            rules=rules or Rules(), catalogue=self.catalogue, keepsakes=database.keepsakes, clock=self.clock
        )
        self.merging = Merging(
            correlation=self.correlation,
            incidents=database.incidents,
            investigations=database.investigations,
            access=access,
            clock=self.clock,
        )
        self.respond = Respond(
            inbox=database.inbox,
            incidents=database.incidents,
            viewer=viewer,
            access=access,
            clock=self.clock,
            correlation=self.correlation,
        )
        self.delivery = CardDelivery(
            outbox=database.outbox, announcer=self.announcer, viewer=viewer, clock=self.clock, catalogue=self.catalogue
        )

    async def play(self, number: str) -> None:
        """Play all steps of a case."""
        wanted = given.case(number)
        for step in wanted["steps"]:
            await self.take(step, wanted["source"])

    async def take(self, step: dict[str, Any], source: str = ALERTMANAGER) -> None:
        """Take one step: post a body, or let time pass."""
        if "wait" in step:
            self.clock.forward(seconds=step["wait"])
        else:
            await self.post(given.at(step["post"], self.clock()), source)

    async def post(self, body: dict[str, Any], source: str = ALERTMANAGER) -> None:
        """Take in a webhook body and show what it changes."""
        await self.database.inbox.keep(source, json.dumps(body).encode(), self.clock())
        await self.respond.take_in(10)
        await self.show()

    async def show(self) -> None:
        """Work off the outbox."""
        while await self.delivery.step():
            pass

    def paged(self, page: Page) -> tuple[Owner, ...]:
        """Return who is called by a page."""
        return paged(page.view, page.reason)

    async def incidents(self) -> Sequence[Incident]:
        """Return all incidents, the oldest first."""
        return list(reversed(await self.database.incidents.recent(100)))

    @property
    def cards(self) -> list[Card]:
        """Return the cards as they stand on Discord, the oldest first."""
        return [incident_card(view, self.language) for view in self.announcer.cards.values()]  # type: ignore[arg-type]

    @property
    def texts(self) -> list[str]:
        """Return all that can be read on each card, the oldest first."""
        return ["\n".join([card.head, *card.body, card.links, card.mention]) for card in self.cards]
