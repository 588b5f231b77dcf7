"""Describes what will run out: certificates and disks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What runs out; each has a text `team_report.ends.<word>`."""

    CERTIFICATE = "certificate"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that runs out, and when."""

    kind: Kind
    name: str
    at: datetime
