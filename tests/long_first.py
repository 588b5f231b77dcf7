"""Begins the longest tests first, on half of the workers: begun last, one worker would finish them while the others wait.

Most of them wait for what happens in a minute, and there are twice as many workers as processors: on all workers, the
processors would wait with them. With `--dist worksteal` each worker gets one stretch of the tests, and only the end of a
stretch is taken over by others: so the stretches of half of them begin with their share of what is marked `long`.
"""

from __future__ import annotations

from itertools import islice

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.get_closest_marker("long")]
    rest = iter([item for item in items if not item.get_closest_marker("long")])
    beginners = max(1, workers // 2)
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        left = len(items) - len(dealt)
        share = long[worker::beginners] if worker < beginners else []
        # A stretch is what is left, divided by the workers that are left.
        dealt += [*share, *islice(rest, max(0, left // (workers - worker) - len(share)))]
    items[:] = [*dealt, *rest]
