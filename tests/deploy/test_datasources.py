"""Grafana's data sources and the folder of its dashboards, read as Grafana reads them: variables replaced, fields known."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from deploy.grafana.boards.__main__ import FOLDER
from tests.deploy.boards import BOARDS, refused
from tests.deploy.stack import open_shop

PROVISIONING = FOLDER.parent / "provisioning"
(DATASOURCES,) = PROVISIONING.glob("datasources/*.yml")
(PROVIDERS,) = PROVISIONING.glob("dashboards/*.yml")

# What Grafana 11.5 to 13 know of each kind.
FIELDS = {
    "prometheus": {
        "httpMethod",
        "timeInterval",
        "prometheusType",
        "manageAlerts",
        "exemplarTraceIdDestinations",
    },
    "loki": {"maxLines", "derivedFields"},
    "tempo": {
        "tracesToLogsV2",
        "tracesToMetrics",
        "serviceMap",
        "nodeGraph",
        "search",
        "traceQuery",
        "spanBar",
        "streamingEnabled",
    },
}
# As pkg/services/provisioning/values reads them: `$$` is a dollar, all else comes from the environment, here an empty one.
_REPLACED = re.compile(r"\$\$|\$__\w+\{[^}]*\}|\$\{[^}]*\}|\$\w+")


def provisioned(value: Any) -> Any:
    """Replace as Grafana does when it reads a file, where no environment variable is set."""
    if isinstance(value, dict):
        return {name: provisioned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [provisioned(each) for each in value]
    if isinstance(value, str):
        return _REPLACED.sub(lambda match: "$" if match[0] == "$$" else "", value)
    return value


def load(path: Path) -> dict[str, Any]:
    return provisioned(yaml.safe_load(path.read_text("utf-8")))


SOURCES = {each["uid"]: each for each in load(DATASOURCES)["datasources"]}


def uids_in(node: Any):
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "datasourceUid":
                yield value
            yield from uids_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from uids_in(value)


def test_the_uids_are_those_that_dashboards_and_rules_name():
    named = {
        target["datasource"]["uid"]
        for board in BOARDS.values()
        for panel in board["panels"]
        for target in panel.get("targets", [])
    }

    assert {uid: (each["type"], each["url"]) for uid, each in SOURCES.items()} == {
        "prometheus": ("prometheus", "http://prometheus:9090"),
        "loki": ("loki", "http://loki:3100"),
        "tempo": ("tempo", "http://tempo:3200"),
    }
    assert named == {"prometheus", "loki"}
    assert [uid for uid, each in SOURCES.items() if each.get("isDefault")] == ["prometheus"]


@pytest.mark.parametrize("uid", SOURCES)
def test_grafana_knows_every_field(uid):
    source = SOURCES[uid]

    assert load(DATASOURCES)["apiVersion"] == 1
    assert source.keys() <= {"name", "uid", "type", "access", "url", "isDefault", "editable", "jsonData"}
    assert source["access"] == "proxy"
    assert source["editable"] is False
    assert source["jsonData"].keys() == FIELDS[uid]


def test_links_lead_to_sources_that_exist_and_to_each_other():
    leading = {uid: set(uids_in(each["jsonData"])) for uid, each in SOURCES.items()}

    assert leading == {"prometheus": {"tempo"}, "loki": {"tempo"}, "tempo": {"loki", "prometheus"}}


def test_what_grafana_replaces_later_is_still_there():
    fields = SOURCES["loki"]["jsonData"]["derivedFields"]
    queries = SOURCES["tempo"]["jsonData"]["tracesToMetrics"]["queries"]

    assert {each["url"] for each in fields} == {"${__value.raw}"}
    assert all("{$__tags" in each["query"] for each in queries)
    # Escaped everywhere: nothing in this file comes from the environment.
    written = yaml.safe_dump(yaml.safe_load(DATASOURCES.read_text("utf-8")))
    assert "$" not in written.replace("$$", "")


def test_a_dollar_that_is_not_escaped_would_be_lost():
    assert provisioned("a ${__value.raw} b {$__tags} c $HOME d") == "a  b {} c  d"
    assert provisioned("$${__value.raw} {$$__tags}") == "${__value.raw} {$__tags}"


def test_an_exemplar_leads_to_its_trace_by_micrometers_label():
    (destination,) = SOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]

    assert destination == {"name": "trace_id", "datasourceUid": "tempo", "urlDisplayLabel": "Trace"}


async def test_every_line_of_the_shop_with_a_trace_leads_to_it(tmp_path):
    in_line = [each for each in SOURCES["loki"]["jsonData"]["derivedFields"] if each["matcherType"] == "regex"]
    (expression,) = [each["matcherRegex"] for each in in_line]
    async with aiohttp.ClientSession() as session, open_shop(tmp_path, session) as shop:
        streams: list[Any] = []
        async with asyncio.timeout(60):
            while len({stream["stream"]["service"] for stream in streams}) < 3:
                await asyncio.sleep(0.5)
                streams = await shop.logged('{service=~"api|chat|nginx"}')
    found = {
        (stream["stream"].get("trace_id"), match and match[1])
        for stream in streams
        for _, line in stream["values"]
        for match in [re.search(expression, line)]
    }

    # Structured metadata tells the truth of Spring's lines; nginx' lines have none.
    assert all(told == read for told, read in found if told)
    assert any(told for told, _ in found)
    assert all(re.fullmatch("[0-9a-f]{32}", read) for told, read in found if read)


def test_the_trace_id_kept_beside_a_line_is_found_under_either_name():
    (expression,) = [
        each["matcherRegex"] for each in SOURCES["loki"]["jsonData"]["derivedFields"] if each["matcherType"] == "label"
    ]

    assert [name for name in ("trace_id", "traceid", "traceId", "span_id") if re.search(expression, name)] == [
        "trace_id",
        "traceid",
        "traceId",
    ]


def test_a_trace_leads_to_labels_that_logs_and_metrics_have():
    data = SOURCES["tempo"]["jsonData"]

    assert (
        data["tracesToLogsV2"]["tags"]
        == data["tracesToMetrics"]["tags"]
        == [{"key": "service.name", "value": "service"}]
    )
    assert data["tracesToLogsV2"]["filterByTraceID"] is True


def test_prometheus_reads_the_queries_of_a_trace(tmp_path):
    queries = [each["query"] for each in SOURCES["tempo"]["jsonData"]["tracesToMetrics"]["queries"]]

    assert len(queries) == 5
    assert refused(tmp_path, [query.replace("$__tags", 'service="api"') for query in queries]) == ""


def test_the_dashboards_come_from_one_folder_that_a_start_of_grafana_does_not_delete():
    (provider,) = load(PROVIDERS)["providers"]

    assert load(PROVIDERS)["apiVersion"] == 1
    assert provider.keys() == {
        "name",
        "orgId",
        "folder",
        "folderUid",
        "type",
        "disableDeletion",
        "allowUiUpdates",
        "updateIntervalSeconds",
        "options",
    }
    assert provider["type"] == "file"
    # With one folder title in all files, and none that allows it, Grafana 12.4 removes the folder at each start.
    assert provider["allowUiUpdates"] is True
    assert provider["options"] == {"path": "/var/lib/grafana/dashboards", "foldersFromFilesStructure": False}
