"""Starts the bot many times: all is imported once, and each life is a fork of that; it is killed as any process is.

What a start costs is nearly all imports. `python -m tests.chaos.nursery` reads one order for each line of its input and
answers with the pid.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
    """The process that is forked; it belongs to no event loop, so that one serves many tests."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._turn = asyncio.Lock()

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Nursery]:
        # What is killed tells coverage nothing, and would only be slower for being watched.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            preexec_fn=_die_with_parent,
        ) as child:
            assert child.stdout
            child.stdout.readline()
            # At its end the pipe is closed, which ends the process, and it is waited for.
            yield cls(child)

    async def bear(self, mistake: str, environment: Mapping[str, str], log: Path, dies: str = "") -> Life:
        """Start a bot, with a planted mistake if one is named, or one that dies at a point (`tests.e2e.dying`)."""
        order = {"mistake": mistake, "environment": dict(environment), "log": str(log), "dies": dies}
        async with self._turn:
            return Life(await asyncio.to_thread(self._ordered, json.dumps(order).encode() + b"\n"))

    def _ordered(self, line: bytes) -> int:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(line)
        self._child.stdin.flush()
        return int(self._child.stdout.readline())


class ForkedBot(Bot):
    """The bot of the playground, started by a nursery."""

    def __init__(self, nursery: Nursery, playground: Playground, folder: Path, mistake: str = "") -> None:
        super().__init__(playground, folder, language="en")
        self._nursery = nursery
        self._mistake = mistake
        self.dies = ""

    async def launch(self) -> Process:
        self.log.touch()
        life = await self._nursery.bear(self._mistake, self.environment, self.log, self.dies)
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
    if point := order["dies"]:
        from tests.e2e.dying import arm

        arm(str(point), heard=True)
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
            except BaseException:  # noqa: BLE001 - as the interpreter would have told it
                traceback.print_exc()
            finally:
                # Whatever happens, it must not go on as a second nursery.
                os._exit(70)
        os.write(answers, f"{pid}\n".encode())


if __name__ == "__main__":
    serve()
