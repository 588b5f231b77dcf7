"""A process that is told to stop ends within seconds, whatever hangs in it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import asyncio, signal, time
from bot.app import stopping

async def stubborn():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.stop_by_signal, stop)
    {hangs}
    print("ready", flush=True)
    await stop.wait()

stopping.end_within.__defaults__ = (1.0,)
asyncio.run(main())
print("ended by itself", flush=True)
"""
HANGS = {
    "a name that nobody resolves": "asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)",
    "a task that will not be cancelled": "kept = asyncio.create_task(stubborn())",
    "a loop that is busy": "stop_first = asyncio.create_task(stop.wait()); "
    "stop_first.add_done_callback(lambda _: time.sleep(60))",
    "nothing": "pass",
}


@pytest.mark.parametrize("name", HANGS)
def test_it_ends_within_seconds(name):
    program = PROGRAM.format(hangs=HANGS[name])
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert time.monotonic() - began < 20
    assert ("ended by itself" in said) is (name == "nothing")
