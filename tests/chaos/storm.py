"""More alerts at once than a channel carries: what of them the digests on Discord show, and what is still to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

# So many alerts beside those that every episode has, and how soon digests come and go.
CROWD = 16
SETTINGS = {"STORM__CARDS": "3", "STORM__CALM": "PT5S"}
_GOES_ON = re.compile(r"Storm: (\d+) alerts? firing.* · (\d+) in all, (\d+) ended", re.DOTALL)
_OVER = re.compile(r"The storm is over: (\d+) of (\d+) ended; (\d+) goe?s? on")

OPEN = """
SELECT id, message_id, calm_at, (SELECT count(*) FROM incidents WHERE digest = digests.id AND severity <> 1
AND state <> 'resolved') AS firing FROM digests WHERE ended_at IS NULL
"""
# What has become a P1 has a card of its own.
LINES = "SELECT number, state, digest FROM incidents WHERE digest IS NOT NULL AND severity <> 1"
# A digest that is over leaves no card of what was over before it.
LEFT = """
SELECT number FROM incidents WHERE digest IS NULL AND digested_at IS NOT NULL AND state = 'resolved'
AND number NOT IN (SELECT incident FROM cards WHERE message_id IS NOT NULL)
"""
ENDED = "SELECT message_id FROM digests WHERE ended_at IS NOT NULL"


def is_digest(words: str) -> bool:
    """Tell a digest from a card."""
    return bool(_GOES_ON.search(words) or _OVER.search(words))


def still_to_come(digests: Iterable[tuple[Any, ...]]) -> list[str]:
    """Return what the digests that are open will yet do: calm down, and end if what goes on fits the channel."""
    most = int(SETTINGS["STORM__CARDS"])
    return [f"digest {each[0]}, with {each[3]} that go on" for each in digests if not each[2] or each[3] <= most]


def shown(
    words: Mapping[int, str], digests: Iterable[tuple[Any, ...]], lines: Iterable[tuple[Any, ...]]
) -> tuple[dict[int, bool], list[str]]:
    """Return of each incident in an open digest whether it is over, and which digests do not say what the store says.

    `words` are those of messages, by id.
    """
    lines, told, wrong = list(lines), dict[int, bool](), list[str]()
    for number, message, *_ in digests:
        mine = {line: state == "resolved" for line, state, digest in lines if digest == number}
        ended = sum(mine.values())
        found = _GOES_ON.search(words.get(message or 0, ""))
        stored = (len(mine) - ended, len(mine), ended)
        if found is None or tuple(map(int, found.groups())) != stored:
            wrong.append(f"{number} has {stored}, shown is {found.group() if found else 'nothing'}")
        else:
            told |= mine
    return told, wrong


def left_over(
    words: Mapping[int, str], ended: Iterable[tuple[Any, ...]], left: Iterable[tuple[Any, ...]]
) -> dict[int, bool]:
    """Return what was over before its digest was, if the digests say so; of one that is gone nobody knows."""
    numbers = [number for (number,) in left]
    last = [_OVER.search(words.get(message or 0, "")) for (message,) in ended]
    if all(last) and sum(int(each[1]) for each in last if each) < len(numbers):
        return {}
    return dict.fromkeys(numbers, True)
