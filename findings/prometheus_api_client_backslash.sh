#!/usr/bin/env bash
# prometheus-api-client 0.7.2 (PyPI) on Prometheus 2.42 (Debian): get_current_metric_value with the label path="C:\temp" finds nothing, and says nothing.
# Expected: "label_config: A dictionary that specifies metric labels and their values"; given the labels that its own answer has just told, it finds that series.
# Seen: the value is put between quotation marks as it is, and \t in them is a tab to PromQL: [] for a series that is there, as if the disk were gone.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
mkdir pages
printf '%s\n' 'disk_free_bytes{path="C:\\temp"} 5' 'disk_free_bytes{path="/temp"} 6' >pages/metrics
page=$(port)
listen=$(port)
python3 -m http.server --bind 127.0.0.1 --directory pages "$page" >pages.log 2>&1 &
pids+=($!)
echo "{global: {scrape_interval: 1s}, scrape_configs: [{job_name: page, static_configs: [{targets: ['127.0.0.1:$page']}]}]}" >prometheus.yml
prometheus --config.file=prometheus.yml --storage.tsdb.path=series --web.listen-address="127.0.0.1:$listen" >prometheus.log 2>&1 &
pids+=($!)
wait_for eval "curl --silent '127.0.0.1:$listen/api/v1/query?query=disk_free_bytes' | grep --quiet temp"
export LISTEN=$listen
python prometheus-api-client==0.7.2 <<'PROGRAM'
import os

from prometheus_api_client import PrometheusConnect

prometheus = PrometheusConnect(url=f"http://127.0.0.1:{os.environ['LISTEN']}")
for series in prometheus.get_current_metric_value("disk_free_bytes"):
    path = series["metric"]["path"]
    print(path, "is told,", len(prometheus.get_current_metric_value("disk_free_bytes", {"path": path})), "found by that label")
PROGRAM
seen 'C:\temp is told, 0 found by that label' '/temp is told, 1 found by that label'
