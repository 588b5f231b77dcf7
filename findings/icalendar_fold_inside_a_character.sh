#!/usr/bin/env bash
# icalendar 7.3.2 (PyPI): a line that was folded after 75 octets, inside a multi-octet character, is read with replacement characters.
# Expected: RFC 5545, 3.1, tells readers to count on lines folded inside a UTF-8 sequence, and to unfold so that it is whole again.
# Seen: bytes are decoded before they are unfolded; a Hangul syllable becomes U+FFFD. Unfolding the bytes first gives the text.
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 <<'PROGRAM'
from icalendar import Calendar

line = ("SUMMARY:" + "가" * 30).encode()
folded = line[:75] + b"\r\n " + line[75:]
feed = b"\r\n".join([
    b"BEGIN:VCALENDAR", b"VERSION:2.0", b"PRODID:-//finding//EN", b"BEGIN:VEVENT", b"UID:1",
    b"DTSTAMP:20260101T000000Z", b"DTSTART:20260105T090000Z", folded, b"END:VEVENT", b"END:VCALENDAR", b"",
])
for how, text in (("as it is", feed), ("unfolded first", feed.replace(b"\r\n ", b""))):
    summary = str(Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"])
    print(how, "whole:", summary == "가" * 30, "U+FFFD:", summary.count("\N{REPLACEMENT CHARACTER}") > 0)
PROGRAM
seen "as it is whole: False U+FFFD: True" "unfolded first whole: True U+FFFD: False"
