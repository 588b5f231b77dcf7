"""What the clock costs when much waits for it: 5,000 open incidents with chains, 200 schedules with calendars of five years.

`tick_p99_ms`: one look for what is due, and doing it, on SQLite; one second in ten has a step of an escalation in it, which
is taken as in production but for Discord. `who_p99_ms`: one `/oncall` of a team: who is, who comes next, when the asker is.
`rss_extra_mb`: what the 200 calendars add to the memory of an idle process. `naive_ratio`: a tick by the reference, which
reads all open incidents and looks through every shift of their teams, in the same run; a tenth of it is allowed.
Times are of the processor, because others use it too; by the clock on the wall they are printed before.
"""

from __future__ import annotations

import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.report import finish, median, percentile, quick
from bot.core.access import Access
from bot.core.directory import Directory
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.escalating import Escalating
from bot.core.oncall.service import OnCallService
from bot.core.scheduler import JobKind, Scheduler
from bot.core.viewing import Viewer
from bot.domain import lifecycle
from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.escalations import DEFAULT_ONCALL, Webhook
from bot.domain.feeds import Feed
from bot.domain.incidents import Incident
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.people import Person, Policy
from bot.domain.schedules import Schedule, Stint
from bot.domain.teams import Member, Roster, Team
from bot.domain.views import Call, IncidentView, MessageRef
from bot.store.database import Database
from bot.store.rows import incident_columns
from bot.store.tables import cards, incidents
from bot.telemetry.absent import AbsentAlertSource
from bot.telemetry.patterns import full_match

_BEGIN = datetime(2026, 11, 28, 3, tzinfo=UTC)
_TEAMS, _PEOPLE, _YEARS = 200, 12, 5
_WARM = 20


class Minute:
    """A clock that a bench moves."""

    def __init__(self) -> None:
        self.now = _BEGIN

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


class Silent:
    """Discord, and webhooks, as places where everything arrives at once."""

    def __init__(self) -> None:
        self.calls = 0

    async def call(self, card: MessageRef, call: Call, *, again: bool) -> MessageRef:  # noqa: ARG002
        """Take a call."""
        self.calls += 1
        return card

    async def call_below(self, card: MessageRef, view: IncidentView, call: Call, *, again: bool) -> MessageRef:  # noqa: ARG002
        """Take a call."""
        return card

    async def call_in(self, channel: str | int, call: Call, *, again: bool) -> MessageRef:  # noqa: ARG002
        """Take a call."""
        return MessageRef(1, 1)

    async def message(self, user: int, call: Call, *, again: bool) -> MessageRef:  # noqa: ARG002
        """Take a call."""
        return MessageRef(user, 1)

    async def post(self, webhook: Webhook, values: object) -> None:
        """Take a body."""


def people_of(team: int) -> dict[str, Member]:
    """Make the people of a team."""
    return {f"t{team}-{n}": Member(f"t{team}-{n}", team * 1000 + n + 1) for n in range(_PEOPLE)}


def calendar(team: int) -> list[Stint]:
    """Make a calendar of day and night shifts, as it is read: two and a half years back and as many ahead."""
    names, half = list(people_of(team)), timedelta(hours=12)
    first, count = _BEGIN - timedelta(days=365 * _YEARS / 2), 365 * _YEARS * 2
    moments = [(first + n * half).timestamp() for n in range(count + 1)]
    return [Stint(names[n % _PEOPLE], moments[n], moments[n + 1]) for n in range(count)]


def roster() -> Roster:
    """Make teams of a service each, whose schedules are calendars that were not read yet."""
    people, teams = dict[str, Member](), dict[str, Team]()
    for n in range(_TEAMS):
        own = people_of(n)
        people |= own
        feed = Feed(f"c{n}", f"https://calendar.example/{n}.ics", list(own.values()), UTC)
        teams[f"team{n}"] = Team(f"team{n}", Schedule((feed,)), DEFAULT_ONCALL, frozenset({f"service{n}"}))
    return Roster(people, teams)


def incident_of(number: int) -> Incident:
    """Make an incident that fires."""
    labels = {"alertname": f"Rule{number}", "service": f"service{number % _TEAMS}", "severity": "critical"}
    alert = Alert(f"f{number}", AlertStatus.FIRING, _BEGIN, labels=labels, level=1, about=labels["service"])
    told = Notification("alertmanager", f"g{number}", "bongsu", (alert,))
    made = lifecycle.apply(None, lifecycle.Notified(told, _BEGIN)).incident
    if made is None:
        raise ValueError(number)
    return replace(made, number=number, version=1)


async def fill(store: Database, desk: OnCallDesk, count: int) -> None:
    """Store open incidents with cards, and the next step of each: one in ten seconds for as long as there are any."""
    made = [incident_of(number + 1) for number in range(count)]

    def work(connection: Connection) -> None:
        rows = [incident_columns(each) | {"number": each.number, "version": 1} for each in made]
        connection.execute(insert(incidents), rows)
        places = [{"incident": each.number, "channel_id": 1, "message_id": each.number, "version": 1} for each in made]
        connection.execute(insert(cards), places)

    await store._runner.write(work)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    steps = [desk.steps(each, 1, _BEGIN)[0] for each in made]
    spread = [replace(each, due_at=_BEGIN + timedelta(seconds=10 * n + 5)) for n, each in enumerate(steps)]
    await store.jobs.plan(spread, _BEGIN)


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return how many milliseconds it takes of the processor, and by the clock on the wall."""
    processor, wall = time.process_time(), time.perf_counter()
    await work()
    return (time.process_time() - processor) * 1000, (time.perf_counter() - wall) * 1000


def resident_mb() -> float:
    """Return how much memory this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


class Bench:
    """The use cases of the clock over a store."""

    def __init__(self, store: Database, clock: Minute) -> None:
        self.store, self.clock, self.roster = store, clock, roster()
        services = {f"service{n}": Service(f"service{n}", "", (Owner(1, is_role=False),)) for n in range(_TEAMS)}
        catalogue = Catalogue(services)
        self.desk = OnCallDesk(
            roster=self.roster, catalogue=catalogue, overrides=store.overrides, jobs=store.jobs, clock=clock
        )
        store.incidents.follow(self.desk.follow)
        source = AbsentAlertSource()
        muting = Muting(
            source=source,
            book=store.silences,
            incidents=store.incidents,
            directory=Directory(source, None, clock),
            full_match=full_match,
            clock=clock,
        )
        viewer = Viewer(
            views=store.views,
            muting=muting,
            catalogue=catalogue,
            grafana_url="",
            clock=clock,
            desk=self.desk,
        )
        self.caller = Silent()
        escalating = Escalating(
            desk=self.desk,
            viewer=viewer,
            escalations=store.escalations,
            caller=self.caller,
            hooks=self.caller,
            clock=clock,
        )
        kinds = [JobKind(name, _nothing) for name in JobName if name is not JobName.ESCALATE]
        self.scheduler = Scheduler(store.jobs, clock, [JobKind(JobName.ESCALATE, escalating.step), *kinds])
        access = Access(Policy(), store.audit, clock)
        self.service = OnCallService(
            desk=self.desk, jobs=store.jobs, overrides=store.overrides, access=access, clock=clock
        )

    def read_calendars(self) -> None:
        """Read all calendars, one after the other."""
        for n, team in enumerate(self.roster.teams.values()):
            team.feeds[0].take(calendar(n))

    async def tick(self) -> None:
        """Let a second pass."""
        self.clock.now += timedelta(seconds=1)
        await self.scheduler.step()

    async def ask(self, n: int) -> None:
        """Ask who is on call in a team."""
        await self.service.report(f"team{n % _TEAMS}", None, Person((n % _TEAMS) * 1000 + 1, "somebody"))

    async def naive(self, shifts: Sequence[Sequence[Stint]]) -> None:
        """Take a tick as one would write it first: read what is open, and look through every shift of its team."""
        at = self.clock().timestamp()
        for incident in await self.store.incidents.open():
            team = int((incident.service or "service0").removeprefix("service"))
            on_call = [stint.name for stint in shifts[team % len(shifts)] if stint.start <= at < stint.end]
            json.dumps(on_call)


async def _nothing(_: Job) -> Sequence[Planned]:
    return ()


async def measure(folder: Path, *, short: bool) -> dict[str, float]:
    """Return the figures."""
    count, ticks = 5000, 200 if short else 1000
    async with Database.open(f"sqlite:///{folder}/clock.db") as store:
        bench = Bench(store, Minute())
        idle = resident_mb()
        bench.read_calendars()
        extra = resident_mb() - idle
        await fill(store, bench.desk, count)
        for _ in range(_WARM):
            await bench.tick()
        ticked = [await timed(bench.tick) for _ in range(ticks)]
        asked = [await timed(lambda n=n: bench.ask(n)) for n in range(ticks)]
        few = [calendar(n) for n in range(4)]
        naive = [await timed(lambda: bench.naive(few)) for _ in range(2 if short else 3)]
    if bench.caller.calls < ticks // 10:
        raise RuntimeError(f"only {bench.caller.calls} steps were taken")
    wall = {"tick": ticked, "who": asked, "naive": naive}
    print(", ".join(f"{name} p99 {percentile([each[1] for each in of], 0.99):.1f} ms" for name, of in wall.items()))
    tick = percentile([each[0] for each in ticked], 0.99)
    return {
        "tick_p99_ms": tick,
        "who_p99_ms": percentile([each[0] for each in asked], 0.99),
        "rss_extra_mb": extra,
        "naive_ratio": tick / median([each[0] for each in naive]),
    }


def main() -> None:
    """Measure, and print the figures."""
    short = quick(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), short=short))
    finish("clock", figures)


if __name__ == "__main__":
    main()
