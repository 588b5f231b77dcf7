"""What the servers read: by their own tools where Debian has them, else field by field against what their docs list."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"


def read(path: str) -> Any:
    return yaml.safe_load((CONFIG / path).read_text("utf-8"))


def run(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def fields(**properties: Any) -> dict[str, Any]:
    """A table with exactly these fields: one that is misspelt is refused, as Loki and Tempo do at their start."""
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": [*properties]}


TEXT, NUMBER, SWITCH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h|d)$"}
# Source: Loki 3.7 docs, "Configuration reference"; grafana.md 5.1.
LOKI = fields(
    auth_enabled={"const": False},
    server=fields(http_listen_port={"const": 3100}, log_level=TEXT),
    common=fields(
        instance_addr=TEXT,
        path_prefix={"const": "/loki"},
        replication_factor={"const": 1},
        ring=fields(kvstore=fields(store={"const": "inmemory"})),
        storage=fields(filesystem=fields(chunks_directory=TEXT, rules_directory=TEXT)),
    ),
    schema_config=fields(
        configs={
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "store", "object_store", "schema", "index"],
                "properties": {
                    "from": {},
                    "store": {"const": "tsdb"},
                    "object_store": {"const": "filesystem"},
                    "schema": {"const": "v13"},
                    "index": fields(prefix=TEXT, period={"const": "24h"}),
                },
            },
        }
    ),
    ingester=fields(max_chunk_age=DURATION),
    querier=fields(query_ingesters_within=DURATION),
    pattern_ingester=fields(enabled={"const": True}),
    limits_config=fields(
        retention_period=DURATION,
        allow_structured_metadata={"const": True},
        volume_enabled=SWITCH,
        max_query_length=DURATION,
        query_timeout=DURATION,
        ingestion_rate_mb=NUMBER,
        max_line_size=TEXT,
        max_line_size_truncate=SWITCH,
    ),
    compactor=fields(
        working_directory=TEXT, retention_enabled={"const": True}, delete_request_store={"const": "filesystem"}
    ),
    analytics=fields(reporting_enabled={"const": False}),
)
# Source: Tempo docs, "Configuration"; grafana.md 5.3: the fields that both 2.10 and 3.0 know.
TEMPO = fields(
    stream_over_http_enabled=SWITCH,
    server=fields(http_listen_port={"const": 3200}, log_level=TEXT),
    distributor=fields(
        receivers=fields(
            otlp=fields(
                protocols=fields(
                    grpc=fields(endpoint={"const": "0.0.0.0:4317"}), http=fields(endpoint={"const": "0.0.0.0:4318"})
                )
            )
        )
    ),
    metrics_generator=fields(
        processor=fields(
            span_metrics=fields(dimensions={"type": "array", "items": TEXT}),
            service_graphs=fields(dimensions={"type": "array", "items": TEXT}),
        ),
        registry=fields(external_labels={"type": "object"}),
        storage=fields(
            path=TEXT,
            remote_write={
                "type": "array",
                "items": fields(url={"const": "http://prometheus:9090/api/v1/write"}, send_exemplars={"const": True}),
            },
        ),
    ),
    storage=fields(trace=fields(backend={"const": "local"}, wal=fields(path=TEXT), local=fields(path=TEXT))),
    overrides=fields(
        defaults=fields(
            metrics_generator=fields(
                processors={"const": ["span-metrics", "service-graphs"]},
                # The label by which Grafana's data source finds the trace of an exemplar.
                trace_id_label_name={"const": "trace_id"},
            ),
            compaction=fields(block_retention=DURATION),
        )
    ),
    usage_report=fields(reporting_enabled={"const": False}),
)


@pytest.mark.parametrize(("path", "schema"), [("loki/config.yml", LOKI), ("tempo/config.yml", TEMPO)])
def test_loki_and_tempo_know_every_field(path, schema):
    from jsonschema import validate

    validate(read(path), schema)


@pytest.mark.parametrize(("path", "schema"), [("loki/config.yml", LOKI), ("tempo/config.yml", TEMPO)])
def test_a_misspelt_field_is_refused(path, schema):
    from jsonschema import ValidationError, validate

    with pytest.raises(ValidationError):
        validate({**read(path), "compacter": {}}, schema)


def test_loki_takes_and_finds_what_an_agent_reads_after_an_outage_of_an_hour():
    loki = read("loki/config.yml")
    hours = int(loki["ingester"]["max_chunk_age"].removesuffix("h")) / 2

    # An hour, and what the agent needs to catch up.
    assert hours >= 1.5
    # 0 is: however old. Else what is only in memory yet would not be found.
    assert loki["querier"]["query_ingesters_within"] == "0s"


def test_what_loki_and_tempo_write_is_on_their_volumes():
    services = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))["services"]
    for name, home in (("loki", "/loki"), ("tempo", "/var/tempo")):
        text = (CONFIG / f"{name}/config.yml").read_text("utf-8")
        paths = re.findall(r"(?:path|directory|path_prefix): (/\S+)", text)

        assert paths
        assert all(path.startswith(home) for path in paths)
        assert f"{name}:{home}" in services[name]["volumes"]


def test_prometheus_takes_its_configuration_and_its_targets():
    assert "SUCCESS" in run("promtool", "check", "config", CONFIG / "prometheus/prometheus.yml")


def test_every_target_says_whose_it_is_and_stands_in_one_file():
    jobs = read("prometheus/prometheus.yml")["scrape_configs"]
    targets = read("prometheus/targets.yml")

    assert {tuple(each["files"]) for job in jobs for each in job["file_sd_configs"]} == {("targets.yml",)}
    assert all({"job", "service", "env", "host"} <= entry["labels"].keys() for entry in targets)


def test_probed_targets_are_probed_with_a_module_that_is_there():
    modules = read("blackbox/config.yml")["modules"]
    # Also what stands there as an example.
    text = (CONFIG / "prometheus/targets.yml").read_text("utf-8")
    asked = re.findall(r"__param_module: (\w+)", text)

    assert asked
    assert set(asked) <= modules.keys()


def test_the_examples_among_the_targets_are_valid_too(tmp_path):
    text = (CONFIG / "prometheus/targets.yml").read_text("utf-8")
    written = re.sub(r"(?m)^# (?=- targets:|  labels:)", "", text)
    (tmp_path / "targets.yml").write_text(written, "utf-8")
    (tmp_path / "prometheus.yml").write_text((CONFIG / "prometheus/prometheus.yml").read_text("utf-8"), "utf-8")

    run("promtool", "check", "config", tmp_path / "prometheus.yml")

    assert len(yaml.safe_load(written)) > len(read("prometheus/targets.yml"))


def test_blackbox_exporter_takes_its_modules():
    assert "ok" in run(
        "prometheus-blackbox-exporter", f"--config.file={CONFIG / 'blackbox/config.yml'}", "--config.check"
    )


def nginx(folder: Path, port: int = 8000, status_port: int = 8088) -> Path:
    """Put the fragments of an operator and of the demo into one file that runs on this machine."""
    fragments = "".join(
        (CONFIG / "nginx" / f"{name}.conf").read_text("utf-8") for name in ("log_format", "stub_status", "demo")
    )
    fragments = fragments.replace("listen 8088", f"listen 127.0.0.1:{status_port}").replace(
        "/var/log/nginx", str(folder)
    )
    # Nobody listens there, whatever else runs on this machine.
    fragments = re.sub(r"http://shop:\d+", "http://127.0.0.1:9", fragments)
    fragments = fragments.replace("listen 8000", f"listen 127.0.0.1:{port}")
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(f"daemon off; pid {folder}/pid; events {{}} http {{ {temp}\n{fragments} }}", "utf-8")
    return path


async def test_nginx_writes_what_alloy_reads_and_tells_its_status(tmp_path):
    import json

    import aiohttp

    from playground.process import free_port, running

    port, status_port = free_port(), free_port()
    path = nginx(tmp_path, port, status_port)
    run("nginx", "-t", "-c", path, "-e", tmp_path / "error.log")
    trace = "0af7651916cd43dd8448eb211c80319c"
    command = ["nginx", "-c", str(path), "-e", str(tmp_path / "error.log")]

    async with running("nginx", command, tmp_path / "log") as process, aiohttp.ClientSession() as session:
        await process.ready(f"http://127.0.0.1:{status_port}/stub_status", 20)
        headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "User-Agent": 'a "quoted" agent'}
        async with session.get(f"http://127.0.0.1:{port}/api/orders?q=1", headers=headers) as answer:
            assert answer.status == 502
        async with session.get(f"http://127.0.0.1:{status_port}/stub_status") as answer:
            assert "Active connections" in await answer.text()

    entry = json.loads((tmp_path / "access.log").read_text("utf-8").splitlines()[-1])
    alloy = (CONFIG / "alloy/config.alloy").read_text("utf-8")
    expression = re.search(r"`(\(\?:trace=.*)`", alloy)
    assert expression
    assert (entry["status"], entry["uri"], entry["method"]) == ("502", "/api/orders", "GET")
    found = re.search(expression[1], json.dumps(entry, separators=(",", ":")))
    assert found
    assert found["trace_id"] == trace


BOOT3, BOOT4 = read("spring/application-boot3.yml"), read("spring/application-boot4.yml")


@pytest.mark.parametrize("fragment", [BOOT3, BOOT4], ids=["3", "4"])
def test_spring_boot_shows_what_the_rules_and_dashboards_ask_for(fragment):
    management = fragment["management"]

    assert "prometheus" in management["endpoints"]["web"]["exposure"]["include"]
    assert management["metrics"]["distribution"]["percentiles-histogram"]["http.server.requests"] is True
    assert management["tracing"]["sampling"]["probability"] == 1.0
    assert fragment["server"]["tomcat"]["mbeanregistry"]["enabled"] is True
    assert fragment["logging"]["pattern"]["correlation"] == "[%X{traceId:-}-%X{spanId:-}] "


def test_traces_are_exported_under_the_name_of_each_version():
    endpoint = "http://127.0.0.1:4318/v1/traces"

    assert BOOT3["management"]["otlp"]["tracing"]["endpoint"] == endpoint
    assert BOOT4["management"]["opentelemetry"]["tracing"]["export"]["otlp"]["endpoint"] == endpoint
    assert "otlp" not in BOOT4["management"]


def test_both_versions_get_a_registry_an_exporter_and_actuator():
    text = (CONFIG / "spring/dependencies.md").read_text("utf-8")
    for section in text.split("\n## ")[1:5]:
        assert "spring-boot-starter-actuator" in section
        assert "micrometer-registry-prometheus" in section
        assert (
            "spring-boot-starter-opentelemetry" if "Boot 4" in section else "opentelemetry-exporter-otlp"
        ) in section
