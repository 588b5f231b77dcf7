"""What an installation takes on the disk, and what a start imports; for bench/footprint."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ALONE = "import aiohttp.web, discord.ext.commands"
# As bot/__main__.py does.
_PROGRAM = "import bot.__main__\nwith bot.__main__.memory.loading(): import bot.app.loading, bot.app.run"
# A requirement without its version: the name, its extras, and whether it is for an extra of who requires it.
_REQUIREMENT = re.compile(r"^([\w.-]+)\s*(?:\[([\w, .-]+)\])?[^;]*(?:;(.*))?$")


def venv_mb() -> float:
    """Return the megabytes of what `make demo` installs: bongsu[ai,pictures], what that requires, and pip."""
    files: set[Path] = set()
    for found in [*_closure("bongsu", frozenset({"ai", "pictures"})), *_closure("pip", frozenset())]:
        files.update(Path(str(found.locate_file(name))) for name in found.files or ())
    wanted = (path for path in files if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_blocks * 512 for path in wanted) / 1e6


def _closure(name: str, extras: frozenset[str]) -> list[Distribution]:
    """Return an installed distribution and all that it requires on this machine."""
    found: dict[tuple[str, frozenset[str]], Distribution] = {}
    waiting = [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        try:
            if (name, extras) in found:
                continue
            found[name, extras] = distribution(name)
        except PackageNotFoundError:
            # For another system, or another Python.
            continue
        for line in found[name, extras].requires or ():
            required = _REQUIREMENT.match(line)
            if required and _wanted(required[3] or "", extras):
                names = frozenset(word.strip() for word in (required[2] or "").split(",") if word.strip())
                waiting.append((required[1].lower().replace("_", "-"), names))
    return list(found.values())


def _wanted(marker: str, extras: frozenset[str]) -> bool:
    asked = re.findall(r"""extra\s*==\s*['"]([\w.-]+)['"]""", marker)
    return not asked or any(name in extras for name in asked)


def import_ratio(rounds: int) -> dict[str, float]:
    """Return how long the program's imports keep a processor, in seconds and as a multiple of the two libraries' that it must have.

    Each in an interpreter of its own, in turns, the shortest of each: what else the machine does makes both longer.
    """
    shortest = {_ALONE: float("inf"), _PROGRAM: float("inf")}
    for _ in range(rounds + 1):
        for code in shortest:
            # The first time compiles.
            shortest[code] = min(shortest[code], _seconds(code))
    return {"import_s": shortest[_PROGRAM], "import_ratio": shortest[_PROGRAM] / shortest[_ALONE]}


def _seconds(code: str) -> float:
    # Where a machine says that nothing compiled is to be kept, every start would compile everything.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
