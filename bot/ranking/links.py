"""Where to see a finding for oneself: Grafana's Explore with the very query and range, or the trace."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

from bot.domain.evidence import Channel, Finding
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, Plan
from bot.domain.selectors import log_selector

_SOURCE = {Channel.METRIC: "prometheus", Channel.LOG: "loki", Channel.TRACE: "tempo"}


def linked(finding: Finding, explore: Explore, catalogue: Catalogue, plan: Plan) -> Finding:
    """Return the finding with its query and, where Grafana is known, its link."""
    source = _SOURCE.get(finding.channel)
    if source is None or finding.window is None:
        return finding
    query = finding.query
    if finding.channel is Channel.LOG and not query:
        query = log_selector(catalogue, finding.service, plan.log_label)
    uid = explore.sources.get(source, source)
    if not query or not explore.url:
        return replace(finding, query=query)
    asked: dict[str, str] = {"refId": "A", "expr": query}
    if source == "tempo":
        asked = {"refId": "A", "queryType": "traceql", "query": query}
    pane = {
        "a": {
            "datasource": uid,
            "queries": [asked | {"datasource": {"type": source, "uid": uid}}],
            "range": {
                "from": str(int(finding.window.start.timestamp() * 1000)),
                "to": str(int(finding.window.end.timestamp() * 1000)),
            },
        }
    }
    panes = quote(json.dumps(pane, separators=(",", ":")))
    return replace(finding, query=query, link=f"{explore.url}/explore?schemaVersion=1&panes={panes}")
