"""What happens to the metrics of an imagined server, and which alert fires when.

Each series has one value a minute for half an hour: ten minutes well, ten in trouble, ten well again.
"""

from __future__ import annotations

from dataclasses import dataclass

Labels = dict[str, str]

API = "service='api',job='spring',host='app-1',instance='api:8080'"
HOST = "service='host',job='unix',host='app-1',instance='app-1'"
PROBE = "service='api',job='blackbox',instance='https://api.example.com'"
SPRING: Labels = {"service": "api", "job": "spring", "host": "app-1", "instance": "api:8080"}
UNIX: Labels = {"service": "host", "job": "unix", "host": "app-1", "instance": "app-1"}
PROBED: Labels = {"service": "api", "job": "blackbox", "instance": "https://api.example.com"}
ONE: Labels = {"service": "api", "host": "app-1", "instance": "api:8080"}


@dataclass(frozen=True)
class Story:
    """Series by name, and the labels (without severity) of what fires `at`; nothing fires before and afterwards.

    `nothing_else` names rules that must be quiet at that time. `well` is false where no series exists in good times.
    """

    name: str
    alert: str
    series: dict[str, str]
    fires: tuple[Labels, ...]
    at: str = "19m"
    nothing_else: tuple[str, ...] = ()
    well: bool = True


def requests(errors: str, successes: str = "0+600x29", uri: str = "/orders", labels: str = API) -> dict[str, str]:
    name = f"http_server_requests_seconds_count{{{labels},uri='{uri}',outcome="
    return {f"{name}'SUCCESS'}}": successes, f"{name}'SERVER_ERROR'}}": errors}


def durations(slow_le: str) -> dict[str, str]:
    """Count 600 requests a minute; in bad times none is faster than the bucket below `slow_le`."""
    name = f"http_server_requests_seconds_bucket{{{API},uri='/orders',le="
    paused, always = "0+600x9 5400x9 6000+600x9", "0+600x29"
    return {f"{name}'{le}'}}": always if float(le) >= float(slow_le) else paused for le in ("1", "5", "10", "+Inf")}


def node_disk(
    avail: str, labels: str = HOST, size: str = "1000", mount: str = "/", fstype: str = "ext4"
) -> dict[str, str]:
    disk = f"{labels},device='/dev/{fstype}',fstype='{fstype}',mountpoint='{mount}'"
    return {f"node_filesystem_avail_bytes{{{disk}}}": avail, f"node_filesystem_size_bytes{{{disk}}}": f"{size}x29"}


def spring_disk(free: str) -> dict[str, str]:
    path = f"{API},path='/app/.'"
    return {f"disk_free_bytes{{{path}}}": free, f"disk_total_bytes{{{path}}}": "1000x29"}


def heap(used: str) -> dict[str, str]:
    pools = {"G1 Old Gen": ("1000x29", used), "G1 Eden Space": ("-1x29", "10x29")}
    return {
        f"jvm_memory_{kind}_bytes{{{API},area='heap',id='{pool}'}}": values
        for pool, both in pools.items()
        for kind, values in zip(("max", "used"), both, strict=True)
    }


BONGSU: Labels = {"service": "bongsu"}


def delivered(slow: str, waiting: str = "0x29") -> dict[str, str]:
    """Count P1 notifications on Discord, six a minute within a second and `slow` ones within five minutes."""
    name = "bongsu_delivery_seconds_bucket{severity='P1',le="
    quick = dict.fromkeys(("1", "60"), "0+6x29")
    late = dict.fromkeys(("300", "+Inf"), slow)
    counts = {f"{name}'{le}'}}": values for le, values in (quick | late).items()}
    return counts | {
        "bongsu_delivery_seconds_count{severity='P1'}": slow,
        "bongsu_oldest_waiting_seconds": waiting,
    }


ITSELF = (
    Story(
        "nobody leads", "BongsuNoLeader", {f"bongsu_leader{{pod='{each}'}}": "1x9 0x9 1x9" for each in "ab"}, (BONGSU,)
    ),
    Story(
        "the leader is no longer scraped",
        "BongsuNoLeader",
        {"bongsu_leader{pod='a'}": "1x9 stale _x9 1x9", "bongsu_leader{pod='b'}": "0x29"},
        (BONGSU,),
    ),
    Story("all of them are gone", "BongsuNoLeader", {"bongsu_leader": "1x9 stale _x9 1x9"}, (BONGSU,)),
    Story(
        "another one takes over",
        "BongsuNoLeader",
        {"bongsu_leader{pod='a'}": "1x9 stale _x19", "bongsu_leader{pod='b'}": "0x9 1x19"},
        (),
        at="12m30s",
    ),
    Story(
        "the leader of tests does not hide that nobody leads in production",
        "BongsuNoLeader",
        {"bongsu_leader{env='test'}": "1x29", "bongsu_leader{env='prod'}": "1x9 stale _x9 1x9"},
        (BONGSU | {"env": "prod"},),
    ),
    Story("a card does not come", "BongsuBehind", {"bongsu_oldest_waiting_seconds": "0x9 400x9 0x9"}, (BONGSU,)),
    Story("a card is drawn once a minute", "BongsuBehind", {"bongsu_oldest_waiting_seconds": "0x9 60x9 0x9"}, ()),
    Story(
        "nobody tells any more what waits",
        "BongsuBehind",
        {"bongsu_oldest_waiting_seconds": "0x9 stale _x9 0x9"},
        (BONGSU,),
    ),
    Story(
        "a token is wrong",
        "BongsuRefuses",
        {
            "bongsu_notifications_total{result='refused'}": "0x9 2+2x9 20x9",
            "bongsu_notifications_total{result='unavailable'}": "0x29",
            "bongsu_notifications_total{result='accepted'}": "0+5x29",
        },
        (BONGSU | {"result": "refused"},),
    ),
    Story(
        "the store takes nothing, and then nobody counts",
        "BongsuRefuses",
        {"bongsu_notifications_total{result='unavailable'}": "0x9 40+40x6 stale _x3 0x8"},
        (BONGSU | {"result": "unavailable"},),
    ),
    Story(
        "a stranger knocks once",
        "BongsuRefuses",
        {"bongsu_notifications_total{result='refused'}": "0x9 1x19"},
        (),
        at="16m",
    ),
    Story("cards come late", "BongsuSlow", delivered("0+6x9 60+12x9 174+6x9"), (BONGSU,)),
    Story("one card of fifty comes late", "BongsuSlow", delivered("0+6x9 61+6x19"), (), at="17m"),
    Story(
        "nothing is shown at all, which is no improvement",
        "BongsuSlow",
        {
            "bongsu_delivery_seconds_bucket{severity='P1',le='1'}": "0x29",
            "bongsu_delivery_seconds_bucket{severity='P1',le='+Inf'}": "0x29",
            "bongsu_oldest_waiting_seconds": "0x9 400x9 0x9",
        },
        (BONGSU,),
    ),
    Story(
        "nobody measures any more",
        "BongsuSlow",
        dict.fromkeys(
            ("bongsu_delivery_seconds_count{severity='P1'}", "bongsu_oldest_waiting_seconds"), "0x9 stale _x9 0x9"
        ),
        (BONGSU,),
    ),
    Story(
        "something waits for less than a minute", "BongsuSlow", {"bongsu_oldest_waiting_seconds": "0x9 50x9 0x9"}, ()
    ),
    Story(
        "people are called all the time",
        "BongsuCallsOften",
        {
            "bongsu_pages_total{reason='opened'}": "0x9 2+2x9 20x9",
            "bongsu_pages_total{reason='escalated'}": "0x29",
        },
        (BONGSU,),
    ),
    Story(
        "people are called a few times",
        "BongsuCallsOften",
        {"bongsu_pages_total{reason='opened'}": "0x9 1x4 5x4 8x9"},
        (),
    ),
)

DISK = {"device": "/dev/ext4", "fstype": "ext4", "mountpoint": "/"}

STORIES = (
    Story("a target is down", "ServiceDown", {f"up{{{API}}}": "1x9 0x9 1x9"}, (SPRING,)),
    Story(
        "a host is gone with its agent, so that nobody scrapes",
        "ServiceDown",
        {f"up{{{API}}}": "1x9 stale _x9 1x9", f"up{{{PROBE}}}": "1x29"},
        ({"service": "api", "job": "spring"},),
    ),
    Story(
        "one of two instances is replaced by another",
        "ServiceDown",
        {f"up{{{API}}}": "1x9 stale _x19", "up{service='api',job='spring',instance='api-2:8080'}": "1x29"},
        (),
    ),
    Story(
        "nginx is down, its exporter is up",
        "ServiceDown",
        {"nginx_up{service='nginx',job='nginx'}": "1x9 0x9 1x9", "up{service='nginx',job='nginx'}": "1x29"},
        ({"service": "nginx", "job": "nginx"},),
    ),
    Story(
        "of Bongsu, BongsuSilent tells",
        "ServiceDown",
        {"up{service='bongsu',job='bongsu'}": "1x9 0x9 1x9"},
        (),
        well=False,
    ),
    Story("a probe fails", "ProbeFailed", {f"probe_success{{{PROBE}}}": "1x9 0x9 1x9"}, (PROBED,)),
    Story(
        "of Bongsu's probe, BongsuSilent tells",
        "ProbeFailed",
        {"probe_success{service='bongsu',job='blackbox'}": "1x9 0x9 1x9"},
        (),
        well=False,
    ),
    Story(
        "most requests fail",
        "HighErrorRate5xx",
        requests("0x9 1000+1000x9 10000x9"),
        ({"service": "api"},),
    ),
    Story(
        "most requests fail, which is more than a tenth as well: it gets no better by getting worse",
        "HighErrorRate",
        requests("0x9 1000+1000x9 10000x9"),
        ({"service": "api"},),
    ),
    Story(
        "the first error of all, of a service that hardly anybody but Prometheus asks",
        "HighErrorRate5xx",
        requests("_x10 1+1x9 10x9", "0x29") | requests("_x29", "0+4x29", "/actuator/prometheus"),
        ({"service": "api"},),
    ),
    Story(
        "a third of the requests fails",
        "HighErrorRate",
        requests("0x9 300+300x9 3000x9"),
        ({"service": "api"},),
        nothing_else=("HighErrorRate5xx",),
    ),
    Story(
        "exactly half of the requests fail",
        "HighErrorRate",
        requests("0x9 600+600x9 6000x9"),
        ({"service": "api"},),
        nothing_else=("HighErrorRate5xx",),
    ),
    Story("a service that never failed", "HighErrorRate5xx", requests("_x29"), ()),
    Story("a twentieth of the requests fails", "HighErrorRate", requests("0x9 30+30x9 300x9"), ()),
    Story("nobody asks any more", "HighErrorRate5xx", requests("0+5x9 45x19", "0+600x9 5400x19"), ()),
    Story("requests take ten seconds", "HighLatencyP99", durations("10"), ({"service": "api"},)),
    Story("requests take four seconds", "HighLatencyP99", durations("5"), ()),
    Story(
        "threads wait for a connection",
        "HikariPoolPending",
        {f"hikaricp_connections_pending{{{API},pool='DoktoriHikariPool'}}": "0x9 7x9 0x9"},
        (SPRING | {"pool": "DoktoriHikariPool"},),
    ),
    Story("a heap fills up", "HighMemory", heap("400x9 950x9 400x9"), (ONE,)),
    Story("a heap is busy", "HighMemory", heap("400x9 880x9 400x9"), ()),
    Story(
        "a host runs out of memory",
        "HighMemory",
        {
            f"node_memory_MemAvailable_bytes{{{HOST}}}": "50x9 5x9 50x9",
            f"node_memory_MemTotal_bytes{{{HOST}}}": "100x29",
        },
        (UNIX,),
    ),
    Story("a JVM burns CPU", "HighCpu", {f"process_cpu_usage{{{API}}}": "0.2x9 0.95x9 0.2x9"}, (SPRING,)),
    Story(
        "a host burns CPU",
        "HighCpu",
        {f"node_cpu_seconds_total{{{HOST},cpu='{cpu}',mode='idle'}}": "0+60x9 546+6x9 660+60x9" for cpu in (0, 1)},
        ({name: value for name, value in UNIX.items() if name != "job"},),
    ),
    Story(
        "CPU for four minutes only", "HighCpu", {f"process_cpu_usage{{{API}}}": "0.2x9 0.95x3 0.2x15"}, (), at="13m30s"
    ),
    Story(
        "Spring's disk is almost full",
        "DiskAlmostFull",
        spring_disk("500x9 20x9 500x9"),
        (SPRING | {"path": "/app/."},),
    ),
    Story(
        "what is almost full has not stopped filling up",
        "DiskFilling",
        spring_disk("500x9 20x9 500x9"),
        (SPRING | {"path": "/app/."},),
    ),
    Story(
        "a host's disk is almost full",
        "DiskAlmostFull",
        node_disk("500x9 20x9 500x9"),
        (UNIX | DISK,),
    ),
    Story(
        "a disk that both report is told once",
        "DiskAlmostFull",
        spring_disk("500x9 20x9 500x9") | node_disk("500x9 20x9 500x9"),
        (SPRING | {"path": "/app/."},),
    ),
    Story(
        "another disk of the same host is told as well",
        "DiskAlmostFull",
        spring_disk("500x29") | node_disk("900x9 20x9 900x9", size="2000", mount="/data"),
        (UNIX | DISK | {"mountpoint": "/data"},),
    ),
    Story(
        "images are always full",
        "DiskAlmostFull",
        node_disk("0x29", mount="/snap", fstype="squashfs") | node_disk("500x29"),
        (),
    ),
    Story(
        "Spring's disk fills up",
        "DiskFilling",
        spring_disk("500x9 100x9 500x9"),
        (SPRING | {"path": "/app/."},),
        nothing_else=("DiskAlmostFull",),
    ),
    Story(
        "a host's disk fills up",
        "DiskFilling",
        node_disk("500x9 100x9 500x9"),
        (UNIX | DISK,),
        nothing_else=("DiskAlmostFull",),
    ),
    Story(
        "95 % exactly is not yet almost full",
        "DiskFilling",
        node_disk("500x9 50x9 500x9"),
        (UNIX | DISK,),
        nothing_else=("DiskAlmostFull",),
    ),
    Story(
        "garbage collection pauses",
        "LongGcPause",
        {
            f"jvm_gc_pause_seconds_max{{{API},gc='G1 Old',cause='{cause}'}}": values
            for cause, values in {"Full": "0.01x9 1.2x9 0.01x9", "Young": "0.02x29"}.items()
        },
        (ONE,),
    ),
    Story(
        "a service was restarted",
        "ServiceRestarted",
        {f"process_start_time_seconds{{{API}}}": "-3600x9 600x19"},
        (SPRING,),
        at="12m",
    ),
    Story(
        "a certificate was not renewed in time",
        "CertificateExpires",
        {f"probe_ssl_earliest_cert_expiry{{{PROBE}}}": "3456000x9 1728000x9 7776000x9"},
        (PROBED,),
    ),
    Story(
        "CI told of a deploy",
        "DeployDone",
        {"bongsu_last_deploy_timestamp_seconds{service='api',job='bongsu',instance='bot:8085'}": "-86400x9 600x19"},
        ({"service": "api"},),
        at="12m",
    ),
    Story(
        "CI told of a deploy, and the scrape did not honour labels",
        "DeployDone",
        {
            "bongsu_last_deploy_timestamp_seconds{exported_service='api',service='bongsu',job='bongsu'}": "-86400x9 600x19"
        },
        ({"service": "api"},),
        at="12m",
    ),
    Story(
        "the clock of CI is ahead by an hour",
        "DeployDone",
        {"bongsu_last_deploy_timestamp_seconds{service='api'}": "-86400x9 4200x19"},
        (),
        at="12m",
    ),
    Story("the chain works", "Watchdog", {}, ({"service": "monitoring"},)),
    Story(
        "cards wait to be posted",
        "BongsuSilent",
        {
            "bongsu_outbox_lag_seconds{service='bongsu'}": "0x9 300x9 0x9",
            "bongsu_inbox_lag_seconds{service='bongsu'}": "0x29",
        },
        ({"service": "bongsu"},),
    ),
    Story(
        "webhooks wait to be taken in",
        "BongsuSilent",
        {
            "bongsu_outbox_lag_seconds{service='bongsu'}": "0x29",
            "bongsu_inbox_lag_seconds{service='bongsu'}": "0x9 300x9 0x9",
        },
        ({"service": "bongsu"},),
    ),
    Story(
        "Bongsu is gone",
        "BongsuSilent",
        {"bongsu_outbox_lag_seconds{service='bongsu'}": "0x9 stale _x9 0x9"},
        ({"service": "bongsu"},),
    ),
    Story(
        "Bongsu was updated",
        "BongsuSilent",
        {"bongsu_outbox_lag_seconds{service='bongsu'}": "0x9 stale 0x18"},
        (),
        at="12m",
    ),
    *ITSELF,
)
