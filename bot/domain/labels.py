"""Which label says what: the service of an alert, where it runs, and what tells its instances apart. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

# The labels that name a service, most telling first: ours, OpenTelemetry's, Micrometer's, Kubernetes', Prometheus' own.
SERVICE_LABELS: Final = (
    *("service", "service_name", "service.name", "application", "app", "app_name", "app.kubernetes.io/name"),
    *("app_kubernetes_io_name", "deployment", "statefulset", "daemonset", "workload", "job"),
)
# Programs that measure others: what they tell is about somebody else.
_MEASURES: Final = re.compile(
    r"exporter|blackbox|probe|kube-state-metrics|cadvisor|^(node|kubelet|integrations/.+)$", re.IGNORECASE
)

# Words, in names of labels, by which people call the value of a rule; `generation` has none of them in it.
_MEASURED: Final = frozenset(
    {"value", "values", "current", "reading", "usage", "used", "percent", "percentage", "pct", "ratio", "rate", "count"}
    | {"total", "latency", "duration", "seconds", "lag", "age", "free", "avail", "available", "temp", "temperature"}
)
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

# Where it runs, when people have more than one place for the same thing.
_ENVIRONMENT: Final = ("env", "environment", "stage", "deployment_environment_name", "deployment.environment.name")
_OLD_ENVIRONMENT: Final = ("deployment_environment", "deployment.environment")
_CLUSTER: Final = ("cluster", "k8s_cluster_name", "k8s.cluster.name", "cluster_name")
_PLACES: Final = ((*_ENVIRONMENT, *_OLD_ENVIRONMENT), _CLUSTER)

# Labels that say what an alert is, not which instance of it this is.
_KIND: Final = frozenset(
    {"alertname", "grafana_folder", "severity", "rulename", "datasource_uid", "ref_id", "team", "priority"}
)
# What people know an instance by, best first; any other label comes after these.
_TELLING: Final = (
    *("pod", "instance", "mountpoint", "device", "queue", "topic", "partition", "consumergroup", "database", "datname"),
    *("host", "hostname", "node", "nodename", "container", "name", "target", "path", "uri", "url", "region", "zone"),
    *("namespace", "cluster", "env", "service"),
)
_MOST_LABELS: Final = 4


def service_label(labels: Mapping[str, str]) -> str | None:
    """Return the label that names the service, as it is written in these labels, or None."""
    written = {name.lower(): name for name in labels}
    for wanted in SERVICE_LABELS:
        name = written.get(wanted)
        if name and labels[name].strip() and not _MEASURES.search(labels[name].strip()):
            return name
    return None


def service_of(labels: Mapping[str, str]) -> str | None:
    """Name the service that these labels are about; an exporter's or a probe's own name is none."""
    label = service_label(labels)
    return labels[label].strip() if label else None


def carries_value(name: str, value: str) -> bool:
    """Tell whether a label holds what was measured: with the next measurement it is another label set."""
    try:
        float(value.strip().rstrip("%"))
    except ValueError:
        return False
    return any(word.lower() in _MEASURED for word in _WORD.findall(name))


def place_of(labels: Mapping[str, str]) -> str:
    """Name environment and cluster, as far as they are told; one that says the other too stands alone."""
    written = {name.lower(): value.strip() for name, value in labels.items() if value.strip()}
    told = [next((written[name] for name in names if name in written), "") for names in _PLACES]
    environment, cluster = told
    if not environment or environment.lower() in re.split(r"[-_./]", cluster.lower()):
        return cluster
    return f"{environment}/{cluster}" if cluster else environment


def telling(all_labels: Sequence[Mapping[str, str]]) -> list[str]:
    """Say of each label set what tells it apart from the others, in as few labels as that takes.

    A label set that stands alone is known by its instance, and by what of it (a disk, a queue) it is about.
    """
    shown = [{name: value for name, value in labels.items() if value and not _hidden(name)} for labels in all_labels]
    chosen = _chosen(shown) if len(shown) > 1 else [name for name in _TELLING[:10] if name in shown[0]] if shown else []
    return [_written(labels, chosen) for labels in shown]


def _hidden(name: str) -> bool:
    # Grafana's own, such as __alert_rule_uid__, which people cannot use.
    return name.startswith("__") or name.lower() in _KIND


def _chosen(shown: Sequence[Mapping[str, str]]) -> list[str]:
    names = sorted({name for labels in shown for name in labels}, key=_rank)
    differing = [name for name in names if len({labels.get(name, "") for labels in shown}) > 1]
    chosen: list[str] = []
    parts = 1
    for name in differing:
        if len(chosen) == _MOST_LABELS or parts == len(shown):
            break
        apart = len({tuple(labels.get(each, "") for each in (*chosen, name)) for labels in shown})
        if apart > parts:
            chosen, parts = [*chosen, name], apart
    return chosen


def _rank(name: str) -> tuple[int, str]:
    known = name.lower()
    return (_TELLING.index(known) if known in _TELLING else len(_TELLING), name)


def _written(labels: Mapping[str, str], chosen: Sequence[str]) -> str:
    # The instance is what people expect to see; it needs no name, and stands first.
    names = sorted((name for name in chosen if name in labels), key=lambda name: (name != "instance", _rank(name)))
    if "instance" in labels and "instance" not in names and not names:
        names = ["instance"]
    if names:
        return ", ".join(labels[name] if name == "instance" else f"{name}={labels[name]}" for name in names)
    service = service_label(labels)
    rest = [
        name for name in sorted(labels, key=_rank) if name != service and name.lower() not in ("env", "environment")
    ]
    return ", ".join(f"{name}={labels[name]}" for name in rest[:_MOST_LABELS])
