"""What was answered 202, what is in the store and what Discord shows, into what is wrong between them. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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

    # What was last answered 202: "firing" or "resolved"; and how often "firing" was.
    answered: dict[str, str] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)
    severity: dict[str, str] = field(default_factory=dict)
    # Who was told that they have it.
    acknowledged: set[str] = field(default_factory=set)
    # Was it shown firing before it was resolved? Else nobody need be called.
    shown_firing: set[str] = field(default_factory=set)
    # It became a P1 from less; an acknowledgement may have come before the call.
    raised: set[str] = field(default_factory=set)
    # Of which an end was sent, and what was green before that.
    ending: set[str] = field(default_factory=set)
    green: set[str] = field(default_factory=set)
    # Whose card a person has taken away, with how often it had fired or ended by then.
    taken_away: dict[str, int] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    # Who was told that it is silent.
    silenced: set[str] = field(default_factory=set)
    cards: Mapping[str, Sequence[Seen]] = field(default_factory=dict)
    # What a digest shows, and whether it shows it as over; and digests that do not say what the store says.
    digested: Mapping[str, bool] = field(default_factory=dict)
    digests: Sequence[str] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    pictures: Mapping[str, int] = field(default_factory=dict)
    # Silences in force at the source, and those of which the store knows who asked.
    silences: Mapping[str, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    # Reports on Discord, and investigations that have ended.
    reports: Mapping[str, int] = field(default_factory=dict)
    investigated: Mapping[str, int] = field(default_factory=dict)
    # In the store: the state by name, and what still waits there.
    stored: Mapping[str, str] = field(default_factory=dict)
    waiting: Sequence[str] = ()
    # What the log must not hold, and how a process ended that nobody had killed.
    tracebacks: Sequence[str] = ()
    deaths: Sequence[str] = ()

    def lose(self, name: str) -> None:
        """Note that a person took its card away."""
        self.taken_away[name] = self.told[name]

    def excused(self, name: str) -> bool:
        """Tell whether nothing has happened since its card was taken away: nobody need have noticed."""
        return self.taken_away.get(name) == self.told[name]


def problems(account: Account) -> list[str]:
    """Return each thing that is not as it was promised, as `kind: name`."""
    found = [f"waiting: {each}" for each in account.waiting]
    found += [f"traceback: {each}" for each in account.tracebacks]
    found += [f"died: {each}" for each in account.deaths]
    found += [f"digest: {each}" for each in account.digests]
    found += [f"green while it fires: {name}" for name in sorted(account.green)]
    for name, last in account.answered.items():
        found += [*_shown(account, name, last), *_called(account, name, last), *_beside(account, name)]
    return found


def _shown(account: Account, name: str, last: str) -> list[str]:
    found: list[str] = []
    shown = [card.over for card in account.cards.get(name, [])]
    if name in account.digested:
        shown.append(account.digested[name])
    if not shown and not account.excused(name):
        found.append(f"lost: {name}")
    if len(shown) > 1:
        found.append(f"twice: {name}")
    if shown and shown[-1] != (last == "resolved"):
        found.append(f"stale: {name} is {last}")
    if (account.stored.get(name) == "resolved") != (last == "resolved"):
        found.append(f"store: {name} is {account.stored.get(name)}, told {last}")
    if name in account.acknowledged and account.stored.get(name) == "firing":
        found.append(f"forgotten: the acknowledgement of {name}")
    return found


def _called(account: Account, name: str, last: str) -> list[str]:
    calls, critical = account.calls.get(name, 0), account.severity[name] == "critical"
    if calls and not critical:
        return [f"called: {name}, which is no P1"]
    # Each time that it fires is a reason at most.
    if calls > max(account.fired[name] - (name in account.raised), 1):
        return [f"called: {name}, {calls} times"]
    # What became a P1 is called for beside its card, and not if it ends before that.
    raised = name in account.raised
    taken = raised and name in account.acknowledged
    due = last == "firing" or (name in account.shown_firing and not raised)
    if critical and not calls and due and not taken and name not in account.taken_away:
        return [f"uncalled: {name}"]
    return []


def _beside(account: Account, name: str) -> list[str]:
    found: list[str] = []
    silences = account.silences.get(name, 0)
    if name in account.silenced and not silences:
        found.append(f"loud: {name}, which somebody was told is silent")
    if silences > 1:
        found.append(f"silenced: {name}, {silences} times")
    if silences and name not in account.asked:
        found.append(f"unsigned: nobody knows who silenced {name}")
    if account.pictures.get(name, 0) > 1:
        found.append(f"pictured: {name}, {account.pictures[name]} times")
    reports, looked = account.reports.get(name, 0), account.investigated.get(name, 0)
    if reports > looked:
        found.append(f"reported: {name}, {reports} times for {looked} investigations")
    if reports < looked and name not in account.taken_away:
        found.append(f"unreported: {name}, {reports} of {looked}")
    return found
