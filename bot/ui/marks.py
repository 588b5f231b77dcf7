"""Tells a thing from another one that a lost or restored database gave the same number.

A mark is made of what never changes of its thing, so that the same row has the same mark after a restore, and stands in
the ids of buttons whose message is no card. Buttons of earlier versions have none and answer as before.
"""

from __future__ import annotations

from hashlib import sha256

from bot.domain.inquiries import Inquiry
from bot.domain.views import SilenceRow

_LENGTH = 8


def of_silence(row: SilenceRow) -> str:
    """Return the mark of a silence: its source's id and its end change when it is extended."""
    return _mark(row.silence.starts_at.timestamp(), *map(str, row.silence.matchers))


def of_inquiry(inquiry: Inquiry) -> str:
    """Return the mark of an investigation."""
    return _mark(inquiry.incident, inquiry.asked_at.timestamp())


def _mark(*parts: object) -> str:
    return sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:_LENGTH]
