#!/usr/bin/env bash
# prometheus_client 0.26.0 (PyPI): its parser of the text format gives the counter "errors" the name "errors_total".
# Expected: a sample is called what the page calls it; in the text format a counter's name needs no suffix, and Prometheus stores it as it stands.
# Seen: a script that reads a page (nginx's, an old exporter's) and then asks Prometheus for the name that it was told finds nothing; without the TYPE line the name is right.
. "$(dirname "$0")/lib.sh"
mkdir pages
printf '# TYPE errors counter\nerrors{code="5"} 3\n' >pages/metrics
scraped
mv out before.out
python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client.parser import text_string_to_metric_families as read

page = open("pages/metrics").read()
for text in (page, page.split("\n", 1)[1]):
    print("read as", *(sample.name for family in read(text) for sample in family.samples))
PROGRAM
cat before.out >>out
seen '{"__name__":"errors","code":"5"} 3' "read as errors_total" "read as errors"
