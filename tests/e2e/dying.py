"""`python -m tests.e2e.dying POINT`: the bot, unchanged, killed with SIGKILL when it comes to a chosen point.

A point is `before|after:module:Class.method:n`: the n-th call of a method. Nothing of the program is changed but that
the call is counted; SIGKILL leaves no chance to tidy up.
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


def arm(point: str) -> None:
    """Have the process killed at a point."""
    moment, module, path, nth = point.split(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for step in outer:
        owner = getattr(owner, step)
    setattr(owner, name, _counted(getattr(owner, name), moment, int(nth)))


def _counted(call: Callable[..., Any], moment: str, nth: int) -> Callable[..., Any]:
    numbers = itertools.count(1)

    if inspect.iscoroutinefunction(call):

        @functools.wraps(call)
        async def counted(*args: Any, **kwargs: Any) -> Any:
            dies = next(numbers) == nth
            if dies and moment == "before":
                _die()
            result = await call(*args, **kwargs)
            if dies:
                _die()
            return result

        return counted

    @functools.wraps(call)
    def plain(*args: Any, **kwargs: Any) -> Any:
        dies = next(numbers) == nth
        if dies and moment == "before":
            _die()
        result = call(*args, **kwargs)
        if dies:
            _die()
        return result

    return plain


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from bot.__main__ import main

    arm(sys.argv[1])
    if "moved" in sys.argv[2:]:
        from tests import fast_bot

        sys.exit(fast_bot.main())
    sys.exit(main(["run"]))
