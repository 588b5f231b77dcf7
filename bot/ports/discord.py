"""Names what is asked of Discord, as the place where cards are."""

from __future__ import annotations

from typing import Protocol

from bot.domain.views import FoundCard, IncidentView, MessageRef, Page, Report


class Warner(Protocol):
    """The channel for urgent alerts, as the place where Bongsu says what it cannot mend itself."""

    async def warn(self, key: str, **values: str) -> None:
        """Say something, calling nobody. Raises DeliveryDelayed or DeliveryRefused."""
        ...


class Announcer(Protocol):
    """Discord, as the place where cards are."""

    async def post(self, view: IncidentView, replaces: int = 0) -> MessageRef:
        """Post a card, the one that `replaces` so many that are gone. Raises DeliveryDelayed or DeliveryRefused."""
        ...

    def draw(self, view: IncidentView) -> None:
        """Draw a first card ahead, which `post` takes if it is of this very view."""
        ...

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        """Draw a card again. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        ...

    async def find(self, view: IncidentView) -> FoundCard | None:
        """Look for the card of an incident that an earlier process may have posted; by custom id, never by title."""
        ...

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        """Call the owner again, as a reply to the card. Raises DeliveryDelayed or DeliveryRefused."""
        ...

    async def promote(self, ref: MessageRef, page: Page, *, post: bool = True) -> MessageRef | None:
        """Post the card anew, calling people, where its severity belongs, and have the old one point to it.

        What an earlier attempt has posted is taken for it; without `post` that alone, else None. None as well if it is
        there already. Raises as `page` does.
        """
        ...

    async def report(self, card: MessageRef, report: Report, *, again: bool) -> MessageRef:
        """Post a report in the thread of a card, opening the thread if there is none.

        With `again` an earlier attempt may have posted it: look for it first. Raises as `edit` does.
        """
        ...
