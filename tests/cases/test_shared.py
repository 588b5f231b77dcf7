"""A process shared by the tests of a module is opened once, and anew for a second try."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace

from tests.cases.bot_process import Shared


async def test_a_second_try_gets_a_process_of_its_own():
    told = []

    @asynccontextmanager
    async def opened():
        told.append("opened")
        yield object()
        told.append("closed")

    shared = Shared(opened)
    first = await shared.process(SimpleNamespace())
    assert await shared.process(SimpleNamespace(execution_count=1)) is first
    assert await shared.process(SimpleNamespace(execution_count=2)) is not first
    await shared.close()

    assert told == ["opened", "closed", "opened", "closed"]
