#!/usr/bin/env bash
# icalendar 7.3.2 (PyPI): the VTIMEZONE of the first calendar read by a process is used for every later calendar that
# defines the same TZID otherwise.
# Expected: RFC 5545, 3.6.5: a TZID names a VTIMEZONE of the same object; two feeds may both call theirs "Office".
# Seen: the second feed says UTC-5 and is read as UTC+9; read alone it is right. A process that reads many feeds pages people
# 14 hours off, depending on the order.
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 <<'PROGRAM'
from icalendar import Calendar

FEED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//finding//EN
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Office:20260105T090000
END:VEVENT
END:VCALENDAR
"""
for offset in ("+0900", "-0500"):
    event = Calendar.from_ical(FEED.format(offset).replace("\n", "\r\n")).walk("VEVENT")[0]
    print("feed", offset, "read as", event.start.isoformat())
PROGRAM
seen "feed -0500 read as 2026-01-05T09:00:00+09:00"
