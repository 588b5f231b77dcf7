#!/usr/bin/env bash
# humantime 2.4.0 (Rust; what most programs in Rust write and read lengths of time with): 31 days are "1month 13h 26m 24s".
# Expected: "31days", as 30 days are "30days"; or a month of whole days.
# Seen: a month is 30.44 days and a year 365.25, so that a retention of 90 days is shown as "2months 29days 2h 52m 48s" and
# one of 365 days as "11months 30days 3h 50m 24s". "1M", a minute in other programs' settings, is such a month.
. "$(dirname "$0")/lib.sh"
rust humantime@2.4.0 <<'PROGRAM'
use std::time::Duration;

fn main() {
    for days in [30, 31, 90, 365] {
        println!("{days}: {}", humantime::format_duration(Duration::from_secs(days * 86_400)));
    }
    println!("1M: {}", humantime::parse_duration("1M").unwrap().as_secs());
}
PROGRAM
seen "30: 30days" "31: 1month 13h 26m 24s" "90: 2months 29days 2h 52m 48s" "365: 11months 30days 3h 50m 24s" "1M: 2630016"
