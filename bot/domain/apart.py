"""Finds the labels that a person needs to see: what tells the instances of an alert apart, what they share. No I/O."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.labels import (
    SERVICE_LABELS,
    SEVERITY_LABELS,
    TELLS_OF_OTHERS,
    carries_value,
    is_place,
    measures,
    service_label,
)

Labels = Mapping[str, str]

# Labels that say what an alert is, not which instance of it this is.
_KIND: Final = frozenset(
    {"alertname", "grafana_folder", "rulename", "datasource_uid", "ref_id", "team", "owner", "alertgroup"}
    | set(SEVERITY_LABELS)
)
# Whom it was measured by, and numbers that nobody knows anything by; shown only where nothing else tells.
_NOISE: Final = frozenset(
    {"prometheus", "prometheus_replica", "monitor", "replica", "receive", "tenant_id", "endpoint", "uid", "id", "job"}
    | {"exporter", "agent_hostname", "metrics_path", "scrape_config", "image", "image_id", "container_id", "__name__"}
    | {"alertstate"}
)
# What people know an instance by, best first; any other label comes after these.
_TELLING: Final = (
    *("pod", "instance", "host", "hostname", "node", "nodename", "mountpoint", "path", "device", "disk", "volume"),
    *("persistentvolumeclaim", "queue", "topic", "partition", "consumergroup", "group", "database", "datname", "db"),
    *("table", "schema", "container", "name", "target", "interface", "ifname", "uri", "url", "route", "handler"),
    *("method", "code", "status", "pool", "shard", "tenant", "customer", "region", "zone", "availability_zone"),
    *("namespace", "cluster", "env", "environment", "service"),
)
# Objects of Kubernetes: beside one of them the address it was scraped at, or that of who told of it, tells nothing.
_OBJECTS: Final = frozenset(
    {"pod", "persistentvolumeclaim", "job_name", "cronjob", "deployment", "statefulset", "daemonset"}
)
# What else kube-state-metrics tells of, with the pod in which it runs itself.
_TOLD_OF: Final = (_OBJECTS - {"pod"}) | frozenset(
    {"node", "replicaset", "horizontalpodautoscaler", "resourcequota", "poddisruptionbudget", "persistentvolume"}
    | {"ingress", "certificatesigningrequest"}
)
# Of a program that measures others this is its own place, not that of what it measures; of these two it is theirs.
_MESSENGER: Final = frozenset({"pod", "container", "namespace", "daemonset", "deployment", "service", "endpoint"})
# How machines name containers and images.
_HASH: Final = re.compile(r"(?:sha256:)?[0-9a-f]{12,}")
# How long a rule looks back, as those of Pyrra and Sloth say: a number as any other.
_LENGTH: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+")
_ADDRESS: Final = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:]+\])(?::\d+)?")
_ORDER: Final = {name: place for place, name in enumerate(_TELLING)}
_MOST_LABELS: Final = 4
# Longer values are cut where they are the same, so that what differs is seen.
_VALUE: Final = 40
_COMPARED: Final = 300


def telling(all_labels: Sequence[Labels]) -> list[str]:
    """Say of each label set what tells it apart from the others, in as few labels as that takes.

    A label set that stands alone is known by its instance, and by what of it (a disk, a queue) it is about.
    """
    shown = [_shown(labels) for labels in all_labels]
    if len(shown) == 1:
        return [_written(shown[0], _identity(shown[0]))]
    chosen = _chosen(shown[:_COMPARED])
    short = [dict(labels) for labels in shown]
    for name in chosen:
        for labels, value in zip(short, _without_common([labels.get(name, "") for labels in shown]), strict=True):
            labels[name] = value
    return [_written(labels, chosen) for labels in short]


def known_by(labels: Labels) -> str:
    """Return the one value by which people know what an alert without a service is about; nothing if no label tells."""
    shown = _shown(labels)
    return next((shown[name] for name in _identity(shown) if name.lower() in _ORDER), "")


def shared(all_labels: Sequence[Labels]) -> str:
    """Say by which labels people know all of these alike; nothing for a single one, which says so itself."""
    if len(all_labels) < 2:
        return ""
    first, *others = [_shown(labels) for labels in all_labels[:_COMPARED]]
    common = {name: value for name, value in first.items() if all(labels.get(name) == value for labels in others)}
    if _is_object(first):
        common = {name: value for name, value in common.items() if not _is_address(name, value)}
    return _written(common, [name for name in _identity(common) if name.lower() in _ORDER])


def _shown(labels: Labels) -> dict[str, str]:
    own = _MESSENGER if _is_messenger(labels) else _own_place(labels)
    # Grafana's own, such as __alert_rule_uid__, are of no use to people.
    return {
        name: value
        for name, value in labels.items()
        if value and not name.startswith("__") and name.lower() not in _KIND and name not in own
    }


def _is_messenger(labels: Labels) -> bool:
    """Tell whether pod and namespace are those of an exporter, which tells of the host or the database at `instance`."""
    job, pod = labels.get("job", ""), labels.get("pod", "")
    return bool(labels.get("instance")) and measures(job) and measures(pod) and not TELLS_OF_OTHERS.search(job)


def _own_place(labels: Labels) -> frozenset[str]:
    """Return what of the labels is the place of kube-state-metrics, which tells of an object that is no pod."""
    told_of = not _TOLD_OF.isdisjoint(map(str.lower, labels))
    places = (name for name in ("pod", "container") if told_of and TELLS_OF_OTHERS.search(labels.get(name, "")))
    return frozenset(places)


def _identity(labels: Labels) -> list[str]:
    """Choose the labels by which an instance is known; service and place are in the title."""
    service = service_label(labels)
    rest = [name for name in labels if name != service and name.lower() not in SERVICE_LABELS and not is_place(name)]
    if _is_object(labels):
        rest = [name for name in rest if not _is_address(name, labels[name])] or rest
    # What nobody has heard of may be what it is about; numbers and hashes are not.
    telling_ones = [name for name in rest if name.lower() not in _NOISE and not _HASH.fullmatch(labels[name])]
    named = [name for name in telling_ones if name.lower() in _ORDER or not _is_number(name, labels[name])]
    chosen: list[str] = []
    for name in sorted(named or telling_ones or rest, key=_rank):
        # "web-1" beside "web-1:9100" tells nothing more.
        if not any(labels[name] in labels[each] or labels[each] == labels[name] for each in chosen):
            chosen.append(name)
    return chosen[:_MOST_LABELS]


def _is_number(name: str, value: str) -> bool:
    return carries_value(name, value) or _LENGTH.fullmatch(value) is not None


def _is_object(labels: Labels) -> bool:
    return not _OBJECTS.isdisjoint(map(str.lower, labels))


def _is_address(name: str, value: str) -> bool:
    return name.lower() == "instance" and bool(_ADDRESS.fullmatch(value))


def _chosen(shown: Sequence[Labels]) -> list[str]:
    names = sorted({name for labels in shown for name in labels}, key=_rank)
    differing = [name for name in names if len({labels.get(name, "") for labels in shown}) > 1]
    apart_at_best = len({tuple(labels.get(name, "") for name in differing) for labels in shown})
    chosen: list[str] = []
    parts = 1
    for name in differing:
        if len(chosen) == _MOST_LABELS or parts == apart_at_best:
            break
        apart = len({tuple(labels.get(each, "") for each in (*chosen, name)) for labels in shown})
        if apart > parts:
            chosen, parts = [*chosen, name], apart
    return chosen


def _rank(name: str) -> tuple[bool, int, str]:
    known = name.lower()
    unknown = len(_ORDER) + known.endswith(("id", "index"))
    return known in _NOISE, _ORDER.get(known, unknown), name


def _written(labels: Labels, chosen: Sequence[str]) -> str:
    # The instance is what people expect to see; it needs no name, and stands first.
    names = sorted((name for name in chosen if labels.get(name)), key=lambda name: (name != "instance", _rank(name)))
    return ", ".join(labels[name] if name == "instance" else f"{name}={labels[name]}" for name in names)


def _without_common(values: Sequence[str]) -> list[str]:
    """Cut from long values what all of them begin and end with; whole words, so that what is left can be read."""
    if max(map(len, values), default=0) <= _VALUE:
        return list(values)
    told = [value for value in values if value]
    start = _at_a_boundary(_beginning(told))
    end = _at_a_boundary(_beginning([value[start:][::-1] for value in told]))
    return [_cut(value, start if start > 8 else 0, end if end > 8 else 0) for value in values]


def _beginning(values: Sequence[str]) -> str:
    """Return what all of them begin with: what the first and the last in their order have in common."""
    least, most = min(values), max(values)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(least, most, strict=False))
    return "".join(one for one, _ in same)


def _at_a_boundary(common: str) -> int:
    """Return the length up to the last sign between words: what is within a word belongs to what differs."""
    ends = [found.end() for found in re.finditer(r"[-_./:,=\s]", common)]
    return ends[-1] if ends else 0


def _cut(value: str, start: int, end: int) -> str:
    middle = value[start : len(value) - end] if end else value[start:]
    return f"{'…' if start and value else ''}{middle}{'…' if end and value else ''}"
