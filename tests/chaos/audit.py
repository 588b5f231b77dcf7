"""Reads store, Discord and Alertmanager into an account; and what still waits in the store."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from tests.chaos.checker import Account
from tests.chaos.scene import NAME, Scene
from tests.person import text_of

# A call that waits because somebody was called a moment ago, and what no thread takes for now, are not late.
_WAITS = """
SELECT outbox.id, page, inquiry, attempts, last_error, title FROM outbox JOIN incidents ON number = incident
WHERE done_at IS NULL AND coalesce(page, '') <> 'picture'
AND NOT (coalesce(page, '') IN ('reopened', 'joined') AND last_error = '' AND paged_at IS NOT NULL)
AND last_error NOT LIKE '%thread%'
"""
_TRACE = re.compile(r"^Traceback|was never awaited|Unclosed ", re.MULTILINE)
_SHOWN = 400


async def waiting(scene: Scene) -> list[str]:
    """Return what is not done, each with why."""
    bodies = await scene.rows("SELECT id, state FROM inbox WHERE state IN ('received', 'applied')")
    looking = await scene.rows("SELECT incident, state FROM investigations WHERE state IN ('waiting', 'running')")
    tasks = await scene.rows(_WAITS)
    return [
        *(f"notification {number} is {state}" for number, state in bodies),
        *(f"an investigation of #{number} is {state}" for number, state in looking),
        *(f"{page or 'card'} of {title} after {tries}: {why}" for _, page, _, tries, why, title in tasks),
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


def _threads(scene: Scene, account: Account, names: dict[int, str]) -> None:
    """Count reports and pictures, by the incident that their thread is named after."""
    reports: Counter[str] = Counter()
    pictures: Counter[str] = Counter()
    state = scene.playground.state
    for place, thread in state.threads.items():
        number = re.match(r"#(\d+) ", thread["name"])
        name = names.get(int(number[1])) if number else None
        for message in state.messages.get(place, {}).values():
            if name:
                pictures[name] += bool(message["attachments"])
                reports[name] += bool(message["components"]) and message["type"] == 0
    account.reports, account.pictures = reports, pictures
