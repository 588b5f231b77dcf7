"""What is said about a picture, before and after it is there."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from bot.domain.exhibits import Exhibit, Missed, Phase, PictureProgress, Request
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.telemetry import Window
from bot.i18n import Phrase
from bot.ui.pictures import batches, caption, waiting, why
from tests.builders import NOW
from tests.picture_fakes import png
from tests.ui.hostile import LIVE_MENTION, hostile_text

SHOT = Shot("api", Window(NOW - timedelta(hours=1), NOW), variables={"env": ("prod", "dev")})
REQUEST = Request("API overview", "https://g.example/d/api?from=1&to=2", SHOT)
READY = PanelSeen("Latency", PanelState.READY)


def picture(*panels: PanelSeen, step: Step = Step.BROWSER, images: int = 1) -> Picture:
    return Picture((png(),) * images, NOW, step, panels)


def test_a_caption_says_how_many_panels_are_as_they_should_be_and_which_are_not():
    panels = (
        *(READY for _ in range(12)),
        PanelSeen("Heap", PanelState.NO_DATA),
        PanelSeen("Errors", PanelState.ERROR, "bad_data: parse error"),
    )

    said = caption(Exhibit(REQUEST, picture(*panels)), "en")

    assert said.splitlines() == [
        "📊 **API overview** [Open](https://g.example/d/api?from=1&to=2)",
        "⚠️ 12 of 14 panels, 1 without data, 1 failed",
        "- **Heap**: no data",
        "- **Errors**: bad\\_data: parse error",
        "🕒 <t:1795485600:f> – <t:1795489200:f> · env=prod,dev · taken <t:1795489200:R>",
    ]


def test_a_caption_is_korean_for_who_reads_korean():
    said = caption(Exhibit(REQUEST, picture(READY, PanelSeen("Heap", PanelState.LOADING))), "ko")

    assert "패널 2개 중 1개 정상, 로딩 중 1개" in said
    assert "**Heap**: 아직 로딩 중" in said


def test_a_picture_made_another_way_says_so_and_why():
    missed = (Missed("browser", "picture.ladder.timeout"), Missed("renderer", "picture.ladder.refused", "HTTP 500"))
    not_drawn = PanelSeen("Logs", PanelState.ERROR, Phrase("dashboard.why.other_source", kind="loki"))

    said = caption(Exhibit(REQUEST, picture(READY, not_drawn, step=Step.CHART), missed), "en")

    assert "Drawn by Bongsu from the panels' own queries" in said
    assert "Browser: not finished in time; Grafana's image renderer: it refused: HTTP 500" in said
    assert "**Logs**: asks loki, not Prometheus" in said


def test_a_picture_whose_panels_nobody_looked_at_says_that():
    assert "does not tell how its panels are" in caption(Exhibit(REQUEST, picture(step=Step.RENDERER)), "en")


def test_without_a_picture_there_is_the_link_and_the_reason_of_each_step():
    missed = (
        Missed("browser", "picture.ladder.unreachable", "refused"),
        Missed("renderer", "picture.ladder.no-renderer"),
    )

    said = caption(Exhibit(REQUEST, None, missed), "en")

    assert said.startswith("📊 **API overview** [Open](https://g.example/d/api?from=1&to=2)\nThere is no picture")
    assert "- Browser: no answer: refused" in said
    assert "- Grafana's image renderer: none is installed" in said


def test_a_reason_nobody_wrote_a_text_for_is_told_all_the_same():
    assert why(Missed("browser", "picture.not-thought-of", "x"), "en") == "Browser: failed x"


def test_a_link_too_long_for_discord_opens_the_dashboard_itself():
    request = replace(REQUEST, url=f"https://g.example/d/api?var-x={'y' * 600}")

    assert "[Open](https://g.example/d/api)" in caption(Exhibit(request, picture(READY)), "en")


@given(hostile_text, hostile_text, hostile_text)
def test_nothing_in_titles_and_messages_pings_links_or_overflows(title, message, value):
    shot = replace(SHOT, variables={title: (value,)})
    request = Request(title, "https://g.example/d/api", shot, panel=title)
    panels = [PanelSeen(title, PanelState.ERROR, message)] * 30

    for exhibit in (
        Exhibit(request, picture(*panels, step=Step.CHART), (Missed("browser", "picture.x", message),)),
        Exhibit(request, None, (Missed("renderer", "picture.ladder.refused", message),)),
    ):
        said = caption(exhibit, "en")
        assert len(said) <= 2000
        assert not LIVE_MENTION.search(said)
        # One link, which is ours: every other bracket is escaped.
        assert len(re.findall(r"(?<!\\)\[", said)) <= 1


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (PictureProgress(Phase.QUEUE, 3), "Waiting in line, number 3"),
        (PictureProgress(Phase.QUEUE, 0), "Waiting in line"),
        (PictureProgress(Phase.BROWSER), "Looking at the dashboard"),
        (PictureProgress(Phase.CHART), "Drawing it from Prometheus"),
    ],
)
def test_who_waits_is_told_for_what(progress, said):
    assert waiting(REQUEST, progress, "en").endswith(f"⏳ {said}")


def test_images_are_named_after_what_they_show_and_shared_out_over_messages():
    exhibit = Exhibit(replace(REQUEST, panel="p99 / <b>지연</b>"), picture(READY, images=11))

    files = batches(exhibit)

    assert [len(each) for each in files] == [10, 1]
    assert (files[0][0].filename, files[1][0].filename) == ("p99-b-지연-b-1.png", "p99-b-지연-b-11.png")


def test_a_message_carries_no_more_than_ten_mebibytes():
    heavy = Picture((b"x" * 6 * 1024 * 1024,) * 3, NOW, Step.BROWSER)

    assert [len(each) for each in batches(Exhibit(REQUEST, heavy))] == [1, 1, 1]
    assert batches(Exhibit(REQUEST)) == []
