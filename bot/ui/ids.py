"""Makes custom ids of buttons and menus: they outlive the process, so they carry a version, a number and a mark of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

VERSION: Final = "1"

ACK: Final = "ack"
SILENCE: Final = "silence"
MENU: Final = "menu"
CONFIRM: Final = "confirm"
CANCEL: Final = "cancel"
LASTS: Final = "lasts"
SCOPE: Final = "scope"
SPLIT: Final = "split"

# Menus of what has joined a card.
SPLIT_OFF: Final = "split-off"
TAKE_ONLY: Final = "take-only"
UNDO: Final = "undo"

# Below a card that is over: opens the form in which somebody says what has ended it; the form has the same id.
FIX: Final = "fix"

# Below a call; its number is that of the job that made it.
TAKE: Final = "take"

# Below a question about a silence; their number is that of the job that asked.
EXTEND: Final = "extend"
LET_RING: Final = "let-ring"
DROP: Final = "drop"
KEEP: Final = "keep"

# In the list of silences; the second one's number is that of a page.
UNDO_LISTED: Final = "undo-listed"
SILENCES: Final = "silences"

# Below a report; their number is that of the inquiry.
RATE_USEFUL: Final = "rate-useful"
RATE_USELESS: Final = "rate-useless"
RATE_WRONG: Final = "rate-wrong"
RATE: Final = (RATE_USEFUL, RATE_USELESS, RATE_WRONG)
AGAIN: Final = "again"
MORE: Final = "more"

# Below a digest, and in the lists it opens; their number is that of the digest.
DIGEST: Final = "digest"
DIGEST_TURN: Final = "digest-turn"
DIGEST_ONE: Final = "digest-one"

# Below an answer that waits for a picture; its number is that of the ticket, which does not outlive the process.
STOP_PICTURE: Final = "stop-picture"


def custom_id(action: str, number: int, mark: str = "") -> str:
    """Write the id of a button or menu that does `action` to the thing with this number, and this mark (bot/ui/marks.py)."""
    return f"bongsu:{VERSION}:{action}:{number}" + (f":{mark}" if mark else "")


def pattern(*actions: str) -> re.Pattern[str]:
    """Match the ids of these actions."""
    return re.compile(
        rf"bongsu:{VERSION}:(?P<action>{'|'.join(actions)}):(?P<number>[0-9]{{1,9}})(?::(?P<mark>[0-9a-f]{{8}}))?"
    )


def carried(components: Iterable[object]) -> Iterable[str]:
    """Yield the ids that the components of a message carry, however deep."""
    for component in components:
        name = getattr(component, "custom_id", None)
        if name:
            yield name
        yield from carried(getattr(component, "children", ()))
