"""`make chaos`: many seeds, and the planted mistakes that the checker has to find.

`--seeds 0:200` runs a range; what is in `--done FILE` (a line of JSON for each seed) is not run again, so a long run can be
taken up where it was left. `--mutants` looks for each planted mistake with a few seeds. The last line counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playground.server import Playground
from tests.chaos.episode import Episode
from tests.chaos.mutant import MUTANTS

# A mistake shows with one of these.
SEEDS_OF_MUTANTS = range(1000, 1010)


async def episode(seed: int, command: list[str] | None = None) -> dict[str, Any]:
    """Run one seed and return what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bongsu-chaos-") as folder:
        async with Playground.open(limited=False) as playground:
            one = Episode(seed, playground, Path(folder), command)
            found = await one.run()
    return {
        "seed": seed,
        "problems": found,
        "faults": one.drawn,
        "kills": one.kills,
        "answered": len(one.account.answered),
        "acknowledged": len(one.account.acknowledged),
        "seconds": round(time.monotonic() - began, 1),
    }


async def hunt(name: str) -> str | None:
    """Return the first problem that a planted mistake causes."""
    for seed in SEEDS_OF_MUTANTS:
        try:
            found = (await episode(seed, [sys.executable, "-m", "tests.chaos.mutant", name]))["problems"]
        except (TimeoutError, AssertionError) as error:
            found = [f"stuck: {error}"]
        if found:
            return found[0]
    return None


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def main(arguments: argparse.Namespace) -> int:
    if arguments.mutants:
        found = {name: await hunt(name) for name in MUTANTS}
        say({"mutants": len(found), "found": sum(1 for each in found.values() if each), "by": found})
        return 0 if all(found.values()) else 1
    first, last = (int(each) for each in arguments.seeds.split(":"))
    done: dict[int, dict[str, Any]] = {}
    if arguments.done and arguments.done.exists():
        done = {told["seed"]: told for told in map(json.loads, arguments.done.read_text("utf-8").splitlines())}
    for seed in range(first, last):
        if seed in done:
            continue
        done[seed] = await episode(seed)
        say(done[seed])
        if arguments.done:
            with arguments.done.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[seed], ensure_ascii=False) + "\n")
    told = [done[seed] for seed in range(first, last)]
    kinds = Counter(each.split(":")[0] for one in told for each in one["problems"])
    sums = {name: sum(one[name] for one in told) for name in ("kills", "answered", "acknowledged")}
    faults = Counter(fault for one in told for fault in one["faults"])
    say(
        {
            "seeds": len(told),
            **sums,
            "faults": faults,
            "problems": kinds,
            "bad": [o["seed"] for o in told if o["problems"]],
        }
    )
    return 1 if kinds else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", default="0:200")
    parser.add_argument("--done", type=Path)
    parser.add_argument("--mutants", action="store_true")
    sys.exit(asyncio.run(main(parser.parse_args())))
