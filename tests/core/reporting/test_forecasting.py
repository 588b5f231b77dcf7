"""Certificates and disks that run out, as a real Prometheus tells them."""

from __future__ import annotations

import asyncio
import subprocess
import time
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.core.reporting.forecasting import Forecasting
from bot.ports import Sample
from bot.reporting.outlook import Kind
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from playground.process import find_binary, free_port, running
from tests.builders import NOW
from tests.fakes import FakeMetrics

GIB = 2**30
DAY = 86_400


@pytest.mark.server
async def test_a_real_prometheus_knows_when_a_disk_is_full(tmp_path):
    now = int(time.time())
    lines = ["# TYPE node_filesystem_avail_bytes gauge"]
    disk = 'node_filesystem_avail_bytes{{instance="db-1:9100",mountpoint="{}",fstype="ext4"}} {} {}'
    times = range(now - 2 * DAY, now + 1, 600)
    # Half a GiB a day, of which two are left; and one that does not change.
    lines += [disk.format("/var", 2 * GIB + (now - at) / DAY * GIB / 2, at) for at in times]
    lines += [disk.format("/", 9 * GIB, at) for at in times]
    lines.append("# TYPE probe_ssl_earliest_cert_expiry gauge")
    for name, days in (("https://a.example", 6), ("https://b.example", 90)):
        lines += [
            f'probe_ssl_earliest_cert_expiry{{instance="{name}"}} {now + days * DAY} {at}'
            for at in range(now - 600, now + 1, 60)
        ]
    (tmp_path / "numbers.txt").write_text("\n".join([*lines, "# EOF", ""]), "utf-8")
    (tmp_path / "prometheus.yml").write_text("scrape_configs: []\n", "utf-8")
    making = [find_binary("promtool"), "tsdb", "create-blocks-from", "--max-block-duration=960h", "openmetrics"]
    subprocess.run([*making, "numbers.txt", "data"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    port = free_port()
    command = [
        find_binary("prometheus"), f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    async with running("prometheus", command, tmp_path / "log") as process, aiohttp.ClientSession() as session:
        await process.ready(f"http://127.0.0.1:{port}/-/ready", 60)
        metrics = Prometheus(JsonClient(session, f"http://127.0.0.1:{port}", source="prometheus", timeout_s=30))
        at = datetime.fromtimestamp(now, UTC)

        disk_full, expires = await Forecasting(metrics).endings(at)

    assert (disk_full.kind, disk_full.name) == (Kind.DISK, "db-1:9100 /var")
    assert (disk_full.at - at) / timedelta(days=1) == pytest.approx(4, abs=0.2)
    assert (expires.kind, expires.name) == (Kind.CERTIFICATE, "https://a.example")
    assert (expires.at - at) / timedelta(days=1) == pytest.approx(6, abs=0.1)


async def test_the_same_thing_is_told_once_and_nonsense_never():
    samples = [Sample({"instance": "a"}, 60.0), Sample({"instance": "a"}, 90.0), Sample({}, float("inf"))]

    (found,) = await Forecasting(FakeMetrics({"probe_ssl_earliest_cert_expiry - time() < 2592000": samples})).endings(
        NOW
    )

    assert (found.name, found.at) == ("a", NOW + timedelta(minutes=1))


async def test_a_prometheus_that_does_not_answer_knows_of_nothing(monkeypatch):
    monkeypatch.setattr("bot.core.reporting.forecasting._DEADLINE_S", 0.1)
    down, hanging = FakeMetrics(), FakeMetrics()
    down.down, hanging.hangs = "away", True

    async with asyncio.timeout(60):
        assert await Forecasting(down).endings(NOW) == []
        assert await Forecasting(hanging).endings(NOW) == []
