"""Finds where an incident goes on that has joined another one: what is asked or done about it is about that one."""

from __future__ import annotations

from bot.domain.incidents import Incident
from bot.ports import Incidents


async def whole(incidents: Incidents, number: int) -> Incident:
    """Return an incident, or the one of which it is a part by now. Raises UnknownIncident."""
    incident = await incidents.load(number)
    # The later one joins the earlier one.
    while incident.joined_to is not None and incident.joined_to < incident.number:
        incident = await incidents.load(incident.joined_to)
    return incident
