"""Joins alerts of one trouble that their source groups apart. Pure.

Unrelated troubles under one card are worse than two cards for one trouble. So what joins must be as old as the trouble, and
a single one of the services that fire must explain all the others: each of them is that service, or calls it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from bot.domain.alerts import Alert, Joined, JoinedHow, Notification
from bot.domain.incidents import Incident
from bot.domain.labels import place_of

# A larger group is a trouble of its own, and reading those beside it would cost what is to be saved.
MOST_ALERTS = 500

# Trouble comes along calls. So many lead from one service that fires to the next: not every one between has a rule.
_AT_ONCE = 2
# And so many lead from one end of a trouble to the other.
_REACH = 6


class CallGraph:
    """Who calls whom, in any case of letters."""

    def __init__(self, edges: Iterable[tuple[str, str]] = ()) -> None:
        self.edges = frozenset((caller.lower(), callee.lower()) for caller, callee in edges)

    def distance(self, caller: str, callee: str) -> int | None:
        """Count the calls that lead from one service to another, None if none do."""
        return self._below.get(caller.lower(), {}).get(callee.lower())

    def near(self, services: Iterable[str]) -> frozenset[str]:
        """Return all services that may have a cause in common with one of these, themselves among them."""
        found = {each.lower() for each in services}
        causes = found.union(*(self._below.get(each, {}) for each in found))
        return frozenset(causes.union(*(self._above.get(each, {}) for each in causes)))

    @cached_property
    def _below(self) -> Mapping[str, Mapping[str, int]]:
        return _reached(self.edges)

    @cached_property
    def _above(self) -> Mapping[str, Mapping[str, int]]:
        return _reached((callee, caller) for caller, callee in self.edges)


@dataclass(frozen=True, slots=True)
class Joining:
    """When alerts join an incident that another group has begun; a `window` of nothing is never.

    `alone` are names of alerts and of services that always have a card of their own. `owners_of` names who is called for a
    service.
    """

    window: timedelta = timedelta()
    calls: CallGraph = field(default_factory=CallGraph)
    alone: frozenset[str] = frozenset()
    owners_of: Callable[[str], frozenset[object]] = lambda _service: frozenset()
    # What explains them although nothing of it fires.
    cause: str = ""

    def wanted(self, notification: Notification) -> frozenset[str]:
        """Return the services with whose incidents its alerts might join, in small letters; none if they cannot."""
        if not self.window or notification.truncated:
            # Nobody knows what was cut off.
            return frozenset()
        firing = [alert for alert in notification.alerts if alert.firing]
        if not 0 < len(firing) <= MOST_ALERTS or not all(self._may_join(alert) for alert in firing):
            return frozenset()
        return self.calls.near(alert.service or "" for alert in firing)

    def explained_by(self, cause: str, alerts: Iterable[Alert]) -> Joining:
        """Return the same for alerts whose investigations end at one cause: those that call it need not be of one another."""
        calling = {alert.service or "" for alert in alerts}
        if not all(each.lower() == cause.lower() or self._linked(each, cause) for each in calling):
            return self
        return replace(self, cause=cause)

    def host(self, alerts: Sequence[Alert], group: str, incidents: Iterable[Incident], at: datetime) -> Host | None:
        """Choose the incident that the alerts of a group join, the nearest one; None if they begin their own."""
        firing = [alert for alert in alerts if alert.firing]
        if not self.window or not firing or not all(self._may_join(alert) for alert in firing):
            return None
        found = [host for each in incidents if (host := self._joined(firing, group, each, at))]
        return min(found, key=lambda host: (host.distance, host.apart, -host.incident.number), default=None)

    def _joined(self, firing: Sequence[Alert], group: str, incident: Incident, at: datetime) -> Host | None:
        """Return how they would join this incident, if they are of its trouble."""
        members = incident.firing
        began = min(alert.starts_at for alert in firing)
        apart = abs(began - incident.began_at)
        if not incident.is_open or not members or incident.truncated or apart > self.window:
            return None
        if not all(self._may_join(alert) for alert in members) or not _one_place([*members, *firing]):
            return None
        cause = self._cause([alert.service or "" for alert in (*members, *firing)])
        if cause is None:
            return None
        about = {alert.service or "" for alert in members}
        called = frozenset[object]().union(*(self.owners_of(each) for each in about))
        after = began - incident.began_at
        joined: list[Alert] = []
        distance = 0
        for alert in firing:
            how, other, calls = self._how(alert.service or "", about)
            distance = max(distance, calls)
            quiet = self.owners_of(alert.service or "") <= called
            joined.append(replace(alert, joined=Joined(group, at, how, other, round(after.total_seconds()), quiet)))
        return Host(incident, tuple(joined), cause, distance, apart)

    def _cause(self, services: Iterable[str]) -> str | None:
        """Return the service that explains all the others, if a single one does."""
        names = {each.lower(): each for each in services}
        if self.cause and self.cause.lower() not in names:
            return self.cause
        links = [(callee, caller) for caller in names for callee in names if self._linked(caller, callee)]
        reached = _reached(links)
        far = {
            cause: sum(reached.get(cause, {}).values())
            for cause in names
            if len(reached.get(cause, {})) == len(names) - 1
        }
        # Where services call one another in a circle, the one that is nearest to all.
        return names[min(sorted(far), key=lambda each: far[each])] if far else None

    def _linked(self, caller: str, callee: str) -> bool:
        calls = self.calls.distance(caller, callee)
        return calls is not None and calls <= _AT_ONCE

    def _how(self, service: str, about: Iterable[str]) -> tuple[JoinedHow, str, int]:
        """Say how a service stands to the nearest of those that fire."""
        found: list[tuple[int, JoinedHow, str]] = []
        for other in sorted(about):
            if other.lower() == service.lower():
                return JoinedHow.SAME_SERVICE, other, 0
            for how, caller, callee in ((JoinedHow.CALLS, service, other), (JoinedHow.CALLED_BY, other, service)):
                if self._linked(caller, callee):
                    found.append((self.calls.distance(caller, callee) or 0, how, other))
        # Two that call a third one, which fires as well.
        nearest = min(found, default=(_REACH + 1, JoinedHow.SAME_CAUSE, ""))
        return nearest[1], nearest[2], nearest[0]

    def _may_join(self, alert: Alert) -> bool:
        if not alert.service or alert.is_test:
            return False
        return not {alert.name.lower(), alert.service.lower()} & self.alone


NEVER = Joining()


@dataclass(frozen=True, slots=True)
class Host:
    """An incident that takes alerts in: how they then stand in it, the service that explains all, and how near it is."""

    incident: Incident
    alerts: tuple[Alert, ...]
    cause: str
    distance: int
    apart: timedelta


def unexplained(cause: str, alerts: Iterable[Alert], calls: CallGraph) -> tuple[str, ...]:
    """Return the services that fire and that a cause does not explain: they do not call it, as far as is known of both."""
    known = {name for edge in calls.edges for name in edge}
    firing = dict.fromkeys(alert.service for alert in alerts if alert.firing and alert.service)
    if cause.lower() not in known:
        # As of a host, which explains whatever runs there.
        return ()
    strangers = (each for each in firing if each.lower() in known and each.lower() != cause.lower())
    return tuple(each for each in strangers if calls.distance(each, cause) is None)


def places_of(alerts: Iterable[Alert]) -> frozenset[str]:
    """Name the places where alerts fire; nothing stands for what does not say where."""
    return frozenset(place_of(alert.labels) for alert in alerts if alert.firing)


def one_place(places: Collection[str]) -> str | None:
    """Return the one of these places that has a name, nothing if none has, None if several have."""
    named = {*places} - {""}
    return None if len(named) > 1 else next(iter(named), "")


def _one_place(alerts: Sequence[Alert]) -> bool:
    """Tell whether nothing says that they run in different places."""
    return one_place({place_of(alert.labels) for alert in alerts}) is not None


def _reached(edges: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Return for each name how many steps lead to each other, as far as that counts."""
    following: dict[str, set[str]] = {}
    for before, after in edges:
        if before != after:
            following.setdefault(before, set()).add(after)
    return {start: _steps(start, following) for start in following}


def _steps(start: str, following: Mapping[str, Iterable[str]]) -> dict[str, int]:
    steps, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        if steps[here] == _REACH:
            continue
        for each in following.get(here, ()):
            if each not in steps:
                steps[each] = steps[here] + 1
                waiting.append(each)
    del steps[start]
    return steps


def in_chain(services: Sequence[str]) -> list[tuple[str, str]]:
    """Return edges both ways between names that stand beside one another, as an operator writes down what belongs together."""
    return [edge for one, other in pairwise(services) for edge in ((one, other), (other, one))]
