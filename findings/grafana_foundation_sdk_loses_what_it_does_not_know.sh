#!/usr/bin/env bash
# grafana-foundation-sdk 1769699379!11.6.0 (PyPI): a dashboard read with from_json and written again lacks every key the SDK does not know,
# and holds keys that were not there.
# Expected: reading and writing changes nothing, or an unknown key is an error; a tool that edits one title must not drop a variable's settings.
# Seen: regexApplyTo of a variable (Grafana 12) is gone without a word, "editable", "timezone" and others appear.
. "$(dirname "$0")/lib.sh"
python "grafana-foundation-sdk==1769699379!11.6.0" <<'PROGRAM'
import json

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

before = {
    "title": "Shop",
    "schemaVersion": 41,
    "templating": {"list": [{"name": "node", "type": "query", "regex": "/web/", "regexApplyTo": "text"}]},
}
after = json.loads(JSONEncoder().encode(Dashboard.from_json(before)))
variable = set(before["templating"]["list"][0]) - set(after["templating"]["list"][0])
print("gone from the variable:", sorted(variable))
print("came to the dashboard:", sorted(set(after) - set(before)))
PROGRAM
seen "gone from the variable: ['regexApplyTo']"
grep "came to the dashboard: .*'editable'" out
