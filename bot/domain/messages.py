"""Describes where a message is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message is on Discord."""

    channel_id: int
    message_id: int
