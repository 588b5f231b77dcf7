"""Says whether the libraries of an extra are installed: `pipx install --force '.[ai,oncall,pictures]'`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal

Extra = Literal["ai", "pictures"]

_MODULES: Final[dict[Extra, tuple[str, ...]]] = {
    "ai": ("anthropic", "openai"),
    "pictures": ("matplotlib", "PIL", "playwright"),
}


def installed(extra: Extra) -> bool:
    """Say whether all of an extra can be imported, without importing it."""
    return all(find_spec(name) is not None for name in _MODULES[extra])
