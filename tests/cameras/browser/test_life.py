"""The life of the browser: begun late, ended early, and never left behind, whatever a page does to it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from bot.cameras.browser import chromium
from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.chromium import Place
from bot.cameras.browser.pool import BrowserLimits, Pool
from bot.cameras.browser.processes import ProcessTree, _read
from bot.domain.pictures import PanelState
from bot.errors import NoPicture
from tests.cameras.browser.taking import BUSY_S, PATIENCE_S, Studio, browsers, states, studio, until
from tests.pages.boards import Board, Panel, grid

pytestmark = pytest.mark.timeout(240)

HANG = "for (;;);"
# Ends in the renderer's own end: the heap may not grow so large.
SWELL = "const kept = []; for (;;) kept.push(new Array(100000).fill(Math.random()));"


def tree(made: Studio) -> ProcessTree:
    browser = made.camera.pool.browser
    assert browser
    assert browser.tree
    return browser.tree


def test_nothing_is_imported_before_the_first_picture():
    code = (
        "import sys, bot.cameras.browser.camera; print([name for name in ('playwright', 'PIL') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def test_the_browser_is_begun_with_the_first_picture_and_ends_when_nobody_uses_it():
    async with studio(limits=BrowserLimits(memory_mb=2000, idle_close_s=1)) as made:
        assert browsers() == set()

        await made.take(Panel(1, "first"))
        first = tree(made)
        assert first.leader in browsers()
        await until(lambda: not browsers())
        assert first.members() == []

        await made.take(Panel(1, "first"))
        assert tree(made).leader != first.leader


async def test_nothing_is_left_when_the_camera_is_closed():
    async with studio() as made:
        await asyncio.gather(made.take(Panel(1, "first")), made.take(Panel(1, "first")))
        used = tree(made)

    assert used.members() == []
    assert browsers() == set()


async def test_the_browser_is_begun_anew_after_some_pictures_also_if_they_come_at_once():
    async with studio(limits=BrowserLimits(memory_mb=2000, restart_after=3, most_pages=2)) as made:
        made.grafana.add(Board("board", grid([Panel(1, "first")])))
        leaders = set[int]()

        async def one() -> None:
            await made.camera.take(made.shot("board"), PATIENCE_S * 2)
            leaders.add(tree(made).leader)

        await asyncio.gather(*(one() for _ in range(8)))

        assert len(leaders) >= 2
        assert len(browsers() & leaders) == 1


async def test_a_page_that_hangs_is_given_up_in_time_and_the_next_one_is_pictured():
    async with studio() as made:
        await made.take(Panel(1, "first"))
        begun = time.monotonic()

        refusal = await made.refused(Panel(1, "hangs", script=HANG), deadline_s=4)

        assert time.monotonic() - begun <= 4 + BUSY_S
        assert refusal.reason == "timeout"
        assert states(await made.take(Panel(1, "next"))) == {"next": "ready"}


async def test_a_page_that_hangs_does_not_harm_the_one_beside_it():
    async with studio() as made:
        made.grafana.add(Board("hangs", [Panel(1, "hangs", script=HANG)]))
        await made.take(Panel(1, "first"))

        hanging = asyncio.create_task(made.camera.take(made.shot("hangs"), 6))
        beside = await made.take(Panel(1, "beside", takes_s=1))

        assert states(beside) == {"beside": "ready"}
        with pytest.raises(NoPicture):
            await hanging


async def test_a_page_that_crashes_its_renderer_is_no_picture_and_the_next_one_is():
    async with studio() as made:
        made.grafana.add(Board("board", [Panel(1, "slow", takes_s=30)]))
        taking = asyncio.create_task(made.camera.take(made.shot("board"), PATIENCE_S))
        await until(lambda: any(path == "/api/ds/query" for _, path, _ in made.grafana.asked))

        for pid in tree(made).members():
            if "--type=renderer" in _read(pid, "cmdline"):
                os.kill(pid, signal.SIGKILL)

        with pytest.raises(NoPicture) as caught:
            await taking
        assert caught.value.reason == "crashed"
        assert states(await made.take(Panel(1, "next"))) == {"next": "ready"}


async def test_a_page_that_takes_all_memory_ends_and_the_next_one_is_pictured():
    async with studio() as made:
        refusal = await made.refused(Panel(1, "swells", script=SWELL), deadline_s=20)

        assert refusal.reason in ("crashed", "memory", "timeout")
        assert states(await made.take(Panel(1, "next"))) == {"next": "ready"}


async def test_a_browser_above_its_ceiling_is_killed():
    async with studio(limits=BrowserLimits(memory_mb=60)) as made:
        refusal = await made.refused(Panel(1, "slow", takes_s=20))

        assert refusal.reason == "memory"
        await until(lambda: not browsers())


async def test_a_browser_gives_back_what_it_keeps_for_later_before_there_is_no_room():
    async with studio() as made:
        await made.take(Panel(1, "First"))
        pool, browser = made.camera.pool, made.camera.pool.browser
        assert browser
        assert 0 < await pool.room_mb(browser, fresh=True) < 2000

        full = Pool(GrafanaAddress.of(made.grafana.url), "", Place(), BrowserLimits(memory_mb=1.0))
        assert await full.room_mb(browser, fresh=True) < 0
        # It was asked to give back, and lives.
        assert await browser.answers()
        again = await made.take(Panel(1, "Second"))
        assert [panel.state for panel in again.panels] == [PanelState.READY]
        assert pool.starts == 1

        browser.kill()
        assert await browser.relieved_mb() >= 0


@pytest.mark.parametrize(("swollen", "reason"), [(True, "memory"), (False, "crashed")])
async def test_a_browser_that_ends_before_the_page_came_is_not_taken_for_a_grafana_that_is_down(swollen, reason):
    asked: list[asyncio.StreamWriter] = []

    async def never_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        await asyncio.Event().wait()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with studio(grafana_url=address) as made:
        taking = asyncio.create_task(made.camera.take(made.shot("board"), PATIENCE_S))
        for times in (1, 2):
            await until(lambda times=times: len(asked) >= times)
            browser = made.camera.pool.browser
            assert browser
            browser.swollen = swollen
            browser.kill()
        with pytest.raises(NoPicture) as caught:
            await taking
    server.close()
    for writer in asked:
        writer.close()

    assert caught.value.reason == reason


async def test_a_browser_that_was_killed_is_begun_again_for_the_same_picture():
    async with studio() as made:
        made.grafana.add(Board("board", [Panel(1, "slow", takes_s=2)]))
        taking = asyncio.create_task(made.camera.take(made.shot("board"), PATIENCE_S))
        await until(lambda: any(path == "/api/ds/query" for _, path, _ in made.grafana.asked))

        tree(made).kill()

        assert (await taking).count(PanelState.READY) == 1


async def test_a_browser_that_hangs_is_killed_and_the_answer_comes_in_time():
    async with studio() as made:
        await made.take(Panel(1, "first"))
        stopped = tree(made)
        # All of them: the leader may be a shell that only waits for the browser.
        for process in stopped.members():
            os.kill(process, signal.SIGSTOP)
        begun = time.monotonic()

        refusal = await made.refused(Panel(1, "next"), deadline_s=3)

        assert time.monotonic() - begun <= 3 + BUSY_S
        # A page of the first picture that was already cleared is used again, and then the page is what does not answer.
        assert refusal.reason in ("starting", "timeout")
        await until(lambda: not stopped.members())
        assert states(await made.take(Panel(1, "next"))) == {"next": "ready"}


async def test_who_gets_no_page_in_time_is_told_that_all_are_busy():
    async with studio(limits=BrowserLimits(memory_mb=2000, most_pages=1)) as made:
        await made.take(Panel(1, "first"))
        made.grafana.add(Board("slow", [Panel(1, "slow", takes_s=15)]))
        slow = asyncio.create_task(made.camera.take(made.shot("slow"), PATIENCE_S))
        await until(lambda: any(path == "/d/slow" for _, path, _ in made.grafana.asked))

        assert (await made.refused(Panel(1, "waits"), deadline_s=2)).reason == "busy"
        assert (await slow).count(PanelState.READY) == 1


async def test_a_picture_that_nobody_waits_for_any_more_frees_its_page():
    async with studio(limits=BrowserLimits(memory_mb=2000, most_pages=1)) as made:
        made.grafana.add(Board("slow", [Panel(1, "slow", takes_s=60)]))
        slow = asyncio.create_task(made.camera.take(made.shot("slow"), PATIENCE_S))
        await until(lambda: any(path == "/api/ds/query" for _, path, _ in made.grafana.asked))

        slow.cancel()

        assert states(await made.take(Panel(1, "next"))) == {"next": "ready"}
        with pytest.raises(asyncio.CancelledError):
            await slow


@pytest.mark.parametrize("executable", ["/nowhere/chromium", "/bin/false", "/bin/cat"])
async def test_a_browser_that_does_not_start_is_said_to_and_leaves_nothing(executable):
    async with studio(executable=executable) as made:
        refusal = await made.refused(Panel(1, "first"), deadline_s=60)

        assert refusal.reason == "browser"
        await until(lambda: not browsers())


BOT = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from bot.domain.pictures import Shot
from bot.domain.telemetry import Window
from bot.cameras.browser.camera import BrowserCamera
from tests.pages.boards import TOKEN, Board, Panel, boards

async def main():
    now = datetime.now(UTC)
    async with boards() as grafana, BrowserCamera.open(grafana_url=grafana.url, token=TOKEN) as camera:
        grafana.add(Board("board", [Panel(1, "first")]))
        await camera.take(Shot("board", Window(now - timedelta(hours=1), now)), 60)
        print(camera.pool.browser.tree.leader, flush=True)
        await asyncio.sleep(100)

asyncio.run(main())
"""


async def test_no_browser_outlives_a_bot_that_is_killed():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async with asyncio.timeout(90):
        leader = int(await process.stdout.readline())
    used = ProcessTree(leader, 0)
    assert used.members()

    process.kill()
    # Its end, and that of whoever has inherited its output.
    await process.communicate()

    await until(lambda: not used.members())


async def test_processes_are_told_by_their_mark_and_counted_once():
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", "--bongsu-camera=test"], start_new_session=True
    )
    try:
        await until(lambda: ProcessTree.marked("--bongsu-camera=test"))
        found = ProcessTree.marked("--bongsu-camera=test")
        assert found is not None
        assert (found.leader, found.driver) == (process.pid, os.getpid())
        assert found.members() == [process.pid]
        assert 0 < found.memory_mb() <= found.rss_mb()
        found.kill()
        assert process.wait(10) == -signal.SIGKILL
        assert found.members() == []
        # A second time there is nobody to end, and that is no error.
        found.kill()
    finally:
        process.kill()
    assert ProcessTree.marked("--bongsu-camera=other") is None


def test_what_playwright_switches_on_for_captures_stays_on():
    # Of several lists Chromium takes the last one, which is ours.
    (ours,) = (each for each in chromium._FLAGS if each.startswith("--enable-features="))

    assert "CDPScreenshotNewSurface" in ours.partition("=")[2].split(",")
