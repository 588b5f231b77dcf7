"""What was deleted on Discord, while the store does not answer: the next look brings it back."""

from __future__ import annotations

from bot.core.deletions import Deletions
from bot.errors import SourceUnavailable
from bot.ports.posted import Lost


class Cards:
    def __init__(self, found):
        self.found = found

    async def lose(self, channel, messages, at, most):
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


async def heard(clock, found):
    rung = []
    made = Deletions(cards=Cards(found), clock=clock, changed=lambda: rung.append(True))
    await made.deleted(7, [8])
    return rung


async def test_whoever_posts_is_woken_for_what_comes_back(clock):
    assert await heard(clock, Lost([1, 0], [])) == [True]
    assert await heard(clock, Lost([], [1])) == []


async def test_a_store_that_does_not_answer_is_no_defect(clock, caplog):
    assert await heard(clock, SourceUnavailable("store")) == []
    assert "is looked for later" in caplog.text
