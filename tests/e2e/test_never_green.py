"""A card is never green while it burns: not because it got worse, and not because the service died of it."""

from __future__ import annotations

import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.person import Person, text_of


def card_of(alert: str, *said: str):
    return lambda message: all(words in text_of(message) for words in (f" {alert} ", *said))


@pytest.mark.timeout(300)
async def test_a_service_that_dies_of_its_errors_has_not_recovered():
    async with Demo.open(language="en") as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        await minji.fault("deploy", True)
        worst = await minji.wait_message(card_of("HighErrorRate5xx"), 90)
        bad = await minji.wait_message(card_of("HighErrorRate", "API"), 90)

        await demo.shop_process.stop()
        await minji.wait_message(card_of("HighErrorRate5xx", "Series disappeared (not recovered)"), 120)
        await minji.wait_message(card_of("ServiceDown", "P1"), 60)

        for card in (worst, bad):
            # Before it ended, the worse alert did not end the other one.
            assert not text_of(minji.messages[card["id"]]).startswith("### 🟢")
        judge(demo.playground)
