"""Finding a dashboard by what somebody remembers of it."""

from __future__ import annotations

import pytest

from bot.core.directory import Directory
from bot.core.pictures.finder import DashboardFinder
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget
from tests.fakes import FakeAlertSource, FakeDashboards, HandClock

LINKS = [
    DashboardLink("jvm", "JVM (Micrometer)", "https://grafana.example/d/jvm", "Spring", ("java",)),
    DashboardLink("api", "API overview", "https://grafana.example/d/api", "Services", ("slo", "java")),
    DashboardLink("chat", "Chat overview", "https://grafana.example/d/chat", "Services", ("slo",)),
]


@pytest.fixture
async def finder() -> DashboardFinder:
    directory = Directory(FakeAlertSource(), FakeDashboards(LINKS), HandClock())
    await directory.refresh()
    return DashboardFinder(directory)


@pytest.mark.parametrize(
    ("typed", "uids"),
    [
        ("", ["api", "chat", "jvm"]),
        ("overview", ["api", "chat"]),
        ("chat", ["chat"]),
        ("services slo", ["api", "chat"]),
        ("java", ["api", "jvm"]),
        ("spring", ["jvm"]),
        ("nothing", []),
    ],
)
async def test_title_folder_and_tags_are_searched(finder, typed, uids):
    assert [link.uid for link in finder.candidates(typed)] == uids


async def test_a_title_that_begins_so_comes_first(finder):
    finder._directory.dashboards = [DashboardLink("1", "About chat", ""), DashboardLink("2", "Chat", "")]

    assert [link.uid for link in finder.candidates("chat")] == ["2", "1"]


@pytest.mark.parametrize("typed", ["jvm", "JVM (Micrometer)", " jvm (micrometer) ", "spring"])
async def test_a_uid_a_title_or_the_only_candidate_is_found(finder, typed):
    assert finder.find(typed).uid == "jvm"


async def test_a_uid_goes_before_a_title_and_tells_capitals_apart(finder):
    finder._directory.dashboards = [
        DashboardLink("x", "aB", ""), DashboardLink("ab", "lower", ""), DashboardLink("aB", "mixed", "")
    ]  # fmt: skip

    assert finder.find("aB").title == "mixed"


@pytest.mark.parametrize(
    ("typed", "near"), [("overview", "API overview, Chat overview"), ("Chat overveiw", "Chat overview"), ("", "–")]
)
async def test_what_may_mean_several_or_none_is_refused_with_near_ones(finder, typed, near):
    with pytest.raises(InvalidTarget) as refused:
        finder.find(typed)

    assert refused.value.values["near"].startswith(near)


async def test_without_dashboards_the_reason_is_said():
    finder = DashboardFinder(Directory(FakeAlertSource(), FakeDashboards(), HandClock()))

    with pytest.raises(InvalidTarget, match="no_dashboards"):
        finder.find("api")
