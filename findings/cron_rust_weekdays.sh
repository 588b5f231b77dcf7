#!/usr/bin/env bash
# cron 0.17.0 and saffron 0.1.0 (Rust; Cloudflare's own), beside croner 4.0.3 (Rust): weekday 1 is Sunday, and 5-7 is Thursday to Saturday.
# Expected: 0 or 7 is Sunday and 1 Monday, as in every crontab; "0 9 * * 7" is the same line everywhere.
# Seen: both count as Quartz does, from Sunday = 1, and take a line of five or six fields of crontab (Quartz wants a "?" in it) without a word: 7 is Saturday.
. "$(dirname "$0")/lib.sh"
rust cron@0.17.0 saffron@0.1.0 croner@4.0.3 chrono@0.4.45 <<'PROGRAM'
use chrono::{DateTime, Utc};
use std::str::FromStr;

fn days(times: impl Iterator<Item = DateTime<Utc>>) -> String {
    times.take(3).map(|time| time.format("%a").to_string()).collect::<Vec<_>>().join(" ")
}

fn main() {
    let monday = DateTime::parse_from_rfc3339("2026-03-02T00:00:00Z").unwrap().with_timezone(&Utc);
    for line in ["0 9 * * 1", "0 9 * * 7", "0 9 * * 5-7"] {
        println!("{line} cron {}", days(cron::Schedule::from_str(&format!("0 {line}")).unwrap().after(&monday)));
        println!("{line} saffron {}", days(saffron::Cron::from_str(line).unwrap().iter_from(monday)));
        println!("{line} croner {}", days(croner::Cron::from_str(line).unwrap().iter_after(monday)));
    }
}
PROGRAM
seen "0 9 * * 1 cron Sun Sun Sun" "0 9 * * 1 saffron Sun Sun Sun" "0 9 * * 1 croner Mon Mon Mon" "0 9 * * 7 cron Sat Sat Sat" \
    "0 9 * * 7 saffron Sat Sat Sat" "0 9 * * 7 croner Sun Sun Sun" "0 9 * * 5-7 cron Thu Fri Sat" "0 9 * * 5-7 croner Fri Sat Sun"
