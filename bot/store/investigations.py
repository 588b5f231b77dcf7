"""Keeps investigations: the list of what is to be looked into, what came of it, and what people thought and asked."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, literal, select, update
from sqlalchemy import func as sql

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Entry, EntryKind, Incident, State
from bot.domain.inquiries import Exchange, Inquiry, InquiryState, Past, Rating
from bot.domain.people import BONGSU, Person
from bot.errors import OutOfDate, TooSoon, UnknownIncident
from bot.store.changes import one_at_a_time
from bot.store.former_cards import incident_of
from bot.store.memories import keep_findings
from bot.store.queueing import queue_report, redraw
from bot.store.rows import (
    analysis_in,
    analysis_out,
    entry_columns,
    exchange_columns,
    exchange_of,
    inquiry_of,
    person_out,
    storable,
)
from bot.store.runner import Runner
from bot.store.tables import exchanges, feedback, incidents, investigations, timeline

log = logging.getLogger(__name__)

# What has ended our process three times would do it a fourth time.
_MOST_ATTEMPTS = 3

# What comes again sooner than that after it was looked into is looked into after that time.
_FLAP_PAUSE = timedelta(minutes=5)
# And what grows is not looked into for each service that joins.
_GROWN_PAUSE = timedelta(minutes=1)

# A line of the timeline names the cause, the report tells it.
_CAUSE_LIMIT = 200


_LATEST = (
    select(investigations)
    .where(investigations.c.incident == bindparam("number"), investigations.c.state == InquiryState.DONE.value)
    .order_by(investigations.c.id.desc())
    .limit(1)
)


class StoredInvestigations:
    """The tables `investigations`, `feedback` and `exchanges`.

    It is a `bot.ports.InvestigationQueue`, `bot.ports.Investigations` and `bot.ports.Exchanges`.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._changed: Callable[[], None] = lambda: None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have somebody called when something new is on the list, or its outcome is to be shown, and is on disk."""
        self._changed = callback

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        """Put every unresolved incident of these severities on the list that began since then and was not since it did."""
        began_at = sql.coalesce(incidents.c.reopened_at, incidents.c.opened_at)
        # What flaps is not looked into each time; what was found a moment ago still holds.
        joined_at = incidents.c.joined_at
        # Another service or rule has joined since, of which the report says nothing yet.
        grown = joined_at.is_not(None) & (joined_at > investigations.c.asked_at) & (joined_at >= began_at)
        recent = (
            ((investigations.c.asked_at >= began_at) & ~grown)
            | ((investigations.c.asked_at > at - _FLAP_PAUSE) & ~grown)
            | (investigations.c.asked_at > at - _GROWN_PAUSE)
            | (grown & (investigations.c.state == InquiryState.WAITING.value))
        )
        known = select(investigations.c.id).where(investigations.c.incident == incidents.c.number, recent).exists()
        new = select(
            incidents.c.number,
            literal(at, investigations.c.asked_at.type),
            literal("waiting"),
            literal(0),
            literal(0.0),
        ).where(
            incidents.c.state != State.RESOLVED.value,
            incidents.c.severity.in_([severity.value for severity in severities]),
            began_at >= since,
            # In a storm there is no thread for a report; what is left of it is looked into once it has a card.
            incidents.c.digest.is_(None),
            ~known,
        )
        columns = ["incident", "asked_at", "state", "attempts", "usd"]
        listed = insert(investigations).from_select(columns, new.order_by(incidents.c.number))

        def work(connection: Connection) -> int:
            # Another worker's rows are not to be seen before it commits.
            one_at_a_time(connection, "investigations")
            return len(connection.execute(listed.returning(investigations.c.id)).all())

        count = await self._runner.write(work)
        if count:
            self._changed()
        return count

    async def ask(self, incident: int, by: Person, at: datetime, pause: timedelta) -> Inquiry:
        inquiry = await self._runner.write(lambda connection: _ask(connection, incident, by, at, pause))
        self._changed()
        return inquiry

    async def take(self) -> Inquiry | None:
        return await self._runner.write(_take)

    async def give_back(self) -> None:
        """Put on the list again what an earlier process was running; after three attempts it is marked as failed."""
        running = investigations.c.state == InquiryState.RUNNING.value

        def work(connection: Connection) -> None:
            _give_up(connection, running & (investigations.c.attempts >= _MOST_ATTEMPTS), "attempts")
            back = update(investigations).where(running).values(state=InquiryState.WAITING.value)
            connection.execute(back)

        await self._runner.write(work)

    async def finish(self, inquiry: Inquiry, analysis: Analysis, at: datetime) -> None:
        # Also what was given back meanwhile: the outcome is here, so nobody need run it again. But never twice.
        states = (InquiryState.RUNNING.value, InquiryState.WAITING.value)
        unfinished = (investigations.c.id == inquiry.id) & investigations.c.state.in_(states)
        values = {
            "state": InquiryState.DONE.value,
            "finished_at": at,
            "payload": analysis_out(analysis),
            "usd": analysis.use.usd,
        }
        cause = analysis.verdict.cause
        detail = {"reason": storable(cause.text)[:_CAUSE_LIMIT] if cause else ""}
        entry = Entry(at, EntryKind.INVESTIGATED, BONGSU, detail)

        def work(connection: Connection) -> bool:
            if not connection.execute(update(investigations).where(unfinished).values(values)).rowcount:
                return False
            redraw(connection, inquiry.incident, at)
            keep_findings(connection, inquiry.incident, analysis)
            connection.execute(insert(timeline).values(entry_columns(inquiry.incident, entry)))
            queue_report(connection, inquiry.incident, inquiry.id, at)
            return True

        if await self._runner.write(work):
            self._changed()
        else:
            log.warning("investigation %s of #%s had ended already", inquiry.id, inquiry.incident)

    async def fail(self, inquiry: Inquiry, reason: str) -> None:
        unfinished = (investigations.c.id == inquiry.id) & (investigations.c.state != InquiryState.DONE.value)
        await self._runner.write(lambda connection: _give_up(connection, unfinished, reason))

    async def load(self, inquiry: int) -> Inquiry:
        query = select(investigations).where(investigations.c.id == inquiry)
        row = await self._runner.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise OutOfDate("errors.out_of_date")
        return inquiry_of(row)

    async def latest(self, incident: int) -> Inquiry | None:
        return await self._runner.read(lambda connection: latest(connection, incident))

    async def rate(self, inquiry: int, by: Person, rating: Rating, at: datetime) -> dict[Rating, int]:
        return await self._runner.write(lambda connection: _rate(connection, inquiry, by, rating, at))

    async def past(self, incident: Incident, limit: int) -> Sequence[Past]:
        return await self._runner.read(lambda connection: _past(connection, incident, limit))

    async def incident_of(self, message_id: int) -> int | None:
        return await self._runner.read(lambda connection: incident_of(connection, message_id))

    async def remember(self, exchange: Exchange) -> None:
        row = insert(exchanges).values(exchange_columns(exchange))
        await self._runner.write(lambda connection: connection.execute(row))

    async def exchanges(self, incident: int, limit: int) -> Sequence[Exchange]:
        query = select(exchanges).where(exchanges.c.incident == incident).order_by(exchanges.c.id.desc()).limit(limit)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [exchange_of(row) for row in reversed(rows)]


def latest(connection: Connection, incident: int) -> Inquiry | None:
    """Return the last investigation of an incident that came to an end."""
    row = connection.execute(_LATEST, {"number": incident}).mappings().one_or_none()
    return inquiry_of(row) if row else None


def _ask(connection: Connection, incident: int, by: Person, at: datetime, pause: timedelta) -> Inquiry:
    one_at_a_time(connection, "investigations")
    if connection.execute(select(incidents.c.number).where(incidents.c.number == incident)).first() is None:
        raise UnknownIncident("errors.unknown_incident")
    newest = select(sql.max(investigations.c.asked_at)).where(investigations.c.incident == incident)
    asked_at = connection.execute(newest).scalar_one()
    if asked_at and at - asked_at < pause:
        left = pause - (at - asked_at)
        raise TooSoon("errors.too_soon", seconds=str(math.ceil(left.total_seconds())))
    row = insert(investigations).values(
        incident=incident,
        asked_by=json.dumps(person_out(by)),
        asked_at=at,
        state=InquiryState.WAITING.value,
        attempts=0,
        usd=0.0,
    )
    return inquiry_of(connection.execute(row.returning(investigations)).mappings().one())


def _take(connection: Connection) -> Inquiry | None:
    waiting = investigations.c.state == InquiryState.WAITING.value
    over = select(incidents.c.number).where(incidents.c.state == State.RESOLVED.value)
    # What nobody asked for is not worth the money once the trouble is over.
    _give_up(
        connection, waiting & investigations.c.asked_by.is_(None) & investigations.c.incident.in_(over), "resolved"
    )
    next_one = (
        select(investigations.c.id)
        .join(incidents, incidents.c.number == investigations.c.incident)
        .where(waiting)
        .order_by(incidents.c.severity, investigations.c.id)
        .limit(1)
        # Two workers never get the same, and neither waits for the other.
        .with_for_update(of=investigations, skip_locked=True)
    )
    number = connection.execute(next_one).scalar_one_or_none()
    if number is None:
        return None
    taken = update(investigations).where(investigations.c.id == number)
    taken = taken.values(state=InquiryState.RUNNING.value, attempts=investigations.c.attempts + 1)
    return inquiry_of(connection.execute(taken.returning(investigations)).mappings().one())


def _give_up(connection: Connection, which: ColumnElement[bool], reason: str) -> None:
    failed = {"state": InquiryState.FAILED.value, "reason": storable(reason)}
    connection.execute(update(investigations).where(which).values(failed))


def _rate(connection: Connection, inquiry: int, by: Person, rating: Rating, at: datetime) -> dict[Rating, int]:
    done = (investigations.c.id == inquiry) & (investigations.c.state == InquiryState.DONE.value)
    # Locked, because somebody who presses twice must not be two rows.
    if connection.execute(select(investigations.c.id).where(done).with_for_update()).first() is None:
        raise OutOfDate("errors.out_of_date")
    theirs = (feedback.c.inquiry == inquiry) & (feedback.c.person == by.id)
    values = {"name": storable(by.name), "rating": rating.value, "at": at}
    if not connection.execute(update(feedback).where(theirs).values(values)).rowcount:
        connection.execute(insert(feedback).values(inquiry=inquiry, person=by.id, **values))
    given = Counter(connection.execute(select(feedback.c.rating).where(feedback.c.inquiry == inquiry)).scalars())
    return {each: given[each.value] for each in Rating}


def _past(connection: Connection, incident: Incident, limit: int) -> Sequence[Past]:
    service = None if incident.service is None else storable(incident.service)
    alike = (incidents.c.title == storable(incident.title)) & (incidents.c.service == service)
    # What fires now as well, somewhere else or at another source, is not of before.
    over = incidents.c.state == State.RESOLVED.value
    earlier = select(incidents.c.number, incidents.c.opened_at, incidents.c.service).where(
        alike, over, incidents.c.number < incident.number
    )
    rows = connection.execute(earlier.order_by(incidents.c.number.desc()).limit(limit)).mappings().all()
    return [_told(connection, row) for row in rows]


def _told(connection: Connection, row: RowMapping) -> Past:
    """Return an earlier incident with what its last investigation said, and what most people thought of that."""
    done = (investigations.c.incident == row["number"]) & (investigations.c.state == InquiryState.DONE.value)
    newest = select(investigations.c.id, investigations.c.payload).where(done).order_by(investigations.c.id.desc())
    last = connection.execute(newest.limit(1)).one_or_none()
    past = Past(row["number"], row["opened_at"], row["service"] or "")
    if last is None:
        return past
    analysis = analysis_in(last.id, last.payload or "")
    cause = analysis.verdict.cause if analysis else None
    rated = select(feedback.c.rating).where(feedback.c.inquiry == last.id).order_by(feedback.c.at.desc())
    # Of equally many, the newest counts.
    common = Counter(connection.execute(rated).scalars()).most_common(1)
    rating = Rating(common[0][0]) if common else None
    return Past(past.number, past.opened_at, past.service, cause.text if cause else "", rating)
