"""compose.yml as the program reads it that will start it, and what it promises: memory, ports, secrets, health."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.golang import built

ROOT = Path(__file__).parents[2]
AGENT = {"ENVIRONMENT": "prod", "HOST_NAME": "app-1", "MONITORING_HOST": "10.8.0.1"}
# The shapes of grafana.md's versions; an image that is not listed here has not been thought about.
IMAGES = {
    "prometheus": r"docker\.io/prom/prometheus:v3\.\d+\.\d+",
    "loki": r"docker\.io/grafana/loki:3\.([4-9]|\d\d)\.\d+",
    "tempo": r"docker\.io/grafana/tempo:(2\.(8|9|\d\d)|3\.\d+)\.\d+",
    "grafana": r"docker\.io/grafana/grafana:(11\.[5-9]|12\.\d+)\.\d+",
    "alloy": r"docker\.io/grafana/alloy:v1\.(9|\d\d)\.\d+",
    "blackbox": r"docker\.io/prom/blackbox-exporter:v0\.\d+\.\d+",
    "nginx-exporter": r"docker\.io/nginx/nginx-prometheus-exporter:1\.\d+\.\d+",
    "nginx": r"docker\.io/library/nginx:1\.\d+\.\d+-alpine",
}
OWN = {"bot", "playground", "shop"}
DEMO = {"playground", "shop", "nginx"}
LIMIT_MIB = 1.7 * 1024


def loaded(path: str = "compose.yml", *options: str, **environment: str) -> dict[str, Any]:
    """Have podman-compose read a file, merge and fill in, as it would before it starts anything."""
    command = [
        sys.executable,
        "-m",
        "podman_compose",
        "--env-file",
        "/dev/null",
        "--in-pod",
        "0",
        *options,
        "-f",
        path,
        "config",
    ]
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout[done.stdout.index("name:") :])


DEFAULT = loaded("compose.yml", "--profile", "demo")
SERVICES: dict[str, dict[str, Any]] = DEFAULT["services"]
FILES = {"compose.yml": DEFAULT, "compose.agent.yml": loaded("compose.agent.yml", **AGENT)}
EVERY = [(file, name) for file, read in FILES.items() for name in read["services"]]


def service(file: str, name: str) -> dict[str, Any]:
    return FILES[file]["services"][name]


def mebibytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)m", text)
    assert found, text
    return int(found[1])


def test_the_parts_of_the_mission_are_there_under_their_names():
    profiles = {name: each.get("profiles", []) for name, each in SERVICES.items()}

    assert {name for name, on in profiles.items() if not on} == set(IMAGES) - DEMO | {"bot"}
    assert {name for name, on in profiles.items() if on == ["demo"]} == DEMO


@pytest.mark.timeout(300)
def test_docker_composes_own_loader_reads_both_files_the_same_way(tmp_path):
    loader = built("compose", tmp_path)

    for file, told in (("compose.yml", {}), ("compose.agent.yml", AGENT)):
        command = [loader, file, "demo", *(f"{name}={value}" for name, value in told.items())]
        done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        read = json.loads(done.stdout)["services"]
        ours = FILES[file]["services"]
        limits = {name: int(each["mem_limit"]) // 1024**2 for name, each in read.items()}
        assert limits == {name: mebibytes(each["mem_limit"]) for name, each in ours.items()}
        published = {
            f"{port['host_ip']}:{port['published']}" for each in read.values() for port in each.get("ports", [])
        }
        assert published == {str(port).rsplit(":", 1)[0] for each in ours.values() for port in each.get("ports", [])}

    alone = subprocess.run(
        [loader, "compose.agent.yml", "demo", "ENVIRONMENT=prod", "HOST_NAME=app-1"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert alone.returncode == 1
    assert "MONITORING_HOST" in alone.stderr


@pytest.mark.parametrize(("file", "name"), EVERY)
def test_images_are_pinned(file, name):
    image = service(file, name)["image"]

    assert name in OWN or re.fullmatch(IMAGES[name], image), image
    assert "latest" not in image


def test_the_limits_leave_room_on_a_host_of_two_gibibytes():
    limits = {name: mebibytes(each["mem_limit"]) for name, each in SERVICES.items() if name not in DEMO}

    assert sum(limits.values()) <= LIMIT_MIB, limits


@pytest.mark.parametrize(("file", "name"), EVERY)
def test_programs_written_in_go_know_their_limit(file, name):
    each = service(file, name)

    if name not in OWN | {"nginx"}:
        told = int(each["environment"]["GOMEMLIMIT"].removesuffix("MiB"))
        assert 0.8 * mebibytes(each["mem_limit"]) <= told < mebibytes(each["mem_limit"])


@pytest.mark.parametrize(("file", "name"), EVERY)
def test_every_part_is_restarted_rotates_its_log_and_has_few_rights(file, name):
    each = service(file, name)

    assert each["restart"] == "unless-stopped"
    assert each["logging"]["driver"] == "json-file"
    assert each["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    own = ["seccomp=./deploy/image/seccomp.json"] if name == "bot" else []
    assert each["security_opt"] == ["no-new-privileges:true", *own]
    assert each["cap_drop"] == ["ALL"]
    assert set(each.get("cap_add", [])) <= {"DAC_READ_SEARCH", "CHOWN", "SETGID", "SETUID"}
    assert each["read_only"] is True
    assert "privileged" not in each


@pytest.mark.parametrize("address", ["127.0.0.1", "10.8.0.1"])
def test_ports_listen_on_one_address_only(address):
    read = loaded("compose.yml", "--profile", "demo", **({} if address == "127.0.0.1" else {"BIND_ADDRESS": address}))

    ports = {name: each["ports"] for name, each in read["services"].items() if each.get("ports")}
    published = [str(port) for each in ports.values() for port in each]

    assert ports.keys() == {"grafana", "prometheus", "loki", "alloy", "bot", "playground"}
    assert published
    assert all(port.startswith(f"{address}:") for port in published), published


def test_secrets_are_files_and_each_is_mounted_only_where_it_is_read():
    used = {name: set(each.get("secrets", [])) for name, each in SERVICES.items() if each.get("secrets")}

    assert used["bot"] == {"discord_token", "webhook_token", "grafana_token", "anthropic_api_key", "openai_api_key"}
    assert used["playground"] == {"webhook_token"}
    assert set().union(*used.values()) == DEFAULT["secrets"].keys()
    assert all(each.keys() == {"file"} for each in DEFAULT["secrets"].values())
    named = [name for each in SERVICES.values() for name in each.get("environment", {})]
    assert [
        name for name in named if re.search(r"TOKEN|PASSWORD|KEY|SECRET", name) and not name.endswith("_FILE")
    ] == []


@pytest.mark.parametrize("name", sorted(DEFAULT["secrets"]))
def test_the_secrets_of_the_demo_are_there_and_an_operators_are_elsewhere(name):
    own = loaded("compose.yml", BONGSU_SECRETS="./secrets")["secrets"][name]["file"]

    assert (ROOT / DEFAULT["secrets"][name]["file"]).is_file()
    assert own == f"./secrets/{name}"
    assert "/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", ["prometheus", "grafana", "blackbox", "nginx"])
def test_images_with_a_shell_ask_with_wget(name):
    assert SERVICES[name]["healthcheck"]["test"][:2] == ["CMD", "wget"]


def test_images_without_a_shell_ask_themselves_or_are_not_asked():
    assert SERVICES["loki"]["healthcheck"]["test"] == ["CMD", "/usr/bin/loki", "-health"]
    assert SERVICES["tempo"]["healthcheck"]["test"] == ["CMD", "/tempo", "-health"]
    assert SERVICES["nginx-exporter"]["healthcheck"] == {"disable": True}
    # The bot's own stands in the Dockerfile, and is run by test_image.py.
    assert "healthcheck" not in SERVICES["bot"]


@pytest.mark.parametrize(("answer", "code"), [(b"HTTP/1.0 200 OK\r\n\r\n", 0), (b"HTTP/1.0 503 Down\r\n\r\n", 1)])
def test_alloys_health_check_reads_the_status(answer, code):
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1000)
                client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        command = [part.replace("12345", str(port)) for part in SERVICES["alloy"]["healthcheck"]["test"][1:]]
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
        thread.join(timeout=20)

    assert done.returncode == code


def test_what_is_mounted_from_here_is_here():
    mounts = [str(mount) for each in SERVICES.values() for mount in each.get("volumes", [])]
    own = {mount.split(":")[0] for mount in mounts if mount.startswith("./")}

    assert own >= {
        "./config/prometheus",
        "./config/alloy",
        "./config/grafana/provisioning",
        "./config/grafana/dashboards",
    }
    assert {path for path in own if not (ROOT / path).exists()} == set()


def test_every_volume_is_named_and_used():
    mounts = {str(mount).split(":")[0] for each in SERVICES.values() for mount in each.get("volumes", [])}

    assert {name for name in mounts if name[0] not in "./"} == DEFAULT["volumes"].keys()


def test_folders_of_the_host_take_the_place_of_the_shops():
    read = loaded("compose.yml", SPRING_LOGS="/var/log/doktori", NGINX_LOGS="/var/log/nginx")

    assert "/var/log/doktori:/logs/spring:ro" in read["services"]["alloy"]["volumes"]
    assert "/var/log/nginx:/logs/nginx:ro" in read["services"]["alloy"]["volumes"]


def test_metrics_logs_and_traces_find_their_way_by_name():
    alloy = SERVICES["alloy"]["environment"]
    flags = SERVICES["prometheus"]["command"]

    assert (alloy["PROMETHEUS_URL"], alloy["LOKI_URL"]) == ("http://prometheus:9090", "http://loki:3100")
    assert alloy["TEMPO_ENDPOINT"] == "tempo:4317"
    assert "--web.enable-remote-write-receiver" in flags
    assert "--enable-feature=exemplar-storage" in flags
    assert any(flag.startswith("--storage.tsdb.retention.time=") for flag in flags)
    assert any(flag.startswith("--storage.tsdb.retention.size=") for flag in flags)


def test_prometheus_takes_the_flags():
    flags = [flag for flag in SERVICES["prometheus"]["command"] if not flag.startswith("--config.file=")]

    # It reads its flags first, then says that there is no such file.
    done = subprocess.run(
        ["prometheus", "--config.file=/nonexistent", *flags], capture_output=True, text=True, timeout=60, check=False
    )

    assert "/nonexistent" in done.stderr
    assert "Error parsing command line" not in done.stderr


def test_nothing_an_operator_needs_is_missing_from_the_example():
    example = "".join((ROOT / f"config/{name}.example").read_text("utf-8") for name in (".env", "compose.env"))
    asked = {
        name
        for file in FILES
        for name in re.findall(r"\$\{(\w+)", (ROOT / file).read_text("utf-8"))
        if name not in ("BONGSU_VERSION", "BONGSU_WEBHOOK_URL", "OTLP_LISTEN")
    }

    assert {name for name in asked if not re.search(rf"(?m)^(# )?{name}=", example)} == set()
    assert {name for name in DEFAULT["secrets"] if name not in example} == set()


def test_the_monitoring_host_scrapes_no_application_of_its_own():
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", (ROOT / "config/compose.env.example").read_text("utf-8")))
    names = ("API_ADDRESS", "CHAT_ADDRESS", "NGINX_EXPORTER_ADDRESS")

    own = loaded("compose.yml", **{name: settings[name] for name in names})["services"]["alloy"]["environment"]

    assert {name: own[name] or "" for name in names} == dict.fromkeys(names, "")


def test_an_agent_without_its_settings_says_which_one_is_missing():
    done = subprocess.run(
        [sys.executable, "-m", "podman_compose", "--env-file", "/dev/null", "-f", "compose.agent.yml", "config"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": "prod", "HOST_NAME": "app-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "the monitoring host in the VPN" in done.stdout + done.stderr


def test_every_part_is_scraped():
    targets = yaml.safe_load((ROOT / "config/prometheus/targets.yml").read_text("utf-8"))
    scraped = {target.split(":")[0] for entry in targets for target in entry["targets"] if "//" not in target}
    by_alloy = {
        value.split(":")[0] for name, value in SERVICES["alloy"]["environment"].items() if name.endswith("ADDRESS")
    }

    parts = {name for name in SERVICES if name not in DEMO} - {"prometheus"} | {"localhost"}

    assert parts - scraped - by_alloy == set()
    assert {"nginx-exporter", "shop"} <= by_alloy


def test_tempo_keeps_its_name_and_its_time_to_end():
    tempo = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))["services"]["tempo"]

    # Its name is a label of every series it makes; it was seen to need more than half a minute to end.
    assert tempo["hostname"] == "tempo"
    assert tempo["stop_grace_period"] == "60s"
