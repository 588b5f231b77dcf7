"""20,000 bodies as senders really write them, each with something wrong, against the plainest account of what can be read.

Nothing of the program stands in the account: it knows JSON, and that an alert is readable if it says whether it fires.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain import lifecycle
from bot.domain.events import Notified
from bot.domain.notifications import ALERTMANAGER, GRAFANA, admit, parse
from bot.errors import InvalidNotification
from bot.ui.cards import incident_card
from tests.cases import given
from tests.cases.cards import view_of

SEED = 20261128
PARTS, IN_EACH = 20, 1_000
NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parents[1] / "fixtures"
SHARED = Path(__file__).parents[3] / "shared"
# A body says no more when it is longer.
MOST_ALERTS = 4
SAYS_SO = {"firing", "alerting", "resolved", "ok", "normal", "inactive"}
ODD: list[Any] = [
    *(None, True, False, 0, -1, 2, 1.5, 10**30, float("nan"), float("inf"), "", " ", "x", "firing", "RESOLVED", "ok"),
    *("\x00", "a\x00b", "\ud800", "<no value>", "0001-01-01T00:00:00Z", "9999-99-99", "2026-11-28T03:00:00.123456789Z"),
    *("1795443753", 1795443753000, "http://[", "]},{", '"}],"alerts":[{', "@everyone", "가" * 50, "y" * 3000),
    *([], {}, [[]], [None, "a"], {"a": {"b": [1]}}, {"": ""}, {"status": "firing"}),
]
KEYS = (
    "alerts",
    "status",
    "labels",
    "annotations",
    "startsAt",
    "endsAt",
    "values",
    "fingerprint",
    "groupKey",
    "",
    "\x00",
)


def recorded() -> list[dict[str, Any]]:
    """Return the bodies that are there, those of the team's recordings as well where they are."""
    folders = [
        FIXTURES / "webhooks",
        FIXTURES / "cases",
        SHARED / "fixtures" / "grafana" / "webhooks",
        SHARED / "cases",
    ]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.json"))]
    found = [body for path in paths for body in bodies(json.loads(path.read_text("utf-8")))]
    return [body | {"alerts": body["alerts"][:MOST_ALERTS]} for body in found]


def bodies(read: Any) -> Iterator[dict[str, Any]]:
    if isinstance(read, dict):
        if isinstance(read.get("alerts"), list):
            yield given.at(read, NOW)
        else:
            for value in read.values():
                yield from bodies(value)
    elif isinstance(read, list):
        for value in read:
            yield from bodies(value)


BODIES = recorded()


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each place of a tree as what it stands in, and its name or number there."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


def bend(body: dict[str, Any], dice: random.Random) -> None:
    """Put something odd into a tree, or take something away."""
    held, key = dice.choice(places(body) or [(body, "alerts")])
    what = dice.randrange(5)
    if what == 0 and key in (held if isinstance(held, dict) else range(len(held))):
        del held[key]
    elif what == 1 and isinstance(held, list):
        held.append(copy.deepcopy(dice.choice([*held, *ODD])))
    elif what == 2 and isinstance(held, dict):
        held[dice.choice(KEYS)] = copy.deepcopy(dice.choice(ODD))
    else:
        held[key] = copy.deepcopy(dice.choice(ODD))


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cleaned(value: Any) -> Any:
    """Return a value without what no database keeps."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {cleaned(name): cleaned(item) for name, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


def says(item: Any, group: str) -> bool:
    """Tell whether an alert says that it fires or has ended; one that says nothing is as its group."""
    if not isinstance(item, dict):
        return False
    word = as_text(cleaned(item.get("status"))).strip().lower()
    return word in SAYS_SO or (not word and group in SAYS_SO)


def readable(body: Any) -> list[dict[str, Any]]:
    alerts = body.get("alerts") if isinstance(body, dict) else None
    if isinstance(alerts, dict):
        # As some languages write lists, or the only one there is.
        alerts = [alerts] if "labels" in alerts else list(alerts.values())
    if not isinstance(alerts, list):
        return []
    group = as_text(cleaned(body.get("status"))).strip().lower()
    return [item for item in alerts if says(item, group)]


def labels(item: dict[str, Any]) -> dict[str, str]:
    found = item.get("labels")
    return {n: as_text(v) for n, v in cleaned(found).items()} if isinstance(found, dict) else {}


def take(body: bytes, source: str):
    """Read a body as the door and the worker do; None for one that is refused."""
    try:
        admit(source, body, NOW)
        admitted = True
    except InvalidNotification:
        admitted = False
    try:
        notification = parse(source, body, NOW)
    except InvalidNotification:
        notification = None
    assert admitted == (notification is not None), "door and worker do not agree"
    return notification


def show(notification) -> None:
    opened = lifecycle.apply(None, Notified(notification, NOW)).incident
    if opened:
        incident_card(view_of(replace(opened, number=1)), "ko")


def agree(body: bytes, source: str, number: int) -> None:
    """Hold what the program reads against the account of the same JSON."""
    read = json.loads(body.decode("utf-8", "replace"), strict=False)
    expected = readable(read)

    notification = take(body, source)

    if notification is None:
        assert not expected, f"{len(expected)} readable alerts are lost"
        return
    assert [labels(item) for item in expected] == [dict(alert.labels) for alert in notification.alerts]
    assert notification.unreadable == len(read["alerts"]) - len(expected)
    if number % 20 == 0:
        show(notification)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_odd_takes_nothing_with_it(part):
    dice = random.Random(SEED + part)
    for number in range(IN_EACH):
        body = copy.deepcopy(dice.choice(BODIES))
        for _ in range(dice.choice((1, 1, 2, 5))):
            bend(body, dice)
        written = json.dumps(body, ensure_ascii=dice.random() < 0.9, indent=dice.choice((None, None, 1)))

        agree(written.encode("utf-8", "surrogatepass"), dice.choice((GRAFANA, ALERTMANAGER)), number)


@pytest.mark.parametrize("part", range(5))
def test_what_stands_before_the_damage_is_shown_and_the_rest_is_counted(part):
    dice = random.Random(SEED * 2 + part)
    for number in range(IN_EACH):
        body = copy.deepcopy(dice.choice(BODIES))
        items = [json.dumps(item) for item in body.pop("alerts")] * dice.choice((1, 3))
        head = f'{{"status": {json.dumps(body.get("status", "firing"))}, "alerts": ['
        rest = json.dumps(body)[1:]
        whole = head + ",".join(items) + ("], " if body else "]") + rest
        at = dice.randrange(len(head), len(whole))
        damage = dice.choice((b"", b"\x00", b"\xff\xfe", b"}", b"]", b'"', b"\\", b"{"))
        damaged = whole[:at].encode() + damage + (whole[at + 1 :].encode() if damage else b"")
        try:
            json.loads(damaged.decode("utf-8", "replace"), strict=False)
        except ValueError:
            before = 0
            end = len(head)
            for item in items:
                end += len(item)
                before += end <= at
                end += 1
            group = as_text(body.get("status", "firing")).lower()
            told = [labels(json.loads(item)) for item in items if says(json.loads(item), group)]
            expected = [labels(json.loads(item)) for item in items[:before] if says(json.loads(item), group)]

            notification = take(damaged, GRAFANA)

            shown = [dict(alert.labels) for alert in notification.alerts] if notification else []
            assert shown[: len(expected)] == expected, "alerts before the damage are lost"
            assert notification is None or len(shown) >= len(told) or notification.truncated >= 1
        else:
            agree(damaged, GRAFANA, number)
