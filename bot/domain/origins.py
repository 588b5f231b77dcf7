"""Tells which Grafana or Alertmanager sent a message, by the address it gives for itself. No I/O.

Replicas of one source have one origin, two sources that only look alike have two, so that the end that one of them
tells never turns the card of the other green.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

# What tells the pods and containers of one source apart: StatefulSets count them, Deployments and Docker draw lots.
_LOTS = re.compile(r"-[0-9a-f]{8,10}-[a-z0-9]{5}$")
_COUNT = re.compile(r"(?<=[a-z])-?\d{1,3}$")
_POD = re.compile(r"(?<=[a-z])-\d{1,3}$")
_FIRST = re.compile(r"[^.:/]*[a-z][^.:/]*")
_CONTAINER = re.compile(r"^[0-9a-f]{12}$")
_ADDRESS = re.compile(r"^[\d.]+$|:")
# Grafana's *Test* button names the group after the alert and the second, whatever labels somebody gave it.
_TEST = re.compile(r"webhook-[0-9a-f]+-\d+")

# The group of what we put into our own inbox, because the source lists it and no message came.
ADOPTED: Final = "reconciled:"

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(external_url: str, organisation: str = "") -> str:
    """Name the source by its own address and organisation; nothing if it gave no address."""
    try:
        parts = urlsplit(external_url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port, parts = external_url.strip().lower(), None, urlsplit("")
    if not host:
        return ""
    where = _without_replica(host, by_people=bool(organisation))
    if port and port != _DEFAULT_PORTS.get(parts.scheme):
        where = f"{where}:{port}"
    return f"{where}{parts.path.rstrip('/')}#{organisation}"[:500]


def same_origin(one: str, other: str) -> bool:
    """Tell whether two origins are one source; an organisation that was not told may be any, and a number there as well."""
    where, _, organisation = one.rpartition("#")
    there, _, elsewhere = other.rpartition("#")
    # Origins that an earlier version stored, or that came without an organisation, have lost their number.
    same = where == there or _uncounted(where) == there or where == _uncounted(there)
    return same and (organisation == elsewhere or not organisation or not elsewhere)


def organisation_of(origin: str) -> str:
    """Return the organisation of an origin; nothing if it was not told."""
    return origin.rpartition("#")[2]


def without_organisation(origin: str) -> str:
    """Return the server of an origin, whichever organisation it is."""
    return origin.rpartition("#")[0]


def is_test(group_key: Any) -> bool:
    """Tell whether a message was sent by the *Test* button of a Grafana contact point."""
    return isinstance(group_key, str) and _TEST.fullmatch(group_key) is not None


def is_adopted(group_key: Any) -> bool:
    """Tell whether a message is one that we wrote ourselves."""
    return isinstance(group_key, str) and group_key.startswith(ADOPTED)


def is_repeat(reason: Any) -> bool:
    """Tell whether a message only repeats what still is, as Alertmanager says from 0.35 on (`notification_reason`)."""
    return isinstance(reason, str) and "repeat" in reason.lower()


def _without_replica(host: str, *, by_people: bool) -> str:
    """Return a host without what tells replicas apart.

    People give Grafana its address (`root_url`), one for all its replicas: grafana1 and grafana2 are two Grafanas.
    """
    if _ADDRESS.search(host):
        return host
    first, dot, rest = host.partition(".")
    if _CONTAINER.match(first):
        return f"container{dot}{rest}"
    first = _LOTS.sub("", first)
    if by_people and dot:
        return f"{first}{dot}{rest}"
    return f"{(_POD if by_people else _COUNT).sub('', first)}{dot}{rest}"


def _uncounted(where: str) -> str:
    """Return the server of an origin without the number at the end of its first name."""
    first = _FIRST.match(where)
    return f"{_COUNT.sub('', first[0])}{where[first.end() :]}" if first else where
