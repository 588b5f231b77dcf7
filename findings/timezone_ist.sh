#!/usr/bin/env bash
# dateparser 1.5.0 (PyPI), chrono-node 2.10.3 (npm), PostgreSQL 15 (Debian), Java 17 (Debian): "2026-07-01 09:00 IST" is three moments.
# Expected: an abbreviation of three countries (India, Israel, Ireland) is asked about or refused, as Python's own %Z and Go's time refuse or keep it unknown.
# Seen: +05:30 in JavaScript, +02:00 in Python and PostgreSQL, which in July is not even Israel's time, and the zone Africa/Abidjan (+00:00) in Java; BST is Bougainville's (+11:00) there.
. "$(dirname "$0")/lib.sh"
python dateparser==1.5.0 <<'PROGRAM'
import datetime

import dateparser

print("dateparser", dateparser.parse("2026-07-01 09:00 IST").astimezone(datetime.UTC).strftime("%H:%M"))
PROGRAM
mv out before.out
node_program chrono-node@2.10.3 <<'PROGRAM'
import { parseDate } from "chrono-node";
console.log("chrono-node", parseDate("2026-07-01 09:00 IST").toISOString().slice(11, 16));
PROGRAM
cat out >>before.out
cat >Main.java <<'PROGRAM'
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

public class Main {
    public static void main(String[] arguments) {
        var format = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm z", Locale.US);
        for (var name : new String[] {"IST", "BST"}) {
            var time = ZonedDateTime.parse("2026-07-01 09:00 " + name, format);
            System.out.println("Java " + time.withZoneSameInstant(ZoneOffset.UTC).toLocalTime() + " " + time.getZone());
        }
    }
}
PROGRAM
java Main.java | tee --append before.out
postgres
echo "PostgreSQL $(psql --no-align --tuples-only --command "select to_char(timestamptz '2026-07-01 09:00 IST' at time zone 'UTC', 'HH24:MI')")" | tee --append before.out
mv before.out out
seen "dateparser 07:00" "chrono-node 03:30" "Java 09:00 Africa/Abidjan" "Java 22:00 Pacific/Bougainville" "PostgreSQL 07:00"
