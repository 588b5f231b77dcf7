#!/usr/bin/env bash
# alerta-server 9.1.0 (PyPI) on PostgreSQL 15 (Debian): two disks of one host are one alert, and the end of one closes both.
# Expected: two alerts, as Alertmanager and Prometheus have them; the second stays open.
# Seen: its webhook for Alertmanager knows an alert by `instance` and `alertname` alone, other labels are tags. Without an
# instance, as of Kubernetes' rules about pods, all pods of a rule are one alert of the resource "n/a". What has closed is
# off the list, while a disk is full.
. "$(dirname "$0")/lib.sh"
postgres
python alerta-server==9.1.0 psycopg2-binary==2.9.13 setuptools==82.0.1 <<'PROGRAM'
import logging
import os

from alerta.app import create_app

logging.disable(logging.CRITICAL)
url = f"postgresql://{os.environ['PGUSER']}@{os.environ['PGHOST']}:{os.environ['PGPORT']}/{os.environ['PGDATABASE']}"
client = create_app({"DATABASE_URL": url, "AUTH_REQUIRED": False, "SECRET_KEY": "x", "TESTING": True}).test_client()


def post(status, name, **labels):
    ends = "0001-01-01T00:00:00Z" if status == "firing" else "2026-01-01T10:00:00Z"
    alert = {"status": status, "labels": {"alertname": name, "severity": "critical", **labels}, "annotations": {}}
    alert |= {"startsAt": "2026-01-01T09:00:00Z", "endsAt": ends, "generatorURL": ""}
    answer = client.post("/webhooks/prometheus", json={"alerts": [alert], "externalURL": ""})
    assert answer.status_code == 201, answer.text


def shown(name):
    found = client.get("/alerts", query_string={"event": name}).json["alerts"]
    return ", ".join(f"{each['resource']} {each['status']}" for each in found)


for mountpoint in ("/", "/var"):
    post("firing", "DiskFull", instance="db-1", mountpoint=mountpoint)
print("two disks are full:", shown("DiskFull"))
post("resolved", "DiskFull", instance="db-1", mountpoint="/")
print("one of them has room again:", shown("DiskFull"))
for pod in ("api-1", "api-2"):
    post("firing", "PodCrashLooping", namespace="shop", pod=pod)
print("two pods crash:", shown("PodCrashLooping"))
PROGRAM
seen "two disks are full: db-1 open" "one of them has room again: db-1 closed" "two pods crash: n/a open"
