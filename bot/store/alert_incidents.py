"""Finds for each alert of a source the newest incident that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, select

from bot.domain.alerts import Notification
from bot.domain.incidents import Incident, State
from bot.domain.routing import Known
from bot.ports import Beside
from bot.store.kinds import written
from bot.store.rows import folded, incident_of, storable
from bot.store.tables import alert_incidents, incidents
from bot.store.upsert import insert_or_change

T = TypeVar("T")

# As many values as a statement takes on both databases, with room for others.
_AT_ONCE = 500

# Sources that use the same group key; more have never been seen by anybody.
_NAMESAKES = 20

_FINGERPRINT = 100

# Of so many incidents that began around the same time the newest are compared with what comes.
_MOST_BESIDE = 30
# What a program of schema 0012 has written of services and places.
_UNKNOWN = "?"

# Written once: in a storm it takes longer to write them than to have them done.
_GROUP = (
    select(incidents.c.number, incidents.c.joined_to)
    .where(incidents.c.group_key == bindparam("group"))
    .order_by(incidents.c.number.desc())
    .limit(_NAMESAKES)
)
_THESE = (
    select(incidents)
    .where(incidents.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(incidents.c.number)
    .with_for_update()
)


def _beside_in(places: ColumnElement[bool]) -> Select[int]:
    services = bindparam("services", expanding=True)
    unknown = incidents.c.folded_service == _UNKNOWN
    return (
        select(incidents.c.number)
        .where(
            incidents.c.state.in_(written(state.value for state in State if state is not State.RESOLVED)),
            incidents.c.folded_service.in_(services),
            places,
            ~unknown | func.lower(incidents.c.service).in_(services),
            incidents.c.source == bindparam("source"),
            func.coalesce(incidents.c.reopened_at, incidents.c.opened_at) >= bindparam("since"),
        )
        .order_by(incidents.c.number.desc())
        .limit(_MOST_BESIDE)
    )


_BESIDE_ANYWHERE = _beside_in(incidents.c.place.is_not(None))
_BESIDE = _beside_in(incidents.c.place.in_(bindparam("places", expanding=True)))
_THEIRS = (alert_incidents.c.source == bindparam("source")) & alert_incidents.c.fingerprint.in_(
    bindparam("fingerprints", expanding=True)
)
_OWNERS = select(alert_incidents).where(_THEIRS)
_FORGET = delete(alert_incidents).where(_THEIRS, alert_incidents.c.origin == bindparam("origin"))
_KEY = ("source", "origin", "fingerprint")


def known(connection: Connection, notification: Notification, beside: Beside) -> tuple[Known, frozenset[int]]:
    """Return the incidents that a message may be about, locked, and which of them a digest shows.

    Those are the incidents of its alerts, the last ones of its group, and others.
    """
    found = _incidents_of(connection, notification)
    group = connection.execute(_GROUP, {"group": notification.group_key}).all()
    others = set[int]()
    if beside.services and any(alert.firing and alert.fingerprint not in found for alert in notification.alerts):
        others = _beside(connection, notification, beside)
    # And those that they have become a part of.
    numbers = {*found.values(), *others, *(number for row in group for number in row if number is not None)}
    rows = [
        row for some in _portions(sorted(numbers)) for row in connection.execute(_THESE, {"numbers": some}).mappings()
    ]
    read = [incident_of(row) for row in rows]
    in_digest = frozenset(row["number"] for row in rows if row["digest"] is not None)
    return Known(read, found, [each for each in read if each.number in others]), in_digest


def settle(connection: Connection, incident: Incident, before: Incident | None) -> None:
    """Write down that the alerts of an incident are its own."""
    moved = before is None or before.origin != incident.origin
    old = set() if moved or before is None else {alert.fingerprint for alert in before.alerts}
    new = [storable(alert.fingerprint)[:_FINGERPRINT] for alert in incident.alerts if alert.fingerprint not in old]
    place = {"source": incident.source, "origin": incident.origin}
    for some in _portions(list(dict.fromkeys(new))):
        if moved and before is not None:
            theirs = {"source": incident.source, "fingerprints": some}
            connection.execute(_FORGET, {**theirs, "origin": before.origin})
        rows = [{**place, "fingerprint": each, "incident": incident.number} for each in some]
        connection.execute(insert_or_change(connection.dialect.name, alert_incidents, _KEY, "incident"), rows)


def _beside(connection: Connection, notification: Notification, beside: Beside) -> set[int]:
    """Return the numbers of open incidents that began lately, of services that may be of the same trouble, in one place."""
    services = [_UNKNOWN, *sorted({folded(each) for each in beside.services})[:_AT_ONCE]]
    values = {"source": notification.source, "services": services, "since": beside.since}
    if "" in beside.places:
        # What does not say where it fires may join whatever fires in one place.
        return set(connection.execute(_BESIDE_ANYWHERE, values).scalars())
    places = [_UNKNOWN, "", *sorted({folded(each) for each in beside.places})[:_AT_ONCE]]
    return set(connection.execute(_BESIDE, {**values, "places": places}).scalars())


def _incidents_of(connection: Connection, notification: Notification) -> dict[str, int]:
    wanted = {storable(alert.fingerprint)[:_FINGERPRINT]: alert.fingerprint for alert in notification.alerts}
    found: dict[str, tuple[bool, int]] = {}
    for some in _portions(list(wanted)):
        for row in connection.execute(_OWNERS, {"source": notification.source, "fingerprints": some}).mappings():
            ours = row["origin"] == notification.origin
            key = wanted[row["fingerprint"]]
            if notification.may_come_from(row["origin"]) and (key not in found or (ours, row["incident"]) > found[key]):
                found[key] = (ours, row["incident"])
    return {fingerprint: number for fingerprint, (_, number) in found.items()}


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
