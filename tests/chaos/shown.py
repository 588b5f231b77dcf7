"""Finds the cards among messages, by the names of the alerts on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.chaos.storm import is_digest
from tests.person import text_of

NAME = re.compile(r"Chaos\d+x\d+")


def cards(messages: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each card with the name of each alert on it; what answers a person is none."""
    for message in messages:
        words = text_of(message)
        is_card = "### " in words and message["components"] and not message.get("message_reference")
        if is_card and not message.get("_visible_to") and not is_digest(words):
            yield from ((name, message) for name in set(NAME.findall(words)))


def apart(messages: Iterable[dict[str, Any]]) -> set[str]:
    """Return what has cards in two channels: an attempt went elsewhere, so the bot looks for what came late.

    Within one channel nothing may ever be there twice, not even for a while.
    """
    found: dict[str, set[str]] = {}
    for name, message in cards(messages):
        found.setdefault(name, set()).add(message["channel_id"])
    return {name for name, channels in found.items() if len(channels) > 1}
