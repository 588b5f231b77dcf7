"""The alert rules: the one table from which the files of Grafana and of Prometheus are written.

Above each `no_data` stands why it is so; `on_error` is explained at OnError.
"""

from __future__ import annotations

from typing import Final

from deploy.grafana.rules import DURATION, PERCENT, Condition, Group, NoData, Reading, Rule, Severity
from deploy.grafana.rules_itself import SELF
from deploy.grafana.rules_queries import CPU, DEPLOYED, DISK, ERRORS, MEMORY, P99, UP

_ON: Final = "{{ with $labels.host }} on {{ . }}{{ end }}"
_WHO: Final = (
    "{{ with $labels.service }}{{ . }}{{ else }}{{ with $labels.host }}{{ . }}{{ else }}a service{{ end }}{{ end }}"
)

AVAILABILITY: Final = Group(
    "availability",
    "30s",
    (
        Rule(
            alert="ServiceDown",
            severity=Severity.CRITICAL,
            query=UP,
            condition=Condition.zero(),
            wait="1m",
            # Not one service is watched: nobody knows of any of them that it is up.
            no_data=NoData.ALERTING,
            panel=1,
            summary=f"{_WHO} does not answer Prometheus",
            description="The target {{ with $labels.instance }}{{ . }} {{ end }}is down, or is no longer scraped at all."
            " Taken away for good? Silence it for a day, then it is forgotten.",
            reading="down",
            threshold="up",
        ),
        Rule(
            alert="ProbeFailed",
            severity=Severity.CRITICAL,
            # Who would tell of Bongsu is Bongsu, so BongsuSilent does.
            query='probe_success{service!="bongsu"}',
            condition=Condition.zero(),
            wait="1m",
            # Without targets there is nothing to probe; the blackbox exporter's own absence is ServiceDown's.
            no_data=NoData.OK,
            panel=2,
            summary="{{ $labels.instance }} does not answer as it should",
            description="The probe from outside fails. ServiceDown beside it: the process;"
            " alone: the way to it (nginx, DNS, certificate, firewall).",
            reading="failed",
            threshold="ok",
        ),
        Rule(
            alert="HighErrorRate5xx",
            severity=Severity.CRITICAL,
            query=ERRORS,
            condition=Condition.above(0.5),
            wait="1m",
            # Without requests there is no ratio; a service that gets none because it is dead is ServiceDown's.
            no_data=NoData.OK,
            panel=3,
            summary="More than half of the requests of {{ $labels.service }} fail",
            description="Look at the label exception of the failed requests, and at what was deployed last.",
            reading=PERCENT,
            threshold="50%",
        ),
        Rule(
            alert="DiskAlmostFull",
            severity=Severity.CRITICAL,
            query=DISK,
            condition=Condition.above(0.95),
            wait="1m",
            # A full disk may be what silenced its own exporter: what was full before still is.
            no_data=NoData.KEEP_LAST,
            panel=8,
            summary=f"{_WHO}: the disk is almost full",
            description="Less than 5 % of {{ with $labels.path }}{{ . }}{{ else }}{{ $labels.mountpoint }}{{ end }}"
            f"{_ON} is free; writes are about to fail.",
            reading=PERCENT,
            threshold="95%",
        ),
        Rule(
            alert="ServiceRestarted",
            severity=Severity.INFO,
            query='time() - process_start_time_seconds{service!=""}',
            condition=Condition.below(300),
            # Who does not report has not come back: ServiceDown's.
            no_data=NoData.OK,
            panel=10,
            summary="{{ $labels.service }} has been restarted",
            description="The process started less than five minutes ago: a deploy, or a crash.",
            reading=Reading("humanizeDuration", " ago"),
        ),
        Rule(
            alert="DeployDone",
            severity=Severity.INFO,
            query=DEPLOYED,
            condition=Condition.below(300),
            # Nobody has told of a deploy yet.
            no_data=NoData.OK,
            panel=12,
            summary="{{ $labels.service }} has been deployed",
            description="CI told of a deploy less than five minutes ago. An alert that begins now may be its doing.",
            reading=Reading("humanizeDuration", " ago"),
        ),
    ),
)

LATENCY: Final = Group(
    "latency",
    "30s",
    (
        Rule(
            alert="HighLatencyP99",
            severity=Severity.HIGH,
            query=P99,
            condition=Condition.above(5),
            wait="2m",
            # Without requests there is no latency.
            no_data=NoData.OK,
            panel=4,
            summary="p99 of {{ $labels.service }} is above 5 s",
            description="The largest bucket is 30 s, so 30 s means 30 s or more.",
            reading=DURATION,
            threshold="5s",
        ),
        Rule(
            alert="HighErrorRate",
            severity=Severity.HIGH,
            query=ERRORS,
            condition=Condition.above(0.1),
            wait="2m",
            # As HighErrorRate5xx.
            no_data=NoData.OK,
            panel=3,
            summary="More than a tenth of the requests of {{ $labels.service }} fail",
            description="Look at the label exception of the failed requests, and at what was deployed last.",
            reading=PERCENT,
            threshold="10%",
        ),
    ),
)

RESOURCES: Final = Group(
    "resources",
    "30s",
    (
        Rule(
            alert="HikariPoolPending",
            severity=Severity.HIGH,
            query="hikaricp_connections_pending",
            condition=Condition.above(0),
            wait="1m",
            # A pool goes with its process: ServiceDown's.
            no_data=NoData.OK,
            panel=5,
            summary="Threads of {{ $labels.service }} wait for a connection of {{ $labels.pool }}",
            description="All connections are in use; who waits for 30 s fails. Look for slow queries and for connections"
            " that were not given back.",
            reading=Reading('printf "%.0f"', " waiting"),
            threshold="0",
        ),
        Rule(
            alert="HighMemory",
            severity=Severity.HIGH,
            query=MEMORY,
            condition=Condition.above(0.9),
            wait="2m",
            # A process that ran out of memory has ended, and its memory with it: ServiceDown's.
            no_data=NoData.OK,
            panel=6,
            summary=f"{_WHO}: memory is almost full",
            description=f"The heap of a JVM, or the memory of the host itself{_ON}. Long garbage collections come next,"
            " then OutOfMemoryError; on a host, the kernel ends a process.",
            reading=PERCENT,
            threshold="90%",
        ),
        Rule(
            alert="HighCpu",
            severity=Severity.WARNING,
            query=CPU,
            condition=Condition.above(0.8),
            wait="5m",
            # Who does not report burns nothing that anybody could mend: ServiceDown's.
            no_data=NoData.OK,
            panel=7,
            summary=f"{_WHO}: more than 80 % of the CPU is used",
            description=f"Answers become slow before they fail{_ON}. A thread dump tells who burns it.",
            reading=PERCENT,
            threshold="80%",
        ),
        Rule(
            alert="DiskFilling",
            severity=Severity.WARNING,
            query=DISK,
            condition=Condition.above(0.8),
            wait="5m",
            # As DiskAlmostFull.
            no_data=NoData.KEEP_LAST,
            panel=8,
            summary=f"{_WHO}: the disk fills up",
            description="More than 80 % of {{ with $labels.path }}{{ . }}{{ else }}{{ $labels.mountpoint }}{{ end }}"
            f"{_ON} is used.",
            reading=PERCENT,
            threshold="80%",
        ),
        Rule(
            alert="LongGcPause",
            severity=Severity.WARNING,
            query="max by (service, host, instance) (jvm_gc_pause_seconds_max)",
            condition=Condition.above(0.5),
            wait="1m",
            # Micrometer has no series before the first pause.
            no_data=NoData.OK,
            panel=9,
            summary="Garbage collection of {{ $labels.service }} pauses it",
            description="Every request waits while it lasts. Look at the heap first.",
            reading=DURATION,
            threshold="500ms",
        ),
        Rule(
            alert="CertificateExpires",
            severity=Severity.INFO,
            query="(probe_ssl_earliest_cert_expiry - time()) / 86400",
            condition=Condition.below(30),
            wait="5m",
            # A probe that fails says nothing of the certificate, and its day has not moved meanwhile.
            no_data=NoData.KEEP_LAST,
            panel=11,
            summary="The certificate of {{ $labels.instance }} expires soon",
            description="Less than 30 days are left. Look why it was not renewed by itself.",
            reading=Reading('printf "%.0f"', " days left"),
            threshold="30 days",
        ),
    ),
)

GROUPS: Final = (AVAILABILITY, LATENCY, RESOURCES, SELF)
RULES: Final = tuple(rule for group in GROUPS for rule in group.rules)
