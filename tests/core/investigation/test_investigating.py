"""An investigation from the list to its outcome: once, again, rated, and failed without hiding the next one."""

from dataclasses import replace

import pytest

from bot.domain.evidence import Claim
from bot.domain.inquiries import InquiryState, Rating
from bot.domain.owners import Catalogue, Service
from bot.domain.people import Person, Policy, Right
from bot.errors import NotAllowed, SourceUnavailable, TooSoon
from tests.ui.reports import make_analysis
from tests.ui.world import World, make_world

MINJI = Person(31, "minji", frozenset({21}))
STRANGER = Person(99, "jun")


@pytest.fixture
async def world(database) -> World:
    made = make_world(database)
    made.rules.policy = Policy({right: frozenset({21}) for right in Right})
    return made


async def test_a_severe_incident_is_looked_into_once(world, database):
    view = await world.fire("HighLatency", severity="critical")
    use = world.services.investigating

    assert await use.admit()
    assert await use.step()
    assert not await use.admit()
    assert not await use.step()

    done = await database.investigations.latest(view.incident.number)
    assert done.analysis.ranking.abstained
    assert {gap.source for gap in done.analysis.gaps} == {"prometheus", "loki", "tempo"}
    assert done.analysis.use.silent == "no-key"


async def test_a_mild_one_is_looked_into_only_when_a_person_asks(world):
    view = await world.fire("HighLatency", severity="info")
    use = world.services.investigating

    assert not await use.admit()
    asked = await use.analyze(view.incident.number, MINJI)
    assert await use.step()

    assert (await use.report(asked.id, MINJI)).inquiry.state is InquiryState.DONE


async def test_it_is_not_repeated_at_once_and_not_by_everybody(world):
    view = await world.fire("HighLatency", severity="critical")
    use = world.services.investigating
    asked = await use.analyze(view.incident.number, MINJI)
    await use.step()

    with pytest.raises(TooSoon):
        await use.again(asked.id, MINJI)
    with pytest.raises(NotAllowed):
        await use.again(asked.id, STRANGER)


async def test_a_rating_is_counted(world):
    view = await world.fire("HighLatency", severity="critical")
    use = world.services.investigating
    asked = await use.analyze(view.incident.number, MINJI)
    await use.step()

    assert (await use.rate(asked.id, MINJI, Rating.WRONG))[Rating.WRONG] == 1
    counts = await use.rate(asked.id, MINJI, Rating.USEFUL)
    assert (counts[Rating.USEFUL], counts[Rating.WRONG]) == (1, 0)


async def test_what_fires_and_does_not_call_the_cause_is_kept_with_what_was_found(database):
    shop = Catalogue({"chat": Service("chat", "Chat", depends_on=("api",)), "api": Service("api", "API")})
    world = make_world(database, catalogue=shop)
    view = await world.fire("DiskFull", severity="critical", service="api")
    use = world.services.investigating

    class Blaming:
        async def explain(self, case):
            verdict = replace(make_analysis().verdict, cause=Claim("chat restarts", "chat", ()))
            return make_analysis(verdict=verdict)

    use._analyst = Blaming()
    await use.admit()
    assert await use.step()

    assert (await database.investigations.latest(view.incident.number)).analysis.unexplained == ("api",)


async def test_one_that_fails_is_set_aside_and_hides_nothing(world, database):
    await world.fire("HighLatency", severity="critical")
    use = world.services.investigating
    await use.admit()

    class Broken:
        async def explain(self, case):
            raise SourceUnavailable("store", "disk full")

    well, use._analyst = use._analyst, Broken()
    assert await use.step()
    use._analyst = well

    assert not await use.step()
