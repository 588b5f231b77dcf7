"""Finds what somebody probably meant who typed a name that there is not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# More letters than this say nothing more, and cost.
_COMPARED = 80


def near_misses(typed: str, names: Iterable[str], most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the names that may have been meant, likeliest first: those that hold what was typed, then those spelt alike.

    `cutoff` is the share of letters (0..1) that a misspelt name has in common with the one that was meant.
    """
    wanted = typed.strip().lower()[:_COMPARED]
    known = {name.lower()[:_COMPARED]: name[:_COMPARED] for name in names}
    held = [name for name in known if wanted and wanted in name]
    alike = get_close_matches(wanted, known, n=most, cutoff=cutoff)
    return [known[name] for name in dict.fromkeys([*held, *alike])][:most]
