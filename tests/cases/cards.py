"""The cards that a case's bodies make: parser, life of the incident and card, in one process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.viewing import firing_services, links
from bot.domain import lifecycle
from bot.domain.incidents import Incident
from bot.domain.notifications import parse
from bot.domain.origins import origin_of, same_origin
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.views import IncidentView
from bot.ui.cards import Card, incident_card
from tests.cases.given import at, case

GRAFANA = "https://grafana.public.example"
CATALOGUE = Catalogue(
    {
        name: Service(name, name.title(), (Owner(number, is_role=True),), runbook=f"https://runbooks.example/{name}")
        for number, name in enumerate(("api", "chat", "nginx"), 21)
    },
    (Owner(1, is_role=True),),
)


def incidents_of(number: str, now: datetime) -> list[Incident]:
    """Play the bodies of a case, a wait being time, and return the incidents in order."""
    made, base = case(number), now
    known: list[Incident] = []
    for step in made["steps"]:
        now += timedelta(seconds=step.get("wait", 0.01))
        if "post" in step:
            body = json.dumps(at(step["post"], base)).encode()
            notification = parse(step.get("source") or made["source"], body, now)
            same = [
                index
                for index, each in enumerate(known)
                if each.group == notification.group_key
                and same_origin(origin_of(each.external_url), notification.origin)
            ]
            before = known[same[-1]] if same else None
            outcome = lifecycle.apply(before, lifecycle.Notified(notification, now))
            if outcome.incident and outcome.begins:
                known.append(replace(outcome.incident, number=len(known) + 1))
            elif outcome.incident and same:
                known[same[-1]] = outcome.incident
    return known


def view_of(incident: Incident, catalogue: Catalogue = CATALOGUE) -> IncidentView:
    """Gather what the card shows, as the product does."""
    service = catalogue.find(incident.lead.service or incident.service)
    shown = links(incident, service, GRAFANA)
    return IncidentView(incident, service, firing_services(incident, catalogue), shown)


def cards_of(number: str, now: datetime) -> list[Card]:
    """Return the English cards of a case."""
    return [incident_card(view_of(incident), "en") for incident in incidents_of(number, now)]


def words(card: Card) -> str:
    """Return all that a card says."""
    return "\n".join((card.head, *card.body, card.links, card.mention)).replace("\\", "")


def labelled(number: str, index: int = 0) -> Mapping[str, str]:
    """Return the labels of the first alert of a step."""
    return [step["post"] for step in case(number)["steps"] if "post" in step][index]["alerts"][0]["labels"]
