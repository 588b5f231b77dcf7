"""Where to see a finding for oneself: Grafana's Explore with the very query and range, or the trace."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.evidence import Channel, Finding
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, Plan, explore_address
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
    asked: dict[str, object] = {"queryType": "traceql", "query": query} if source == "tempo" else {"expr": query}
    asked["datasource"] = {"type": source, "uid": uid}
    link = explore_address(explore.url, uid, asked, finding.window.start, finding.window.end)
    return replace(finding, query=query, link=link)
