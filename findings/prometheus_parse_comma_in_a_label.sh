#!/usr/bin/env bash
# prometheus-parse 0.2.5 (Rust): a label's value is cut at a comma, a label whose value has an equals sign is left out, and escapes stay as they are.
# Expected: the text format: a label's value is any text between quotation marks, with \\, \" and \n escaped; the parser of prometheus_client 0.26.0 (PyPI) reads all three.
# Seen: labels are split at commas and equals signs before anybody looks for quotation marks, without an error.
. "$(dirname "$0")/lib.sh"
cat >page <<'PAGE'
# TYPE jobs gauge
jobs{query="a,b"} 1
jobs{query="a=b"} 2
jobs{query="C:\\new"} 3
PAGE
python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(open("page").read()):
    for sample in family.samples:
        print("python", sample.value, sample.labels["query"])
PROGRAM
mv out before.out
rust prometheus-parse@0.2.5 <<'PROGRAM'
use prometheus_parse::{Scrape, Value};

fn main() {
    let page = std::fs::read_to_string("page").unwrap();
    for sample in Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap().samples {
        if let Value::Gauge(value) = sample.value {
            println!("rust {value} {:?}", sample.labels.get("query"));
        }
    }
}
PROGRAM
cat before.out >>out
seen "python 1 a,b" "python 2 a=b" 'python 3 C:\new' 'rust 1 Some("a")' "rust 2 None" 'rust 3 Some("C:\\\\new")'
