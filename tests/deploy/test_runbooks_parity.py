"""The comparison of Node Exporter with Alloy in the runbook of deployment, played by promtool over both."""

from __future__ import annotations

import pytest

from tests.deploy.alerting_files import run_unit_tests
from tests.deploy.test_runbooks import ENGLISH, blocks

COMPARED = (ENGLISH / "deployment.md").read_text("utf-8").partition("### 2. Compare the metrics")[2]
HOSTS, NAMES, DISKS, MEMORY, CPU, HOLES, REMOVED = blocks(COMPARED, "promql")

# A sample a minute for two hours, but `up`, a sample every 15 s for a day in its own test.
SAME = {
    'up{{job="{job}", host="app-1"}}': "1x120",
    'node_memory_MemTotal_bytes{{job="{job}", host="app-1"}}': "4000x120",
    'node_cpu_seconds_total{{job="{job}", host="app-1", mode="idle", cpu="0"}}': "0+48x120",
    'node_filesystem_size_bytes{{job="{job}", host="app-1", mountpoint="/", fstype="ext4"}}': "9000x120",
}
OLD = {name.format(job="node-old"): values for name, values in SAME.items()}
NEW = {name.format(job="node"): values for name, values in SAME.items()}
UP, TOTAL, IDLE, DISK = NEW


def play(folder, query: str, series: dict[str, str], found: int, *, interval: str = "1m", at: str = "2h") -> None:
    samples = [{"labels": "{}", "value": found}] if found else []
    test = {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": f"count({query})", "eval_time": at, "exp_samples": samples}],
    }
    run_unit_tests(folder, {"groups": []}, [test])


@pytest.mark.parametrize("query", [HOSTS, NAMES, DISKS, MEMORY, CPU])
def test_nothing_is_found_where_both_see_the_same(tmp_path, query):
    play(tmp_path, query, OLD | NEW, 0)


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        (HOSTS, {UP: "0x120"}),
        (NAMES, {TOTAL: "_x120"}),
        (DISKS, {DISK: "_x120"}),
        (MEMORY, {TOTAL: "3000x120"}),
        (CPU, {IDLE: "0+30x120"}),
    ],
)
def test_what_the_new_one_does_not_see_is_found(tmp_path, query, changed):
    play(tmp_path, query, OLD | NEW | changed, 1)


@pytest.mark.parametrize(("values", "found"), [("1x5760", 0), ("1x2000 _x200 1x3560", 1)])
def test_a_hole_of_the_last_day_is_found(tmp_path, values, found):
    play(tmp_path, HOLES, {UP: values}, found, interval="15s", at="24h")


@pytest.mark.parametrize(("series", "found"), [(OLD | NEW, 1), (NEW, 0)])
def test_what_is_removed_is_seen_to_be_gone(tmp_path, series, found):
    play(tmp_path, REMOVED, series, found)
