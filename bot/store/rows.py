"""Turns domain objects into columns and back; JSON for what is never searched."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis, Finding
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, State
from bot.domain.inquiries import Exchange, Inquiry, InquiryState
from bot.domain.joining import one_place, places_of
from bot.domain.origins import origin_of
from bot.domain.people import Person
from bot.ports import AuditRow
from bot.store.alerts import alerts_in, alerts_out

log = logging.getLogger(__name__)

T = TypeVar("T")

# PostgreSQL refuses to index what is longer than a third of a page.
_INDEXED = 200

# The columns of an incident that are kept as they are.
_PLAIN = (
    *("source", "title", "service", "opened_at", "number", "version", "first_ack_at"),
    *("resolved_at", "end_reason", "flaps", "truncated", "paged_at", "external_url"),
    *("reopened_at", "cause", "joined_at", "joined_to", "apart", "flapping_since", "flapping_until", "flapped"),
)


def folded(text: str) -> str:
    """Return what is compared without regard to case, as short as PostgreSQL can index it."""
    return storable(text.lower())[:_INDEXED]


def incident_columns(incident: Incident) -> dict[str, Any]:
    """Return everything but number and version."""
    ack, place = incident.ack, one_place(places_of(incident.alerts))
    return {
        "group_key": incident.group,
        "source": incident.source,
        "title": storable(incident.title),
        "service": None if incident.service is None else storable(incident.service),
        "severity": incident.severity.value,
        "severity_stated": incident.unstated is None,
        "state": incident.state.value,
        "alerts": storable(alerts_out(incident.alerts)),
        "opened_at": incident.opened_at,
        "ack": json.dumps({"by": person_out(ack.by), "at": ack.at.isoformat(), "note": ack.note}) if ack else None,
        "ack_until": ack.until if ack else None,
        "first_ack_at": incident.first_ack_at,
        "resolved_at": incident.resolved_at,
        "end_reason": incident.end_reason,
        "flaps": incident.flaps,
        "truncated": incident.truncated,
        "paged_at": incident.paged_at,
        "external_url": storable(incident.external_url),
        "origin": storable(incident.origin),
        "reopened_at": incident.reopened_at,
        "doubted_at": incident.doubted_at,
        "cause": None if incident.cause is None else storable(incident.cause),
        "joined_at": incident.joined_at,
        "joined_to": incident.joined_to,
        "apart": incident.apart,
        "fired_again": json.dumps([each.isoformat() for each in incident.fired_again]),
        "flapping_since": incident.flapping_since,
        "flapping_until": incident.flapping_until,
        "flapped": incident.flapped,
        "folded_service": folded(incident.service or ""),
        "place": None if place is None else folded(place),
    }


def incident_of(row: RowMapping) -> Incident:
    """Return the incident of a row."""
    plain = {name: row[name] for name in _PLAIN}
    return Incident(
        group=row["group_key"],
        severity=Severity(row["severity"]),
        state=State(row["state"]),
        alerts=alerts_in(row["alerts"]),
        ack=_ack_in(row),
        origin=origin_of(row["external_url"]) if row["origin"] is None else row["origin"],
        fired_again=_moments_in(row["fired_again"]),
        **plain,
    )


def _moments_in(written: str) -> tuple[datetime, ...]:
    # Of nearly every incident there are none, and in a storm they are read thousands of times.
    return () if written == "[]" else tuple(datetime.fromisoformat(each) for each in json.loads(written))


def entry_of(row: RowMapping) -> Entry:
    """Return the timeline entry of a row."""
    return Entry(row["at"], EntryKind(row["kind"]), person_in(json.loads(row["actor"])), json.loads(row["detail"]))


def entry_columns(number: int, entry: Entry) -> dict[str, Any]:
    """Return the columns of a timeline entry."""
    return {
        "incident": number,
        "at": entry.at,
        "kind": entry.kind.value,
        "actor": json.dumps(person_out(entry.actor)),
        "detail": json.dumps(dict(entry.detail)),
    }


def audit_columns(row: AuditRow, detail: str = "") -> dict[str, Any]:
    """Return the columns of an audit row."""
    return {
        "at": row.at,
        "actor": json.dumps(person_out(row.actor)),
        "action": row.action,
        "target": storable(row.target),
        "allowed": row.allowed,
        "detail": storable(detail or row.detail),
    }


def audit_of(row: RowMapping) -> AuditRow:
    """Return the audit row of a row."""
    actor = person_in(json.loads(row["actor"]))
    return AuditRow(row["at"], actor, row["action"], row["target"], row["allowed"], row["detail"])


def inquiry_of(row: RowMapping) -> Inquiry:
    """Return the investigation of a row."""
    return Inquiry(
        id=row["id"],
        incident=row["incident"],
        asked_by=person_in(json.loads(row["asked_by"])) if row["asked_by"] else None,
        asked_at=row["asked_at"],
        state=InquiryState(row["state"]),
        attempts=row["attempts"],
        finished_at=row["finished_at"],
        analysis=analysis_in(row["id"], row["payload"]) if row["payload"] is not None else None,
    )


def analysis_out(analysis: Analysis) -> str:
    """Write an analysis as JSON."""
    return _written(_analyses(), analysis)


def analysis_in(number: int, payload: str) -> Analysis | None:
    """Read an analysis from JSON; nothing if another version of this program wrote it in a shape of its own."""
    return _read(_analyses(), payload, f"investigation {number}")


def exchange_columns(exchange: Exchange) -> dict[str, Any]:
    """Return the columns of a question with its answer."""
    return {
        "incident": exchange.incident,
        "asked_by": json.dumps(person_out(exchange.asked_by)),
        "asked_at": exchange.asked_at,
        "question": storable(exchange.question),
        "answer": storable(exchange.answer),
        "findings": _written(_findings(), exchange.findings),
        "usd": exchange.usd,
    }


def exchange_of(row: RowMapping) -> Exchange:
    """Return the question with its answer of a row; without findings if they have a shape we do not know."""
    findings = _read(_findings(), row["findings"], f"the findings of answer {row['id']}") or ()
    asked_by = person_in(json.loads(row["asked_by"]))
    return Exchange(row["incident"], asked_by, row["asked_at"], row["question"], row["answer"], findings, row["usd"])


def person_out(person: Person) -> dict[str, Any]:
    """Write who somebody was; roles are not kept, they change."""
    return {"id": person.id, "name": storable(person.name)}


def person_in(raw: Mapping[str, Any]) -> Person:
    """Read who somebody was."""
    return Person(raw["id"], raw["name"])


def storable(text: str) -> str:
    """Drop what PostgreSQL cannot keep in a text: NUL, and lone surrogates."""
    clean = text.replace("\x00", "")
    # Texts may have megabytes, and nearly all are well.
    return clean if clean.isascii() else clean.encode("utf-8", "replace").decode("utf-8")


# Built when first needed: pydantic takes its time over so many types, and most starts never need them.
@cache
def _analyses() -> TypeAdapter[Analysis]:
    return TypeAdapter(Analysis)


@cache
def _findings() -> TypeAdapter[tuple[Finding, ...]]:
    return TypeAdapter(tuple[Finding, ...])


def _written(shape: TypeAdapter[T], value: T) -> str:
    # Any Mapping will do, not only the dict that pydantic would rather see.
    return json.dumps(_cleaned(shape.dump_python(value, warnings=False)), ensure_ascii=False)


def _read(shape: TypeAdapter[T], payload: str, what: str) -> T | None:
    try:
        return shape.validate_json(payload)
    except ValidationError as error:
        log.warning("%s cannot be read: %s mistakes", what, error.error_count())
        return None


def _cleaned(value: object) -> object:
    """Return plain JSON values without what a database cannot keep; an escaped NUL would come back as one."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {storable(name): _cleaned(each) for name, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(each) for each in cast("list[object]", value)]
    return value


def _ack_in(row: RowMapping) -> Ack | None:
    if row["ack"] is None:
        return None
    raw = json.loads(row["ack"])
    return Ack(person_in(raw["by"]), datetime.fromisoformat(raw["at"]), raw["note"], row["ack_until"])
