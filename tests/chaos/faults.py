"""What goes wrong, by name: each is done to a scene, at any instant, and undoes itself after a while."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from tests.chaos.database import fill, free, lock, remount
from tests.chaos.gate import MODES
from tests.chaos.scene import NORMAL, STAGES, URGENT, Scene
from tests.chaos.shown import NAME
from tests.person import text_of

_POST = r"POST /api/v\d+/channels/\d+/messages"
_EDIT = r"PATCH /api/v\d+/channels/\d+/messages"
_THREAD = r"POST /api/v\d+/channels/\d+/messages/\d+/threads"
_ANSWER = r"(POST|PATCH) /api/v\d+/(interactions|webhooks)/"
# What Discord does to a request.
REQUESTS: dict[str, dict[str, Any]] = {
    "error 500": {"kind": "error", "route": _POST, "times": 2, "status": 500},
    "error 502": {"kind": "error", "route": ".*", "times": 3, "status": 502},
    "error 503 to all": {"kind": "error", "route": ".*", "times": 8, "status": 503},
    "rate limit": {"kind": "rate_limit", "route": _POST, "times": 2, "seconds": 0.3},
    "rate limit of edits": {"kind": "rate_limit", "route": _EDIT, "times": 2, "seconds": 0.3},
    "rate limit of threads": {"kind": "rate_limit", "route": _THREAD, "times": 2, "seconds": 0.3},
    "reset": {"kind": "drop", "route": _POST, "times": 2},
    "reset after it took the message": {"kind": "drop", "route": _POST, "times": 1, "after": True},
    "error after it took the message": {"kind": "error", "route": _POST, "times": 1, "status": 500, "after": True},
    "reset after it took the edit": {"kind": "drop", "route": _EDIT, "times": 1, "after": True},
    "reset after it took the thread": {"kind": "drop", "route": _THREAD, "times": 1, "after": True},
    "reset after it took the answer": {"kind": "drop", "route": _ANSWER, "times": 1, "after": True},
    "slow": {"kind": "delay", "route": ".*", "times": 3, "seconds": 1.0},
    "time-out": {"kind": "hang", "route": _POST, "times": 1, "seconds": 20.0},
    "time-out of an edit": {"kind": "hang", "route": _EDIT, "times": 1, "seconds": 20.0},
}  # fmt: skip

Fault = Callable[[Scene], Awaitable[None]]


async def op_7(scene: Scene) -> None:
    await scene.playground.gateway.reconnect()


async def op_9(scene: Scene) -> None:
    scene.playground.gateway.forgetting = True
    await scene.playground.gateway.drop()


async def close_1001(scene: Scene) -> None:
    await scene.playground.gateway.drop()


async def close_4000(scene: Scene) -> None:
    await scene.playground.gateway.drop(4000)


async def close_4009(scene: Scene) -> None:
    await scene.playground.gateway.drop(4009)


async def silent_stall(scene: Scene) -> None:
    scene.playground.gateway.stall()


async def gateway_away(scene: Scene) -> None:
    scene.playground.gateway.refusing = True
    await scene.playground.gateway.drop()
    await asyncio.sleep(scene.chance.random() * 4)
    scene.playground.gateway.refusing = False


async def message_deleted(scene: Scene) -> None:
    """A moderator deletes a card."""
    cards = [message for message in scene.messages() if message["components"] and NAME.search(text_of(message))]
    if cards:
        card = scene.chance.choice(cards)
        for name in NAME.findall(text_of(card)):
            scene.account.lose(name)
        await scene.playground.state.remove_message(int(card["channel_id"]), int(card["id"]))


async def permission_taken_away(scene: Scene) -> None:
    """Nobody may write into a channel for a while; Discord tells of both."""
    state, channel = scene.playground.state, scene.chance.choice((URGENT, NORMAL))
    if channel not in state.channels:
        return
    state.denied.add(channel)
    await state.tell("CHANNEL_UPDATE", state.channels[channel])
    await asyncio.sleep(scene.chance.random() * 4)
    state.denied.discard(channel)
    if channel in state.channels:
        await state.tell("CHANNEL_UPDATE", state.channels[channel])


async def channel_gone(scene: Scene) -> None:
    """A channel is deleted with its cards, and made anew under its name a moment later."""
    state, channel = scene.playground.state, scene.chance.choice((URGENT, NORMAL))
    found = state.channels.pop(channel, None)
    if found is None:
        return
    for message in state.messages.pop(channel).values():
        for name in NAME.findall(text_of(message)):
            scene.account.lose(name)
    await state.tell("CHANNEL_DELETE", found)
    await asyncio.sleep(scene.chance.random() * 3)
    fresh = {**found, "id": str(state.snowflake()), "last_message_id": None}
    state.channels[int(fresh["id"])] = fresh
    state.messages[int(fresh["id"])] = {}
    await state.tell("CHANNEL_CREATE", fresh)


async def thread_archived_and_locked(scene: Scene) -> None:
    """A moderator closes each thread there is."""
    for _ in range(20):
        for thread in scene.playground.state.threads.values():
            thread["thread_metadata"] |= {"archived": True, "locked": True}
            await scene.playground.state.tell("THREAD_UPDATE", thread)
        await asyncio.sleep(0.2)


def of_gate(server: str, mode: str) -> Fault:
    async def spoil(scene: Scene) -> None:
        gate = scene.gates[server]
        gate.mode = mode
        await asyncio.sleep(2 + scene.chance.random() * 6)
        gate.mode = ""

    return spoil


async def database_locked(scene: Scene) -> None:
    """Another program has the file, up to 30 s."""
    # Whoever starts meanwhile says so and ends.
    scene.forgiving = True
    seconds = scene.chance.choice((3.0, 12.0, 30.0))
    lock(scene.bots[0].folder / "bongsu.db", seconds)
    await asyncio.sleep(seconds)


async def disk_full(scene: Scene) -> None:
    """Not a byte is left, or no file may grow where no disk of its own can be mounted."""
    scene.forgiving = True
    if scene.small:
        await asyncio.to_thread(fill, scene.folder)
    else:
        scene.limit_files(64 * 1024)
    await asyncio.sleep(1 + scene.chance.random() * 5)
    if scene.small:
        free(scene.folder)
    scene.limit_files(None)


async def disk_read_only(scene: Scene) -> None:
    """The disk is read-only when the bot is started; nothing else could make it so."""
    if not scene.small:
        return await disk_full(scene)
    scene.forgiving = scene.held = True
    scene.kill()
    for bot in scene.bots:
        if bot.process:
            await bot.process.wait()
    remount(scene.folder, "ro")
    scene.held = False
    await asyncio.sleep(1 + scene.chance.random() * 3)
    remount(scene.folder, "rw")
    return None


def postgres_restarted(how: signal.Signals) -> Fault:
    async def restart(scene: Scene) -> None:
        assert scene.postgres
        # Whoever starts meanwhile says so and ends.
        scene.forgiving = True
        await scene.postgres.restart(how, scene.chance.random() * 4)

    return restart


async def leader_suspended(scene: Scene) -> None:
    """The leader stands still, up to 30 s, and then goes on as if nothing had been."""
    (leader,) = scene.leading()
    scene.suspend(leader)
    await asyncio.sleep(scene.chance.choice((3.0, 8.0, 30.0)))
    scene.go_on(leader)


def clock_jumps(seconds: float) -> Fault:
    async def jump(scene: Scene) -> None:
        path = scene.folder / "clock"
        path.with_suffix(".new").write_text(str(seconds), "ascii")
        path.with_suffix(".new").rename(path)

    return jump


def _of_request(name: str) -> Fault:
    async def order(scene: Scene) -> None:
        details = dict(REQUESTS[name])
        scene.hung |= details["kind"] == "hang"
        scene.playground.faults.order(details.pop("kind"), **details)

    return order


ANYWHERE: dict[str, Fault] = {
    **{name: _of_request(name) for name in REQUESTS},
    "op 7": op_7, "op 9": op_9, "close 1001": close_1001, "close 4000": close_4000, "close 4009": close_4009,
    "silent stall": silent_stall, "gateway away": gateway_away, "message deleted": message_deleted,
    "permission taken away": permission_taken_away, "channel gone": channel_gone,
    "thread archived and locked": thread_archived_and_locked,
}  # fmt: skip
OF_STAGE: dict[str, dict[str, Fault]] = {
    "plain": {},
    "sources": {
        f"{server} {mode}": of_gate(server, mode) for server in ("grafana", "alertmanager", "prometheus") for mode in MODES
    },
    "store": {"database locked": database_locked, "disk full": disk_full, "disk read-only": disk_read_only},
    "replicas": {
        "PostgreSQL restarted": postgres_restarted(signal.SIGINT),
        "PostgreSQL crashed": postgres_restarted(signal.SIGQUIT),
        "leader suspended": leader_suspended,
    },
    "storm": {},
    "clock": {"clock ahead": clock_jumps(1200), "clock back": clock_jumps(-1200), "clock right": clock_jumps(0)},
}  # fmt: skip


def draw(scene: Scene, seed: int) -> list[str]:
    """Draw three faults: the first by turns, so that some two hundred seeds have seen each."""
    special = sorted(OF_STAGE[scene.stage])
    every = special or sorted(ANYWHERE)
    first = every[(seed // len(STAGES)) % len(every)]
    rest = sorted({*ANYWHERE, *special} - {first})
    return [first, *scene.chance.sample(rest, 2)]


def named(scene: Scene, name: str) -> Fault:
    return ANYWHERE.get(name) or OF_STAGE[scene.stage][name]
