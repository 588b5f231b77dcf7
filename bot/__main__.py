"""Runs `bongsu run|check|verify|init|demo|version`; a failed start is one sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.domain.owners import Catalogue

# BSD's EX_CONFIG: whoever restarts us should see that restarting alone will not help.
_EXIT_CONFIGURATION = 78
_EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return _command(chosen)
    except ConfigurationError as error:
        return _failed(error)
    except OSError as error:
        # A full disk, a file that may not be read: the system's own words say which.
        return _failed(ConfigurationError("errors.system", problem=str(error)))
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bongsu", description="The on-call bot for people who run Grafana.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="receive alerts and show them on Discord")
    commands.add_parser("check", help="try everything that is configured and say what is wrong")
    verify = commands.add_parser(
        "verify", aliases=["verify-stack"], help="ask every server, and send a test alert from end to end"
    )
    verify.add_argument("--no-test-alert", action="store_true", help="send no test alert (for a timer, say)")
    verify.add_argument("--wait", type=float, default=90.0, metavar="SECONDS", help="for the test alert (90)")
    init = commands.add_parser("init", help="write bot.yml, services.yml and .env into this folder")
    init.add_argument("--yes", action="store_true", help="ask nothing: take the environment's values and defaults")
    demo = commands.add_parser("demo", help="show everything on this machine (from a clone of the repository)")
    demo.add_argument("options", nargs=argparse.REMAINDER, help="such as --fault pool")
    commands.add_parser("version", help="print the version")
    return parser


def _command(chosen: argparse.Namespace) -> int:
    if chosen.command == "version":
        print(f"bongsu {bot.__version__}")
        return 0
    if chosen.command == "demo":
        return _demo(chosen.options)
    if chosen.command == "init":
        from bot.app.init import init
        from bot.app.loading import spoken_language

        return init(spoken_language(), sys.stdout, ask=not chosen.yes)
    from bot.app.folder import enter_folder

    enter_folder()
    if chosen.command == "run":
        return _run()
    if chosen.command == "check":
        return _check()
    return _verify(wait_s=chosen.wait, test_alert=not chosen.no_test_alert)


def _demo(options: Sequence[str]) -> int:
    root = Path(bot.__file__).parents[1]
    if not (root / "playground" / "demo.py").is_file():
        raise ConfigurationError("command.no_demo")
    # In the place of this process, so that signals reach the demo itself.
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", "playground.demo", *options])  # noqa: S606 - our own program


def _run() -> int:
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
