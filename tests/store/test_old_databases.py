"""What the program before this one left open goes on: a new version takes over in the middle of an incident."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, MetaData, text

from bot.domain.alerts import Severity
from bot.domain.incidents import Ack, Incident, PageReason, State
from bot.domain.silences import Matcher, Silence
from bot.domain.views import MessageRef
from bot.ports import TaskKind
from bot.store.database import Database
from bot.store.queueing import queue_card, queue_page, queue_report
from bot.store.rows import incident_columns
from bot.store.silence_rows import silence_columns
from tests.builders import MINJI, NOW, alertmanager_body, make_incident
from tests.postgres import create_database
from tests.store.test_migrations import driver_time, run_alembic, runner_of, schemas

LATER, LONG_AGO = NOW + timedelta(hours=4), timedelta(days=1)
FIRING = replace(make_incident("Firing", number=7), version=3)
TAKEN = replace(
    make_incident("Taken", firing=3, number=8), state=State.ACKNOWLEDGED, ack=Ack(MINJI, NOW, "한글", LATER), version=5
)
OVER = replace(make_incident("Over", number=9), state=State.RESOLVED, resolved_at=NOW)
CARDS = {7: MessageRef(2**62, 2**61), 8: MessageRef(2**62, 2**61 + 1)}
SILENCES = [
    Silence(f"s{number}", (Matcher("alertname", "Firing"),), NOW, NOW + timedelta(hours=hours), "minji", "한글 #7")
    for number, hours in enumerate((1, 8))
]


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/old.db"
    return create_database(request.getfixturevalue("postgres"), f"o{uuid.uuid4().hex}")


def whole(incident: Incident) -> dict:
    kept = {"number": incident.number, "version": incident.version, "opened_at": incident.opened_at}
    return incident_columns(incident) | kept


def leave_open(connection: Connection) -> None:
    """Write what the program before would have written, into the columns that it had."""
    old = MetaData()
    old.reflect(connection)

    def put(table: str, *rows: dict) -> None:
        known = old.tables[table].columns
        for row in rows:
            values = {name: stored(value) for name, value in row.items() if name in known}
            connection.execute(old.tables[table].insert().values(values))

    def stored(value):
        return value.replace(tzinfo=driver_time(connection).tzinfo) if hasattr(value, "tzinfo") else value

    put("incidents", *(whole(each) for each in (FIRING, TAKEN, OVER)))
    for number, ref in CARDS.items():
        put("cards", {"incident": number, "channel_id": ref.channel_id, "message_id": ref.message_id, "version": 3})
    running = {"asked_at": NOW, "attempts": 1, "usd": 0.0, "reason": ""}
    put(
        "investigations",
        {"id": 1, "incident": 8, "state": "done", "payload": "{}", **running},
        {"id": 2, "incident": 7, "state": "running", **running},
    )
    task = {"created_at": NOW, "due_at": NOW, "attempts": 0, "last_error": ""}
    put(
        "outbox",
        {"incident": 7, **task},
        {"incident": 7, "page": PageReason.REOPENED.value, **task},
        {"incident": 7, "page": "picture", **task},
        {"incident": 8, "page": "report", "inquiry": 1, **task},
        {"incident": 8, **task, "due_at": LATER, "attempts": 4, "last_error": "HTTP 503"},
        {"incident": 9, **task, "done_at": NOW},
    )
    put("inbox", {"source": "alertmanager", "body": alertmanager_body(), "received_at": NOW, "state": "received"})
    seen = {"rule": "Firing", "incident": 7, "seen_at": NOW}
    put("silences", *(silence_columns(each) | seen for each in SILENCES))


@pytest.mark.parametrize("left", ["before the migration", "after it"])
async def test_old_databases_come_up_with_every_open_incident_card_silence_and_waiting_task(fresh, left):
    await run_alembic(fresh, schemas()[-2])
    async with runner_of(fresh) as runner:
        if left == "before the migration":
            await runner.write(leave_open)

    async with Database.open(fresh) as store:
        if left == "after it":
            # The program before may lead for as long as the next one has not asked to.
            await store._runner.write(leave_open)
        incidents = {each.number: each for each in await store.incidents.open()}
        now, later = await store.outbox.due(NOW, 10), await store.outbox.due(LATER, 10)
        pictures = await store.outbox.due(NOW, 10, kinds=[TaskKind.PICTURE])
        silences = await store.silences.active(NOW)
        pending = await store.inbox.pending(10)
        await store.investigations.give_back()
        inquiry = await store.investigations.take()

    assert incidents == {7: FIRING, 8: TAKEN}
    assert {task.incident: task.card for task in later} == CARDS
    assert [(task.incident, task.kind, task.reason, task.inquiry) for task in now] == [
        (7, TaskKind.CARD, None, None),
        (7, TaskKind.CALL, PageReason.REOPENED, None),
        (8, TaskKind.REPORT, None, 1),
    ]
    assert [(task.incident, task.attempts) for task in later if task not in now] == [(8, 4)]
    assert [task.incident for task in pictures] == [7]
    assert [row.silence for row in silences] == SILENCES
    assert [delivery.body for delivery in pending] == [alertmanager_body()]
    assert (inquiry.id, inquiry.incident) == (2, 7)


async def test_the_program_before_finds_what_this_one_leaves_in_the_columns_it_knows(fresh):
    async with Database.open(fresh) as store:
        await store._runner.write(leave_open)
        await store._runner.write(lambda connection: connection.execute(text("DELETE FROM outbox")))

        def leave(connection: Connection) -> None:
            queue_card(connection, 7, NOW)
            queue_page(connection, 7, PageReason.ACK_LAPSED, NOW, NOW)
            queue_report(connection, 7, 2, NOW)

        await store._runner.write(leave)
        await store.pictures.admit([Severity.P1, Severity.P2], NOW - LONG_AGO, NOW)
        query = text("SELECT incident, page, inquiry FROM outbox ORDER BY id")
        rows = await store._runner.read(lambda connection: connection.execute(query).all())

    assert rows[:3] == [(7, None, None), (7, "ack_lapsed", None), (7, "report", 2)]
    assert rows[3:] == [(number, "picture", None) for number in (7, 8)]
