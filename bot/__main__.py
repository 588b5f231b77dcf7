"""Runs `bongsu run|check|verify|init|demo|version`; a failed start is one sentence and an exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.app import memory
from bot.app.command_line import Typed, parsed
from bot.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.domain.owners import Catalogue

# BSD's EX_CONFIG: whoever restarts us should see that restarting alone will not help.
_EXIT_CONFIGURATION = 78
# As of every program that was called wrongly (bash, argparse).
_EXIT_USAGE = 2
_EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return _command(parsed(sys.argv[1:] if arguments is None else arguments))
    except UsageError as error:
        _failed(error)
        return _EXIT_USAGE
    except ConfigurationError as error:
        return _failed(error)
    except OSError as error:
        # A full disk, a file that may not be read: the system's own words say which.
        return _failed(ConfigurationError("errors.system", problem=str(error)))
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED


def _command(typed: Typed) -> int:
    if typed.command == "version":
        print(f"bongsu {bot.__version__}")
        return 0
    if typed.command == "demo":
        return _demo(typed.rest)
    if typed.command == "help":
        from bot.app.loading import spoken_language
        from bot.i18n import text

        print(text(spoken_language(), "command.help"))
        return 0
    if typed.command == "init":
        from bot.app.init import init
        from bot.app.loading import spoken_language

        return init(spoken_language(), sys.stdout, ask=not typed.yes)
    from bot.app.folder import enter_folder

    enter_folder()
    if typed.command == "run":
        return _run()
    if typed.command == "check":
        return _check()
    return _verify(wait_s=typed.wait_s, test_alert=typed.test_alert)


def _demo(options: Sequence[str]) -> int:
    root = Path(bot.__file__).parents[1]
    if not (root / "playground" / "demo.py").is_file():
        raise ConfigurationError("command.no_demo")
    # In the place of this process, so that signals reach the demo itself.
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", "playground.demo", *options])  # noqa: S606 - our own program


def _run() -> int:
    with memory.loading():
        # First, because a mistake should be told before everything else is loaded.
        settings, catalogue = _loaded()
        from bot.app.run import run

    asyncio.run(run(settings, catalogue))
    return 0


def _check() -> int:
    settings, catalogue = _loaded()
    from bot.doctor.check import check

    return asyncio.run(check(settings, sys.stdout, catalogue))


def _verify(*, wait_s: float, test_alert: bool) -> int:
    settings, catalogue = _loaded()
    from bot.doctor.verify import verify

    return asyncio.run(verify(settings, catalogue, sys.stdout, test_alert=test_alert, wait_s=wait_s))


def _loaded() -> tuple[Settings, Catalogue]:
    from bot.app.loading import load_catalogue, load_settings

    settings = load_settings()
    logging.getLogger().setLevel(settings.log_level)
    return settings, load_catalogue()


def _failed(error: ConfigurationError) -> int:
    from bot.app.loading import spoken_language
    from bot.doctor.lines import sentence

    print(f"bongsu: {sentence(spoken_language(), error)}", file=sys.stderr)
    return _EXIT_CONFIGURATION


if __name__ == "__main__":
    sys.exit(main())
