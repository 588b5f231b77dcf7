#!/usr/bin/env bash
# cloudevents 2.2.0 (PyPI) and cloudevents 10.0.0 (npm), both of the CloudEvents project: the subject "disk 90% full" of
# an event in HTTP headers (binary mode) is another one on the other side.
# Expected: percent-encoded in the header and decoded by the reader, as the HTTP binding says (3.1.3.2).
# Seen: Python encodes, and JavaScript reads "disk%2090%25%20full"; JavaScript writes the header as it is, also a Korean
# subject, which node's own client then refuses. Rules by subject (Knative triggers, deduplication) do not match.
. "$(dirname "$0")/lib.sh"
python cloudevents==2.2.0 <<'PROGRAM'
import json

from cloudevents.core.bindings.http import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

attributes = {"id": "1", "source": "/monitor", "type": "alert", "specversion": "1.0", "subject": "disk 90% full"}
message = to_binary(CloudEvent(attributes=attributes, data={"a": 1}), JSONFormat())
json.dump({"headers": message.headers, "body": message.body.decode()}, open("message.json", "w"))
print("python writes", message.headers["ce-subject"])
PROGRAM
mv out python.out
node_program cloudevents@10.0.0 <<'PROGRAM'
import { readFileSync } from "node:fs";
import http from "node:http";
import { CloudEvent, HTTP } from "cloudevents";
const { headers, body } = JSON.parse(readFileSync("message.json", "utf8"));
const received = HTTP.toEvent({ headers: { "content-type": "application/json", ...headers }, body });
console.log("javascript reads", received.subject);
const written = (subject) => {
    const event = new CloudEvent({ type: "alert", source: "/monitor", subject, data: {} });
    return HTTP.binary(event).headers["ce-subject"];
};
console.log("javascript writes", written("disk 90% full"));
try {
    http.validateHeaderValue("ce-subject", written("디스크"));
    console.log("a Korean subject may be sent");
} catch (error) {
    console.log("a Korean subject:", error.code);
}
PROGRAM
cat python.out >>out
seen "python writes disk%2090%25%20full" "javascript reads disk%2090%25%20full" "javascript writes disk 90% full" \
    "a Korean subject: ERR_INVALID_CHAR"
