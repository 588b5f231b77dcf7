"""What typing costs: the list offered for /dashboard with 1,000 dashboards known, for whatever is typed.

`autocomplete_p99_ms`: milliseconds from what was typed to the 25 choices, at the 99th percentile.
`autocomplete_ratio`: the same median as a multiple of the yardstick, which is reading every title, folder and tag once
and comparing it with what was typed, in the same process.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench.report import finish, median, percentile, quick
from bot.core.directory import Directory
from bot.core.pictures.finder import DashboardFinder
from bot.domain.telemetry import Change, Window
from bot.domain.views import DashboardLink
from bot.telemetry.absent import AbsentAlertSource
from cogs.dashboard import offered

_DASHBOARDS = 1000
_WORDS = [
    "api",
    "chat",
    "orders",
    "checkout",
    "payment",
    "jvm",
    "nginx",
    "postgres",
    "redis",
    "kafka",
    "node",
    "latency",
    "errors",
    "traffic",
    "주문",
    "결제",
    "서비스",
]
_FOLDERS = [f"Team {number}" for number in range(40)]


class Many:
    """A Grafana with a thousand dashboards."""

    name = "grafana"

    def __init__(self) -> None:
        pick = random.Random(7)
        self.links = [
            DashboardLink(
                f"uid-{number}",
                f"{' '.join(pick.sample(_WORDS, 4))} {number}",
                f"https://grafana.example/d/uid-{number}",
                pick.choice(_FOLDERS),
                tuple(pick.sample(_WORDS, 3)),
            )
            for number in range(_DASHBOARDS)
        ]

    async def search(self) -> Sequence[DashboardLink]:
        """Return all of them."""
        return self.links

    async def annotations(self, window: Window) -> Sequence[Change]:
        """Know nothing."""
        del window
        return []

    async def ping(self) -> None:
        """Nothing to reach."""


async def main(few: bool) -> None:
    """Measure, print."""
    many = Many()
    directory = Directory(AbsentAlertSource(), many, lambda: datetime.now(UTC))
    await directory.refresh()
    finder = DashboardFinder(directory)
    pick = random.Random(11)
    typed = [""] + [" ".join(pick.sample(_WORDS, pick.randint(1, 3)))[: pick.randint(1, 20)] for _ in range(199)]
    typed = typed * (1 if few else 10)
    for each in typed[:20]:
        offered(finder, each)
    offers = [_timed(lambda each=each: offered(finder, each)) for each in typed]
    scans = [_timed(lambda each=each: _scan(many.links, each)) for each in typed]
    print(f"offered: median {median(offers):.2f} ms, p99 {percentile(offers, 0.99):.2f} ms, worst {max(offers):.2f} ms")
    print(f"yardstick: median {median(scans):.2f} ms")
    figures = {"autocomplete_p99_ms": percentile(offers, 0.99), "autocomplete_ratio": median(offers) / median(scans)}
    finish("autocomplete", figures)


def _scan(links: Sequence[DashboardLink], typed: str) -> int:
    wanted = typed.lower()
    return sum(wanted in f"{link.title} {link.folder} {' '.join(link.tags)}".lower() for link in links)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    asyncio.run(main(quick("What typing into /dashboard costs.")))
