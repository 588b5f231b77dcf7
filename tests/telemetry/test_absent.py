"""What is not configured has nothing, and says so when somebody wants something of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import Refused
from bot.i18n import text
from bot.ports import AlertSource
from bot.telemetry.absent import AbsentAlertSource

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


async def test_what_is_absent_has_nothing():
    alerts: AlertSource = AbsentAlertSource()

    await alerts.ping()

    assert [*await alerts.alerts(), *await alerts.rules(), *await alerts.silences()] == []


async def test_a_silence_that_nobody_would_keep_is_refused_with_what_to_set():
    with pytest.raises(Refused) as caught:
        await AbsentAlertSource().create_silence([], NOW, NOW, "x", "y")
    with pytest.raises(Refused):
        await AbsentAlertSource().expire_silence("s1")

    assert "ALERTMANAGER_URL" in text("en", caught.value.key, **caught.value.values)
