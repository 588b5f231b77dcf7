#!/usr/bin/env bash
# dayjs 1.11.23 (npm; with its plugins utc and timezone), beside luxon 3.7.2 (npm): a day after 9 o'clock is 10 o'clock, or 8, on the night the clocks change.
# Expected: add(1, "day") is the same time of the next day in the zone of dayjs.tz(…), too, as it is in the zone of the process, and to luxon.
# Seen: the offset of the day before stays: "2026-03-08T09:00:00-05:00" in New York, where at that moment it is 10:00 (-04:00); in autumn it is 8:00. Shown with
# HH:mm it says 09:00, so that a handover or the end of a maintenance looks right and comes an hour late, or early.
. "$(dirname "$0")/lib.sh"
node_program dayjs@1.11.23 luxon@3.7.2 <<'PROGRAM'
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import { DateTime } from "luxon";

dayjs.extend(utc);
dayjs.extend(timezone);
const zone = "America/New_York";
for (const day of ["2026-03-07", "2026-10-31", "2026-06-01"]) {
  const next = dayjs.tz(`${day} 09:00`, zone).add(1, "day");
  console.log("dayjs", next.format(), "shown as", next.format("HH:mm"), "is", next.toISOString().slice(11, 16));
  const other = DateTime.fromISO(`${day}T09:00`, { zone }).plus({ days: 1 });
  console.log("luxon", other.toFormat("yyyy-MM-dd'T'HH:mm:ssZZ"), "is", other.toUTC().toFormat("HH:mm"));
}
PROGRAM
mv out zone.out
echo 'import dayjs from "dayjs"; console.log("process", dayjs("2026-03-07T09:00").add(1, "day").format());' >process.mjs
TZ=America/New_York node process.mjs | tee out
cat zone.out >>out
seen "process 2026-03-08T09:00:00-04:00" \
    "dayjs 2026-03-08T09:00:00-05:00 shown as 09:00 is 14:00" "luxon 2026-03-08T09:00:00-04:00 is 13:00" \
    "dayjs 2026-11-01T09:00:00-04:00 shown as 09:00 is 13:00" "luxon 2026-11-01T09:00:00-05:00 is 14:00" \
    "dayjs 2026-06-02T09:00:00-04:00 shown as 09:00 is 13:00" "luxon 2026-06-02T09:00:00-04:00 is 13:00"
