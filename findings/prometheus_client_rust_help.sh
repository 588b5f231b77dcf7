#!/usr/bin/env bash
# prometheus-client 0.26.0 (Rust, Prometheus' own) and Prometheus 2.42 (Debian): a help text of two lines, and the target is down.
# Expected: OpenMetrics and the text format: in HELP a line feed is escaped as \n, a backslash as \\; the crate does so in labels.
# Seen: the text is written as it is, and its second line is read as a sample.
. "$(dirname "$0")/lib.sh"
rust prometheus-client@0.26.0 <<'PROGRAM'
use prometheus_client::{encoding::text::encode, metrics::gauge::Gauge, registry::Registry};

fn main() {
    let mut registry = Registry::default();
    let jobs: Gauge = Gauge::default();
    registry.register("jobs", "Jobs waiting.\nRead once a minute", jobs);
    let mut page = String::new();
    encode(&mut page, &registry).unwrap();
    print!("{page}");
}
PROGRAM
mkdir pages
cp out pages/metrics
scraped
cat pages/metrics >>out
seen 'down strconv.ParseFloat: parsing "once": invalid syntax' "# HELP jobs Jobs waiting." "Read once a minute."
