#!/usr/bin/env bash
# d3-time-format 4.1.0 (npm; D3's, Vega's and Observable Plot's reader of times) beside luxon 3.7.2 (npm): 30 February is 2 March, 25:61 is a time of the next day.
# Expected: null, "if the string cannot be parsed according to the format", as for 2026-02-3x, or an invalid date as luxon has.
# Seen: a date; days up to 39, hours to 29 … are carried over into the next month or day, and nothing tells that the field was no date.
. "$(dirname "$0")/lib.sh"
node_program d3-time-format@4.1.0 luxon@3.7.2 <<'PROGRAM'
import { utcParse } from "d3-time-format";
import { DateTime } from "luxon";
const read = utcParse("%Y-%m-%d %H:%M");
for (const text of ["2026-02-28 09:00", "2026-02-30 09:00", "2026-01-05 25:61", "2026-13-05 09:00", "2026-02-3x 09:00"]) {
    const luxon = DateTime.fromFormat(text, "yyyy-MM-dd HH:mm", { zone: "utc" });
    console.log(text, "is", read(text)?.toISOString() ?? null, "luxon", luxon.isValid ? luxon.toISO() : "invalid");
}
PROGRAM
seen "2026-02-28 09:00 is 2026-02-28T09:00:00.000Z luxon 2026-02-28T09:00:00.000Z" "2026-02-30 09:00 is 2026-03-02T09:00:00.000Z luxon invalid" \
    "2026-01-05 25:61 is 2026-01-06T02:01:00.000Z luxon invalid" "2026-13-05 09:00 is 2027-01-05T09:00:00.000Z luxon invalid" \
    "2026-02-3x 09:00 is null luxon invalid"
