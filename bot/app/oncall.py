"""Finds `config/oncall.yml` (BONGSU_ONCALL), if there is one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from bot.app.yaml_file import read_yaml
from bot.domain.owners import Catalogue
from bot.domain.teams import Roster

VARIABLE: Final = "BONGSU_ONCALL"


def oncall_path() -> Path:
    """Return where the file is."""
    return Path(os.environ.get(VARIABLE) or "config/oncall.yml")


def load_roster(catalogue: Catalogue, timezone: str) -> Roster:
    """Read the file; without one, or in an empty one, there is one team without a schedule. Raises ConfigurationError."""
    path = oncall_path()
    if not os.environ.get(VARIABLE) and not path.exists():
        return Roster()
    written = read_yaml(path)
    if not written:
        # As it comes with Bongsu, all of it commented out.
        return Roster()
    # Here, because its shapes take a hundredth of a start.
    from bot.app.roster import read_roster

    return read_roster(written, path, catalogue, timezone)
