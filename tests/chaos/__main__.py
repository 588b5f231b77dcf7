"""`make chaos`: many seeds, and the planted mistakes that the checker has to find.

`--seeds 0:200` runs a range, `--at-once` so many side by side; what is in `--done FILE` (a line of JSON for each seed) is
not run again, so a long run can be taken up where it was left. `--mutants` looks for each planted mistake with a few seeds.
The last line counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playground.monitors import _prometheus
from playground.server import Playground
from tests.chaos.database import make_template
from tests.chaos.episode import Episode
from tests.chaos.mutant import MUTANTS
from tests.chaos.nursery import Nursery
from tests.chaos.scene import Means, stage_of

# A mistake shows with one of these.
SEEDS_OF_MUTANTS = range(1000, 1080, 8)
SEEDS_OF_STORMS = range(1007, 1087, 8)
_MOST_S = 600
_ERRORS = frozenset({"traceback", "died", "stuck"})


@asynccontextmanager
async def means() -> AsyncIterator[Means]:
    """Make once what many episodes need."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bongsu-chaos-")))
        folder.chmod(0o755)
        nursery = stack.enter_context(Nursery.open())
        await asyncio.to_thread(make_template, folder / "template" / "pg")
        _, url = await _prometheus(stack, folder, {}, "http://127.0.0.1:9", "")
        yield Means(nursery, folder / "template" / "pg", url)


async def episode(seed: int, made: Means, mistake: str = "") -> dict[str, Any]:
    """Run one seed and return what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bongsu-chaos-") as name:
        # PostgreSQL works in it, and is another user.
        Path(name).chmod(0o755)
        folder = Path(name) / "disk"
        folder.mkdir()
        # Only what the channels do not carry becomes a digest.
        async with Playground.open(limited=stage_of(seed) == "storm") as playground:
            one = Episode(seed, playground, folder, made, mistake)
            try:
                async with asyncio.timeout(_MOST_S):
                    found = await one.run()
            except Exception:  # noqa: BLE001 - the other seeds go on, and this one is told
                found = [f"stuck: {traceback.format_exc()[-1500:]}"]
        if found and LOGS:
            LOGS.mkdir(parents=True, exist_ok=True)
            (LOGS / f"{mistake}{seed}.log").write_text(one.evidence, "utf-8")
    return one.told(found, time.monotonic() - began)


# Where the logs of episodes with problems are kept.
LOGS: Path | None = None


async def hunt(name: str, made: Means) -> str | None:
    """Return the first problem that a planted mistake causes and that is its own; errors of the mistake prove nothing."""
    _, kinds = MUTANTS[name]
    for seed in SEEDS_OF_STORMS if "digest" in kinds else SEEDS_OF_MUTANTS:
        found = (await episode(seed, made, name))["problems"]
        by_kind = {each.split(":")[0]: each for each in found}
        if kinds & by_kind.keys() and not _ERRORS & by_kind.keys():
            return next(each for kind, each in by_kind.items() if kind in kinds)
    return None


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def run(seeds: Iterable[int], made: Means, done: Path | None, at_once: int) -> None:
    """Run what is left, some side by side."""
    left = iter(seeds)
    if done:
        done.parent.mkdir(parents=True, exist_ok=True)

    async def work() -> None:
        for seed in left:
            told = await episode(seed, made)
            say(told)
            if done:
                with done.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(told, ensure_ascii=False) + "\n")
            results[seed] = told

    results: dict[int, dict[str, Any]] = {}
    await asyncio.gather(*(work() for _ in range(at_once)))


async def mutants(made: Means, names: Iterable[str]) -> int:
    found: dict[str, str | None] = {}
    for name in names:
        found[name] = await hunt(name, made)
        say({"mutant": name, "found": found[name]})
    say({"mutants": len(found), "found": sum(1 for each in found.values() if each), "by": found})
    return 0 if all(found.values()) else 1


def known(done: Path | None) -> dict[int, dict[str, Any]]:
    """Read what was run before."""
    if done is None or not done.exists():
        return {}
    return {told["seed"]: told for told in map(json.loads, done.read_text("utf-8").splitlines())}


def summary(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Count over all seeds."""
    names = ("kills", "answered", "acknowledged", "silenced", "reports", "pictures", "calls", "digests")
    return {
        "seeds": len(told),
        **{name: sum(one.get(name, 0) for one in told) for name in names},
        "stages": Counter(one["stage"] for one in told),
        "faults": Counter(fault for one in told for fault in one["faults"]),
        "killed_at": Counter(moment for one in told for moment in one["moments"]),
        "problems": Counter(each.split(":")[0] for one in told for each in one["problems"]),
        "bad": [one["seed"] for one in told if one["problems"]],
    }


async def main(arguments: argparse.Namespace) -> int:
    global LOGS
    LOGS = arguments.logs
    async with means() as made:
        if arguments.mutants is not None:
            return await mutants(made, arguments.mutants or MUTANTS)
        first, last = (int(each) for each in arguments.seeds.split(":"))
        before = known(arguments.done)
        await run([seed for seed in range(first, last) if seed not in before], made, arguments.done, arguments.at_once)
    told = summary([one for seed, one in sorted(known(arguments.done).items()) if first <= seed < last])
    say(told)
    return 1 if told["problems"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", default="0:200")
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--done", type=Path, default=Path("build/chaos.jsonl"))
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--mutants", nargs="*")
    sys.exit(asyncio.run(main(parser.parse_args())))
