"""The hosts: CPU, load, memory, disks, network, as node exporter sees them."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    FINE,
    HIGH,
    INFO,
    QUIET,
    WARNING,
    About,
    Panel,
    areas,
    lines,
    mirrored,
    numbers,
    painted,
)
from deploy.grafana.boards.queries import ANYWHERE, now, prom

_RATE = "[$__rate_interval]"
_REAL_DISK = f'{ANYWHERE}, fstype!~"tmpfs|ramfs|squashfs|iso9660|erofs"'
_REAL_CARD = f'{ANYWHERE}, device!~"lo|veth.*|docker.*|br-.*|ifb.*"'
_IDLE = f'avg by (host) (rate(node_cpu_seconds_total{{{ANYWHERE}, mode="idle"}}{_RATE}))'
_CORES = f'count by (host) (node_cpu_seconds_total{{{ANYWHERE}, mode="idle"}})'
_FREE = f"node_filesystem_avail_bytes{{{_REAL_DISK}}} / node_filesystem_size_bytes{{{_REAL_DISK}}}"


def system() -> dashboard.Dashboard:
    """Make it."""
    says = "How the hosts are: CPU, load, memory, disks, network."
    made = board.board("system", "System", says, [board.env(), board.host("node_boot_time_seconds")])
    return board.shelve(
        made,
        (4, _glance()),
        "CPU and memory",
        (8, _cpu()),
        (8, _memory()),
        "Disks",
        (8, _disks()),
        "Network and limits",
        (8, _network()),
    )


def _glance() -> list[Panel]:
    memory = f"1 - {_memory_of('MemAvailable')} / {_memory_of('MemTotal')}"
    load = f"max by (host) (node_load1{{{ANYWHERE}}}) / {_CORES}"
    shares = [(0.8, WARNING), (0.95, CRITICAL)]
    boot = f"time() - max by (host) (node_boot_time_seconds{{{ANYWHERE}}})"
    return [
        numbers(About(1, "Uptime", "Since the last boot.", "dtdurations"), prom(boot, "{{host}}")),
        numbers(
            About(2, "CPU", "Above 80 % is P3.", "percentunit"),
            prom(f"1 - {_IDLE}", "{{host}}"),
            steps=[(0.8, WARNING)],
        ),
        numbers(About(3, "Memory", "Above 90 % is P2.", "percentunit"), prom(memory, "{{host}}"), steps=[(0.9, HIGH)]),
        numbers(
            About(4, "Fullest disk", "Above 80 % is P3, 95 % is P1.", "percentunit"),
            prom(f"1 - min by (host) ({_FREE})", "{{host}}"),
            steps=shares,
        ),
        numbers(
            About(5, "Load per core", "Above 1, somebody waits."),
            prom(load, "{{host}}"),
            steps=[(1, WARNING), (2, HIGH)],
        ).decimals(2),
        numbers(
            About(6, "Killed for memory", "Processes that the kernel killed in the time shown.", "none"),
            now(f"sum by (host) (increase(node_vmstat_oom_kill{{{ANYWHERE}}}[$__range]))", "{{host}}"),
            steps=[(1, CRITICAL)],
            spark=False,
        ).decimals(0),
    ]


def _cpu() -> list[Panel]:
    modes = f'avg by (mode) (rate(node_cpu_seconds_total{{{ANYWHERE}, mode!="idle"}}{_RATE}))'
    load = [
        prom(f"max by (host) (node_load{span}{{{ANYWHERE}}})", f"{span} min, {{{{host}}}}") for span in ("1", "5", "15")
    ]
    cores = prom(_CORES, "cores of {{host}}")
    by_mode = areas(
        About(7, "CPU by mode", "iowait: the disk is slow. steal: the host of this host is busy.", "percentunit"),
        prom(modes, "{{mode}}"),
    )
    return [
        painted(by_mode, {"user": INFO, "system": HIGH, "iowait": CRITICAL, "steal": WARNING, "nice": FINE}),
        painted(
            lines(About(8, "Load", "Who runs or waits to; above the number of cores, somebody waits."), *load, cores),
            {"cores of .*": QUIET},
        ),
    ]


def _memory() -> list[Panel]:
    taken = f"sum(node_memory_MemTotal_bytes{{{ANYWHERE}}} - node_memory_MemAvailable_bytes{{{ANYWHERE}}})"
    # What the kernel would give back counts as available.
    given = f"sum(node_memory_MemAvailable_bytes{{{ANYWHERE}}} - node_memory_MemFree_bytes{{{ANYWHERE}}})"
    free = f"sum(node_memory_MemFree_bytes{{{ANYWHERE}}})"
    swapped = prom(
        f"sum by (host) (rate(node_vmstat_pswpin{{{ANYWHERE}}}{_RATE}) + rate(node_vmstat_pswpout{{{ANYWHERE}}}{_RATE}))",
        "{{host}}",
    )
    parts = areas(
        About(9, "Memory", "Cache is given back when somebody needs it.", "bytes"),
        prom(taken, "used"),
        prom(given, "cache"),
        prom(free, "free"),
    )
    return [
        painted(parts, {"used": INFO, "cache": QUIET, "free": FINE}),
        lines(
            About(
                10, "Swapping", "Pages per second to and from the disk; more than a few, and everything is slow.", "ops"
            ),
            swapped,
        ),
    ]


def _disks() -> list[Panel]:
    used = prom(f"1 - min by (host, mountpoint) ({_FREE})", "{{host}} {{mountpoint}}")
    both = [
        prom(
            f"sum by (host, device) (rate(node_disk_{what}_bytes_total{{{ANYWHERE}}}{_RATE}))",
            f"{{{{host}}}} {{{{device}}}} {what}",
        )
        for what in ("read", "written")
    ]
    busy = prom(
        f"max by (host, device) (rate(node_disk_io_time_seconds_total{{{ANYWHERE}}}{_RATE}))", "{{host}} {{device}}"
    )
    files = f"node_filesystem_files_free{{{_REAL_DISK}}} / (node_filesystem_files{{{_REAL_DISK}}} > 0)"
    return [
        lines(
            About(11, "Space used", "Above 80 % is P3, 95 % is P1.", "percentunit"),
            used,
            steps=[(0.8, WARNING), (0.95, CRITICAL)],
            most=1,
        ),
        mirrored(About(12, "Throughput", "Read above, written below.", "Bps"), *both, below="/written$/"),
        lines(
            About(13, "Busy", "Share of the time in which the disk works; at 100 % everybody waits.", "percentunit"),
            busy,
            most=1,
        ),
        lines(
            About(14, "Inodes used", "A disk without inodes is full as well.", "percentunit"),
            prom(f"1 - min by (host, mountpoint) ({files})", "{{host}} {{mountpoint}}"),
            steps=[(0.8, WARNING)],
            most=1,
        ),
    ]


def _network() -> list[Panel]:
    def flow(what: str, unit: str) -> str:
        return f"sum by (host, device) (rate(node_network_{what}_{unit}_total{{{_REAL_CARD}}}{_RATE}))"

    both = [
        prom(f"8 * {flow(what, 'bytes')}", f"{{{{host}}}} {{{{device}}}} {what}") for what in ("receive", "transmit")
    ]
    lost = [
        prom(f"{flow(what, 'errs')} + {flow(what, 'drop')}", f"{{{{host}}}} {{{{device}}}} {what}")
        for what in ("receive", "transmit")
    ]
    files = f"max by (host) (node_filefd_allocated{{{ANYWHERE}}} / node_filefd_maximum{{{ANYWHERE}}})"
    tcp = prom(f"sum by (host) (node_netstat_Tcp_CurrEstab{{{ANYWHERE}}})", "{{host}}")
    return [
        mirrored(About(15, "Traffic", "Received above, sent below.", "bps"), *both, below="/transmit$/"),
        lines(About(16, "Lost packets", "Errors and drops per second.", "pps"), *lost),
        lines(About(17, "TCP connections", "Established ones."), tcp),
        lines(
            About(18, "Open files", "Share of what the kernel allows.", "percentunit"),
            prom(files, "{{host}}"),
            steps=[(0.8, WARNING)],
            most=1,
        ),
    ]


def _memory_of(what: str) -> str:
    return f"sum by (host) (node_memory_{what}_bytes{{{ANYWHERE}}})"
