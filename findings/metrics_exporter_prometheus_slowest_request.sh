#!/usr/bin/env bash
# metrics-exporter-prometheus 0.18.3 (Rust; the exporter of the crate metrics): of two requests of 0.2 s and 5 s the 99.9th
# percentile is 0.2 s, and of two counters called my.jobs and my_jobs one is lost.
# Expected: 5 s, by nearest rank, or something in between, as other sketches say; two series, or an error for the second.
# Seen: the rank is rounded down, so that of fewer than a hundred requests (within a minute) the slowest is in no p99,
# whatever it took. Of the two counters the page has one series, with the value of one or of the other.
. "$(dirname "$0")/lib.sh"
cargo init --quiet --vcs none --name finding .
cargo add --quiet metrics@=0.24.6 2>/dev/null
# Without the HTTP server, whose TLS would be compiled for minutes.
cargo add --quiet --no-default-features metrics-exporter-prometheus@=0.18.3 2>/dev/null
cat >src/main.rs <<'PROGRAM'
fn main() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).unwrap();
    metrics::histogram!("request_seconds").record(0.2);
    metrics::histogram!("request_seconds").record(5.0);
    metrics::counter!("my.jobs").increment(3);
    metrics::counter!("my_jobs").increment(3);
    let page = handle.render();
    for quantile in ["0.5", "0.99", "0.999", "1"] {
        let series = format!("request_seconds{{quantile=\"{quantile}\"}} ");
        let value = page.lines().find_map(|line| line.strip_prefix(&series)).unwrap();
        println!("{quantile}: {:.1}", value.parse::<f64>().unwrap());
    }
    println!("jobs: {}", page.lines().filter(|line| line.starts_with("my_jobs ")).collect::<Vec<_>>().join(", "));
}
PROGRAM
cargo run --quiet 2>&1 | tee out
seen "0.5: 0.2" "0.99: 0.2" "0.999: 0.2" "1: 5.0" "jobs: my_jobs 3"
