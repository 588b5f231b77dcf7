"""A Spring Boot service from the inside: pool, Tomcat, memory, garbage collection, threads. One function for all services."""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    FINE,
    HIGH,
    INFO,
    QUIET,
    STATUSES,
    WARNING,
    About,
    Panel,
    areas,
    bars,
    lamps,
    lines,
    numbers,
    painted,
)
from deploy.grafana.boards.queries import ANYWHERE, SCRAPED, error_ratio, now, prom, quantile

_RATE = "[$__rate_interval]"


@dataclass(frozen=True)
class Spring:
    """A service: its label, its name for people, its HikariCP pool, and how many threads its Tomcat may have."""

    service: str
    name: str
    pool: str
    threads_max: int


API = Spring("api", "API", "DoktoriHikariPool", 200)
CHAT = Spring("chat", "Chat", "ChatHikariPool", 100)


def jvm(spring: Spring) -> dashboard.Dashboard:
    """Make the dashboard of one service."""
    says = (
        f"What holds {spring.name} up: its connection pool {spring.pool}, Tomcat's threads, heap, garbage collection."
    )
    metric = f'up{{service="{spring.service}"}}'
    hosts = board.label("host", "Host", f"label_values({metric}, host)")
    made = board.board(f"jvm-{spring.service}", f"JVM {spring.name}", says, [board.env(), hosts])
    own = f'service="{spring.service}", {ANYWHERE}'
    return board.shelve(
        made,
        (4, _glance(own)),
        f"HikariCP: {spring.pool}",
        (8, _pool(f'{own}, pool="{spring.pool}"')),
        (7, _borrowing(f'{own}, pool="{spring.pool}"')),
        "Tomcat",
        (8, _tomcat(own, spring.threads_max)),
        "Memory and garbage collection",
        (8, _memory(own)),
        (8, _collector(own)),
        "Threads, CPU and log",
        (8, _rest(own)),
    )


def _glance(own: str) -> list[Panel]:
    heap = f'sum by (host) (jvm_memory_used_bytes{{{own}, area="heap"}})'
    limit = f'sum by (host) (jvm_memory_max_bytes{{{own}, area="heap"}} > 0)'
    busy = f"sum by (host) (tomcat_threads_busy_threads{{{own}}})"
    most = f"sum by (host) (tomcat_threads_config_max_threads{{{own}}})"
    started = prom(f"time() - max by (host) (process_start_time_seconds{{{own}}})", "{{host}}")
    cpu = prom(f"max by (host) (process_cpu_usage{{{own}}})", "{{host}}")
    waiting = prom(f"sum by (host) (hikaricp_connections_pending{{{own}}})", "{{host}}")
    return [
        lamps(
            About(1, "Up", "Whether Prometheus reaches it."), now(f"min by (host) (up{{{own}, {SCRAPED}}})", "{{host}}")
        ),
        numbers(About(2, "Uptime", "Since when the process runs.", "dtdurations"), started),
        numbers(
            About(3, "Heap", "Used share of the heap; above 90 % is P2.", "percentunit"),
            prom(f"{heap} / {limit}", "{{host}}"),
            steps=[(0.8, WARNING), (0.9, HIGH)],
        ),
        numbers(About(4, "CPU", "Above 80 % is P3.", "percentunit"), cpu, steps=[(0.8, WARNING)]),
        numbers(About(5, "Waiting for a connection", "Any is P2.", "none"), waiting, steps=[(1, HIGH)]),
        numbers(
            About(6, "Tomcat's threads busy", "At 100 % new requests wait at the door.", "percentunit"),
            prom(f"{busy} / {most}", "{{host}}"),
            steps=[(0.8, WARNING), (0.95, HIGH)],
        ),
    ]


def _pool(own: str) -> list[Panel]:
    colours = {"in use": INFO, "idle": FINE, "most": QUIET}
    states = {"in use": "_active", "idle": "_idle", "most": "_max"}
    queries = [prom(f"sum(hikaricp_connections{suffix}{{{own}}})", name) for name, suffix in states.items()]
    waiting = prom(f"max by (host) (hikaricp_connections_pending{{{own}}})", "{{host}}")
    timeouts = prom(f"sum by (host) (increase(hikaricp_connections_timeout_total{{{own}}}{_RATE}))", "{{host}}")
    return [
        painted(
            lines(About(7, "Connections", "In use at its limit: somebody holds them, or queries are slow."), *queries),
            colours,
        ),
        lines(
            About(8, "Waiting threads", "Threads that wait for a connection; any is P2."), waiting, steps=[(1, HIGH)]
        ),
        lines(
            About(9, "Gave up waiting", "Threads that got none within the timeout; their requests failed."), timeouts
        ),
    ]


def _borrowing(own: str) -> list[Panel]:
    def times(about: About, what: str) -> Panel:
        name = f"hikaricp_connections_{what}_seconds"
        mean = f"sum(rate({name}_sum{{{own}}}{_RATE})) / sum(rate({name}_count{{{own}}}{_RATE}))"
        return lines(about, prom(f"max({name}_max{{{own}}})", "longest"), prom(mean, "on average"))

    return [
        times(About(23, "Wait for a connection", "How long threads wait until they get one.", "s"), "acquire"),
        times(
            About(
                24, "Connections held", "Longer than before: slow queries. Ever longer: somebody never gives back.", "s"
            ),
            "usage",
        ),
    ]


def _tomcat(own: str, most: int) -> list[Panel]:
    states = {"busy": "busy", "alive": "current", "most": "config_max"}
    queries = [prom(f"sum(tomcat_threads_{kind}_threads{{{own}}})", name) for name, kind in states.items()]
    says = f"Busy at {most}, the most there may be: new requests wait at the door."
    threads = lines(About(10, "Threads", says), *queries, most=most)
    asked = f'{own}, uri!~"/actuator.*"'
    rate = prom(f"sum by (status) (rate(http_server_requests_seconds_count{{{asked}}}{_RATE}))", "{{status}}")
    shares = [prom(quantile(share, asked), f"p{share * 100:g}", exemplars=True) for share in (0.5, 0.95, 0.99)]
    errors = prom(error_ratio(asked, "service"), "5xx")
    return [
        painted(threads, {"busy": INFO, "alive": FINE, "most": QUIET}),
        painted(areas(About(11, "Requests by status", "Requests per second.", "reqps"), rate), STATUSES),
        lines(About(12, "Latency", "p99 above 5 s is P2.", "s"), *shares, steps=[(5, HIGH)]),
        lines(
            About(13, "Error ratio", "Above 10 % is P2, above 50 % is P1.", "percentunit"),
            errors,
            steps=[(0.1, HIGH), (0.5, CRITICAL)],
            most=0.1,
        ),
    ]


def _memory(own: str) -> list[Panel]:
    sizes = {"used": "used", "committed": "committed", "most": "max"}
    heap = [prom(f'sum(jvm_memory_{kind}_bytes{{{own}, area="heap"}} > 0)', name) for name, kind in sizes.items()]
    pools = prom(f'sum by (id) (jvm_memory_used_bytes{{{own}, area="heap"}})', "{{id}}")
    other = prom(f'sum by (id) (jvm_memory_used_bytes{{{own}, area="nonheap"}})', "{{id}}")
    about = About(14, "Heap", "A floor that rises after each collection is a leak.", "bytes")
    after = prom(f'max by (host) (jvm_memory_usage_after_gc{{{own}, area="heap"}})', "{{host}}")
    return [
        painted(lines(about, *heap), {"used": INFO, "committed": FINE, "most": QUIET}),
        areas(About(15, "Heap by generation", "Old Gen holds what survived.", "bytes"), pools),
        areas(About(16, "Outside the heap", "Classes, compiled code and buffers.", "bytes"), other),
        lines(
            About(25, "Heap after collection", "What could not be freed.", "percentunit"),
            after,
            steps=[(0.9, HIGH)],
            most=1,
        ),
    ]


def _collector(own: str) -> list[Panel]:
    by = "action, cause"
    longest = prom(f"max by ({by}) (jvm_gc_pause_seconds_max{{{own}}})", "{{action}}: {{cause}}")
    share = prom(f"sum by (host) (rate(jvm_gc_pause_seconds_sum{{{own}}}{_RATE}))", "{{host}}")
    count = prom(f"sum by ({by}) (rate(jvm_gc_pause_seconds_count{{{own}}}{_RATE}))", "{{action}}: {{cause}}")
    return [
        lines(About(17, "Longest pause", "Above 500 ms is P3.", "s"), longest, steps=[(0.5, WARNING)]),
        lines(About(18, "Time in pauses", "Share of the time in which nothing is answered.", "percentunit"), share),
        lines(About(19, "Collections", "Collections per second, by cause.", "ops"), count),
    ]


def _rest(own: str) -> list[Panel]:
    states = prom(f"sum by (state) (jvm_threads_states_threads{{{own}}})", "{{state}}")
    cpu = [
        prom(f"max by (host) ({name}_cpu_usage{{{own}}})", f"{name} on {{{{host}}}}") for name in ("process", "system")
    ]
    logged = prom(f"sum by (level) (increase(logback_events_total{{{own}}}{_RATE}))", "{{level}}")
    log = bars(About(22, "Log lines by level", "As Logback counts them."), logged)
    return [
        areas(About(20, "Threads by state", "Many blocked ones wait for the same lock."), states),
        lines(
            About(21, "CPU", "Above 80 % for five minutes is P3.", "percentunit"), *cpu, steps=[(0.8, WARNING)], most=1
        ),
        painted(log, {"error": CRITICAL, "warn": WARNING, "info": INFO, "debug": QUIET, "trace": QUIET}),
    ]
