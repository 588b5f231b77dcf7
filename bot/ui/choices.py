"""Offers choices of autocomplete as Discord takes them."""

from __future__ import annotations

from discord import app_commands

from bot.domain.incidents import Incident
from bot.ui.cards import EMOJI
from bot.ui.limits import CHOICE, one_line, shorten


def incident_choice(incident: Incident) -> app_commands.Choice[str]:
    """Offer an incident by its number, with what it is and who has it."""
    who = f" · 👀 {incident.ack.by.name}" if incident.ack else ""
    name = one_line(
        f"{EMOJI[incident.severity]} #{incident.number} {incident.heading} · {incident.service or '–'}{who}"
    )
    return app_commands.Choice(name=shorten(name, CHOICE), value=f"#{incident.number}")
