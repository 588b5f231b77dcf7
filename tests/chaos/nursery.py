"""Starts the bot many times: all is imported once, and each life is a fork of that; it is killed as any process is.

What a start costs is nearly all imports. `python -m tests.chaos.nursery` reads one order for each line of its input and
answers with the pid.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playground.demo import Bot
from playground.process import Process, _die_with_parent
from playground.server import Playground

_STOP_S = 8.0


class Life:
    """One life of the bot, as `asyncio.subprocess.Process` for what `playground.process.Process` wants of one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = asyncio.Event()
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._end()
        else:
            asyncio.get_running_loop().add_reader(self._descriptor, self._ended)

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._end()

    def _end(self) -> None:
        # What it ended with is known to its parent alone.
        self.returncode = 0
        self._over.set()

    def send(self, number: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def terminate(self) -> None:
        self.send(signal.SIGTERM)

    async def wait(self) -> int:
        await self._over.wait()
        return 0


class Nursery:
    """The process that is forked."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Nursery]:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.nursery", stdin=pipe, stdout=pipe, preexec_fn=_die_with_parent
        )
        try:
            assert child.stdout
            await child.stdout.readline()
            yield cls(child)
        finally:
            assert child.stdin
            child.stdin.close()
            await child.wait()

    async def bear(self, mistake: str, environment: Mapping[str, str], log: Path) -> Life:
        """Start a bot, with a planted mistake if one is named."""
        assert self._child.stdin
        assert self._child.stdout
        order = {"mistake": mistake, "environment": dict(environment), "log": str(log)}
        async with self._turn:
            self._child.stdin.write(json.dumps(order).encode() + b"\n")
            return Life(int(await self._child.stdout.readline()))


class ForkedBot(Bot):
    """The bot of the playground, started by a nursery."""

    def __init__(self, nursery: Nursery, playground: Playground, folder: Path, mistake: str = "") -> None:
        super().__init__(playground, folder, language="en")
        self._nursery = nursery
        self._mistake = mistake

    async def launch(self) -> Process:
        self.log.touch()
        life = await self._nursery.bear(self._mistake, self.environment, self.log)
        self.process = Process("bot", life, self.log)  # type: ignore[arg-type]
        return self.process

    async def stop(self) -> None:
        if self.process:
            self.signal(signal.SIGCONT)
            await self.process.stop()

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process._child.send(number)  # type: ignore[attr-defined]


def _live(order: dict[str, object]) -> None:
    """Become a bot; nothing of the nursery is left but what it has imported."""
    _die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(str(order["log"]), os.O_WRONLY | os.O_APPEND)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(order["environment"])  # type: ignore[arg-type]
    if mistake := order["mistake"]:
        from tests.chaos.mutant import MUTANTS

        plant, _ = MUTANTS[str(mistake)]
        plant()
    if "CHAOS_CLOCK" in os.environ:
        from tests.chaos import jumping

        code = jumping.main()
    else:
        from bot.__main__ import main

        code = main(["run"])
    sys.stdout.flush()
    os._exit(code)


def serve() -> None:
    """Fork for each order, until nobody orders any more."""
    import bot.__main__
    import bot.app.leader
    import bot.app.loading
    import bot.app.run  # noqa: F401 - what each life would import
    import tests.chaos.jumping
    import tests.chaos.mutant  # noqa: F401

    # A fork has one thread only.
    assert len(list(Path("/proc/self/task").iterdir())) == 1
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    answers = os.dup(1)
    os.write(answers, b"ready\n")
    for line in iter(sys.stdin.buffer.readline, b""):
        pid = os.fork()
        if pid == 0:
            try:
                os.close(answers)
                _live(json.loads(line))
            finally:
                # Whatever happens, it must not go on as a second nursery.
                os._exit(70)
        os.write(answers, f"{pid}\n".encode())


if __name__ == "__main__":
    serve()
