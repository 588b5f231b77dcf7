"""Turns an iCalendar (RFC 5545) and who is whom into stints, JSON to JSON: `python -m bot.oncall.calendars`.

A process of its own: a rule can be written that keeps a library busy for minutes; the libraries remember the time zones
of one calendar for the next; and they need not stay in memory. Each series is read by itself, so that one that is broken
takes no other with it.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, available_timezones

_CPU_S, _MEMORY_BYTES = 20, 1024**3
MOST_STINTS: Final = 20_000
_MOST_NOTES: Final = 20

# Lines are folded by bytes, also in the middle of a character: unfolded before they are text.
_FOLD = re.compile(rb"\r?\n[ \t]")
_EVENT = re.compile(r"^BEGIN:VEVENT$.*?^END:VEVENT$", re.MULTILINE | re.DOTALL)
_ZONE = re.compile(r"^BEGIN:VTIMEZONE$.*?^END:VTIMEZONE$", re.MULTILINE | re.DOTALL)
_TZID = re.compile(r'^TZID(?:;[^:\n]*)?:"?([^"\n]+?)"?$', re.MULTILINE)
_USED = re.compile(r';TZID="?([^":;\n]+)"?')
_ALARM = re.compile(r"^BEGIN:VALARM$.*?^END:VALARM$\n?", re.MULTILINE | re.DOTALL)
# The library keeps the sum of a length only; what is exact in it (PT24H) and what is not (P1D) is kept beside it.
_LENGTH = re.compile(r"^DURATION(?:;[^:\n]*)?:(.*)$", re.MULTILINE)
_KEPT: Final = "X-BONGSU-DURATION"
_PARTS = re.compile(r"\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)
_UID = re.compile(r"^UID(?:;[^:\n]*)?:(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """What is asked: the calendar, from when until when, who is whom (by names and addresses), and the team's zone."""

    data: bytes
    start: datetime
    end: datetime
    people: Mapping[str, str]
    zone: ZoneInfo


def expand(question: Question) -> dict[str, Any]:
    """Return `stints` (key, start, end in seconds since the epoch, sorted) and `notes` (a text key with values)."""
    words = _FOLD.sub(b"", question.data).decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    if "BEGIN:VCALENDAR" not in words:
        return {"stints": [], "notes": [["no_calendar", {}]], "refused": True}
    zones = {found[1]: block for block in _ZONE.findall(words) if (found := _TZID.search(block))}
    stints: list[tuple[str, float, float]] = []
    notes: list[list[Any]] = []
    for series in _series(words):
        try:
            for name, start, end in _expanded(series, zones, question):
                stints.append((name, start, end))
        except _Unread as error:
            notes.append([error.key, error.values])
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
            # What the libraries raise for what is no date, no rule, or no beginning.
            notes.append(["broken_event", {"title": _title(series), "problem": type(error).__name__}])
        if len(stints) > MOST_STINTS:
            notes.append(["too_many_events", {"most": MOST_STINTS}])
            break
    return {"stints": sorted(set(stints), key=lambda each: (each[1], each[2], each[0])), "notes": notes[:_MOST_NOTES]}


class _Unread(Exception):
    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def _series(words: str) -> Iterator[str]:
    """Yield each event with the exceptions to it; two events that share a UID are two."""
    heads: dict[str, list[str]] = {}
    exceptions: dict[str, list[str]] = {}
    for place, block in enumerate(_EVENT.findall(words)):
        found = _UID.search(block)
        uid = found[1].strip() if found else f"without-{place}"
        (exceptions if re.search(r"^RECURRENCE-ID", block, re.MULTILINE) else heads).setdefault(uid, []).append(block)
    for uid, blocks in heads.items():
        # The exceptions belong to the one that recurs.
        blocks.sort(key=lambda block: "\nRRULE" not in block)
        for place, block in enumerate(blocks):
            yield "\n".join([block, *(exceptions.pop(uid, []) if place == 0 else [])])
    for blocks in exceptions.values():
        yield "\n".join(blocks)


def _expanded(series: str, zones: Mapping[str, str], question: Question) -> Iterator[tuple[str, float, float]]:
    import icalendar
    import recurring_ical_events

    series, needed = _with_zones(_LENGTH.sub(rf"\g<0>\n{_KEPT}:\1", _ALARM.sub("", series)), zones)
    whole = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bongsu", *needed, series, "END:VCALENDAR", ""])
    calendar = icalendar.Calendar.from_ical(whole)
    if any("DTSTART" not in event for event in calendar.walk("VEVENT")):
        raise _Unread("no_start", title=_title(series))
    for event in recurring_ical_events.of(calendar).between(question.start, question.end):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        # The library's Component is wider than the events that it yields here.
        begins, ends = cast("Any", event).start, cast("Any", event).end
        start = _moment(begins, question.zone)
        end = _end_of_length(begins, str(event.get(_KEPT, "")), question.zone) or _moment(ends, question.zone)
        people = _people(event, question.people)
        if not people:
            raise _Unread("nobody_named", title=str(event.get("SUMMARY", ""))[:100])
        yield from ((name, start, end) for name in people)


def _with_zones(series: str, zones: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return a series whose time zones are known, with the definitions that it brings along."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    known, needed = available_timezones(), list[str]()
    for name in dict.fromkeys(_USED.findall(series)):
        meant = name if name in known else WINDOWS_TO_OLSON.get(name, "")
        if meant:
            # Rules change: what the system knows of a zone is newer than what a calendar was exported with.
            series = re.sub(rf';TZID="?{re.escape(name)}"?(?=[:;])', f";TZID={meant}", series)
        elif name in zones:
            needed.append(zones[name])
        else:
            raise _Unread("unknown_zone", title=_title(series), zone=name[:60])
    return series, needed


def _moment(at: date | datetime, zone: ZoneInfo) -> float:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(0))
    # Floating times and whole days are those of the team.
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()


def _end_of_length(begins: date | datetime, length: str, zone: ZoneInfo) -> float | None:
    """Return when a length is over (RFC 5545, 3.3.6: days are those of the clock, hours are exact), or None."""
    found = _PARTS.fullmatch(length.strip())
    if not found:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return _moment(begins + timedelta(weeks=weeks, days=days), zone) + exact.total_seconds()


def _people(event: Any, people: Mapping[str, str]) -> list[str]:
    """Return who an event is about: by the addresses of those who attend, else by names in its title."""
    attends = event.get("ATTENDEE", [])
    addresses = [
        str(each).lower().removeprefix("mailto:") for each in (attends if isinstance(attends, list) else [attends])
    ]
    found = [people[address] for address in addresses if address in people]
    if not found:
        title = str(event.get("SUMMARY", "")).casefold()
        for alias in sorted(people, key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(alias)}(?!\w)"
            if re.search(pattern, title):
                found.append(people[alias])
                # Minji of "Minji Kim" is not looked for again.
                title = re.sub(pattern, " ", title)
    return list(dict.fromkeys(found))


def _title(series: str) -> str:
    found = re.search(r"^SUMMARY(?:;[^:\n]*)?:(.*)$", series, re.MULTILINE)
    return found[1][:100] if found else "?"


def main() -> None:
    """Answer one question of standard input on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    start = datetime.fromtimestamp(asked["start"], UTC)
    question = Question(data, start, start + timedelta(days=asked["days"]), asked["people"], ZoneInfo(asked["zone"]))
    json.dump(expand(question), sys.stdout)


if __name__ == "__main__":
    main()
