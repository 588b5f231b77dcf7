#!/usr/bin/env bash
# prom-client 15.1.3 (npm) on the Pushgateway 1.5.1 (Debian), beside prometheus_client 0.26.0 (PyPI): a push whose grouping has a slash is lost, and resolves.
# Expected: the Pushgateway's README: a value with a slash is sent as label@base64; or a rejected promise. prometheus_client does the first.
# Seen: the slash goes into the path as it is: /metrics/job/backup/path//var is answered 301, which is not followed, and push() resolves. A job called "backup/db" is refused with 400.
. "$(dirname "$0")/lib.sh"
debian prometheus-pushgateway 1.5.1-2+b5
gateway=127.0.0.1:$(port)
prometheus-pushgateway --persistence.file=pushed --web.listen-address="$gateway" >gateway.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "$gateway/-/ready"
GATEWAY=$gateway python prometheus_client==0.26.0 <<'PROGRAM'
import os

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway

registry = CollectorRegistry()
Gauge("from_python", "Done.", registry=registry).set(1)
push_to_gateway(os.environ["GATEWAY"], "backup", registry, {"path": "/var"})
PROGRAM
GATEWAY=http://$gateway node_program prom-client@15.1.3 <<'PROGRAM'
import { createRequire } from "node:module";
const { Gauge, Pushgateway, Registry } = createRequire(import.meta.url)("prom-client");
const registry = new Registry();
new Gauge({ name: "from_node", help: "Done.", registers: [registry] }).set(1);
const gateway = new Pushgateway(process.env.GATEWAY, {}, registry);
const { resp } = await gateway.pushAdd({ jobName: "backup", groupings: { path: "/var" } });
console.log("resolved with", resp.statusCode);
await gateway.pushAdd({ jobName: "backup/db" }).catch((error) => console.log("rejected:", error.message.trim()));
PROGRAM
{ cat out; curl --silent "$gateway/metrics" | grep '^from_'; } | tee all
mv all out
grep --quiet '^from_node' out && { echo "NO LONGER SEEN: the push is lost"; exit 1; }
seen 'from_python{instance="",job="backup",path="/var"} 1' "resolved with 301" 'rejected: push failed with status 400, odd number of components in label string "/db"'
