"""An overview with something in every part of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.alerts import Severity
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import Window
from bot.domain.views import SilenceRow
from bot.reporting.answering import AcknowledgedShare, Times
from bot.reporting.history import Advice
from bot.reporting.outlook import Ending, Kind
from bot.reporting.overview import Judged, NotTuned, Overview, Standing
from bot.reporting.pages import Burden, Load
from bot.reporting.rules import Noise, Untidy
from bot.reporting.tuning import Proposal, proposal
from tests.reporting.months import months

END = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
MINUTE = timedelta(minutes=1)


def proposals() -> list[Proposal]:
    found = [proposal(month.rule, month.past()) for month in months(1)]
    return [each for each in found if each]


def full_overview() -> Overview:
    """A week with everything in it; names are as hostile as anybody's."""
    blips, flapping, low = proposals()
    rules = (
        Judged(Noise("HighLatency", "", tuple(range(14)), 4, (1, 2, 3)), blips),
        Judged(Noise("결제 | 지연 **급증** ```", "", tuple(range(9)), 0, (1,)), low),
        Judged(Noise("QueueDepth", "", tuple(range(5)), 11, (1, 2)), flapping),
        Judged(Noise("DiskFilling", "", tuple(range(4)), 0, (1, 2)), NotTuned.REAL),
    )
    hours = {(0, 3): 4, (1, 3): 3, (2, 14): 2, (5, 23): 5, (6, 4): 1, (3, 9): 6, (4, 18): 2}
    silence = Silence("s", (Matcher("service", "api"),), END, END + timedelta(days=9), "jun", "")
    return Overview(
        window=Window(END - timedelta(days=7), END),
        zone=SEOUL,
        zone_name="Asia/Seoul",
        incidents=32,
        before=21,
        load=Load(23, 13, 6, (Burden(1001, 15, 9, 4), Burden(1002, 8, 4, 2)), hours),
        answered=(
            AcknowledgedShare(
                Severity.P1,
                14,
                Times(12, 4 * MINUTE, 22 * MINUTE, 15 * MINUTE, 10, 13),
                Times(13, 41 * MINUTE, 150 * MINUTE, 240 * MINUTE, 13, 13),
                2,
                1,
            ),
            AcknowledgedShare(
                Severity.P2,
                11,
                Times(9, 12 * MINUTE, 64 * MINUTE, 60 * MINUTE, 8, 9),
                Times(11, 90 * MINUTE, 300 * MINUTE),
                2,
            ),
            AcknowledgedShare(Severity.P3, 7, None, Times(7, 180 * MINUTE, 2000 * MINUTE)),
        ),
        rules=rules,
        untidy=Untidy((("QueueDepth", 11), ("HighLatency", 4)), ("BatchLate", "QueueDepth"), ("mail",)),
        endings=(
            Ending(Kind.DISK, "db-1:9100 /var", END + timedelta(days=2)),
            Ending(Kind.CERTIFICATE, "https://api.example.com", END + timedelta(days=6)),
        ),
        standing=Standing((SilenceRow(1, silence),), (SilenceRow(2, silence),)),
        advice=Advice(1.204, 14, {"useful": 9, "wrong": 1}),
        names={1001: "minji", 1002: "jun"},
    )
