"""Whether Grafana's messages arrive and its dashboards stay, against what a real Grafana 12.4 answers."""

from __future__ import annotations

import pytest

from bot.doctor.grafana_state import dashboards, deliveries
from bot.doctor.lines import Level, LineWriter
from bot.telemetry.http import JsonClient
from tests.recordings import recorded

RECEIVERS = "GET /api/alertmanager/grafana/config/api/v1/receivers"
SAY = LineWriter("en")


@pytest.fixture
def http(server, session):
    return JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20)


async def test_recorded_deliveries_that_failed_are_told_with_their_reason(server, http):
    server.on(RECEIVERS, recorded("alertmanager/am_config_receivers").body)

    found = await deliveries(SAY, http)

    assert {each.level for each in found} == {Level.WRONG}
    assert [each.words.partition(" ")[0] for each in found] == ["c-basic", "c-custom", "c-wrong"]
    assert "401 Unauthorized" in found[0].words


async def test_a_variable_that_nobody_has_set_is_named(server, http):
    error = 'Post "<redacted>": dial tcp: lookup DISCORD_WEBHOOK_URGENT-is-not-set.invalid: no such host'
    server.on(RECEIVERS, [{"name": "discord-high", "integrations": [{"lastNotifyAttemptError": error}]}])

    (found,) = await deliveries(SAY, http)

    assert (found.level, "DISCORD_WEBHOOK_URGENT is not set" in found.words) == (Level.WRONG, True)


async def test_messages_that_arrived_are_fine_and_a_grafana_that_does_not_tell_is_a_note(server, http):
    server.on(RECEIVERS, [{"name": "bongsu", "integrations": [{"name": "webhook"}]}])
    (fine,) = await deliveries(SAY, http)
    server.on(RECEIVERS, {"message": "Not found"}, 404)
    (unknown,) = await deliveries(SAY, http)

    assert (fine.level, unknown.level) == (Level.OK, Level.NOTE)


async def test_a_recorded_grafana_that_deletes_its_folder_at_each_start_is_told(server, http):
    server.on("GET /api/folders", recorded("folders/folders_list").body)
    server.on("GET /api/search", recorded("search/search_all").body[:1])
    server.on("GET /api/dashboards/uid/bongsu", recorded("roles/dashboard_overview_as_viewer").body)

    (found,) = await dashboards(SAY, http)

    assert found.level is Level.WRONG
    assert "deletes the folder Bongsu" in found.words


@pytest.mark.parametrize(
    ("folders", "provisioned"),
    [(1, False), (2, True), (0, True)],
    ids=["allowUiUpdates", "two folders", "nothing from files"],
)
async def test_what_was_seen_to_keep_its_dashboards_is_fine(server, http, folders, provisioned):
    managed = {"title": "Bongsu", "managedBy": "classic-file-provisioning"}
    server.on("GET /api/folders", [{**managed, "uid": f"f{n}"} for n in range(folders)] + [{"uid": "x", "title": "X"}])
    server.on("GET /api/search", [{"uid": "overview"}])
    server.on("GET /api/dashboards/uid/overview", {"meta": {"provisioned": provisioned}})

    (found,) = await dashboards(SAY, http)

    assert found.level is Level.OK
