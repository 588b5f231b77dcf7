"""A chain step by step, in process: whom it reaches on Discord and elsewhere, and what stops and resumes it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app.oncall import load_roster
from bot.core.oncall.announcing import Announcing
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.escalating import Escalating
from bot.domain.incidents import EntryKind
from bot.domain.jobs import Job, JobName
from bot.domain.owners import Catalogue, Service
from bot.domain.people import Policy, Right
from bot.domain.views import MessageRef
from bot.errors import DeliveryRefused
from bot.telemetry.hooks import WebhookPoster
from tests.builders import MINJI, NOW, alertmanager_body
from tests.fakes import FakeCaller
from tests.ui.world import make_viewer, make_world

FILE = """
people: {minji: {discord: 1001}, jun: {discord: 1002}}
teams:
  platform:
    timezone: Asia/Seoul
    holidays: none
    more_holidays: [2026-11-25]
    schedule: [{people: [minji], every: daily}]
    escalation:
      P1:
        steps:
          - {wait: 10m, call: ["@oncall"]}
          - {wait: 10m, call: [message, "webhook:ntfy", "webhook:pagerduty"]}
          - {wait: 10m, call: ["message:jun"]}
          - {wait: 10m, call: [jun]}
      P3: {working_hours_only: true, steps: [{wait: 30m, call: ["@oncall"]}]}
webhooks:
  ntfy: {url: "URL/oncall", body: {topic: ops, title: "{severity} {title}", tags: [rotating_light], priority: 5}, headers: {Authorization: $NTFY}}
  pagerduty:
    url: URL/v2/enqueue
    body:
      routing_key: R0UT1NG
      event_action: trigger
      dedup_key: "bongsu-{number}"
      payload: {summary: "{title}", severity: critical, source: "{service}", timestamp: "{since}", custom_details: {step: "{id}"}}
"""


class Chain:
    """A world whose escalations are taken when they are due."""

    def __init__(self, database, roster, session) -> None:
        self.world = make_world(database, roster=roster)
        self.world.rules.policy = Policy(dict.fromkeys(Right, MINJI.role_ids))
        self.clock, self.jobs, self.caller = self.world.clock, database.jobs, FakeCaller()
        self.desk = OnCallDesk(
            roster=roster, catalogue=Catalogue(), overrides=database.overrides, jobs=self.jobs, clock=self.clock
        )
        database.incidents.follow(self.desk.follow)
        self.escalating = Escalating(
            desk=self.desk,
            viewer=make_viewer(database, self.clock, muting=self.world.muting),
            escalations=database.escalations,
            caller=self.caller,
            hooks=WebhookPoster(session),
            clock=self.clock,
        )

    async def fire(self, severity: str = "critical") -> None:
        view = await self.world.fire(severity=severity)
        database = self.world.database
        for task in await database.outbox.due(self.clock(), 10):
            await database.outbox.delivered(task, view.incident.version, MessageRef(7, 8), self.clock())

    async def at(self, **delta: float) -> list[str | int]:
        """Let the time be so long after the beginning, a minute at a time, and return where was called since then."""
        end = NOW + timedelta(**delta)
        while self.clock() < end:
            self.clock.forward(minutes=1)
            await self.tick()
        return [where for where, _ in self.caller.calls]

    async def tick(self) -> None:
        for job in await self.jobs.take([JobName.ESCALATE], self.clock(), 20, timedelta(seconds=2)):
            await self.jobs.finish(job, await self.escalating.step(job), self.clock())

    async def due(self) -> list[datetime]:
        return [job.due_at for job in await self.jobs.waiting(JobName.ESCALATE)]


@pytest.fixture
def chain(database, session, server, tmp_path, monkeypatch) -> Chain:
    (tmp_path / "oncall.yml").write_text(FILE.replace("URL", server.url), "utf-8")
    monkeypatch.setenv("BONGSU_ONCALL", str(tmp_path / "oncall.yml"))
    monkeypatch.setenv("NTFY", "Bearer secret")
    server.on("POST /oncall", {})
    server.on("POST /v2/enqueue", {"status": "success"}, 202)
    return Chain(database, load_roster(Catalogue(), "Asia/Seoul"), session)


CARD = "reply to 8"


async def test_what_a_digest_shows_is_called_for_below_the_digest_at_once(chain):
    digests, at = chain.world.database.digests, chain.clock()
    await chain.world.fire(severity="warning", service="payments")
    number = await digests.absorb("normal", [1], at)
    digest, drawn = await digests.load(number, at, timedelta())
    await digests.shown(digest, drawn, MessageRef(78, 500), at, {})

    assert await chain.at(minutes=31) == ["reply to 500"]


async def test_a_chain_goes_through_card_messages_and_webhooks(chain, server):
    await chain.fire()

    assert await chain.at(minutes=45) == [CARD, "<@1001>", "<@1002>", CARD]
    ntfy, pagerduty = server.asked
    assert (ntfy[0], ntfy[1]["Authorization"]) == ("POST /oncall", "Bearer secret")
    assert json.loads(ntfy[2]) == {
        "topic": "ops",
        "title": "P1 HighLatency",
        "tags": ["rotating_light"],
        "priority": 5,
    }
    event = json.loads(pagerduty[2])
    assert (event["event_action"], event["dedup_key"], event["payload"]["severity"]) == (
        "trigger",
        "bongsu-1",
        "critical",
    )
    assert event["payload"]["source"] == "api"
    assert event["payload"]["custom_details"]["step"].isdecimal()
    assert await chain.at(hours=8) == [CARD, "<@1001>", "<@1002>", CARD]


async def test_an_answer_in_between_stops_it_and_a_lapsed_one_goes_on_where_it_was(chain):
    await chain.fire()
    assert await chain.at(minutes=11) == [CARD]
    respond = chain.world.services.respond

    await respond.acknowledge(1, MINJI, lasts=timedelta(minutes=30))
    assert await chain.at(minutes=37) == [CARD]
    chain.clock.now = NOW + timedelta(minutes=42)
    await respond.lapse()

    assert await chain.at(minutes=53) == [CARD, "<@1001>"]


async def test_what_is_over_stops_and_what_fires_again_begins_anew(chain):
    await chain.fire()
    assert await chain.at(minutes=11) == [CARD]
    await chain.world.mend()
    assert await chain.due() == []
    assert await chain.at(minutes=41) == [CARD]

    again = (NOW + timedelta(minutes=41)).isoformat()
    await chain.world._receive(alertmanager_body(severity="critical", starts_at=again))

    assert len(await chain.due()) == 1
    assert len(await chain.at(minutes=55)) == 2


async def again(chain, **after) -> None:
    """Let it fire again under its number."""
    chain.clock.now = NOW + timedelta(**after)
    await chain.world._receive(alertmanager_body(severity="critical", starts_at=chain.clock.now.isoformat()))


async def test_who_had_it_before_it_fired_again_is_waited_for_and_then_the_chain_goes_on(chain):
    await chain.fire()
    respond = chain.world.services.respond
    await respond.acknowledge(1, MINJI)
    await chain.world._receive(alertmanager_body(severity="critical", status="resolved"))
    await again(chain, minutes=20)

    assert (await chain.world.view(1)).incident.ack.by == MINJI
    assert await chain.at(minutes=31) == [CARD]
    # Whoever says so anew has it; the same press a second time changes nothing.
    for _ in range(2):
        await respond.acknowledge(1, MINJI)
        chain.clock.forward(minutes=1)
    assert (await chain.world.view(1)).incident.ack.at == NOW + timedelta(minutes=31)
    assert await chain.due() == []
    assert await chain.at(hours=2) == [CARD]


async def test_who_had_it_for_long_is_not_asked_beside_the_call_when_it_fires_again(chain):
    object.__setattr__(chain.desk.roster, "remind_after", timedelta(hours=1))
    await chain.fire()
    await chain.world.services.respond.acknowledge(1, MINJI)
    chain.clock.forward(minutes=50)
    await chain.world._receive(alertmanager_body(severity="critical", status="resolved"))
    await again(chain, minutes=70)

    [reminder] = await chain.jobs.waiting(JobName.REMIND)
    assert reminder.due_at == NOW + timedelta(minutes=130)


async def test_a_second_alert_of_the_same_group_has_no_chain_of_its_own(chain):
    await chain.fire()
    await chain.world._receive(alertmanager_body(severity="critical", count=3))

    assert len(await chain.due()) == 1


async def test_a_step_that_nobody_hears_leads_to_the_next_at_once_and_says_why(chain, server):
    server.on("POST /oncall", "no", 500)
    server.on("POST /v2/enqueue", "no", 403)
    await chain.fire()
    assert await chain.at(minutes=11) == [CARD]
    chain.caller.fail = [DeliveryRefused("50007"), DeliveryRefused("50007")]

    # Neither minji nor jun take messages, and both webhooks refuse: jun is called below the card.
    assert await chain.at(minutes=21) == [CARD, CARD]
    notes = " ".join(chain.caller.calls[-1][1].notes)
    assert all(name in notes for name in ("<@1001>", "<@1002>", "ntfy", "pagerduty"))


MOVED = FILE.replace("teams:", "teams:\n  chat: {services: [payments], escalation: {P1: {steps: [{call: [jun]}]}}}", 1)
SHORTER = """
people: {minji: {discord: 1001}}
teams: {platform: {schedule: [{people: [minji]}], escalation: {P1: {steps: [{call: ["@oncall"]}]}}}}
"""


@pytest.mark.parametrize(
    ("file", "severity", "called"),
    [
        # It has this step no more, or no chain at all: whom it names has been called.
        (SHORTER, "critical", []),
        (SHORTER, "warning", []),
        # The service is another team's by now, of which nobody was called yet.
        (MOVED, "critical", [{1002}]),
    ],
)
async def test_a_file_that_changed_while_a_step_waited_calls_those_it_names_now(
    chain, tmp_path, file, severity, called
):
    await chain.fire(severity)
    before = len(await chain.at(minutes=11))
    (tmp_path / "oncall.yml").write_text(file.replace("URL", "http://127.0.0.1:9"), "utf-8")
    chain.desk.roster = load_roster(Catalogue({"payments": Service("payments", "Payments")}), "Asia/Seoul")

    await chain.at(hours=2)

    assert [{owner.id for owner in call.owners} for _, call in chain.caller.calls[before:]] == called
    assert not any(call.here for _, call in chain.caller.calls)


async def test_who_refuses_a_message_was_not_called_although_the_webhook_of_the_same_step_was(chain, server):
    server.on("POST /v2/enqueue", "no", 403)
    await chain.fire()
    assert await chain.at(minutes=11) == [CARD]
    chain.caller.fail = [DeliveryRefused("50007")]
    await chain.at(minutes=21)

    timeline = await chain.world.database.incidents.timeline(1)
    called = [entry.detail["who"] for entry in timeline if entry.kind is EntryKind.ESCALATED]
    assert called == ["<@1001>", "ntfy"]


async def test_on_a_holiday_night_what_is_quiet_waits_for_the_next_working_day(chain):
    # 23:50 on the eve of a holiday in Seoul.
    chain.clock.now = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
    await chain.fire("warning")

    [due] = await chain.due()
    assert due == datetime.combine(date(2026, 11, 26), time(9), ZoneInfo("Asia/Seoul"))


def moved_to(chain, zone: str) -> None:
    """Have the clocks of the team's place go otherwise than when the step was planned, as after a new tzdata."""
    team = chain.desk.roster.teams["platform"]
    there = replace(team, zone=ZoneInfo(zone), working=replace(team.working, zone=ZoneInfo(zone)))
    object.__setattr__(chain.desk.roster, "teams", {"platform": there})


@pytest.mark.parametrize(
    ("zone", "called"),
    [
        # Nine o'clock was to be at 00:00 UTC: it comes an hour later now, which is waited for.
        ("Asia/Shanghai", datetime(2026, 11, 26, 1, tzinfo=UTC)),
        # And here it came an hour earlier: what was planned stands, and is within the hours.
        ("Australia/Brisbane", datetime(2026, 11, 26, 0, tzinfo=UTC)),
    ],
)
async def test_a_zone_that_changes_its_rules_calls_once_and_within_the_working_hours(chain, zone, called):
    chain.clock.now = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
    await chain.fire("warning")
    moved_to(chain, zone)

    for minutes in (0, 59, 60, 600):
        chain.clock.now = datetime(2026, 11, 26, tzinfo=UTC) + timedelta(minutes=minutes)
        await chain.tick()
        assert len(chain.caller.calls) == (chain.clock() >= called)


async def test_what_was_due_while_nobody_was_there_waits_for_the_next_working_hours(chain):
    # 17:00 in Seoul; back at eight in the evening, on the eve of a holiday.
    chain.clock.now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    await chain.fire("warning")
    chain.clock.now = datetime(2026, 11, 24, 11, tzinfo=UTC)
    await chain.tick()

    assert chain.caller.calls == []
    assert await chain.due() == [datetime(2026, 11, 26, tzinfo=UTC)]

    # Whoever asks for it by hand gets it all the same.
    await chain.world.services.oncall.escalate(1, MINJI)
    await chain.tick()
    assert len(chain.caller.calls) == 1


async def test_the_list_of_the_morning_has_what_began_too_late_for_its_first_step(chain):
    announcing = Announcing(
        desk=chain.desk, incidents=chain.world.database.incidents, caller=chain.caller, clock=chain.clock
    )
    # 17:50 in Seoul, and the first step comes after half an hour.
    chain.clock.now = datetime(2026, 11, 24, 8, 50, tzinfo=UTC)
    began = chain.clock.now.isoformat()
    await chain.world._receive(alertmanager_body(severity="warning", starts_at=began))
    morning = announcing.next_morning(chain.clock())

    await announcing.morning(Job(1, JobName.MORNING, morning.isoformat(), morning, {}, 1))

    [(_, call)] = chain.caller.calls
    assert (call.key, call.values["count"]) == ("oncall.morning", 1)


async def test_on_a_holiday_night_a_p1_calls_all_the_same(chain):
    await chain.fire()

    assert await chain.at(minutes=11) == [CARD]


@pytest.mark.parametrize("jump", [timedelta(days=3), timedelta(hours=-5)])
async def test_a_clock_that_jumps_calls_nobody_twice(chain, jump):
    await chain.fire()
    assert await chain.at(minutes=11) == [CARD]

    chain.clock.now += jump
    await chain.tick()
    await chain.tick()
    # At most the one step that was due; back again the rest follows, each once.
    assert len(chain.caller.calls) <= 2
    chain.clock.now = NOW + timedelta(days=4)
    for _ in range(8):
        chain.clock.forward(minutes=15)
        await chain.tick()
    assert [where for where, _ in chain.caller.calls] == [CARD, "<@1001>", "<@1002>", CARD]


async def test_what_is_silenced_waits_and_calls_when_it_is_loud_again(chain):
    await chain.fire()
    await chain.world.directory.refresh()
    silencing = chain.world.services.silencing
    draft = (await silencing.propose("HighLatency", "30m", MINJI)).draft
    await silencing.confirm(draft.id, MINJI)

    assert await chain.at(minutes=29) == []
    assert await chain.at(minutes=37) == [CARD]


async def test_the_deadline_of_a_webhook_and_an_address_that_is_not_there_are_told(chain, server, monkeypatch):
    monkeypatch.setattr("bot.telemetry.hooks._DEADLINE_S", 0.05)
    server.on("POST /oncall", hang=True)
    roster = chain.desk.roster
    dead = replace(roster.webhooks["pagerduty"], url="http://127.0.0.1:1/x")
    object.__setattr__(roster, "webhooks", {**roster.webhooks, "pagerduty": dead})
    await chain.fire()

    assert await chain.at(minutes=21) == [CARD, "<@1001>"]
