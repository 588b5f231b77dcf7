"""A folder of made incidents, in the format of the labelled cases: `python -m bench.generate --count 100 --seed 7 --to DIR`."""

from __future__ import annotations

import argparse
import multiprocessing
from functools import partial
from pathlib import Path

from bench.generator.incident import made, written

_PROCESSES = 2


def generate(count: int, seed: int, to: Path) -> list[Path]:
    """Write so many cases below a folder, two at a time, and return their folders."""
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        return pool.map(partial(_one, seed, to), range(count), chunksize=4)


def _one(seed: int, to: Path, number: int) -> Path:
    return written(made(seed, number), to / f"g-{number:05d}")


def main() -> None:
    """Write the cases and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--to", type=Path, required=True, help="a folder that does not hold any yet")
    options = parser.parse_args()
    print(f"{len(generate(options.count, options.seed, options.to))} cases in {options.to}")


if __name__ == "__main__":
    main()
