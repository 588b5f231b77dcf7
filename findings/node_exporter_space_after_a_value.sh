#!/usr/bin/env bash
# prometheus-node-exporter 1.5.0 and promtool 2.42 (Debian): one blank at the end of a line and the whole file of the textfile collector is left out.
# Expected: Prometheus' "Exposition formats": "Leading and trailing whitespace is ignored", as the server itself does with such a line.
# Seen: a backup script that writes "… 1 " (echo "$name $value $time" without a time) has no metric any more, while the same page is scraped without complaint.
. "$(dirname "$0")/lib.sh"
debian prometheus-node-exporter 1.5.0-1+b6
mkdir pages texts
printf '# HELP backup_seconds h\n# TYPE backup_seconds gauge\nbackup_seconds 1 \n' | tee pages/metrics >texts/backup.prom
scraped
{ promtool check metrics <pages/metrics 2>&1 || true; } | grep --quiet 'expected integer as timestamp' && echo "promtool refuses it" >>out
listen=$(port)
prometheus-node-exporter --web.listen-address="127.0.0.1:$listen" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$dir/texts" >exporter.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/metrics"
curl --silent "127.0.0.1:$listen/metrics" | grep --extended-regexp '^(backup_|node_textfile_scrape_error)' | tee --append out
grep --quiet '^backup_' out && exit 1
seen '{"__name__":"backup_seconds"} 1' "promtool refuses it" "node_textfile_scrape_error 1"
