#!/usr/bin/env bash
# biweekly 0.6.8 (Maven), beside ical4j 4.4.0, lib-recur 0.17.1 (Maven) and python-dateutil 2.9.0.post0 (PyPI): FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR is every weekday.
# Expected: RFC 5545, 3.3.10: BYDAY limits a daily rule: of every third day those that are weekdays. BYSETPOS=1 of a week's three days is the first alone.
# Seen: the interval is ignored as soon as there is a BYDAY, and BYSETPOS=1 of a weekly rule takes two of the three; no warning.
. "$(dirname "$0")/lib.sh"
RULES="FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1"
export RULES
python python-dateutil==2.9.0.post0 <<'PROGRAM'
import os
from datetime import datetime

from dateutil.rrule import rrulestr

for rule in os.environ["RULES"].split():
    print(rule.split(";")[0], "dateutil", *(f"{at:%m-%d}" for at in rrulestr(rule, dtstart=datetime(2026, 3, 2, 9)).xafter(datetime(2026, 3, 1), 5)))
PROGRAM
mv out before.out
java_program net.sf.biweekly:biweekly:0.6.8 org.mnode.ical4j:ical4j:4.4.0 org.dmfs:lib-recur:0.17.1 <<'PROGRAM'
import biweekly.Biweekly;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.TimeZone;
import net.fortuna.ical4j.model.Recur;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.RecurrenceRule;

public class Main {
    public static void main(String[] arguments) throws Exception {
        var day = DateTimeFormatter.ofPattern("MM-dd").withZone(ZoneOffset.UTC);
        var begin = ZonedDateTime.of(2026, 3, 2, 9, 0, 0, 0, ZoneOffset.UTC);
        for (var rule : System.getenv("RULES").split(" ")) {
            var name = rule.split(";")[0];
            var text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//f//f//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
                + "DTSTART:20260302T090000Z\r\nRRULE:" + rule + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
            var days = Biweekly.parse(text).first().getEvents().get(0).getDateIterator(TimeZone.getTimeZone("UTC"));
            var recurred = new RecurrenceRule(rule).iterator(DateTime.parse("20260302T090000Z"));
            var biweekly = new StringBuilder(name + " biweekly");
            var librecur = new StringBuilder(name + " lib-recur");
            var ical4j = new StringBuilder(name + " ical4j");
            for (var times = 0; times < 5; times++) {
                biweekly.append(" ").append(day.format(days.next().toInstant()));
                librecur.append(" ").append(day.format(Instant.ofEpochMilli(recurred.nextMillis())));
            }
            for (var at : new Recur<ZonedDateTime>(rule).getDates(begin, begin, begin.plusYears(1), 5)) ical4j.append(" ").append(day.format(at));
            System.out.println(biweekly + "\n" + librecur + "\n" + ical4j);
        }
    }
}
PROGRAM
cat before.out >>out
seen "FREQ=DAILY biweekly 03-02 03-03 03-04 03-05 03-06" "FREQ=WEEKLY biweekly 03-02 03-04 03-09 03-11 03-16"
for each in dateutil lib-recur ical4j; do seen "FREQ=DAILY $each 03-02 03-05 03-11 03-17 03-20" "FREQ=WEEKLY $each 03-02 03-09 03-16 03-23 03-30"; done
