#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2 (PyPI), beside @opentelemetry/resources 2.12.1 (npm): of two resources with different schema
# addresses the second is dropped.
# Expected: all attributes, as in JavaScript, without an address: the specification leaves the result to each SDK.
# Seen: merge() logs "Failed to merge resources" once and returns the first: host.name and k8s.pod.name of a detector
# that was written for another version of the conventions are on no span, metric or log line, and dashboards by pod are
# empty.
. "$(dirname "$0")/lib.sh"
python opentelemetry-sdk==1.45.2 <<'PROGRAM'
from opentelemetry.sdk.resources import Resource

OLD, NEW = (f"https://opentelemetry.io/schemas/{version}" for version in ("1.20.0", "1.26.0"))
for schema in (OLD, NEW):
    merged = Resource({"service.name": "shop"}, OLD).merge(Resource({"k8s.pod.name": "shop-1"}, schema))
    print("python", schema[-6:], *sorted(merged.attributes), merged.schema_url[-6:])
PROGRAM
mv out python.out
node_program @opentelemetry/resources@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { resourceFromAttributes } from "@opentelemetry/resources";
const [OLD, NEW] = ["1.20.0", "1.26.0"].map((version) => `https://opentelemetry.io/schemas/${version}`);
for (const schemaUrl of [OLD, NEW]) {
    const first = resourceFromAttributes({ "service.name": "shop" }, { schemaUrl: OLD });
    const merged = first.merge(resourceFromAttributes({ "k8s.pod.name": "shop-1" }, { schemaUrl }));
    const names = Object.keys(merged.attributes).sort();
    console.log("javascript", schemaUrl.slice(-6), ...names, merged.schemaUrl?.slice(-6));
}
PROGRAM
cat python.out >>out
seen "python 1.20.0 k8s.pod.name service.name 1.20.0" "python 1.26.0 service.name 1.20.0" \
    "javascript 1.20.0 k8s.pod.name service.name 1.20.0" "javascript 1.26.0 k8s.pod.name service.name undefined"
