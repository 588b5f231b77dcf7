"""`/dashboard` as people type it."""

from __future__ import annotations

import pytest

from bot.domain.views import DashboardLink
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import Scene, said
from tests.ui.test_client import speak_korean

LINKS = [
    DashboardLink("api", "API overview", "https://grafana.example/d/api", "Services", ("slo",)),
    DashboardLink("chat", "Chat overview", "https://grafana.example/d/chat", "Services"),
    DashboardLink("odd", "**@everyone** [x](https://evil.example)", "javascript:alert(1)"),
]


async def know(it: Scene) -> None:
    """Let Grafana have some dashboards."""
    it.world.dashboards.links = LINKS
    await it.world.directory.refresh()


async def test_dashboard_answers_with_the_deep_link(database):
    async with conversation(database) as it:
        await know(it)

        result = await it.minji.slash(it.channel, "dashboard", name="api")

        assert result.ephemeral
        assert "**API overview** [Open](https://grafana.example/d/api)" in said(result)


async def test_dashboard_without_the_role_is_refused(database):
    async with conversation(database) as it:
        await know(it)

        assert "You may not read" in refused(it, await it.mallory.slash(it.channel, "dashboard", name="api"))


@pytest.mark.parametrize(("name", "sentence"), [("overview", "API overview, Chat overview"), ("qqq " * 1_400, "–")])
async def test_what_was_typed_is_not_trusted(database, name, sentence):
    async with conversation(database) as it:
        await know(it)

        assert sentence in refused(it, await it.minji.slash(it.channel, "dashboard", name=name))


async def test_a_hostile_title_formats_links_and_mentions_nothing(database):
    async with conversation(database) as it:
        await know(it)

        words = said(await it.minji.slash(it.channel, "dashboard", name="odd"))

        assert "@everyone" not in words
        assert "javascript" not in words
        assert "](https://evil" not in words


async def test_without_grafana_the_reason_is_said(database):
    async with conversation(database) as it:
        assert "No dashboards are known" in refused(it, await it.minji.slash(it.channel, "dashboard", name="api"))


async def test_dashboard_is_korean_for_who_reads_korean(database):
    async with conversation(database) as it:
        await know(it)
        speak_korean(it.env.bot)

        found = await it.minji.slash(it.channel, "dashboard", name="api")
        no = await it.minji.slash(it.channel, "dashboard", name="nothing")

        assert "[열기](https://grafana.example/d/api)" in said(found)
        assert "대시보드가 없습니다" in refused(it, no)


async def test_titles_folders_and_tags_are_offered_from_memory(database):
    async with conversation(database) as it:
        await know(it)
        it.world.dashboards.hangs = True

        assert await offered(it, "dashboard", "name", "services") == {
            "api": "Services / API overview",
            "chat": "Services / Chat overview",
        }
        assert list(await offered(it, "dashboard", "name", "slo")) == ["api"]
        assert len(await offered(it, "dashboard", "name", "")) == 3
        assert await offered(it, "dashboard", "name", "", actor=it.mallory) == {}
