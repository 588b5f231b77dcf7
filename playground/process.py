"""Programs we start, wait for and stop; none outlives us."""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import shutil
import signal
import socket
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

_STOP_S = 8.0
# Whoever computes for ever makes no progress either.
_MOST_S = 300.0
_STRANGER_ASKS = 10
# Below net.ipv4.ip_local_port_range, above what servers usually have.
_PORTS = range(20_000, 32_000)
_PORTS_TRIED = 100
_PR_SET_PDEATHSIG = 1
# Loaded here, because a child of a program with threads must not load anything between fork and exec.
_LIBC = ctypes.CDLL(None)


class MissingProgram(Exception):
    """A program is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is not installed: sudo apt-get install {program}")
        self.program = program


class NotReady(Exception):
    """A program ended, or did not answer in time; `log` is the end of what it wrote."""

    def __init__(self, name: str, log: str, *, ended: bool) -> None:
        super().__init__(f"{name} {'ended by itself' if ended else 'did not answer in time'}:\n{log}")
        self.name, self.log, self.ended = name, log, ended


class Process:
    """A running program with a log."""

    def __init__(self, name: str, child: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._child = child
        self._began_at = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._child.returncode is not None

    async def ready(self, url: str, within_s: float) -> None:
        """Wait until an address answers 200; `within_s` without any progress are too long. Raises NotReady."""
        refused, asked = False, -1
        async with aiohttp.ClientSession() as session:
            async for _ in self._progress(within_s):
                asked += 1
                answered = await _answers(session, url)
                # No program answers the moment it is started: that is a stranger on its port, and ours will soon end.
                if answered and (refused or asked > _STRANGER_ASKS):
                    return
                refused = refused or not answered
        raise self.not_ready()

    async def line(self, within_s: float = 15.0) -> str:
        """Wait for the first line of its log; `within_s` without any progress are too long. Raises NotReady."""
        async for _ in self._progress(within_s):
            text = self.log.read_text("utf-8", "replace")
            if "\n" in text:
                return text.split("\n", 1)[0]
        raise self.not_ready()

    async def _progress(self, idle_s: float) -> AsyncGenerator[None]:
        """Yield again and again until it ends, or neither computes nor writes for so long."""
        seen, since = (0, 0), time.monotonic()
        while True:
            ended = self.ended
            yield
            now = time.monotonic()
            done = (_ticks(self.pid), self.log.stat().st_size)
            if done != seen:
                seen, since = done, now
            if ended or now - since >= idle_s or now - self._began_at >= _MOST_S:
                return
            await asyncio.sleep(0.05)

    def not_ready(self) -> NotReady:
        """Return the error that tells how it is, with the end of its log."""
        return NotReady(self.name, self.tail(), ended=self.ended)

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if not self.ended:
            self._child.kill()

    async def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        if self.ended:
            return
        self._child.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._child.wait()
        except TimeoutError:
            self._child.kill()
            await self._child.wait()

    async def wait(self) -> int:
        """Wait until it ends and return its exit code."""
        return await self._child.wait()


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Process]:
    """Run a program until the block ends."""
    with log.open("ab") as output:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            # Ctrl-C reaches the whole terminal group; they are stopped by us, in order.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    process = Process(name, child, log)
    try:
        yield process
    finally:
        await process.stop()


def find_binary(*names: str) -> str:
    """Return the path of the first program that exists. Raises MissingProgram."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise MissingProgram(names[0])


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if it is free on this machine, else any free port. Raises OSError if there is none."""
    # Not one of those that the kernel lends to whoever connects: it would lend it out again before we listen.
    # And not the same for all who start at once: Hypothesis seeds the other generator.
    chance = random.SystemRandom()
    for port in (wanted or chance.choice(_PORTS), *chance.sample(_PORTS, _PORTS_TRIED)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")


def _die_with_parent() -> None:
    # Linux: even if we are killed and cannot stop it, the kernel does.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _ticks(pid: int) -> int:
    """Return the processor time that a process and its threads have used, in the kernel's ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
