"""What a platform reports of itself at one moment, as the log lines that a collector of its events would have made.

Only what is unwell makes a line: a container that waits or is not ready, a workload short of replicas, a node under
pressure, a monitor that alerts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.domain.telemetry import LogLine

Json = dict[str, Any]

_PRESSURES = ("memory_pressure", "disk_pressure", "pid_pressure")


def complaints(state: Json, at: float, alerting: str) -> list[LogLine]:
    """Return a line for everything that is not as it should be; what names no service is told of the alerting one."""
    found = (
        *(found for pod in _all(state, "pods") for found in _pod(pod)),
        *(found for deployment in _all(state, "deployments") for found in _deployment(deployment)),
        *(found for node in _all(state, "nodes") for found in _node(node)),
        *(found for monitor in _all(state, "monitors") for found in _monitor(monitor)),
    )
    return [LogLine(at, service or alerting, message, level) for service, level, message in found]


def _pod(pod: Json) -> Iterator[tuple[str, str, str]]:
    for container in _all(pod, "containers"):
        state: Json = container.get("state") or {}
        service = str(container.get("name") or pod.get("name") or "")
        if state.get("waiting") or state.get("reason"):
            reason, message = state.get("reason") or "Waiting", state.get("message") or ""
            yield service, "error", f"{reason}: container of pod {pod.get('name')} is waiting {message}".rstrip()
        elif container.get("ready") is False:
            restarts = container.get("restart_count", 0)
            yield service, "warn", f"Container of pod {pod.get('name')} is not ready, {restarts} restarts"


def _deployment(deployment: Json) -> Iterator[tuple[str, str, str]]:
    desired, available = deployment.get("desired") or 0, deployment.get("available") or 0
    if available < desired:
        name = str(deployment.get("name") or "")
        yield name, "error", f"Deployment {name} has {available} of {desired} replicas available"


def _node(node: Json) -> Iterator[tuple[str, str, str]]:
    name = str(node.get("name") or "")
    if not _true(node.get("ready", True)):
        yield name, "error", f"Node {name} is not ready"
    for pressure in _PRESSURES:
        if _true(node.get(pressure, False)):
            yield name, "warn", f"Node {name} is under {pressure.replace('_', ' ')}"


def _monitor(monitor: Json) -> Iterator[tuple[str, str, str]]:
    if str(monitor.get("overall_state", "")).lower() in ("alert", "warn"):
        tags = dict(str(tag).split(":", 1) for tag in monitor.get("tags") or [] if ":" in str(tag))
        yield (
            tags.get("service") or tags.get("kube_deployment", ""),
            "warn",
            f"Monitor {monitor.get('name')} alerts: {monitor.get('message') or ''}".rstrip(": "),
        )


def _all(state: Json, name: str) -> list[Json]:
    return [each for each in state.get(name) or [] if isinstance(each, dict)]


def _true(value: object) -> bool:
    return str(value).lower() == "true"
