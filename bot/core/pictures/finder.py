"""Finds a dashboard by what somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.directory import Directory, nearest
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget

_LISTED = 6


class DashboardFinder:
    """Searches titles, folders and tags of the dashboards known to the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._read: Sequence[DashboardLink] = ()
        self._words: list[tuple[str, str, DashboardLink]] = []

    def candidates(self, typed: str) -> Sequence[DashboardLink]:
        """Return the dashboards that all typed words occur in, those whose title begins so first."""
        words = typed.lower().split()
        found = [each for each in self._haystacks() if all(word in each[1] for word in words)]
        start = typed.strip().lower()
        found.sort(key=lambda each: (not each[0].startswith(start), each[0]))
        return [link for _, _, link in found]

    def find(self, typed: str) -> DashboardLink:
        """Return the dashboard with this uid or title, or the only one it can mean. Raises InvalidTarget."""
        wanted = typed.strip()
        known = self._directory.dashboards
        # A uid tells capitals apart; two dashboards may share a title.
        exact = [link for link in known if link.uid == wanted]
        exact = exact or [link for link in known if link.title.lower() == wanted.lower()]
        found = exact or (self.candidates(wanted) if wanted else [])
        if len(found) == 1:
            return found[0]
        if exact:
            raise InvalidTarget("errors.several_dashboards", typed=wanted[:80], found=_told_apart(exact))
        if not known:
            raise InvalidTarget("errors.no_dashboards")
        near = nearest(wanted, (link.title for link in found or known))
        raise InvalidTarget("errors.unknown_dashboard", typed=wanted[:80], near=near)

    def by_uid(self, uid: str) -> DashboardLink | None:
        """Return the dashboard with this uid, if the directory knows it."""
        return next((link for link in self._directory.dashboards if link.uid == uid), None)

    def _haystacks(self) -> list[tuple[str, str, DashboardLink]]:
        """Return title, all that is searched, and the link of each dashboard; made once for each list of them."""
        if self._directory.dashboards is not self._read:
            self._read = self._directory.dashboards
            self._words = [(link.title.lower(), _haystack(link), link) for link in self._read]
        return self._words


def _told_apart(links: Sequence[DashboardLink]) -> str:
    """List dashboards of one title by their folders, and by the uid that each can be asked for with."""
    named = [f"{link.folder or '/'} / {link.title} ({link.uid})"[:150] for link in links]
    return ", ".join(named[:_LISTED]) + (f", … (+{len(named) - _LISTED})" if len(named) > _LISTED else "")


def _haystack(link: DashboardLink) -> str:
    return " ".join((link.title, link.folder, *link.tags)).lower()
