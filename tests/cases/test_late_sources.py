"""A real Prometheus whose numbers stand still, and one that has just started: alerts are late or wrong, and it is said."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.core.watching import SourceWatch
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from playground.process import find_binary, free_port, running
from tests.cases.trial import Trial
from tests.fakes import FakeAlertSource


@pytest.mark.timeout(120)
async def test_a_broken_sample_limit_and_a_start_are_said_by_a_real_prometheus(database, tmp_path):
    trial, port = Trial(database), free_port()
    own, config = f"127.0.0.1:{port}", tmp_path / "prometheus.yml"
    jobs = [("fits", 0), ("too-much", 1)]
    scrapes = [
        {
            "job_name": name,
            "scrape_interval": "1s",
            "sample_limit": limit,
            "static_configs": [{"targets": [own], "labels": {"instance": f"{name}-1"}}],
        }
        for name, limit in jobs
    ]
    config.write_text(json.dumps({"scrape_configs": scrapes}), "utf-8")
    command = [
        find_binary("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={own}",
    ]
    async with running("prometheus", command, tmp_path / "log") as process, aiohttp.ClientSession() as session:
        await process.ready(f"http://{own}/-/ready", 30)
        prometheus = Prometheus(JsonClient(session, f"http://{own}", source="prometheus", timeout_s=10))
        watch = SourceWatch(
            respond=trial.respond,
            source=FakeAlertSource(trial.clock),
            metrics=prometheus,
            incidents=database.incidents,
            clock=trial.clock,
            receiver="bongsu",
            group_interval=timedelta(minutes=5),
        )
        async with asyncio.timeout(60):
            while not await prometheus.frozen_targets():
                await asyncio.sleep(0.2)
        down = [each.labels["instance"] for each in await prometheus.query("up == 0")]
        trial.clock.now = datetime.now(UTC)
        await watch.look()
        soon = {notice.key: notice.values for notice in watch.notices}
        trial.clock.forward(minutes=10)
        await watch.look()
        later = {notice.key: notice.values for notice in watch.notices}

    assert down == ["too-much-1"]
    assert soon.keys() == {"source_restarted", "sample_limit"}
    assert (soon["sample_limit"]["count"], soon["sample_limit"]["names"]) == ("1", "too-much-1")
    assert soon["source_restarted"]["name"] == "Prometheus"
    # Its rules wait no longer than this; what is frozen stays frozen.
    assert later.keys() == {"sample_limit"}
