#!/usr/bin/env bash
# PostgreSQL 15 (Debian): WHERE now() - at > interval '1 year' is true of what is 361 days old.
# Expected: what at < now() - interval '1 year' says: a year of the calendar.
# Seen: 361 days are more than a year, while EXTRACT(epoch) of a year is 365.25 days: one interval, three lengths. A job
# that keeps incidents, audit or metrics "for a year" deletes five days early, and the report of a whole year lacks
# them.
. "$(dirname "$0")/lib.sh"
postgres
told() { psql --no-psqlrc --tuples-only --no-align --command "$1"; }
{
    echo "361 days are more than a year: $(told "SELECT interval '361 days' > interval '1 year'")"
    echo "a year is 360 days: $(told "SELECT interval '1 year' = interval '360 days'")"
    echo "days of a year by epoch: $(told "SELECT round(extract(epoch FROM interval '1 year') / 86400, 2)")"
    at="timestamptz '2026-11-30 00:00+00' - interval '361 days'"
    echo "subtracted, then compared: $(told "SELECT timestamptz '2026-11-30 00:00+00' - ($at) > interval '1 year'")"
    echo "compared with a moment: $(told "SELECT ($at) < timestamptz '2026-11-30 00:00+00' - interval '1 year'")"
} | tee out
seen "361 days are more than a year: t" "a year is 360 days: t" "days of a year by epoch: 365.25" \
    "subtracted, then compared: t" "compared with a moment: f"
