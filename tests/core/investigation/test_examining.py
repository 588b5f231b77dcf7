"""A look into a service: no incident, nothing kept, not twice within the pause, and never longer than its deadline."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

import bot.core.investigation.investigating
from bot.domain.inquiries import Case
from bot.domain.owners import Catalogue, Service
from bot.domain.people import Person, Policy, Right
from bot.errors import NotAllowed, Refused, SourceUnavailable, TooSoon
from tests.sick import let_see
from tests.ui.world import World, make_world

MINJI = Person(31, "minji", frozenset({21}))
STRANGER = Person(99, "jun")
CATALOGUE = Catalogue(
    {name: Service(name, name.upper(), runbook=f"https://wiki.example/{name}") for name in ("api", "chat", "mail")}
)


@pytest.fixture
async def world(database) -> World:
    made = make_world(database, catalogue=CATALOGUE)
    made.rules.policy = Policy({right: frozenset({21}) for right in Right})
    let_see(made)
    return made


async def test_what_is_wrong_with_a_service_is_said_although_nothing_fires(world, database):
    report = await world.services.investigating.examine("api", MINJI)

    cause = report.analysis.verdict.cause
    assert (cause.service, report.seen, report.incidents) == ("api", True, ())
    assert report.analysis.ranking.lead.mechanism == "latency"
    assert report.analysis.runbook == "https://wiki.example/api"
    assert not await database.incidents.recent(10)
    assert not await world.services.investigating.step()


async def test_a_loud_service_that_is_well_is_harmless(world):
    world.services.investigating._collector._telemetry.metrics.ranges = {}

    report = await world.services.investigating.examine("chat", MINJI)

    ranking = report.analysis.ranking
    assert (ranking.abstained, ranking.harmless, report.seen) == (True, ("chat",), True)
    assert "Cache miss" in " ".join(finding.values.get("template", "") for finding in ranking.findings)


async def test_of_a_service_that_no_source_knows_nothing_is_claimed(world):
    assert not (await world.services.investigating.examine("mail", MINJI)).seen


async def test_what_fires_is_told_and_that_of_the_service_is_named(world):
    await world.fire("DiskFilling", service="chat")
    await world.fire("HighLatency")

    report = await world.services.investigating.examine("api", MINJI)

    assert [incident.title for incident in report.incidents] == ["HighLatency"]
    alerts = [each.values["alert"] for each in report.analysis.ranking.findings if each.key == "also-firing"]
    assert alerts == ["HighLatency (api)", "DiskFilling (chat)"]


async def test_it_rests_between_two_looks_each_service_for_itself(world):
    use = world.services.investigating
    await use.examine("api", MINJI)

    assert use.rests("api")
    with pytest.raises(TooSoon) as caught:
        await use.examine("api", MINJI)
    assert caught.value.values == {"seconds": "120"}
    assert (await use.examine("chat", MINJI)).service.name == "chat"

    world.clock.now += timedelta(minutes=2)
    assert not use.rests("api")
    assert (await use.examine("api", MINJI)).service.name == "api"


async def test_who_may_not_investigate_is_refused_and_written_down(world, database):
    with pytest.raises(NotAllowed):
        await world.services.investigating.examine("api", STRANGER)

    [row] = await database.audit.rows(1)
    assert (row.actor.name, row.action, row.target, row.allowed) == ("jun", "analyze", "api", False)
    assert not world.services.investigating.rests("api")


async def test_a_source_that_hangs_is_named_and_not_waited_for(world):
    collector = world.services.investigating._collector
    collector._plan = replace(collector._plan, deadline_s=5.0)
    collector._telemetry.logs.hangs = True

    report = await world.services.investigating.examine("api", MINJI)

    assert ("loki", "timeout") in {(gap.source, gap.reason) for gap in report.analysis.gaps}
    assert report.analysis.verdict.cause.service == "api"


class Hanging:
    """An analyst that never comes back."""

    async def explain(self, case: Case) -> None:
        await asyncio.sleep(3600)


class Failing:
    """An analyst over something that is broken."""

    async def explain(self, case: Case) -> None:
        raise SourceUnavailable("store", "disk full")


@pytest.mark.parametrize(("analyst", "key"), [(Hanging, "errors.not_finished"), (Failing, "errors.source_unavailable")])
async def test_who_got_no_answer_may_ask_again_at_once(world, monkeypatch, analyst, key):
    monkeypatch.setattr(bot.core.investigation.investigating, "_ASKED_DEADLINE_S", 0.2 if analyst is Hanging else 60)
    use = world.services.investigating
    well, use._analyst = use._analyst, analyst()

    with pytest.raises((Refused, SourceUnavailable)) as caught:
        await use.examine("api", MINJI)

    assert caught.value.key == key
    use._analyst = well
    monkeypatch.setattr(bot.core.investigation.investigating, "_ASKED_DEADLINE_S", 60)
    assert (await use.examine("api", MINJI)).seen


async def test_the_runbook_of_the_service_is_read(world, tmp_path):
    from bot.telemetry.runbooks import FolderRunbooks

    (tmp_path / "api.md").write_text("## First checks\n1. call 10.0.0.7 with password=hunter2-Xk29vQ\n", "utf-8")
    world.services.investigating._runbooks = FolderRunbooks(tmp_path)

    report = await world.services.investigating.examine("api", MINJI)

    assert report.analysis.runbook_steps == ("call <ip-1> with password=<password-1>",)
