"""A folder of made incidents, in the format of the labelled cases: `python -m bench.generate --count 100 --seed 7 --to DIR`."""

from __future__ import annotations

import argparse
import multiprocessing
from functools import partial
from pathlib import Path

from bench.generator.incident import FAMILIES, made, written

_PROCESSES = 2


def generate(count: int, seed: int, to: Path, family: str = "any", processes: int = _PROCESSES) -> list[Path]:
    """Write so many cases of a family below a folder, some at a time, and return their folders."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return pool.map(partial(_one, seed, to, family), range(count), chunksize=4)


def _one(seed: int, to: Path, family: str, number: int) -> Path:
    return written(made(seed, number, family), to / f"g-{number:05d}")


def main() -> None:
    """Write the cases and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--family", choices=sorted(FAMILIES), default="any")
    parser.add_argument("--to", type=Path, required=True, help="a folder that does not hold any yet")
    options = parser.parse_args()
    print(f"{len(generate(options.count, options.seed, options.to, options.family))} cases in {options.to}")


if __name__ == "__main__":
    main()
