"""`python -m bot run|check|verify-stack`: load settings, run; a failed start is one sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from bot.errors import ConfigurationError
from bot.i18n import Language, language_of, text

# BSD's EX_CONFIG: whoever restarts us should see that restarting alone will not help.
_EXIT_CONFIGURATION = 78


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="The on-call bot for people who run Grafana.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="receive alerts and show them on Discord")
    commands.add_parser("check", help="try everything that is configured and say what is wrong")
    verify = commands.add_parser("verify-stack", help="ask every server, and send a test alert from end to end")
    verify.add_argument("--no-test-alert", action="store_true", help="send no test alert (for a timer, say)")
    verify.add_argument("--wait", type=float, default=90.0, metavar="SECONDS", help="for the test alert (90)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO").upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        if chosen.command == "verify-stack":
            return _verify(wait_s=chosen.wait, test_alert=not chosen.no_test_alert)
        return _run() if chosen.command == "run" else _check()
    except ConfigurationError as error:
        print(f"bongsu: {text(_language(), error.key, **error.values)}", file=sys.stderr)
        return _EXIT_CONFIGURATION


def _run() -> int:
    from bot.app.run import run
    from bot.app.settings import load_catalogue, load_settings

    asyncio.run(run(load_settings(), load_catalogue()))
    return 0


def _check() -> int:
    from bot.app.settings import load_catalogue, load_settings
    from bot.doctor.check import check

    settings = load_settings()
    load_catalogue()
    return asyncio.run(check(settings, sys.stdout))


def _verify(*, wait_s: float, test_alert: bool) -> int:
    from bot.app.settings import load_catalogue, load_settings
    from bot.doctor.verify import verify

    settings, catalogue = load_settings(), load_catalogue()
    return asyncio.run(verify(settings, catalogue, sys.stdout, test_alert=test_alert, wait_s=wait_s))


def _language() -> Language:
    return language_of(os.environ.get("LANGUAGE") or os.environ.get("LANG") or "en")


if __name__ == "__main__":
    sys.exit(main())
