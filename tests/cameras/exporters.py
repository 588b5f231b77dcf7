"""Thirty dashboards in the shape in which those of public exporters are published; written anew, of nobody's text.

Each is a form (rows of old schemas, inputs to be filled in on import, closed rows, library panels, …), its variables, and
panels as (kind, title, unit, queries). What is no query of Prometheus' is marked by its kind.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Spec = tuple[str, str, str, tuple[str, ...]]

UNDRAWN = frozenset({"logs", "news", "dashlist", "nodeGraph"})
_RATE = "[$__rate_interval]"

SPECS: dict[str, tuple[str, dict[str, str], tuple[Spec, ...]]] = {
    "host": ("grid", {"node": "query"}, (
        ("gauge", "CPU busy", "percent", (f'100 - avg(rate(node_cpu_seconds_total{{mode="idle",instance=~"$node"}}{_RATE})) * 100',)),
        ("timeseries", "Memory", "bytes", ('node_memory_MemTotal_bytes{instance="$node"}', 'node_memory_MemFree_bytes{instance="$node"}')),
        ("bargauge", "Filesystems", "percentunit", ('1 - node_filesystem_avail_bytes{instance=~"$node",fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes',)),
        ("table", "Mounts", "bytes", ('node_filesystem_size_bytes{instance=~"$node"}',)),
    )),
    "host-old": ("rows", {"server": "query"}, (
        ("singlestat", "Uptime", "s", ('time() - node_boot_time{instance=~"$server"}',)),
        ("graph", "Load", "short", ('node_load1{instance=~"[[server]]"}', 'node_load15{instance=~"[[server]]"}')),
        ("text", "Read me", "", ()),
    )),
    "mysql": ("inputs", {"host": "query", "interval": "interval"}, (
        ("stat", "Queries per second", "qps", ('rate(mysql_global_status_queries{instance="$host"}[$interval])',)),
        ("timeseries", "Threads", "short", ('max_over_time(mysql_global_status_threads_connected{instance="$host"}[$interval])',)),
        ("timeseries", "Top commands", "short", ('topk(10, rate(mysql_global_status_commands_total{instance="$host"}[$interval]) > 0)',)),
    )),
    "postgres": ("grid", {"datasource": "datasource", "db": "query"}, (
        ("timeseries", "Transactions", "ops", (f'sum by (datname) (rate(pg_stat_database_xact_commit{{datname=~"$db"}}{_RATE}))',)),
        ("stat", "Version", "none", ("pg_static",)),
        ("heatmap", "Duration", "s", (f"sum by (le) (rate(pg_query_seconds_bucket{_RATE}))",)),
    )),
    "redis": ("rows", {"addr": "query"}, (
        ("singlestat", "Clients", "none", ('sum(redis_connected_clients{addr=~"$addr"})',)),
        ("graph", "Hits", "short", ('irate(redis_keyspace_hits_total{addr=~"$addr"}[5m])', 'irate(redis_keyspace_misses_total{addr=~"$addr"}[5m])')),
    )),
    "nginx": ("inputs", {"instance": "query"}, (
        ("stat", "Up", "none", ('nginx_up{instance=~"$instance"}',)),
        ("timeseries", "Connections", "short", ('nginx_connections_active{instance=~"$instance"}',)),
        ("logs", "Log", "", ('{job="nginx"}',)),
    )),
    "haproxy": ("closed", {"backend": "query", "code": "custom"}, (
        ("timeseries", "Answers", "reqps", (f'sum by (code) (rate(haproxy_backend_http_responses_total{{proxy=~"$backend",code=~"$code"}}{_RATE}))',)),
        ("timeseries", "Queue", "short", ('haproxy_backend_current_queue{proxy=~"$backend"}',)),
    )),
    "kafka": ("grid", {"topic": "query"}, (
        ("timeseries", "Lag", "short", ('sum(kafka_consumergroup_lag{topic=~"$topic"}) by (consumergroup, topic)',)),
        ("bargauge", "Partitions", "none", ('count by (topic) (kafka_topic_partition_leader{topic=~"${topic:regex}"})',)),
    )),
    "rabbitmq": ("closed", {"namespace": "query"}, (
        ("stat", "Ready", "short", ('sum(rabbitmq_queue_messages_ready * on(instance) group_left(cluster) rabbitmq_identity_info{namespace="$namespace"})',)),
        ("timeseries", "Published", "cps", (f"sum(rate(rabbitmq_global_messages_received_total{_RATE}) * on(instance) group_left(node) rabbitmq_identity_info) by(node)",)),
    )),
    "mongodb": ("inputs", {"env": "query"}, (
        ("graph", "Operations", "ops", ('rate(mongodb_op_counters_total{env="$env"}[$__interval])',)),
        ("table-old", "Members", "", ('mongodb_mongod_replset_member_health{env="$env"}',)),
    )),
    "elasticsearch": ("rows", {"cluster": "query"}, (
        ("singlestat", "Nodes", "none", ('elasticsearch_cluster_health_number_of_nodes{cluster="$cluster"}',)),
        ("graph", "Heap", "percent", ('100 * elasticsearch_jvm_memory_used_bytes{cluster="$cluster",area="heap"} / elasticsearch_jvm_memory_max_bytes',)),
    )),
    "containers": ("grid", {"host": "query", "container": "query"}, (
        ("timeseries", "CPU", "percent", ('sum(rate(container_cpu_usage_seconds_total{instance=~"$host",name=~"$container",name=~".+"}[10m])) by (name) * 100',)),
        ("table", "Containers", "s", ('(time() - container_start_time_seconds{instance=~"$host",name=~".+"})',)),
    )),
    "kube-state": ("library", {"cluster": "query", "namespace": "query"}, (
        ("stat", "Pods", "none", ('sum(kube_pod_status_phase{cluster="$cluster",namespace=~"$namespace",phase="Running"})',)),
        ("timeseries", "Restarts", "short", ('increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[1h])',)),
    )),
    "probes": ("grid", {"target": "query"}, (
        ("timeseries", "Duration", "s", ('avg_over_time(probe_duration_seconds{instance=~"$target"}[$__interval])',)),
        ("stat", "Certificate", "dtdurations", ('probe_ssl_earliest_cert_expiry{instance=~"$target"} - time()',)),
    )),
    "network": ("grid", {"device": "query", "interface": "query"}, (
        ("timeseries", "In and out", "bps", (f'rate(ifHCInOctets{{instance="$device",ifName=~"$interface"}}{_RATE}) * 8', f'-rate(ifHCOutOctets{{instance="$device",ifName=~"$interface"}}{_RATE}) * 8')),
        ("geomap", "Where", "", ("ifIndex",)),
    )),
    "windows": ("closed", {"hostname": "query"}, (
        ("gauge", "Memory", "percent", ('100 - 100 * windows_os_physical_memory_free_bytes{hostname="$hostname"} / windows_cs_physical_memory_bytes',)),
        ("timeseries", "Disk", "Bps", ('irate(windows_logical_disk_read_bytes_total{hostname=~"$hostname", volume!~"HarddiskVolume.+"}[2m])',)),
    )),
    "jvm": ("inputs", {"application": "query", "jvm_memory_pool_heap": "query"}, (
        ("timeseries", "Heap", "bytes", ('sum(jvm_memory_used_bytes{application="$application", area="heap"})', 'sum(jvm_memory_max_bytes{application="$application", area="heap"})')),
        ("timeseries", "Pauses", "s", ('rate(jvm_gc_pause_seconds_sum{application="$application"}[1m])/rate(jvm_gc_pause_seconds_count[1m])',)),
    )),
    "go": ("rows", {"job": "query", "interval": "interval"}, (
        ("graph", "Goroutines", "short", ('go_goroutines{job="$job"}',)),
        ("graph", "Allocated", "Bps", ('rate(go_memstats_alloc_bytes_total{job=~"$job"}[$interval])',)),
    )),
    "python": ("grid", {"job": "query"}, (
        ("timeseries", "Collected", "short", (f'rate(python_gc_objects_collected_total{{job="$job"}}{_RATE})',)),
        ("piechart", "By generation", "short", ("sum by (generation) (python_gc_collections_total)",)),
    )),
    "apache": ("rows", {"instance": "query"}, (
        ("graph", "Workers", "short", ('apache_workers{state=~"busy|idle", instance=~"$instance"}',)),
        ("singlestat", "Up", "none", ('apache_up{instance=~"$instance"}',)),
    )),
    "memcached": ("grid", {"instance": "query"}, (
        ("timeseries", "Hit ratio", "percentunit", ('sum(rate(memcached_commands_total{command="get",status="hit"}[5m])) / sum(rate(memcached_commands_total{command="get"}[5m]))',)),
        ("news", "News", "", ()),
    )),
    "consul": ("closed", {"node": "query"}, (
        ("timeseries", "Raft", "ms", ('consul_raft_commitTime{quantile="0.99"}',)),
        ("stat", "Services", "none", ("consul_catalog_services",)),
    )),
    "etcd": ("inputs", {"cluster": "query"}, (
        ("timeseries", "Sync", "s", (f'histogram_quantile(0.99, sum(rate(etcd_disk_wal_fsync_duration_seconds_bucket{{job=~".*etcd.*", job="$cluster"}}{_RATE})) by (instance, le))',)),
        ("stat", "Leader", "none", ('etcd_server_has_leader{job="$cluster"}',)),
    )),
    "dns": ("grid", {"instance": "query", "protocol": "custom"}, (
        ("timeseries", "Answers", "pps", ('sum(rate(coredns_dns_responses_total{instance=~"$instance",proto=~"$protocol"}[5m])) by (rcode)',)),
        ("heatmap", "Sizes", "bytes", ('sum(increase(coredns_dns_response_size_bytes_bucket{proto="udp"}[5m])) by (le)',)),
    )),
    "proxy": ("grid", {"service": "query"}, (
        ("timeseries", "Apdex", "percentunit", ('(sum(rate(traefik_entrypoint_request_duration_seconds_bucket{le="0.3",code="200"}[5m])) + sum(rate(traefik_entrypoint_request_duration_seconds_bucket{le="1.2"}[5m]))) / 2',)),
        ("table", "Services", "", ('sort_desc(sum by (service) (traefik_service_requests_total{service=~"$service"}))',)),
    )),
    "mesh": ("closed", {"cluster": "query"}, (
        ("timeseries", "Requests", "reqps", ('sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total{envoy_cluster_name=~"$cluster"}[1m]))',)),
        ("nodeGraph", "Graph", "", ("envoy_cluster_membership_total",)),
    )),
    "php": ("rows", {"pool": "query"}, (
        ("graph", "Processes", "short", ('phpfpm_active_processes{pool=~"$pool"}', 'phpfpm_idle_processes{pool=~"$pool"}')),
    )),
    "hardware": ("inputs", {"node": "query"}, (
        ("timeseries", "Temperature", "celsius", ('ipmi_temperature_celsius{instance=~"$node"}',)),
        ("gauge", "Power", "watt", ('sum(ipmi_power_watts{instance=~"$node"})',)),
    )),
    "processes": ("grid", {"processes": "custom"}, (
        ("timeseries", "CPU", "percentunit", (f'rate(namedprocess_namegroup_cpu_seconds_total{{groupname=~"$processes"}}{_RATE})',)),
        ("dashlist", "Others", "", ()),
    )),
    "sla": ("library", {"service": "query"}, (
        ("stat", "Within 30 days", "percentunit", ('avg_over_time(up{job="$service"}[$__range])',)),
        ("timeseries", "Budget", "percentunit", ('1 - (1 - avg_over_time(up{job=~"$service"}[30d:5m])) / (1 - 0.999)',)),
    )),
}  # fmt: skip


def dashboard(name: str, *, imported: bool = True) -> Json:
    """Return one of them as Grafana has it after an import, which fills inputs in; or as it is published."""
    form, variables, specs = SPECS[name]
    panels = [_panel(number, spec, form, imported=imported) for number, spec in enumerate(specs, 1)]
    board: Json = {
        "uid": name, "title": f"Of {name}", "schemaVersion": 14 if form == "rows" else 39,
        "templating": {"list": [_variable(*each) for each in variables.items()]},
    }  # fmt: skip
    if form == "rows":
        return board | {"rows": [{"title": "All", "showTitle": True, "collapse": False, "panels": panels}]}
    if form == "inputs":
        given = {"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus"}
        board["__inputs"] = [given]
    if form == "closed":
        row = {
            "id": 90,
            "type": "row",
            "title": "More",
            "collapsed": True,
            "gridPos": _place(9, 24),
            "panels": panels[1:],
        }
        return board | {"panels": [panels[0], row]}
    if form == "library":
        shared = {
            "id": 91,
            "title": "Shared",
            "gridPos": _place(9, 12),
            "libraryPanel": {"uid": "lib", "name": "Shared"},
        }
        return board | {"panels": [*panels, shared]}
    return board | {"panels": panels}


def expected(name: str) -> dict[str, str]:
    """Return what is to be said of each panel that is not drawn, by title, in English."""
    form, _, specs = SPECS[name]
    said = {
        title: f"this kind of panel ({kind}) is not drawn here"
        for kind, title, _, _ in specs
        if kind in UNDRAWN | {"geomap"}
    }
    if form == "library":
        said["Shared"] = "what is in its library panel Shared could not be read"
    return said


def titles(name: str) -> list[str]:
    """Return the titles of all its panels, in order."""
    form, _, specs = SPECS[name]
    return [*(title for _, title, _, _ in specs), *(["Shared"] if form == "library" else [])]


def _panel(number: int, spec: Spec, form: str, *, imported: bool) -> Json:
    kind, title, unit, queries = spec
    loki = kind == "logs"
    source: Any = {"type": "loki" if loki else "prometheus", "uid": "loki-1" if loki else "prom-1"}
    if form == "inputs" and not loki and not imported:
        source = "${DS_PROMETHEUS}"
    if form == "rows":
        source = None
    asked = [
        {"expr": each, "legendFormat": "{{instance}}", "refId": "ABC"[place]} for place, each in enumerate(queries)
    ]
    panel: Json = {"id": number, "title": title, "type": kind, "datasource": source, "targets": asked}
    if form == "rows":
        return panel | {
            "span": 6,
            "yaxes": [{"format": unit}, {"format": "short"}],
            "format": unit,
            "seriesOverrides": [],
        }
    look = {"defaults": {"unit": unit, "custom": {"fillOpacity": 10}}, "overrides": []}
    return panel | {"gridPos": _place(number, 12), "fieldConfig": look, "options": {"legend": {"showLegend": True}}}


def _place(number: int, width: int) -> Json:
    return {"x": 12 * ((number - 1) % 2) if width < 24 else 0, "y": 8 * ((number - 1) // 2), "w": width, "h": 8}


def _variable(name: str, kind: str) -> Json:
    usual: Json = {"name": name, "type": kind, "label": name.title(), "current": {"text": "one", "value": "one"}}
    if kind == "datasource":
        return usual | {"query": "prometheus", "current": {"text": "Prometheus", "value": "prom-1"}}
    if kind == "interval":
        return usual | {"query": "1m,5m,1h", "current": {"text": "5m", "value": "5m"}}
    if kind == "custom":
        return usual | {"query": "one,two", "multi": True, "current": {"text": ["one", "two"], "value": ["one", "two"]}}
    everything = {"text": ["All"], "value": ["$__all"]}
    return usual | {
        "query": f"label_values(up, {name})",
        "includeAll": True,
        "multi": True,
        "current": everything,
        "allValue": ".*",
    }
