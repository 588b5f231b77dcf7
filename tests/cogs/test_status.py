"""`/status` as people type it."""

from __future__ import annotations

from bot.ports import Sample
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import Scene, said
from tests.ui.test_client import speak_korean


def measure(it: Scene) -> None:
    """Let Prometheus know two services."""
    numbers = {"up": (1, 0), "rate": (41.52, 3), "errors": (0.0213, 0), "p99": (0.25, 6.2)}
    it.world.metrics.answers = {
        query: [Sample({"service": "api"}, api), Sample({"service": "chat"}, chat)]
        for query, (api, chat) in numbers.items()
    }


async def test_status_tells_everybody_services_incidents_and_who_has_them(database):
    async with conversation(database) as it:
        measure(it)
        await it.minji.slash(it.channel, "ack", alert="#1")

        result = await it.minji.slash(it.channel, "status")

        words = said(result)
        assert not result.ephemeral
        assert "🟠\u00a0**api**:\u00a0P2 fires · 41.5/s · 2.13%\u00a0errors · p99\u00a0250\u00a0ms" in words
        assert "🔴\u00a0**chat**:\u00a0**down** · 3/s · 0%\u00a0errors · p99\u00a06.2\u00a0s" in words
        assert "**Firing:** 🟠 P2 ×1" in words
        assert "#1 🟠 HighLatency" in words
        assert "👀 minji" in words
        assert "No silences" in words


async def test_status_lists_the_silences_in_force(database):
    async with conversation(database) as it:
        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1h")
        await it.minji.click(preview.response, label="Confirm")

        words = said(await it.minji.slash(it.channel, "status"))

        ends = int(it.world.source.silenced[0].ends_at.timestamp())
        assert "Silences: 1" in words
        assert f"- HighLatency → <t:{ends}:R>" in words


async def test_status_of_one_service(database):
    async with conversation(database) as it:
        measure(it)

        await it.minji.slash(it.channel, "status")

        result = await it.minji.slash(it.channel, "status", service="Chat")

        words = said(result)
        assert not result.ephemeral
        assert "chat" in words
        assert "api" not in words
        assert "Nothing fires" in words


async def test_status_names_the_source_that_did_not_answer(database):
    async with conversation(database) as it:
        it.world.metrics.down = "connection refused"
        it.world.pings.update(prometheus=it.world.metrics.ping, grafana=it.world.dashboards.ping)

        words = said(await it.minji.slash(it.channel, "status"))

        assert "No answer from prometheus" in words
        assert "❌ prometheus (connection refused)" in words
        assert "✅ grafana" in words
        assert "#1 🟠 HighLatency" in words


async def test_status_without_the_role_is_refused_to_the_asker_alone(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "status")

        assert "You may not read" in refused(it, result)
        [row] = await database.audit.rows(1)
        assert (row.actor.name, row.action, row.allowed) == ("mallory", "status", False)


async def test_an_unknown_service_is_a_sentence_with_near_names(database):
    async with conversation(database) as it:
        measure(it)

        result = await it.minji.slash(it.channel, "status", service="chatt")

        assert 'No service is called "chatt". Near it: chat' in refused(it, result)


async def test_status_is_korean_for_who_reads_korean(database):
    async with conversation(database) as it:
        measure(it)
        speak_korean(it.env.bot)

        words = said(await it.minji.slash(it.channel, "status"))
        no = await it.mallory.slash(it.channel, "status")

        assert "🟠\u00a0**api**:\u00a0P2 발생 중 · 초당\u00a041.5건 · 오류\u00a02.13% · p99\u00a0250\u00a0ms" in words
        assert "담당자 없음" in words
        assert "볼 권한이 없습니다" in refused(it, no)


async def test_services_are_offered_to_who_may_read(database):
    async with conversation(database) as it:
        assert await offered(it, "status", "service", "") == {}
        measure(it)
        await it.minji.slash(it.channel, "status")

        # What Prometheus was seen to know is offered as well as what is configured.
        assert list(await offered(it, "status", "service", "")) == ["api", "chat"]
        assert list(await offered(it, "status", "service", "CH")) == ["chat"]
        assert await offered(it, "status", "service", "", actor=it.mallory) == {}
