"""A card is never green while it burns: not because it got worse, and not because the service died of it."""

from __future__ import annotations

import asyncio
import re

import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.person import Person, text_of

CARD = re.compile(r"### \S+ P[1-4] · ")


def card_of(*said: str):
    return lambda message: CARD.match(text_of(message)) and all(words in text_of(message) for words in said)


@pytest.mark.timeout(400)
async def test_a_service_that_dies_of_its_errors_has_not_recovered():
    async with Demo.open(language="en") as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        await minji.fault("deploy", True)
        await minji.wait_message(card_of("HighErrorRate5xx", "API"), 120)

        await demo.shop_process.stop()
        await minji.wait_message(card_of("ServiceDown", "P1"), 120)
        # Long enough for all that was measured by the shop to end at the source.
        await asyncio.sleep(20)

        cards = [text_of(each) for each in minji.messages.values() if CARD.match(text_of(each))]
        assert [card for card in cards if card.startswith("### 🟢")] == []
        assert [card for card in cards if card.startswith("### 🔴") and "ServiceDown" in card] != []
        judge(demo.playground)
