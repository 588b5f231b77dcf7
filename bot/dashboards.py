"""Find a dashboard by what somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.directory import Directory, near_misses
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget


class DashboardFinder:
    """Searches titles, folders and tags of the dashboards known to the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def candidates(self, typed: str) -> Sequence[DashboardLink]:
        """Return the dashboards that all typed words occur in, those whose title begins so first."""
        words = typed.lower().split()
        found = [link for link in self._directory.dashboards if all(word in _haystack(link) for word in words)]
        start = typed.strip().lower()
        return sorted(found, key=lambda link: (not link.title.lower().startswith(start), link.title.lower()))

    def find(self, typed: str) -> DashboardLink:
        """Return the dashboard with this uid or title, or the only one it can mean. Raises InvalidTarget."""
        wanted = typed.strip()
        known = self._directory.dashboards
        # A uid tells capitals apart; two dashboards may share a title.
        exact = [link for link in known if link.uid == wanted]
        exact += [link for link in known if link.title.lower() == wanted.lower()]
        if exact:
            return exact[0]
        found = self.candidates(wanted) if wanted else []
        if len(found) == 1:
            return found[0]
        if not known:
            raise InvalidTarget("errors.no_dashboards")
        near = near_misses(wanted, (link.title for link in found or known))
        raise InvalidTarget("errors.unknown_dashboard", typed=wanted[:80], near=near)

    def by_uid(self, uid: str) -> DashboardLink | None:
        """Return the dashboard with this uid, if the directory knows it."""
        return next((link for link in self._directory.dashboards if link.uid == uid), None)


def _haystack(link: DashboardLink) -> str:
    return " ".join((link.title, link.folder, *link.tags)).lower()
