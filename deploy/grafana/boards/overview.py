"""The first look: is anything wrong, where, and what changed. Alert rules link to these panels by their numbers."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard, stat, table, timeseries

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    FINE,
    HIGH,
    INFO,
    SEVERITIES,
    WARNING,
    About,
    Panel,
    bars,
    coloured,
    lamps,
    leading,
    lines,
    log_lines,
    numbers,
    painted,
    rows,
)
from deploy.grafana.boards.queries import (
    ANYWHERE,
    CHOSEN,
    ERRORS,
    REQUESTS,
    SCRAPED,
    column,
    error_ratio,
    log,
    now,
    prom,
    quantile,
)

_SERVICE = "var-service=${__field.labels.service}"


def overview() -> dashboard.Dashboard:
    """Make it."""
    says = "Is anything wrong, where, and what changed? Dashed lines are the alert rules' thresholds."
    made = board.board("overview", "Overview", says, [board.env(), board.host(), board.service()])
    return board.shelve(
        made,
        (4, [_services(), _probes(), _incidents()]),
        (8, [_rate(), _errors(), _latency(), _waiting()]),
        (8, [_memory(), _cpu(), _disk(), _pauses()]),
        (8, [_uptime(), _certificates(), _deploys(), _error_lines()]),
        (8, [_starts()]),
    )


def _services() -> stat.Panel:
    about = About(1, "Services up", "Whether each service answers Prometheus; DOWN for a minute is P1.")
    # The exporter of nginx answers also when nginx does not.
    expression = f'min by (service) ({{__name__=~"up|nginx_up", {CHOSEN}, {SCRAPED}}})'
    return leading(lamps(about, now(expression, "{{service}}")), "Requests", "http-red", _SERVICE)


def _probes() -> stat.Panel:
    about = About(2, "Probes", "Whether the addresses people use answer as they should, seen from outside; DOWN is P1.")
    expression = 'min by (service, instance) (probe_success{service=~"$service", env=~"$env"})'
    return lamps(about, now(expression, "{{instance}}"))


def _incidents() -> stat.Panel:
    about = About(16, "Open incidents", "As Bongsu counts them, by severity.", "none")
    query = now('sum by (severity) (bongsu_incidents_open{env=~"$env"})', "{{severity}}")
    return leading(painted(numbers(about, query, spark=False), SEVERITIES), "Bongsu", "bongsu")


def _uptime() -> table.Panel:
    says = (
        "Since when each process runs, and how often it was restarted in the time shown. Blue: less than five minutes."
    )
    started = f"process_start_time_seconds{{{CHOSEN}, {SCRAPED}}}"
    made = rows(
        About(10, "Uptime and restarts", says),
        column(f"time() - max by (service) ({started})"),
        column(f"sum by (service) (changes({started}[$__range]))"),
        columns={"A": "Uptime", "B": "Restarts"},
        first="Uptime",
    )
    # The alert ServiceRestarted has the same limit.
    coloured(made, "Uptime", "dtdurations", [(300, FINE)], below=INFO)
    return coloured(made, "Restarts", "none", [(1, INFO)])


def _certificates() -> stat.Panel:
    says = "Days until each certificate expires; blue below 30, red once it is too late."
    expression = 'probe_ssl_earliest_cert_expiry{service=~"$service", env=~"$env"}'
    days = f"min by (service, instance) (({expression} - time()) / 86400)"
    about = About(11, "Certificates, days left", says, "none")
    steps = [(0, INFO), (30, FINE)]
    return numbers(about, now(days, "{{instance}}"), steps=steps, below=CRITICAL, spark=False).decimals(0)


def _rate() -> timeseries.Panel:
    about = About(13, "Requests", "Requests per second that each service answers.", "reqps")
    expression = f"sum by (service) (rate(http_server_requests_seconds_count{{{REQUESTS}}}[$__rate_interval]))"
    return leading(lines(about, prom(expression, "{{service}}")), "Requests", "http-red", _SERVICE)


def _errors() -> timeseries.Panel:
    says = "Share of requests answered with 5xx: above 10 % is P2, above 50 % is P1."
    about = About(3, "Error ratio", says, "percentunit")
    made = lines(
        about, prom(error_ratio(REQUESTS, "service"), "{{service}}"), steps=[(0.1, HIGH), (0.5, CRITICAL)], most=0.1
    )
    return leading(made, "Requests", "http-red", _SERVICE)


def _latency() -> timeseries.Panel:
    about = About(4, "Latency, p99", "99 of 100 requests are faster than this; above 5 s is P2.", "s")
    query = prom(quantile(0.99, REQUESTS, "service"), "{{service}}", exemplars=True)
    return leading(lines(about, query, steps=[(5, HIGH)]), "Requests", "http-red", _SERVICE)


def _waiting() -> timeseries.Panel:
    says = "Threads that wait for a connection to the database; any for a minute is P2, and who waits 30 s fails."
    expression = f"max by (service, pool) (hikaricp_connections_pending{{{CHOSEN}}})"
    made = lines(
        About(5, "Waiting for a connection", says), prom(expression, "{{service}} {{pool}}"), steps=[(1, HIGH)]
    )
    return _to_jvm(made.decimals(0))


def _memory() -> timeseries.Panel:
    says = "Share of the heap that is used, of each service, and of the memory of each host; above 90 % is P2."
    used = f'sum by (service, host) (jvm_memory_used_bytes{{{CHOSEN}, area="heap"}})'
    # G1 limits only the old generation; what has no limit says -1.
    limit = f'sum by (service, host) (jvm_memory_max_bytes{{{CHOSEN}, area="heap"}} > 0)'
    available = f"sum by (host) (node_memory_MemAvailable_bytes{{{ANYWHERE}}})"
    total = f"sum by (host) (node_memory_MemTotal_bytes{{{ANYWHERE}}})"
    return lines(
        About(6, "Memory", says, "percentunit"),
        prom(f"{used} / {limit}", "heap of {{service}} on {{host}}"),
        prom(f"1 - {available} / {total}", "host {{host}}"),
        steps=[(0.9, HIGH)],
        most=1,
    )


def _cpu() -> timeseries.Panel:
    idle = f'avg by (host) (rate(node_cpu_seconds_total{{{ANYWHERE}, mode="idle"}}[$__rate_interval]))'
    return lines(
        About(
            7,
            "CPU",
            "Share of its host's CPU that each service uses, and of each host; above 80 % is P3.",
            "percentunit",
        ),
        prom(f"max by (service, host) (process_cpu_usage{{{CHOSEN}}})", "{{service}} on {{host}}"),
        prom(f"1 - {idle}", "host {{host}}"),
        steps=[(0.8, WARNING)],
        most=1,
    )


def _disk() -> timeseries.Panel:
    says = "Share of each file system that is used, seen by the host and by the services; above 80 % is P3, 95 % is P1."
    real = f'{ANYWHERE}, fstype!~"tmpfs|ramfs|squashfs|iso9660|erofs"'
    free = f"min by (host, mountpoint) (node_filesystem_avail_bytes{{{real}}} / node_filesystem_size_bytes{{{real}}})"
    of_service = f"disk_free_bytes{{{CHOSEN}}} / disk_total_bytes{{{CHOSEN}}}"
    return lines(
        About(8, "Disk", says, "percentunit"),
        prom(f"1 - {free}", "{{host}} {{mountpoint}}"),
        prom(f"1 - min by (service, host) ({of_service})", "{{service}} on {{host}}"),
        steps=[(0.8, WARNING), (0.95, CRITICAL)],
        most=1,
    )


def _pauses() -> timeseries.Panel:
    about = About(9, "Longest GC pause", "Nothing is answered while it lasts; above 500 ms is P3.", "s")
    query = prom(f"max by (service) (jvm_gc_pause_seconds_max{{{CHOSEN}}})", "{{service}}")
    return _to_jvm(lines(about, query, steps=[(0.5, WARNING)]))


def _deploys() -> stat.Panel:
    says = "How long ago CI told Bongsu of a deploy of each service; blue below five minutes."
    told = 'bongsu_last_deploy_timestamp_seconds{env=~"$env"}'
    # The deployed service is in the way of Bongsu's own name, unless the scrape honours labels.
    named = f'label_replace({told}, "service", "$1", "exported_service", "(.+)")'
    query = now(f"time() - max by (service) ({named})", "{{service}}")
    return numbers(About(12, "Deploys", says, "dtdurations"), query, steps=[(300, FINE)], below=INFO, spark=False)


def _starts() -> Panel:
    says = "Which version of what started when: the line that Spring Boot writes first."
    expression = f"{{{CHOSEN}}} |~ `Starting \\S+ .*using Java`"
    return log_lines(About(15, "Versions started", says), log(expression))


def _error_lines() -> timeseries.Panel:
    about = About(14, "Errors in the logs", "Lines of level error and worse of each service.")
    made = bars(about, log(f"sum by (service) (count_over_time({{{CHOSEN}, {ERRORS}}}[$__auto]))", "{{service}}"))
    return leading(made, "Logs", "logs", _SERVICE)


def _to_jvm(panel: timeseries.Panel) -> timeseries.Panel:
    return leading(panel, "JVM", "jvm-${__field.labels.service}")
