"""Describes where a message is, and how far Discord can be trusted with its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# Our clock and Discord's need not agree to the second.
DISCORD_CLOCK_SKEW = timedelta(minutes=5)

# So long Discord may still work on a request that nobody waits for any more.
CARRIED_OUT_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message is on Discord."""

    channel_id: int
    message_id: int
