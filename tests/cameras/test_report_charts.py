"""The picture of a report, in both languages, and what becomes of it when it cannot be drawn."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.cameras import report_charts
from bot.cameras.drawing_process import DrawingProcess
from bot.cameras.pixels import is_blank
from bot.cameras.report_charts import ReportPainter, drawing_of
from bot.cameras.report_drawing import draw
from bot.errors import NoPicture
from bot.reporting.overview import Overview
from tests.cameras.test_charts import GREEN, RED, near
from tests.reporting.overviews import full_overview


@pytest.fixture
def painter():
    made = ReportPainter()
    yield made
    made.close()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_calls_times_and_rules_are_drawn(painter, language):
    image = await painter.draw(full_overview(), language)

    assert not is_blank(image)
    with Image.open(io.BytesIO(image)) as opened:
        assert opened.size == (960, 680)
        assert near(opened, GREEN) > 500
        assert near(opened, RED) > 500


def test_a_month_without_calls_and_hostile_names_can_be_drawn():
    full = full_overview()
    quiet = Overview(full.window, full.zone, full.zone_name)
    noise = replace(full.rules[0].noise, rule="$\\frac{ \x00 \x1b[31m " + "가" * 500)
    hostile = replace(full, rules=(replace(full.rules[0], noise=noise),), answered=full.answered[-1:])

    assert not is_blank(draw(drawing_of(quiet, "en")))
    assert not is_blank(draw(drawing_of(hostile, "ko")))


async def test_what_hangs_or_fails_is_no_picture(painter, monkeypatch):
    painter._process = DrawingProcess("-c", "raise SystemExit('no ink')")
    with pytest.raises(NoPicture) as failed:
        await painter.draw(full_overview(), "en")
    painter.close()
    painter._process = DrawingProcess("-c", "import time; time.sleep(60)")
    monkeypatch.setattr(report_charts, "_DEADLINE_S", 1.0)
    with pytest.raises(NoPicture) as hung:
        await painter.draw(full_overview(), "en")
    painter.close()
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    painter._process = DrawingProcess()
    with pytest.raises(NoPicture) as nowhere:
        await painter.draw(full_overview(), "en")

    reasons = [each.value.reason for each in (failed, hung, nowhere)]
    assert reasons == ["ladder.chart-failed", "ladder.timeout", "ladder.chart-failed"]
