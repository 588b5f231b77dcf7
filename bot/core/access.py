"""Permits or refuses what a person wants; a refusal is written down."""

from __future__ import annotations

from bot.domain.people import Person, Policy, Right
from bot.errors import NotAllowed
from bot.ports import AuditLog, AuditRow, Clock


class Access:
    """Asks the policy, and keeps a record of everyone it turned away."""

    def __init__(self, policy: Policy, audit: AuditLog, clock: Clock) -> None:
        self._policy = policy
        self._audit = audit
        self._clock = clock

    def allows(self, person: Person, right: Right) -> bool:
        """Tell whether the person has the right, without a record: for what is offered, not for what is done."""
        return self._policy.allows(person, right)

    async def require(self, person: Person, right: Right, action: str, target: str) -> AuditRow:
        """Return the audit row of an allowed action, to be stored with it. Raises NotAllowed."""
        row = AuditRow(self._clock(), person, action, target)
        if not self._policy.allows(person, right):
            await self._audit.write(AuditRow(row.at, person, action, target, allowed=False))
            raise NotAllowed(f"errors.not_allowed_{right.value}")
        return row
