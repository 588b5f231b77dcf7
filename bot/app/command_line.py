"""Turns what was typed behind `bongsu` into a command and its options; what cannot be read is told in the operator's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from getopt import GetoptError, gnu_getopt
from typing import Final

from bot.errors import UsageError

# Each command and its options as getopt writes them: `=` stands behind one that takes a value.
COMMANDS: Final[dict[str, list[str]]] = {
    "run": [],
    "check": [],
    "verify": ["no-test-alert", "wait="],
    "init": ["yes"],
    "demo": [],
    "version": [],
}
_OTHER_NAMES: Final = {"verify-stack": "verify", "--version": "version", "-h": "help", "--help": "help"}
_WAIT_S: Final = 90.0
# A day: who waits longer has forgotten it.
_MOST_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A command, `help` among them, and its options; `rest` belongs to the demo."""

    command: str
    rest: tuple[str, ...] = ()
    yes: bool = False
    test_alert: bool = True
    wait_s: float = _WAIT_S


def parsed(arguments: Sequence[str]) -> Typed:
    """Read a command line. Raises UsageError."""
    typed, rest = (arguments[0], arguments[1:]) if arguments else ("", ())
    command = _OTHER_NAMES.get(typed, typed)
    if command == "demo":
        return Typed(command, tuple(rest))
    if command == "help" or (command in COMMANDS and {"-h", "--help"} & set(rest)):
        return Typed("help")
    if not command:
        raise UsageError("command.missing", known=", ".join(COMMANDS))
    if command not in COMMANDS:
        raise _unknown("command.unknown", typed, list(COMMANDS))
    return _with_options(command, rest)


def _with_options(command: str, rest: Sequence[str]) -> Typed:
    known = COMMANDS[command]
    try:
        found, left = gnu_getopt(list(rest), "", known)
    except GetoptError as error:
        if error.opt in known:
            raise UsageError("command.takes_no_value", typed=f"--{error.opt}") from error
        if f"{error.opt}=" in known:
            raise UsageError("command.needs_value", typed=f"--{error.opt}") from error
        names = [f"--{name.rstrip('=')}" for name in known]
        dashes = "--" if len(error.opt) > 1 else "-"
        raise _unknown("command.unknown_option", f"{dashes}{error.opt}", names, command=command) from error
    if left:
        raise UsageError("command.too_much", typed=left[0], command=command)
    options = dict(found)
    wait_s = _seconds(options["--wait"]) if "--wait" in options else _WAIT_S
    return Typed(command, yes="--yes" in options, test_alert="--no-test-alert" not in options, wait_s=wait_s)


def _seconds(typed: str) -> float:
    try:
        seconds = float(typed)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _MOST_S:
        raise UsageError("command.no_seconds", typed=typed)
    return seconds


def _unknown(key: str, typed: str, known: Sequence[str], **more: str) -> UsageError:
    meant = get_close_matches(typed, known, n=1)
    if meant:
        return UsageError(f"{key}_near", typed=typed, near=meant[0], **more)
    return UsageError(key, typed=typed, known=", ".join(known) or "–", **more)
