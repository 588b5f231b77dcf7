"""Tells who may do what: people, rights and the roles that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Right(StrEnum):
    """What a person may be allowed to do; each is a list of role ids in the configuration."""

    READ = "read"
    ACK = "ack"
    SILENCE = "silence"
    RAW = "raw"
    ONCALL = "oncall"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on Discord, as the interaction brought them; id 0 is Bongsu itself.

    Roles are what they were at that moment: they are not part of who somebody is, and are not stored.
    """

    id: int
    name: str
    role_ids: frozenset[int] = field(default=frozenset(), compare=False)
    manages_guild: bool = field(default=False, compare=False)


BONGSU = Person(0, "Bongsu")


@dataclass(frozen=True, slots=True)
class Policy:
    """Which roles carry which right.

    A right without roles falls back: reading is for everyone in the guild, everything else for those who
    manage it, so that a fresh installation neither locks its owner out nor lets a stranger in.
    """

    roles: Mapping[Right, frozenset[int]] = field(default_factory=dict[Right, frozenset[int]])

    def allows(self, person: Person, right: Right) -> bool:
        """Tell whether the person has the right."""
        roles = self.roles.get(right, frozenset())
        if not roles:
            return right is Right.READ or person.manages_guild
        return bool(roles & person.role_ids) or person.manages_guild
