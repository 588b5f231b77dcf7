"""`python -m tests.e2e.dying POINT`: the bot, unchanged, killed with SIGKILL when it comes to a chosen point.

A point is `before|after:module:Class.method:n`: the n-th call of a method; with `heard` behind it, the n-th since the
first webhook came, or what a start does by itself would be counted, too. Nothing of the program is changed but that the
call is counted; SIGKILL leaves no chance to tidy up.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

KILLED = "killed at"
_FIRST_OF_A_WEBHOOK = "bot.web.webhook", "triage"


def arm(point: str, *, heard: bool = False) -> None:
    """Have the process killed at a point, counted from the start, or from the first webhook it has heard."""
    counts = [not heard]
    _, module, path, _ = point.split(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for step in outer:
        owner = getattr(owner, step)
    setattr(owner, name, _counted(getattr(owner, name), point, counts))
    hearing = importlib.import_module(_FIRST_OF_A_WEBHOOK[0])
    look: Callable[..., Any] = getattr(hearing, _FIRST_OF_A_WEBHOOK[1])

    def hears(*args: Any, **kwargs: Any) -> Any:
        counts[0] = True
        return look(*args, **kwargs)

    setattr(hearing, _FIRST_OF_A_WEBHOOK[1], hears)


def _counted(call: Callable[..., Any], point: str, counts: list[bool]) -> Callable[..., Any]:
    moment, _, _, nth = point.split(":")
    dies_at, numbers = int(nth), itertools.count(1)

    if inspect.iscoroutinefunction(call):

        @functools.wraps(call)
        async def counted(*args: Any, **kwargs: Any) -> Any:
            dies = counts[0] and next(numbers) == dies_at
            if dies and moment == "before":
                _die(point)
            result = await call(*args, **kwargs)
            if dies:
                _die(point)
            return result

        return counted

    @functools.wraps(call)
    def plain(*args: Any, **kwargs: Any) -> Any:
        dies = counts[0] and next(numbers) == dies_at
        if dies and moment == "before":
            _die(point)
        result = call(*args, **kwargs)
        if dies:
            _die(point)
        return result

    return plain


def _die(point: str) -> None:
    os.write(2, f"{KILLED} {point}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from bot.__main__ import main

    arm(sys.argv[1], heard="heard" in sys.argv[2:])
    if "moved" in sys.argv[2:]:
        from tests import fast_bot

        sys.exit(fast_bot.main())
    sys.exit(main(["run"]))
