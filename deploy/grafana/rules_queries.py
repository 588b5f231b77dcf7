"""What the longer alert rules ask Prometheus; none compares, so that there is a value also when all is well.

Names of metrics: Micrometer (Spring Boot 3), node exporter (Alloy's `prometheus.exporter.unix`), blackbox exporter, nginx
exporter, and Bongsu's own (`bot/web/own_metrics.py`).
"""

from __future__ import annotations

from typing import Final

# Bongsu is left out here: who would tell of it is Bongsu, so BongsuSilent does. nginx_up comes first because the
# exporter's own `up` has the same labels and stays 1 when nginx is gone. The last part is a service that is no longer
# scraped at all, its host with its agent being down: such a series ends, it does not become 0.
UP: Final = """\
nginx_up{service!=""}
or up{service!="",service!="bongsu"}
or (
  0 * max by (service, job) (max_over_time(up{service!="",service!="bongsu"}[1d]))
  unless on (service, job) up{service!="",service!="bongsu"}
)"""

# Prometheus' own scrapes of /actuator always succeed and would thin out the errors of a quiet service. A service that
# never failed has no series of errors: 0 stands in, so that no errors differ from no requests.
ERRORS: Final = """\
(
  sum by (service) (rate(http_server_requests_seconds_count{outcome="SERVER_ERROR",uri!~"/actuator.*"}[2m]))
  or 0 * sum by (service) (rate(http_server_requests_seconds_count{uri!~"/actuator.*"}[2m]))
)
/ sum by (service) (rate(http_server_requests_seconds_count{uri!~"/actuator.*"}[2m]))"""

P99: Final = """\
histogram_quantile(
  0.99,
  sum by (service, le) (rate(http_server_requests_seconds_bucket{uri!~"/actuator.*"}[2m]))
)"""

# A disk that Spring reports too (same host, same size) is told by its service, which has an owner: one disk, one card.
# The file systems left out are full by nature or live in memory.
DISK: Final = """\
1 - disk_free_bytes / disk_total_bytes
or
(
  1
  - node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|erofs"}
  / node_filesystem_size_bytes
  unless on (host, mountpoint)
    (node_filesystem_size_bytes == on (host) group_left max by (host) (disk_total_bytes))
)"""

# Micrometer says -1 where a memory pool has no limit.
MEMORY: Final = """\
sum by (service, host, instance) (jvm_memory_used_bytes{area="heap"})
/ sum by (service, host, instance) (jvm_memory_max_bytes{area="heap"} > 0)
or
1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"""

CPU: Final = """\
process_cpu_usage{service!=""}
or
1 - avg by (service, host, instance) (rate(node_cpu_seconds_total{mode="idle"}[2m]))"""

# Told by CI to POST /webhooks/deploy. Where the scrape does not honour labels, the deployed service stands in
# exported_service. A clock of CI that is ahead must not make it fire for an hour.
DEPLOYED: Final = """\
abs(time() - max by (service) (
  label_replace(bongsu_last_deploy_timestamp_seconds, "service", "$1", "exported_service", "(.+)")
))"""

# How long something waits to be posted; if Bongsu is not scraped any more, how long that has been so.
SILENT: Final = """\
max({__name__=~"bongsu_(inbox|outbox)_lag_seconds"})
or
time() - max(max_over_time(timestamp(bongsu_outbox_lag_seconds)[1d:60s]))"""

# Whether anybody leads. One that is no longer scraped is 0 for a day, as in UP.
LEADER: Final = """\
max by (env) (bongsu_leader)
or
0 * max by (env) (max_over_time(bongsu_leader[1d]))"""

# As SILENT, from webhook to card: also what stands in no queue any more.
BEHIND: Final = """\
max(bongsu_oldest_waiting_seconds)
or
time() - max(max_over_time(timestamp(bongsu_oldest_waiting_seconds)[1d:60s]))"""

# Counts by result. Once they are gone the last ones stand for two hours, or an alert would end with its series.
REFUSED: Final = """\
sum by (result) (increase(bongsu_notifications_total{result=~"refused|unavailable"}[5m]))
or
last_over_time(sum by (result) (increase(bongsu_notifications_total{result=~"refused|unavailable"}[5m]))[2h:1m])"""

# A histogram tells of what was shown only: nothing shown at all is NaN, which `>= 0` drops, and what waits counts beside it.
SLOW: Final = """\
max(
  histogram_quantile(0.9, sum by (le) (rate(bongsu_delivery_seconds_bucket{severity=~"P1|P2"}[10m]))) >= 0
  or bongsu_oldest_waiting_seconds
  or time() - max(max_over_time(timestamp(bongsu_delivery_seconds_count)[1d:60s]))
)"""

# As REFUSED.
CALLS: Final = """\
sum(increase(bongsu_pages_total[10m]))
or
last_over_time(sum(increase(bongsu_pages_total[10m]))[2h:1m])"""
