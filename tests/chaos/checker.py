"""What was answered 202, what is in the store and what Discord shows, into what is wrong between them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One card on Discord: what it says, and how often it called everyone."""

    words: str
    everyone: int

    @property
    def over(self) -> bool:
        return "🟢" in self.words


@dataclass
class Account:
    """All that is known of a run, by the name of an alert."""

    # What was last answered 202: "firing" or "resolved".
    answered: dict[str, str] = field(default_factory=dict)
    severity: dict[str, str] = field(default_factory=dict)
    # Who was told that they have it.
    acknowledged: set[str] = field(default_factory=set)
    # Was it shown firing before it was resolved? Else nobody need be called.
    shown_firing: set[str] = field(default_factory=set)
    cards: Mapping[str, list[Seen]] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    # In the store: the state by name, and what still waits there.
    stored: Mapping[str, str] = field(default_factory=dict)
    waiting: int = 0


def problems(account: Account) -> list[str]:
    """Return each thing that is not as it was promised, as `kind: name`."""
    found = [f"waiting: {account.waiting}"] if account.waiting else []
    for name, last in account.answered.items():
        cards = account.cards.get(name, [])
        if not cards:
            found.append(f"lost: {name}")
            continue
        if len(cards) > 1:
            found.append(f"twice: {name}")
        if cards[-1].over != (last == "resolved"):
            found.append(f"stale: {name} is {last}")
        if (account.stored.get(name) == "resolved") != (last == "resolved"):
            found.append(f"store: {name} is {account.stored.get(name)}, told {last}")
        if name in account.acknowledged and account.stored.get(name) == "firing":
            found.append(f"forgotten: the acknowledgement of {name}")
        called = account.calls.get(name, 0)
        if account.severity[name] != "critical" and called:
            found.append(f"called: {name}, which is no P1")
        if account.severity[name] == "critical" and called > 1:
            found.append(f"called: {name}, {called} times")
        if account.severity[name] == "critical" and not called and (last == "firing" or name in account.shown_firing):
            found.append(f"uncalled: {name}")
    return found
