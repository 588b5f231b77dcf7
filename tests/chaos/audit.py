"""Reads store, Discord and Alertmanager into an account; and what still waits in the store."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from bot.ui import ids
from tests.chaos import storm
from tests.chaos.checker import Account
from tests.chaos.scene import Scene
from tests.chaos.shown import NAME, apart
from tests.person import text_of

# A call that waits because somebody was called a moment ago, what no thread takes for now, and what is to be said below
# the card of an incident that a digest shows, are not late.
_WAITS = """
SELECT outbox.kind, attempts, last_error, title FROM outbox JOIN incidents ON number = incident
WHERE done_at IS NULL AND outbox.kind <> 'picture'
AND NOT (coalesce(outbox.reason, '') IN ('reopened', 'joined') AND last_error = '' AND paged_at IS NOT NULL)
AND last_error NOT LIKE '%thread%'
AND NOT (outbox.kind = 'report' AND digest IS NOT NULL)
"""
_TRACE = re.compile(r"^Traceback|was never awaited|Unclosed ", re.MULTILINE)
_INQUIRY = re.compile(rf'"bongsu:{ids.VERSION}:{ids.AGAIN}:(\d+)')
_SHOWN = 400


async def waiting(scene: Scene) -> list[str]:
    """Return what is not done, each with why."""
    bodies = await scene.rows("SELECT id, state FROM inbox WHERE state IN ('received', 'applied')")
    looking = await scene.rows("SELECT incident, state FROM investigations WHERE state IN ('waiting', 'running')")
    tasks = await scene.rows(_WAITS)
    late = scene.hung or "no sign could be left" in scene.log() or apart(scene.messages())
    doubles = await scene.rows("SELECT key FROM jobs WHERE kind = 'doubles' AND done_at IS NULL") if late else []
    return [
        *storm.still_to_come(await scene.rows(storm.OPEN)),
        *("a look for what came late" for _ in doubles),
        *(f"notification {number} is {state}" for number, state in bodies),
        *(f"an investigation of #{number} is {state}" for number, state in looking),
        *(f"{kind} of {title} after {tries}: {why}" for kind, tries, why, title in tasks),
    ]


async def audit(scene: Scene) -> Account:
    """Fill the account of a scene."""
    account = scene.account
    account.cards = scene.cards()
    # A step of an escalation is a reason of its own, and taken when a clock jumps ahead.
    said = [message for message in scene.messages() if "of the escalation" not in text_of(message)]
    account.calls = _counted(said, lambda message: message["_pinged"].count("@here"))
    incidents = await scene.rows("SELECT number, title, state FROM incidents ORDER BY number")
    names = {number: found[0] for number, title, _ in incidents if (found := NAME.findall(title))}
    account.stored = {names[number]: state for number, _, state in incidents if number in names}
    _threads(scene, account, names)
    await _digests(scene, account, names)
    looked = await scene.rows("SELECT incident FROM investigations WHERE payload <> ''")
    unsaid = "SELECT incident FROM outbox WHERE inquiry IS NOT NULL AND (done_at IS NULL OR last_error <> '')"
    said = Counter(names[number] for (number,) in looked if number in names)
    account.investigated = said - Counter(names[number] for (number,) in await scene.rows(unsaid) if number in names)
    silences = await scene.silences()
    account.silences = Counter(name for each in silences for name in set(NAME.findall(json.dumps(each["matchers"]))))
    asked = await scene.rows("SELECT detail FROM audit WHERE action = 'silence_asked'")
    account.asked = {name for (detail,) in asked for name in NAME.findall(detail)}
    account.waiting = await waiting(scene)
    log = scene.log()
    account.tracebacks = [log[found.start() : found.start() + _SHOWN] for found in _TRACE.finditer(log)][:3]
    account.deaths = scene.deaths
    return account


def _counted(messages: list[dict[str, Any]], much: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for message in messages:
        for name in set(NAME.findall(text_of(message))):
            counts[name] += much(message)
    return counts


async def _digests(scene: Scene, account: Account, names: dict[int, str]) -> None:
    words = {int(message["id"]): text_of(message) for message in scene.messages()}
    told, account.digests = storm.shown(words, await scene.rows(storm.OPEN), await scene.rows(storm.LINES))
    told |= storm.left_over(words, await scene.rows(storm.ENDED), await scene.rows(storm.LEFT))
    scene.digests = sum(map(storm.is_digest, words.values()))
    account.digested = {names[number]: over for number, over in told.items() if number in names}


def _threads(scene: Scene, account: Account, names: dict[int, str]) -> None:
    """Count reports and pictures, by the incident that their thread is named after.

    A report that was begun below a card that has moved meanwhile belongs below the card there is now, too.
    """
    reports: Counter[tuple[str, str]] = Counter()
    pictures: Counter[str] = Counter()
    state = scene.playground.state
    for place, thread in state.threads.items():
        number = re.match(r"#(\d+) ", thread["name"])
        name = names.get(int(number[1])) if number else None
        messages = list(state.messages.get(place, {}).values()) if name else []
        pictures[name or ""] += sum(bool(message["attachments"]) for message in messages)
        here = Counter(
            each for message in messages for each in set(_INQUIRY.findall(json.dumps(message["components"])))
        )
        reports |= Counter({(name or "", inquiry): count for inquiry, count in here.items()})
    account.pictures, account.reports = pictures, Counter[str]()
    for (name, _), count in reports.items():
        account.reports[name] += count
