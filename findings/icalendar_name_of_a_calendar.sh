#!/usr/bin/env bash
# icalendar 7.3.2 (PyPI), ical-generator 10.2.0, ical.js 2.2.1 and node-ical 0.26.1 (npm): the name of a calendar, two that do not escape it and two that do not undo it.
# Expected: RFC 7986, 5.1: NAME is of type TEXT, in which RFC 5545, 3.3.11 escapes backslash, comma and semicolon; all four do so in SUMMARY.
# Seen: "Ops, night" of a feed that escapes it is shown as "Ops\, night" by icalendar and ical.js; "C:\new" written by the other two is "C:", a line break, "ew" in node-ical.
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 <<'PROGRAM'
from icalendar import Calendar

feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//finding//EN\r\nNAME:Ops\\, night\r\nEND:VCALENDAR\r\n"
print("icalendar reads", Calendar.from_ical(feed).calendar_name)
calendar = Calendar()
calendar.calendar_name = "C:\\new"
print("icalendar writes", calendar.to_ical().decode().split("\r\n")[1])
open("feed", "w").write(feed)
PROGRAM
mv out before.out
node_program ical-generator@10.2.0 ical.js@2.2.1 node-ical@0.26.1 <<'PROGRAM'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "ical-generator";
import nodeIcal from "node-ical";
const feed = readFileSync("feed", "utf8");
console.log("ical.js reads", new ICAL.Component(ICAL.parse(feed)).getFirstPropertyValue("name"));
console.log("node-ical reads", nodeIcal.sync.parseICS(feed).vcalendar.name);
const written = ical({ name: "C:\\new" }).toString();
console.log("ical-generator writes", written.split("\r\n").find((line) => line.startsWith("NAME")));
console.log("node-ical reads", JSON.stringify(nodeIcal.sync.parseICS(written).vcalendar.name));
PROGRAM
cat before.out >>out
seen 'icalendar reads Ops\, night' 'icalendar writes NAME:C:\new' 'ical.js reads Ops\, night' "node-ical reads Ops, night" 'ical-generator writes NAME:C:\new' 'node-ical reads "C:\new"'
