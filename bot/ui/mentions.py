"""Decides whom a message may call, and tells whom one that is found has called."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident, PageReason
from bot.domain.owners import Owner
from bot.domain.views import Page
from bot.ui.cards import everyone_called


def calls_everyone(page: Page) -> bool:
    """Tell whether a call is the first one of a P1: it became one, or nobody was called when it began."""
    first = page.reason in (PageReason.SEVERITY_RAISED, PageReason.OPENED)
    return (first or page.view.incident.paged_at is None) and everyone_called(page.view)


def has_called(message: discord.Message, incident: Incident) -> bool:
    """Tell whether a card has called those whom one of this severity calls; it may have been posted for less."""
    if incident.severity is Severity.P1:
        return message.mention_everyone
    return bool(message.mentions or message.role_mentions)


def allowed_mentions(owners: Sequence[Owner], *, everyone: bool) -> discord.AllowedMentions:
    """Allow a message to call these, and whoever is here."""
    return discord.AllowedMentions(
        everyone=everyone,
        users=[discord.Object(owner.id) for owner in owners if not owner.is_role],
        roles=[discord.Object(owner.id) for owner in owners if owner.is_role],
        replied_user=False,
    )
