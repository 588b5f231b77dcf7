"""What a person who typed a command is shown, and what they are offered while typing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.people import Policy, Right
from tests.ui.test_buttons import Scene, said, scene


@asynccontextmanager
async def conversation(database) -> AsyncIterator[Scene]:
    """Somebody on call and somebody who may do nothing; three instances of one rule fire as #1."""
    async with scene(database) as it:
        roles = it.world.rules.policy.roles[Right.ACK]
        it.world.rules.policy = Policy(dict.fromkeys(Right, roles))
        await it.world.fire(count=3)
        await it.world.directory.refresh()
        yield it


def refused(it: Scene, result) -> str:
    """Return the sentence of a refusal that only the asker sees; a defect would carry a reference."""
    assert result.ephemeral
    assert len(it.env.errors) == 1
    words = said(result)
    assert "reference" not in words
    return words


async def offered(it: Scene, command: str, option: str, typed: str, actor=None) -> dict[str, str]:
    """Return the names by value of what is offered, after checking that Discord would take it."""
    choices = await (actor or it.minji).autocomplete(it.channel, command, option, typed)
    assert len(choices) <= 25
    assert all(1 <= len(choice["name"]) <= 100 and 1 <= len(choice["value"]) <= 100 for choice in choices)
    return {choice["value"]: choice["name"] for choice in choices}
