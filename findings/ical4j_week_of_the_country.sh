#!/usr/bin/env bash
# ical4j 4.4.0 (Maven; Bedework's), beside lib-recur 0.17.1 (Maven) and python-dateutil 2.9.0.post0 (PyPI): the days of a rule depend on the country the machine is set to.
# Expected: RFC 5545, 3.3.10: a week begins on Monday unless WKST says otherwise, on every machine.
# Seen: FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO without WKST has its Mondays in other weeks with the settings of Korea or the United States than with those of Germany.
. "$(dirname "$0")/lib.sh"
RULE="FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO"
export RULE
python python-dateutil==2.9.0.post0 <<'PROGRAM'
import os
from datetime import datetime

from dateutil.rrule import rrulestr

print("dateutil:", *(f"{each:%m-%d}" for each in rrulestr(os.environ["RULE"], dtstart=datetime(2026, 3, 1)).xafter(datetime(2026, 2, 1), 4)))
PROGRAM
mv out before.out
java_program org.mnode.ical4j:ical4j:4.4.0 org.dmfs:lib-recur:0.17.1 <<'PROGRAM'
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.fortuna.ical4j.model.Recur;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.RecurrenceRule;

public class Main {
    public static void main(String[] arguments) throws Exception {
        var day = DateTimeFormatter.ofPattern("MM-dd").withZone(ZoneOffset.UTC);
        var begin = ZonedDateTime.of(2026, 3, 1, 0, 0, 0, 0, ZoneOffset.UTC);
        for (var locale : new Locale[] {Locale.KOREA, Locale.US, Locale.GERMANY}) {
            Locale.setDefault(locale);
            for (var rule : new String[] {System.getenv("RULE"), System.getenv("RULE") + ";WKST=MO"}) {
                var recurred = new RecurrenceRule(rule).iterator(DateTime.parse("20260301T000000Z"));
                var setting = locale.getCountry() + (rule.contains("WKST") ? " with WKST=MO" : "");
                var librecur = new StringBuilder(setting + " lib-recur:");
                var ical4j = new StringBuilder(setting + " ical4j:");
                for (var times = 0; times < 4; times++) librecur.append(" ").append(day.format(Instant.ofEpochMilli(recurred.nextMillis())));
                for (var at : new Recur<ZonedDateTime>(rule).getDates(begin, begin, begin.plusYears(1), 4)) ical4j.append(" ").append(day.format(at));
                System.out.println(librecur + "\n" + ical4j);
            }
        }
    }
}
PROGRAM
cat before.out >>out
seen "dateutil: 03-01 03-09 03-15 03-23" "DE ical4j: 03-01 03-09 03-15 03-23"
for each in KR US; do seen "$each ical4j: 03-01 03-02 03-15 03-16" "$each lib-recur: 03-01 03-09 03-15 03-23"; done
