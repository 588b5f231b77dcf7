#!/usr/bin/env bash
# Pushgateway 1.5.1 (Debian): a job is refused because another one has pushed a metric of the same name with another
# type.
# Expected: groups are apart, as their values are; or the one that came first is named, so that one knows whom to ask.
# Seen: 400 "pushed metrics are invalid or inconsistent with existing metrics" for a correct push of prometheus_client
# (gauge), as long as a line of curl without TYPE (untyped) lies there, in whatever group; which of the two jobs the
# message names is by chance. One team's backup ends the metrics of all others until somebody deletes its group by hand,
# also over a restart: Debian's keeps it in a file.
. "$(dirname "$0")/lib.sh"
debian prometheus-pushgateway 1.5.1-2+b5
gateway=127.0.0.1:$(port)
prometheus-pushgateway --persistence.file=pushed --web.listen-address="$gateway" >gateway.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "$gateway/-/ready"
printf 'last_success_seconds 1\n' | curl --silent --fail --data-binary @- "$gateway/metrics/job/by-curl"
GATEWAY=$gateway python prometheus_client==0.26.0 <<'PROGRAM'
import os
import urllib.error
import urllib.request

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway

registry = CollectorRegistry()
Gauge("last_success_seconds", "Done.", registry=registry).set(2)


def push():
    try:
        push_to_gateway(os.environ["GATEWAY"], "by-library", registry)
    except urllib.error.HTTPError as error:
        return f"{error.code}, {'inconsistent' in error.read().decode() and 'inconsistent'}"
    return "taken"


print("beside a group without a type:", push())
url = f"http://{os.environ['GATEWAY']}/metrics/job/by-curl"
urllib.request.urlopen(urllib.request.Request(url, method="DELETE"))
print("without that group:", push())
PROGRAM
seen "beside a group without a type: 400, inconsistent" "without that group: taken"
