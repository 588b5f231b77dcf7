"""Which alerts share a card, on recorded troubles: the alerting service, the cause and what lies between them, as they fire.

Each case that has a topology is replayed several times. Its dependent alerts (the cause, the service that
raised the alert, what calls lead through between them, and up to two more callers of the cause) begin within eight
minutes, in any order; so does an alert of a service that none of them calls or is called by. All investigations end where
the ranking ends on that case, rightly or not.

`joined_rightly`: the share of pairs of dependent alerts that are on one card. `joined_wrongly`: the share of unrelated alerts on
a card with a dependent one. `hidden_rightly`: as the first, while one call in ten is not known. `neighbours_share`: the share
of alerts with trouble of their own, at services that a dependent one calls or is called by, that share a card: where both fire
at once no alert can tell, so that it is no mistake, but people meet it.
`pairs_kept_apart`: of generated pairs of unrelated troubles at once, each with dependent alerts, those that stayed two.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.cases import few, folders, load
from bench.truths import truth
from bot.domain import lifecycle
from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.incidents import Incident
from bot.domain.joining import CallGraph, Joining
from bot.domain.merging import Conclusion, merge, one_trouble
from bot.domain.routing import Known
from bot.domain.telemetry import Observations
from bot.ranking.rank import rank

_BEGIN = datetime(2026, 11, 28, 3, tzinfo=UTC)
_WINDOW = timedelta(minutes=10)
_SPREAD_S = 480
_CALLERS, _HIDDEN = 2, 0.1
_PAIRS = 40

Edge = tuple[str, str]


@dataclass
class Intake:
    """The decisions of the store, on incidents in memory."""

    joining: Joining
    incidents: list[Incident] = field(default_factory=list[Incident])
    owner: dict[str, int] = field(default_factory=dict[str, int])

    def fire(self, service: str, at: datetime) -> None:
        """Let an alert of a group of its own fire."""
        labels = {"alertname": "Trouble", "service": service, "severity": "P2"}
        alert = Alert(service, AlertStatus.FIRING, at, labels=labels)
        told = Notification("alertmanager", service, "bongsu", (alert,))
        wanted = self.joining.wanted(told)
        beside = [each for each in self.incidents if each.is_open and (each.service or "").lower() in wanted]
        known = Known(self.incidents, dict(self.owner), beside)
        for before, outcome in lifecycle.tell(known, told, at, self.joining):
            if outcome.incident is None:
                continue
            number = before.number if before else len(self.incidents) + 1
            self.keep(replace(outcome.incident, number=number))

    def keep(self, incident: Incident) -> None:
        """Store an incident, and whose its alerts are."""
        self.incidents = [each for each in self.incidents if each.number != incident.number] + [incident]
        if incident.is_open:
            self.owner |= {alert.fingerprint: incident.number for alert in incident.alerts}

    def conclude(self, cause: str | None, at: datetime) -> None:
        """Have every investigation end at one cause."""
        for one, other in itertools.combinations(sorted(self.incidents, key=lambda each: each.number), 2):
            by_number = {each.number: each for each in self.incidents}
            first, second = by_number[one.number], by_number[other.number]
            host = one_trouble(Conclusion(first, cause), Conclusion(second, cause), self.joining, at)
            if host is not None:
                for outcome in reversed(merge(host, second, at)):
                    if outcome.incident:
                        self.keep(outcome.incident)


def play(edges: Iterable[Edge], fires: Sequence[tuple[str, float]], cause: str | None) -> dict[str, int]:
    """Return the number of the incident of each service that fires."""
    intake = Intake(Joining(_WINDOW, CallGraph(edges)))
    for service, after_s in sorted(fires, key=lambda each: each[1]):
        intake.fire(service, _BEGIN + timedelta(seconds=after_s))
    intake.conclude(cause, _BEGIN + timedelta(seconds=_SPREAD_S))
    return intake.owner


def way(calls: CallGraph, caller: str, callee: str, services: Iterable[str]) -> set[str]:
    """Return the services on a shortest chain of calls, both ends among them."""
    whole = calls.distance(caller, callee)
    if whole is None:
        return {callee}
    between = {
        each
        for each in services
        if (calls.distance(caller, each) or whole) + (calls.distance(each, callee) or whole) == whole
    }
    return {caller, callee} | between


def replay(folder: Path, times: int) -> Counter[str]:
    """Count what becomes of the alerts of one case."""
    seen, root = load(folder), truth(folder).root
    if root is None or seen.service is None or not seen.edges:
        return Counter()
    lead = rank(seen).lead
    end = lead.service.lower() if lead else None
    return sum((once(seen, root.lower(), end, f"{folder.name}-{n}") for n in range(times)), Counter[str]())


def once(seen: Observations, root: str, end: str | None, seed: str) -> Counter[str]:
    """Replay a case once, with all calls known, then with some hidden, then with a neighbour that has its own trouble."""
    # Not for secrets.
    chance = random.Random(seed)
    calls = CallGraph(seen.edges)
    services = sorted({name.lower() for edge in seen.edges for name in edge})
    dependent = way(calls, (seen.service or "").lower(), root, services)
    callers = [each for each in services if calls.distance(each, root) and each not in dependent]
    dependent |= set(chance.sample(callers, min(_CALLERS, len(callers))))
    near = set().union(*({each} | neighbours(calls, each, services) for each in dependent))
    far = [each for each in services if each not in near]
    beside = sorted(near - dependent)
    fires = [(each, chance.uniform(0, _SPREAD_S)) for each in sorted(dependent)]
    unrelated = [(each, chance.uniform(0, _SPREAD_S)) for each in chance.sample(far, min(1, len(far)))]
    neighbour = [(each, chance.uniform(0, _SPREAD_S)) for each in chance.sample(beside, min(1, len(beside)))]
    found = Counter[str]()
    owner = play(seen.edges, [*fires, *unrelated], end)
    found += counted(owner, dependent, "dependent") + shared(owner, dependent, unrelated, "unrelated")
    owner = play([edge for edge in seen.edges if chance.random() >= _HIDDEN], fires, end)
    found += counted(owner, dependent, "hidden")
    owner = play(seen.edges, [*fires, *neighbour], end)
    return found + shared(owner, dependent, neighbour, "neighbours")


def neighbours(calls: CallGraph, service: str, services: Iterable[str]) -> set[str]:
    """Return what a service calls, or is called by, however far."""
    return {each for each in services if calls.distance(service, each) or calls.distance(each, service)}


def counted(owner: Mapping[str, int], dependent: Iterable[str], name: str) -> Counter[str]:
    """Count the pairs of dependent alerts, and those on one card."""
    pairs = list(itertools.combinations(sorted(dependent), 2))
    return Counter({f"{name}_pairs": len(pairs), f"{name}_joined": sum(owner[a] == owner[b] for a, b in pairs)})


def shared(
    owner: Mapping[str, int], dependent: Iterable[str], others: Sequence[tuple[str, float]], name: str
) -> Counter[str]:
    """Count other alerts, and those on a card with a dependent one."""
    cards = {owner[each] for each in dependent}
    return Counter({name: len(others), f"{name}_joined": sum(owner[each] in cards for each, _ in others)})


def pairs_kept_apart(count: int = _PAIRS) -> dict[str, int]:
    """Generate two troubles that fire at once in systems of one operator, and count the pairs that stay two."""
    apart = whole = 0
    for seed in range(count):
        chance = random.Random(seed)
        edges, troubles = generated(chance)
        fires = [(each, chance.uniform(0, _SPREAD_S)) for trouble in troubles for each in trouble]
        owner = play(edges, fires, None)
        first, second = ({owner[each] for each in trouble} for trouble in troubles)
        apart += not first & second
        whole += len(first) == len(second) == 1
    return {"pairs": count, "pairs_kept_apart": apart, "pairs_whole": whole}


def generated(chance: random.Random) -> tuple[list[Edge], list[list[str]]]:
    """Return calls in layers as shops have them, and two troubles: a cause with callers, neither on the other's way."""
    layers = [
        [f"{kind}-{number}" for number in range(chance.randint(3, 6))] for kind in ("edge", "app", "core", "data")
    ]
    edges = [
        (caller, callee)
        for above, below in itertools.pairwise(layers)
        for caller in above
        for callee in chance.sample(below, chance.randint(1, 2))
    ]
    calls = CallGraph(edges)
    services = [each for layer in layers for each in layer]
    while True:
        one, other = chance.sample(services[len(layers[0]) :], 2)
        groups = [[each for each in services if each == cause or calls.distance(each, cause)] for cause in (one, other)]
        own = [[each for each in group if each not in groups[1 - n]] for n, group in enumerate(groups)]
        if one in own[0] and other in own[1]:
            return edges, [
                [cause, *chance.sample(group, min(2, len(group)))] for cause, group in _callers(own, one, other)
            ]


def _callers(own: Sequence[Sequence[str]], one: str, other: str) -> list[tuple[str, list[str]]]:
    return [(cause, [each for each in group if each != cause]) for cause, group in zip((one, other), own, strict=True)]


def main() -> None:
    """Print the figures as JSON, as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="the folder of the suites")
    parser.add_argument("--times", type=int, default=5, help="how often each case is replayed")
    parser.add_argument("--quick", action="store_true", help="a few cases of each suite, once, same figures")
    chosen = parser.parse_args()
    suites: dict[str, object] = {}
    for suite, cases in folders(chosen.root).items():
        some, times = (few(cases), 1) if chosen.quick else (cases, chosen.times)
        found = sum((replay(case, times) for case in some), Counter[str]())
        if found["dependent_pairs"]:
            suites[suite] = {**found, **rates(found)}
    print(json.dumps({"bench": "joining", "figures": {"suites": suites, **pairs_kept_apart()}}))


def rates(found: Counter[str]) -> dict[str, float]:
    """Return counts as shares."""
    wanted = {
        "joined_rightly": ("dependent_joined", "dependent_pairs"),
        "joined_wrongly": ("unrelated_joined", "unrelated"),
        "hidden_rightly": ("hidden_joined", "hidden_pairs"),
        "neighbours_share": ("neighbours_joined", "neighbours"),
    }
    return {name: round(found[part] / max(found[whole], 1), 4) for name, (part, whole) in wanted.items()}


if __name__ == "__main__":
    main()
