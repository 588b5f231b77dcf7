#!/usr/bin/env bash
# grafana-foundation-sdk (PyPI), builds of January 2026: asking for "at least 11" installs the SDK for Grafana 10.1.
# Expected: versions are named after Grafana's; of 11.6.0 and 10.1.0 the newer is 11.6.0, and >=11 excludes 10.1.0.
# Seen: each release has its own epoch (1769699998!10.1.0, 1769699379!11.6.0), the oldest Grafana is built last, and an epoch outranks
# the version: pip takes 10.1.0, whose models lack what Grafana 11 added. Only a pin of epoch and version is what one means.
. "$(dirname "$0")/lib.sh"
python packaging==24.2 <<'PROGRAM'
import subprocess
import sys

from packaging.version import Version

print("10.1.0 is newer:", Version("1769699998!10.1.0") > Version("1769699379!11.6.0"))
wanted = "grafana-foundation-sdk>=11,<=1769699998!10.1.0"
command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet", "--report", "report.json", wanted]
subprocess.run(command, check=True, capture_output=True)
PROGRAM
echo "pip takes $(jq --raw-output '.install[].metadata.version' report.json)" | tee -a out
seen "10.1.0 is newer: True" "pip takes 1769699998!10.1.0"
