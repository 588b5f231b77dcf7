"""Find a dashboard by what somebody typed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.directory import Directory
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
        wanted = typed.strip().lower()
        for link in self._directory.dashboards:
            if wanted in (link.uid.lower(), link.title.lower()):
                return link
        found = self.candidates(typed) if wanted else []
        if len(found) == 1:
            return found[0]
        if not self._directory.dashboards:
            raise InvalidTarget("errors.no_dashboards")
        titles = [link.title for link in found] or [link.title for link in self._directory.dashboards]
        near = difflib.get_close_matches(typed, titles, n=3, cutoff=0.0)
        raise InvalidTarget("errors.unknown_dashboard", typed=typed.strip()[:80], near=", ".join(near))


def _haystack(link: DashboardLink) -> str:
    return " ".join((link.title, link.folder, *link.tags)).lower()
