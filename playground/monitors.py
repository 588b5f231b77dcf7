"""A real Prometheus and a real Alertmanager on this machine, with short intervals and temporary folders."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from playground.process import NotReady, Process, find_binary, free_port, running

_RULES = Path(__file__).parents[1] / "config" / "prometheus" / "rules.yml"
_READY_S = 20.0
_ATTEMPTS = 3
_HOST = "shop-1"
_GROUPED = ("alertname", "service")


@dataclass(frozen=True)
class Monitors:
    """Where they listen."""

    prometheus_url: str
    alertmanager_url: str
    prometheus: Process
    alertmanager: Process

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        targets: Mapping[str, str],
        webhook_url: str,
        token: str,
        node: str = "",
        group_by: Sequence[str] = _GROUPED,
    ) -> AsyncGenerator[Monitors]:
        """Start both; `targets` are host:port by service, `node` of their host. Raises MissingProgram or NotReady."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bongsu-monitors-")))
            alertmanager, alertmanager_url = await _alertmanager(
                stack, folder, alertmanager_config(webhook_url, token, group_by)
            )
            prometheus, prometheus_url = await _prometheus(stack, folder, targets, alertmanager_url, node)
            yield cls(prometheus_url, alertmanager_url, prometheus, alertmanager)


def hasten(rules: str) -> str:
    """Shorten the waiting times of an operator's rules, so that a demo shows in seconds what takes minutes."""
    quick = re.sub(r"\[\d+m\]", "[10s]", rules)
    quick = re.sub(r"\[\w+:\d+m\]", "[2m:5s]", quick)
    quick = re.sub(r"for: \d+m", "for: 2s", quick)
    return re.sub(r"< 300$", "< 15", quick, flags=re.MULTILINE)


def prometheus_config(
    targets: Mapping[str, str], alertmanager: str, rules: Path, port: int, node: str = ""
) -> dict[str, Any]:
    """Write Prometheus' configuration: labels as on the mission's hosts."""
    hosts = [{"targets": [node], "labels": {"host": _HOST, "env": "demo"}}] if node else []
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "external_labels": {"env": "demo"}},
        "rule_files": [str(rules)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]},
            {
                "job_name": "spring",
                "metrics_path": "/actuator/prometheus",
                "static_configs": [
                    {"targets": [target], "labels": {"service": name, "host": _HOST, "env": "demo"}}
                    for name, target in targets.items()
                ],
            },
            {"job_name": "node", "static_configs": hosts},
        ],
    }


def alertmanager_config(webhook_url: str, token: str, group_by: Sequence[str] = _GROUPED) -> dict[str, Any]:
    """Write Alertmanager's configuration: everything but the Watchdog goes to Bongsu, at once."""
    webhook = {"url": webhook_url, "send_resolved": True, "http_config": {"authorization": {"credentials": token}}}
    return {
        "route": {
            "receiver": "bongsu",
            "group_by": list(group_by),
            "group_wait": "500ms",
            "group_interval": "2s",
            "repeat_interval": "4h",
            "routes": [{"matchers": ['alertname="Watchdog"'], "receiver": "nobody"}],
        },
        "receivers": [{"name": "bongsu", "webhook_configs": [webhook]}, {"name": "nobody"}],
    }


async def _alertmanager(stack: AsyncExitStack, folder: Path, settings: dict[str, Any]) -> tuple[Process, str]:
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(settings), "utf-8")
    program = find_binary("prometheus-alertmanager", "alertmanager")

    def command(port: int) -> list[str]:
        return [
            program,
            f"--config.file={config}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            # Empty: no gossip with others, which would listen on all addresses.
            "--cluster.listen-address=",
            f"--web.external-url=http://127.0.0.1:{port}",
        ]

    return await _start(stack, "alertmanager", folder, command)


async def _prometheus(
    stack: AsyncExitStack, folder: Path, targets: Mapping[str, str], alertmanager_url: str, node: str
) -> tuple[Process, str]:
    rules, config = folder / "rules.yml", folder / "prometheus.yml"
    await asyncio.to_thread(rules.write_text, hasten(_RULES.read_text("utf-8")), "utf-8")
    program = find_binary("prometheus")

    def command(port: int) -> list[str]:
        written = prometheus_config(targets, alertmanager_url.removeprefix("http://"), rules, port, node)
        config.write_text(yaml.safe_dump(written), "utf-8")
        return [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--web.external-url=http://127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]

    return await _start(stack, "prometheus", folder, command)


async def _start(
    stack: AsyncExitStack, name: str, folder: Path, command: Callable[[int], list[str]]
) -> tuple[Process, str]:
    """Start a server on a free port and wait until it is ready; return it and its address."""
    for left in reversed(range(_ATTEMPTS)):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        # A log for each attempt: what the last one said is not why this one failed.
        entered = running(name, command(port), folder / f"{name}-{port}.log")
        process = await stack.enter_async_context(entered)
        try:
            await process.ready(f"{url}/-/ready", _READY_S)
        except NotReady as error:
            # Somebody took the port between our finding it free and the server's opening it.
            if not left or "address already in use" not in error.log:
                raise
            continue
        return process, url
    raise AssertionError("the last attempt returns or raises")
