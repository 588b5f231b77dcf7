#!/usr/bin/env bash
# prometheus-node-exporter 1.5.0 (Debian): of two files of the textfile collector that explain one metric in different words the second is left out.
# Expected: each file is a valid page of its own, their series differ; a help text is documentation. If they cannot go together, node_textfile_scrape_error is 1.
# Seen: the answer is 200, node_textfile_scrape_error 0, both files have their mtime; the second job's series is not there. The log alone tells.
. "$(dirname "$0")/lib.sh"
debian prometheus-node-exporter 1.5.0-1+b6
mkdir texts
printf '# HELP job_done When the job ended.\n# TYPE job_done gauge\njob_done{job="a"} 1\n' >texts/a.prom
printf '# HELP job_done When the job ended, in seconds.\n# TYPE job_done gauge\njob_done{job="b"} 2\n' >texts/b.prom
listen=$(port)
prometheus-node-exporter --web.listen-address="127.0.0.1:$listen" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$dir/texts" >exporter.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/metrics"
{
    curl --silent --write-out 'HTTP %{http_code}\n' "127.0.0.1:$listen/metrics" | grep --extended-regexp '^(job_done|node_textfile_scrape_error|HTTP)'
    echo "files: $(curl --silent "127.0.0.1:$listen/metrics" | grep --count '^node_textfile_mtime')"
} | tee out
grep --quiet 'job="b"' out && exit 1
seen 'job_done{job="a"} 1' "node_textfile_scrape_error 0" "HTTP 200" "files: 2"
