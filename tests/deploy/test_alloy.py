"""The agent's file: in Alloy's grammar, with arguments that its components have, and one set of labels for everything."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.alloy_syntax import Block, NotAlloy, parse
from tests.deploy.golang import built

ROOT = Path(__file__).parents[2]
FILE = ROOT / "config/alloy/config.alloy"
TEXT = FILE.read_text("utf-8")
BLOCKS = parse(TEXT)

# Component: its arguments, and its blocks with theirs. Source: Alloy 1.18 docs, "Components"; every one is also in 1.9.
STAGES = {
    "stage.multiline": {"firstline", "max_lines", "max_wait_time"},
    "stage.regex": {"expression", "source", "labels_from_groups"},
    "stage.json": {"expressions", "source", "drop_malformed"},
    "stage.timestamp": {"source", "format", "location", "fallback_formats", "action_on_failure"},
    "stage.template": {"source", "template"},
    "stage.labels": {"values"},
    "stage.structured_metadata": {"values"},
    "stage.label_drop": {"values"},
}
RULE = {"rule": {"source_labels", "regex", "target_label", "replacement", "action", "separator"}}
COMPONENTS: dict[str, tuple[set[str], dict[str, set[str]]]] = {
    "logging": ({"level", "format"}, {}),
    "prometheus.remote_write": ({"external_labels"}, {"endpoint": {"url", "send_exemplars"}}),
    "loki.write": ({"external_labels"}, {"endpoint": {"url"}}),
    "prometheus.exporter.unix": (
        {"rootfs_path", "procfs_path", "sysfs_path", "disable_collectors"},
        {"filesystem": {"mount_points_exclude", "fs_types_exclude", "mount_timeout"}},
    ),
    "prometheus.scrape": (
        {"targets", "forward_to", "metrics_path", "scrape_interval", "scrape_timeout", "job_name"},
        {},
    ),
    "discovery.relabel": ({"targets"}, RULE),
    "discovery.docker": ({"host", "refresh_interval"}, {}),
    "local.file_match": ({"path_targets", "sync_period"}, {}),
    "loki.source.file": ({"targets", "forward_to", "tail_from_end"}, {}),
    "loki.source.docker": ({"host", "targets", "forward_to", "labels", "relabel_rules"}, {}),
    "loki.process": ({"forward_to"}, STAGES),
    "otelcol.receiver.otlp": (set(), {"grpc": {"endpoint"}, "http": {"endpoint"}, "output": {"traces"}}),
    "otelcol.processor.transform": (
        {"error_mode"},
        {"trace_statements": {"context", "statements"}, "output": {"traces"}},
    ),
    "otelcol.processor.batch": ({"timeout"}, {"output": {"traces"}}),
    "otelcol.exporter.otlp": (set(), {"client": {"endpoint", "tls"}}),
}
EXPORTS = {
    "prometheus.remote_write": "receiver",
    "loki.write": "receiver",
    "loki.process": "receiver",
    "prometheus.exporter.unix": "targets",
    "discovery.relabel": "output",
    "discovery.docker": "targets",
    "local.file_match": "targets",
    "otelcol.processor.transform": "input",
    "otelcol.processor.batch": "input",
    "otelcol.exporter.otlp": "input",
}


def everything(blocks: list[Block]) -> list[Block]:
    return [found for block in blocks for found in [block, *everything(block.blocks)]]


def component(name: str, label: str) -> Block:
    return next(block for block in BLOCKS if (block.name, block.label) == (name, label))


def inner(block: Block, name: str) -> list[Block]:
    return [each for each in block.blocks if each.name == name]


@pytest.mark.timeout(300)
def test_alloys_own_parser_reads_it_as_we_do(tmp_path):
    parser = built("alloy", tmp_path)

    done = subprocess.run([parser, FILE], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [block.shape() for block in BLOCKS]


@pytest.mark.parametrize(
    "wrong",
    [
        "a { b = 1 c = 2 }",
        'a "x" {',
        "a { b = [1, 2 }",
        "a { b = }",
        'a { b = "open }',
        "b = 1",
        "a { b = 1\n b = 2 }",
        "a { b = [\n1\n]\n}",
    ],
)
def test_what_is_not_alloy_is_refused(wrong):
    with pytest.raises(NotAlloy):
        parse(wrong)


def test_every_component_has_the_arguments_it_is_given():
    for block in BLOCKS:
        arguments, blocks = COMPONENTS[block.name]
        assert set(block.attributes) <= arguments, block.name
        for each in block.blocks:
            assert set(each.attributes) <= blocks[each.name], f"{block.name} {each.name}"


def test_every_reference_leads_to_a_component_that_is_there():
    known = {f"{block.name}.{block.label}.{EXPORTS.get(block.name, '')}" for block in BLOCKS}
    values = [value for block in everything(BLOCKS) for value in block.attributes.values()]
    asked = {
        found
        for value in values
        for found in re.findall(
            r"(?:prometheus|loki|discovery|local|otelcol)\.[\w.]+", re.sub(r'"[^"]*"|`[^`]*`', "", value)
        )
    }

    assert asked
    assert asked - known == set()


def test_nothing_is_collected_for_nobody():
    text = re.sub(r"(?m)^\s*//.*$", "", TEXT)

    unused = [
        block
        for block in BLOCKS
        if block.name in EXPORTS and f"{block.name}.{block.label}.{EXPORTS[block.name]}" not in text
    ]

    assert unused == []


def test_metrics_logs_and_traces_carry_the_same_labels():
    labels = '{"env"=sys.env("ENVIRONMENT"),"host"=sys.env("HOST_NAME"),}'
    statements = inner(component("otelcol.processor.transform", "labels"), "trace_statements")[0].attributes[
        "statements"
    ]

    assert component("prometheus.remote_write", "store").attributes["external_labels"] == labels
    assert component("loki.write", "store").attributes["external_labels"] == labels
    assert re.findall(r'set\(attributes\["(\w+)"\]', statements) == ["service", "env", "host"]


def test_api_and_chat_are_scraped_at_the_actuator():
    spring = component("prometheus.scrape", "spring").attributes
    targets = component("discovery.relabel", "spring").attributes["targets"]

    assert spring["metrics_path"] == '"/actuator/prometheus"'
    assert spring["targets"] == "discovery.relabel.spring.output"
    assert '"__address__"=sys.env("API_ADDRESS"),"service"="api"' in targets
    assert '"__address__"=sys.env("CHAT_ADDRESS"),"service"="chat"' in targets


@pytest.mark.parametrize("name", ["spring", "nginx"])
def test_what_a_host_does_not_have_is_left_out_instead_of_being_down(name):
    rule = inner(component("discovery.relabel", name), "rule")[0].attributes

    assert rule == {"source_labels": '["__address__"]', "regex": '".+"', "action": '"keep"'}


def test_every_variable_is_set_in_both_compose_files():
    used = set(re.findall(r'sys\.env\("(\w+)"\)', TEXT))

    for name in ("compose.yml", "compose.agent.yml"):
        environment = yaml.safe_load((ROOT / name).read_text("utf-8"))["services"]["alloy"]["environment"]
        assert used - set(environment) == set(), name


def expressions(name: str, stage: str) -> list[str]:
    found = inner(component("loki.process", name), stage)
    return [(each.attributes.get("expression") or each.attributes["firstline"])[1:-1] for each in found]


async def shop_logs(folder: Path) -> None:
    import asyncio

    from playground.shop.server import ShopServer

    shop = ShopServer(0, 0, folder, seed=1)
    async with shop.running():
        shop.switch("pool", on=True)
        for _ in range(200):
            await asyncio.sleep(0.1)
            if "\tat " in (folder / "api.log").read_text("utf-8") and (folder / "access.log").read_text("utf-8"):
                return


async def test_the_expressions_read_what_spring_and_nginx_write(tmp_path):
    await shop_logs(tmp_path)
    firstline = re.compile(expressions("spring", "stage.multiline")[0])
    head, trace = map(re.compile, expressions("spring", "stage.regex"))
    status, trace_of_nginx = map(re.compile, expressions("nginx_access", "stage.regex"))
    spring, nginx = ((tmp_path / f"{name}.log").read_text("utf-8").splitlines() for name in ("api", "access"))

    begins = [line for line in spring if firstline.match(line)]
    continued = [line for line in spring if not firstline.match(line)]
    assert {head.match(line)["level"] for line in begins} >= {"ERROR"}
    assert any(trace.search(line) for line in begins)
    assert continued
    assert all(
        line.startswith(("\t", "java.", "org.", "com.", "Caused by: ", "jakarta.", "\t... ")) for line in continued
    )
    assert all(status.match(line) and trace_of_nginx.search(line) for line in nginx)


def test_nginx_errors_begin_with_their_time():
    line = (
        "2026/11/25 10:00:00 [error] 31#31: *7 connect() failed (111: Connection refused) while connecting to upstream"
    )

    assert re.match(expressions("nginx_error", "stage.multiline")[0], line)
    assert re.match(expressions("nginx_error", "stage.regex")[0], line)["level"] == "error"


def test_multi_line_comes_first_and_ids_are_no_labels():
    spring = component("loki.process", "spring")

    assert spring.blocks[0].name == "stage.multiline"
    assert inner(spring, "stage.labels")[0].attributes["values"] == '{"level"=""}'
    assert "trace_id" in inner(spring, "stage.structured_metadata")[0].attributes["values"]
