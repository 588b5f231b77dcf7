"""Reads from labels how bad an alert is, which service it is about, and where that runs. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from bot.domain.severity import USUAL_WORDS, Severity, bare

# The labels that name a service, most telling first: ours, OpenTelemetry's, Micrometer's, Kubernetes', Prometheus' own.
SERVICE_LABELS: Final = (
    *("service", "service_name", "service.name", "application", "app", "app_name", "app.kubernetes.io/name"),
    *("app_kubernetes_io_name", "label_app_kubernetes_io_name", "label_app", "deployment", "statefulset", "daemonset"),
    # Docker's, by cAdvisor and by Loki's driver; what Prometheus renames where its own label has the name.
    *("compose_service", "com_docker_compose_service", "container_label_com_docker_compose_service"),
    # What Sloth's rules of an SLO call it, which have no other label for it.
    *("exported_service", "exported_app", "exported_application", "workload", "sloth_service", "exported_job", "job"),
)
# The labels that name a rule where none is called `alertname`, as Prometheus, Alertmanager and Grafana do.
_NAME_LABELS: Final = ("alertname", "alert_name", "alert.name", "alert", "rule_name", "rulename", "rule", "event.name")
# What Sloth and Grafana SLO write beside, or in the place of, a label of the team's own.
_SLO_LABELS: Final = ("sloth_severity", "grafana_slo_severity")
SEVERITY_LABELS: Final = ("severity", "priority", "level", "sev", "urgency", *_SLO_LABELS)
# As bad as what is stated in no word that is known, or worse.
_CALLING: Final = (Severity.P1, Severity.P2)
_MOST_NAMES: Final = 60
# What is longer is told by its beginning.
_LONGEST_NAME: Final = 200
# Programs that measure others: what they tell is about somebody else.
_MEASURES: Final = re.compile(
    r"exporter|blackbox|(^|[-_/])probes?([-_/]|$)|kube-state-metrics|(^|[-_/])ksm$|cadvisor|pushgateway|telegraf"
    r"|metrics-server|otel-?collector|opentelemetry-collector|vmagent|grafana-agent|netdata|collectd"
    r"|^(node|kubelet|snmp|ping|icmp|http_2xx|federate|integrations/.+)$",
    re.IGNORECASE,
)

# Where something runs: the name of a service, too, where services.yml lists it. Kubernetes' own rules have no other.
_RUNS_IN: Final = (
    *("container", "k8s.container.name", "k8s_container_name", "namespace", "exported_namespace"),
    *("kubernetes_namespace", "k8s.namespace.name", "k8s_namespace_name"),
)
# By whom it was measured; of these programs the place is that of what they measure, of others it is their own.
_MEASURED_BY: Final = ("job", "service", "container")
TELLS_OF_OTHERS: Final = re.compile(r"kube-state-metrics|(^|[-_/])ksm$|kubelet|cadvisor", re.IGNORECASE)

# Words, in names of labels, by which people call the value of a rule; `generation` has none of them in it.
_MEASURED: Final = frozenset(
    {"value", "values", "current", "reading", "usage", "used", "percent", "percentage", "pct", "ratio", "rate", "count"}
    | {"total", "latency", "duration", "seconds", "lag", "age", "free", "avail", "available", "temp", "temperature"}
)
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

# Where it runs, when people have more than one place for the same thing.
_ENVIRONMENT: Final = (
    *("env", "environment", "stage", "environment_name", "env_name", "deployment_environment_name"),
    *("deployment.environment.name", "deployment_environment", "deployment.environment", "tier", "landscape"),
)
_CLUSTER: Final = (
    *("cluster", "k8s_cluster_name", "k8s.cluster.name", "cluster_name", "kubernetes_cluster", "k8s_cluster"),
    *("kube_cluster", "eks_cluster", "cluster_id", "datacenter", "dc", "site"),
)
_PLACES: Final = (_ENVIRONMENT, _CLUSTER)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the labels of an operator's alerts mean, as `bot.yml` and `services.yml` say.

    `service_labels` are tried in their order, `words` go before the usual ones, `services` are the known names.
    """

    service_labels: tuple[str, ...] = SERVICE_LABELS
    words: Mapping[str, Severity] = field(default_factory=dict[str, Severity])
    services: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        service_labels: Iterable[str] = (),
        words: Mapping[Severity, Iterable[str]] | None = None,
        services: Iterable[str] = (),
    ) -> Vocabulary:
        """Make one of what is configured; what is not is as usual."""
        said = {bare(word): severity for severity, each in (words or {}).items() for word in each}
        return cls(tuple(service_labels) or SERVICE_LABELS, said, frozenset(each.lower() for each in services))

    def severity_of(self, labels: Mapping[str, str]) -> Severity | None:
        """Read how bad it is, of the first label whose word is known; None if there is none.

        A word that nobody knows calls somebody, and no other label makes it quieter, but those that have no other meaning.
        """
        for place, name in enumerate(_stated(labels)):
            word = bare(labels[name].strip())
            found = self.words.get(word) or USUAL_WORDS.get(word)
            if found and (place == 0 or name.lower() in _SLO_LABELS or found in _CALLING):
                return found
        return None

    def service_label(self, labels: Mapping[str, str]) -> str | None:
        """Return the label that names the service, as it is written in these labels, or None."""
        named = _present(tuple(labels), self.service_labels)
        return next((name for name in named if self._is_service(labels[name].strip())), None) or self._place(labels)

    def service_of(self, labels: Mapping[str, str]) -> str | None:
        """Name the service that these labels are about; an exporter's or a probe's own name is none."""
        label = self.service_label(labels)
        if label is None:
            return None
        name = labels[label].strip()
        # OpenTelemetry's job is "namespace/service".
        last = name.rsplit("/", 1)[-1]
        return last if name.lower() not in self.services and last.lower() in self.services else name

    def asked(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of these labels from which severity and service are read."""
        asked = (*self.service_labels, *SEVERITY_LABELS, *_MEASURED_BY, *(_RUNS_IN if self.services else ()))
        return _looked_up(names, asked)

    def _place(self, labels: Mapping[str, str]) -> str | None:
        """Return the label of a container or a namespace that is listed as a service, unless it is an exporter's own."""
        if not self.services:
            return None
        told_by = (labels[name] for name in _present(tuple(labels), _MEASURED_BY))
        if any(measures(name) and not TELLS_OF_OTHERS.search(name) for name in told_by):
            return None
        places = _present(tuple(labels), _RUNS_IN)
        return next((name for name in places if labels[name].strip().lower() in self.services), None)

    def _is_service(self, name: str) -> bool:
        # Somebody may well own an exporter: what services.yml lists is a service.
        return bool(name) and (name.lower() in self.services or not measures(name))


def measures(name: str) -> bool:
    """Tell whether a program of this name measures others."""
    return _measures(name[:_LONGEST_NAME])


@lru_cache(maxsize=1024)
def _measures(name: str) -> bool:
    return _MEASURES.search(name) is not None


USUAL: Final = Vocabulary()


def service_label(labels: Mapping[str, str]) -> str | None:
    """Return the label that usually names the service, as it is written in these labels, or None."""
    return USUAL.service_label(labels)


def label_naming(labels: Mapping[str, str], service: str) -> str | None:
    """Return the label by which these labels name a service, the usual one if it does; without regard to case."""
    usual = service_label(labels)
    named = [usual] if usual else []
    return next((name for name in (*named, *labels) if _names(labels[name], service)), None)


def _names(value: str, service: str) -> bool:
    # OpenTelemetry's job is "namespace/service".
    name, wanted = value.strip().lower(), service.lower()
    return wanted in (name, name.rsplit("/", 1)[-1])


def service_of(labels: Mapping[str, str]) -> str | None:
    """Name the service by the usual labels."""
    return USUAL.service_of(labels)


def name_of(labels: Mapping[str, str]) -> str:
    """Return the name of the rule, however its label is written; nothing if none does."""
    return next((labels[name].strip() for name in _present(tuple(labels), _NAME_LABELS) if labels[name].strip()), "")


def severity_word(labels: Mapping[str, str]) -> str:
    """Return what a label says of how bad it is, in its own word; nothing if none does."""
    return next((labels[name].strip() for name in _stated(labels)), "")


def _stated(labels: Mapping[str, str]) -> Iterator[str]:
    return (name for name in _present(tuple(labels), SEVERITY_LABELS) if labels[name].strip())


def _present(names: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    # Alerts of one rule have the same labels; what a stranger invents is not remembered.
    return _known_present(names, wanted) if len(names) <= _MOST_NAMES else _looked_up(names, wanted)


def _looked_up(names: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the names that are wanted, as they are written, in the order in which they are wanted."""
    written = {name.lower(): name for name in names}
    return tuple(written[each.lower()] for each in wanted if each.lower() in written)


_known_present = lru_cache(maxsize=512)(_looked_up)


def carries_value(name: str, value: str) -> bool:
    """Tell whether a label holds what was measured: with the next measurement it is another label set."""
    try:
        float(value.strip().rstrip("%"))
    except ValueError:
        return False
    return any(word.lower() in _MEASURED for word in _WORD.findall(name))


def place_of(labels: Mapping[str, str]) -> str:
    """Name environment and cluster, as far as they are told; one that says the other too stands alone."""
    return _place(tuple(labels.items()))


@lru_cache(maxsize=1024)
def _place(labels: tuple[tuple[str, str], ...]) -> str:
    # Remembered, because whatever comes is compared with all that began around the same time.
    written = {name.lower(): value.strip() for name, value in labels if value.strip()}
    told = [next((written[name] for name in names if name in written), "") for names in _PLACES]
    environment, cluster = told
    if not environment or environment.lower() in re.split(r"[-_./]", cluster.lower()):
        return cluster
    return f"{environment}/{cluster}" if cluster else environment


def is_place(name: str) -> bool:
    """Tell whether a label names an environment or a cluster."""
    return any(name.lower() in names for names in _PLACES)
