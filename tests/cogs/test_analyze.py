"""`/analyze` as people type it: of an incident, and of a service for which nothing fires."""

from __future__ import annotations

from bot.domain.inquiries import InquiryState
from bot.ports import Sample
from tests.cogs.typed import conversation, offered, refused
from tests.sick import let_see
from tests.ui.test_buttons import Scene, said
from tests.ui.test_client import speak_korean


async def know(it: Scene) -> None:
    """Let Bongsu have heard of two services, and let their sources tell."""
    it.world.metrics.answers = {"up": [Sample({"service": "api"}, 1), Sample({"service": "chat"}, 1)]}
    await it.minji.slash(it.channel, "status")
    let_see(it.world)


async def test_an_incident_is_looked_into_and_only_the_asker_hears_that(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "analyze", target="#1")

        assert result.ephemeral
        assert "Investigating #1" in said(result)
        assert await it.world.services.investigating.step()
        inquiry = await database.investigations.latest(1)
        assert (inquiry.state, inquiry.asked_by.name) == (InquiryState.DONE, "minji")


async def test_a_service_is_answered_for_everybody_and_calls_nobody(database):
    async with conversation(database) as it:
        await know(it)

        result = await it.minji.slash(it.channel, "analyze", target=" API ")

        words = said(result)
        assert not result.ephemeral
        assert "`api` itself has become slow" in words
        assert "🟠 #1 HighLatency" in words
        assert "<@" not in words
        assert await database.investigations.latest(1) is None


async def test_a_service_that_is_well_is_called_harmless(database):
    async with conversation(database) as it:
        await know(it)
        it.world.services.investigating._collector._telemetry.metrics.ranges = {}

        words = said(await it.minji.slash(it.channel, "analyze", target="chat"))

        assert "✅ chat: nothing stands out; what moved is harmless" in words
        assert "Cache miss" in words
        assert "suggested" not in words


async def test_what_is_asked_again_at_once_is_refused_to_the_asker_alone(database):
    async with conversation(database) as it:
        await know(it)
        await it.minji.slash(it.channel, "analyze", target="chat")

        assert "try again in 120 s" in refused(it, await it.minji.slash(it.channel, "analyze", target="chat"))


async def test_without_the_role_neither_is_looked_into(database):
    async with conversation(database) as it:
        await know(it)

        result = await it.mallory.slash(it.channel, "analyze", target="chat")

        assert "You may not acknowledge" in refused(it, result)
        assert not it.world.services.investigating.rests("chat")


async def test_what_nobody_knows_is_a_sentence_with_near_names(database):
    async with conversation(database) as it:
        await know(it)

        result = await it.minji.slash(it.channel, "analyze", target="chatt")

        assert 'No open alert and no service is called "chatt". Near it: chat' in refused(it, result)


async def test_a_service_that_only_an_alert_names_means_its_incident(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "analyze", target="Api")

        assert result.ephemeral
        assert "Investigating #1" in said(result)


async def test_incidents_and_services_are_offered(database):
    async with conversation(database) as it:
        await know(it)

        assert await offered(it, "analyze", "target", "") == {
            "#1": "🟠 #1 HighLatency · api",
            "api": "🩺 api",
            "chat": "🩺 chat",
        }
        assert list(await offered(it, "analyze", "target", "CHA")) == ["chat"]
        assert await offered(it, "analyze", "target", "", actor=it.mallory) == {}


async def test_a_refusal_is_korean_for_who_reads_korean(database):
    async with conversation(database) as it:
        await know(it)
        speak_korean(it.env.bot)

        assert "비슷한 이름: chat" in refused(it, await it.minji.slash(it.channel, "analyze", target="chatt"))
