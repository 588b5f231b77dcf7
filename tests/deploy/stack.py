"""What a real Prometheus scrapes in these tests: the shop, and the real exporters of Debian, all on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.store.database import Database
from bot.web.connections import listening
from bot.web.credentials import Credentials
from playground.process import MissingProgram, NotReady, find_binary, free_port, running
from tests.builders import alertmanager_body
from tests.deploy.micrometer import more_of_micrometer
from tests.web.doors import listener_of

ROOT = Path(__file__).parents[2]
READY_S = 60.0
_ATTEMPTS = 3
TOKEN = "t0ken"
WHERE = {"env": "demo", "host": "shop-1"}


@dataclass
class Shop:
    """The running shop: ports by name, and its faults."""

    ports: dict[str, int]
    session: aiohttp.ClientSession

    async def switch(self, name: str, on: bool = True) -> None:
        url = f"http://127.0.0.1:{self.ports['api']}/shop/faults"
        async with self.session.post(url, json={"name": name, "on": on}) as response:
            assert response.status == 200, await response.text()

    async def logged(self, query: str) -> list[dict[str, Any]]:
        """Ask its Loki for lines of the last hour."""
        url = f"http://127.0.0.1:{self.ports['loki']}/loki/api/v1/query_range"
        async with self.session.get(url, params={"query": query, "limit": "5000"}) as response:
            text = await response.text()
            assert response.status == 200, f"{query}: {text}"
            return json.loads(text)["data"]["result"]


@dataclass
class Prometheus:
    """A running Prometheus."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str, **params: str | float | list[str]) -> Any:
        async with self.session.get(f"{self.url}/api/v1/{path}", params=params) as response:
            answer = await response.json()
            assert answer["status"] == "success", f"{params}: {answer.get('error')}"
            return answer["data"]


@asynccontextmanager
async def open_shop(folder: Path, session: aiohttp.ClientSession) -> AsyncIterator[Shop]:
    names = ("api", "chat", "loki", "tempo")
    options = [option for name in names for option in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "playground.shop", *options, "--log-dir", str(folder), "--seed", "1"]
    async with running("shop", command, folder / "shop.log", {"PYTHONPATH": str(ROOT)}) as process:
        words = (await process.line(READY_S)).split()
        yield Shop({name: int(port) for name, port in zip(words[::2], words[1::2], strict=True)}, session)


@asynccontextmanager
async def open_prometheus(
    folder: Path, session: aiohttp.ClientSession, jobs: Sequence[dict[str, Any]]
) -> AsyncIterator[Prometheus]:
    config, program = folder / "prometheus.yml", find_binary("prometheus")
    config.write_text(
        yaml.safe_dump({"global": {"scrape_interval": "2s", "scrape_timeout": "2s"}, "scrape_configs": list(jobs)}),
        "utf-8",
    )

    def command(port: int) -> list[str]:
        return [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]

    async with started("prometheus", folder, command, "/-/ready") as url:
        yield Prometheus(url, session)


@asynccontextmanager
async def everything(folder: Path, database: Database) -> AsyncIterator[tuple[Prometheus, Shop]]:
    """Start all that the dashboards ask about, and a Prometheus that scrapes it."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        shop = await stack.enter_async_context(open_shop(folder, session))
        jobs = [_job("spring", "api", shop.ports["api"], path="/actuator/prometheus")]
        jobs.append(_job("spring-chat", "chat", shop.ports["chat"], path="/actuator/prometheus"))
        for service, pool in (("api", "DoktoriHikariPool"), ("chat", "ChatHikariPool")):
            more = stack.enter_context(more_of_micrometer(pool))
            jobs.append(_job(f"more-{service}", service, more))
        jobs += await _exporters(stack, folder)
        port, inner = await stack.enter_async_context(_door(database))
        deploy = b'{"service": "api", "id": "2.5.0"}'
        for kind, body in (("alertmanager", alertmanager_body()), ("deploy", deploy)):
            url, headers = f"http://127.0.0.1:{port}/webhooks/{kind}", {"Authorization": f"Bearer {TOKEN}"}
            async with session.post(url, data=body, headers=headers) as response:
                assert response.status == 202, await response.text()
        jobs.append(_job("bongsu", "bongsu", inner, host="monitor"))
        yield await stack.enter_async_context(open_prometheus(folder, session, jobs)), shop


@asynccontextmanager
async def started(name: str, folder: Path, command: Callable[[int], list[str]], ready: str) -> AsyncIterator[str]:
    """Run a server on a free port until the block ends; yields its address once it answers."""
    async with AsyncExitStack() as stack:
        for left in reversed(range(_ATTEMPTS)):
            port = free_port()
            log = folder / f"{name}-{port}.log"
            process = await stack.enter_async_context(running(name, command(port), log))
            try:
                await process.ready(f"http://127.0.0.1:{port}{ready}", READY_S)
            except NotReady as error:
                # Somebody took a port between our finding it free and the server's opening it.
                if not left or "address already in use" not in error.log.lower():
                    raise
            else:
                break
        yield f"http://127.0.0.1:{port}"


def _job(name: str, service: str, port: int, *, host: str = "", path: str = "/metrics") -> dict[str, Any]:
    labels = {**WHERE, **({"host": host} if host else {}), **({"service": service} if service else {})}
    return {
        "job_name": name,
        "metrics_path": path,
        "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": labels}],
    }


async def _exporters(stack: AsyncExitStack, folder: Path) -> list[dict[str, Any]]:
    async def start(name: str, *options: str, ready: str = "/metrics") -> int:
        program = find_binary(name)
        listen = "--web.listen-address=127.0.0.1:{}"
        opened = started(name, folder, lambda port: [program, *options, listen.format(port)], ready)
        return int((await stack.enter_async_context(opened)).rpartition(":")[2])

    # A container's root is often an overlay, which the exporter leaves out by itself.
    types = "^(?:autofs|cgroup2?|devpts|devtmpfs|mqueue|proc|sysfs|tmpfs)$"
    node = await start("prometheus-node-exporter", f"--collector.filesystem.fs-types-exclude={types}")
    plain, secure = await _nginx(stack, folder)
    nginx = await start("prometheus-nginx-exporter", f"--nginx.scrape-uri=http://127.0.0.1:{plain}/stub_status")
    modules = folder / "blackbox.yml"
    http = {"preferred_ip_protocol": "ip4", "tls_config": {"insecure_skip_verify": True}}
    modules.write_text(yaml.safe_dump({"modules": {"http_2xx": {"prober": "http", "http": http}}}), "utf-8")
    blackbox = await start("prometheus-blackbox-exporter", f"--config.file={modules}", ready="/-/healthy")
    return [_job("node", "", node), _job("nginx", "nginx", nginx), _probes(blackbox, secure)]


def _probes(blackbox: int, secure: int) -> dict[str, Any]:
    probed = {"targets": [f"https://localhost:{secure}/"], "labels": {"env": "demo", "service": "nginx"}}
    return {
        "job_name": "probes",
        "metrics_path": "/probe",
        "params": {"module": ["http_2xx"]},
        "static_configs": [probed],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": f"127.0.0.1:{blackbox}"},
        ],
    }


async def _nginx(stack: AsyncExitStack, folder: Path) -> tuple[int, int]:
    """Start nginx; return its ports for HTTP, with the page that its exporter reads, and for HTTPS."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise MissingProgram("nginx")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost"]
    subprocess.run(
        ["openssl", *words, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=60
    )
    secure, config = 0, folder / "nginx.conf"
    kept = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))

    def command(port: int) -> list[str]:
        nonlocal secure
        secure = free_port()
        config.write_text(
            f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log {folder}/access.log; client_body_temp_path {folder}/body; {kept}\n"
            f"server {{ listen 127.0.0.1:{port}; location = /stub_status {{ stub_status; }}\n"
            f"  location / {{ return 200 fine; }} }}\n"
            f"server {{ listen 127.0.0.1:{secure} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};\n"
            f"  location / {{ return 200 fine; }} }} }}\n",
            "utf-8",
        )
        return [program, "-p", str(folder), "-c", str(config), "-e", str(folder / "nginx-start.log")]

    url = await stack.enter_async_context(started("nginx", folder, command, "/"))
    return int(url.rpartition(":")[2]), secure


@asynccontextmanager
async def _door(database: Database) -> AsyncIterator[tuple[int, int]]:
    """Open Bongsu's own door, over its own store, and the one for Prometheus."""

    def clock() -> datetime:
        return datetime.now(UTC)

    listener = listener_of(database, clock, credentials=Credentials(token=TOKEN))
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        listening(listener.inner_application(), "127.0.0.1", 0) as inner,
    ):
        yield port, inner
