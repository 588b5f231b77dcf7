"""`make demo`: the playground, the shop, Prometheus, Alertmanager and the bot, joined by settings alone."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playground import world
from playground.grafana import TOKEN as GRAFANA_TOKEN
from playground.grafana import DemoGrafana
from playground.monitors import Monitors
from playground.pipeline import Pipeline
from playground.process import MissingProgram, NotReady, Process, free_port, running
from playground.server import Playground
from playground.shop.client import ShopClient
from playground.shop.faults import BY_NAME

_CONFIG = Path(__file__).parent / "config"
_ROOT = Path(__file__).parents[1]
# BSD's EX_UNAVAILABLE.
_EXIT_UNAVAILABLE = 69
_EXIT_USAGE = 2

_TEXTS = {
    "en": {
        "starting": "Starting: playground, shop, Prometheus, Alertmanager, bot …",
        "ready": """
  Open   {url}

  1. {first}
  2. A card appears in #alert-urgent within seconds. Press Acknowledge, then Silence.
  3. Type /status, and /dashboard overview for a picture (a small stand-in for Grafana has the dashboards).
  4. Mend the shop: the same card turns green.

  Ctrl-C stops everything.
""",
        "break": 'Break the shop: switch on "Connection pool exhausted" on the page.',
        "broken": "The shop is broken already: {names}.",
        "no_fault": "There is no fault {name}. There are: {known}.",
        "missing": "{program} is not installed. Get it with: sudo apt-get install {program}",
        "ended": "{name} ended by itself. The end of its log:\n{log}",
        "silent": "{name} did not answer in time. The end of its log:\n{log}",
        "stopped": "Everything is stopped.",
    },
    "ko": {
        "starting": "시작하는 중: 플레이그라운드, 상점, Prometheus, Alertmanager, 봇 …",
        "ready": """
  주소   {url}

  1. {first}
  2. 몇 초 안에 #alert-urgent에 카드가 올라옵니다. 담당하기 버튼과 알림 중지 버튼을 눌러 보세요.
  3. /status와 /dashboard overview를 입력해 보세요(대시보드는 Grafana를 대신하는 작은 서버가 제공합니다).
  4. 고장을 끄면 같은 카드가 초록색으로 바뀝니다.

  Ctrl-C를 누르면 모두 종료됩니다.
""",
        "break": '페이지에서 "커넥션 풀 고갈"을 켜서 상점을 고장 냅니다.',
        "broken": "상점은 이미 고장 난 상태입니다: {names}.",
        "no_fault": "{name} 고장은 없습니다. 선택할 수 있는 고장: {known}",
        "missing": "설치되지 않은 프로그램: {program}. 설치 명령: sudo apt-get install {program}",
        "ended": "스스로 종료된 프로그램: {name}. 로그 마지막 부분:\n{log}",
        "silent": "제시간에 응답하지 않은 프로그램: {name}. 로그 마지막 부분:\n{log}",
        "stopped": "모두 종료했습니다.",
    },
}


class Demo:
    """All parts, running."""

    def __init__(
        self, playground: Playground, shop: ShopClient, monitors: Monitors, bot: Bot, shop_process: Process
    ) -> None:
        self.playground = playground
        self.shop = shop
        self.monitors = monitors
        self.bot = bot
        self.shop_process = shop_process

    @property
    def bot_url(self) -> str:
        """Where the bot takes webhooks."""
        return self.bot.url

    async def until_a_part_ends(self) -> NotReady:
        """Wait until a part ends that nobody has stopped, and return what it said last."""
        parts = [self.shop_process, self.monitors.prometheus, self.monitors.alertmanager]
        if self.bot.process:
            parts.append(self.bot.process)
        waiting = {asyncio.create_task(part.wait()): part for part in parts}
        try:
            ended, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return waiting[ended.pop()].not_ready()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, port: int = 0, shop_ports: Sequence[int] = (0, 0), language: str = "en"
    ) -> AsyncGenerator[Demo]:
        """Start everything. Raises MissingProgram or NotReady."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bongsu-demo-")))
            api_port, chat_port = (free_port(wanted) for wanted in shop_ports)
            shop = Pipeline(f"http://127.0.0.1:{api_port}")
            playground = await stack.enter_async_context(Playground.open(port=port, shop=shop, language=language))
            process, ports = await _start_shop(stack, folder, api_port, chat_port)

            bot = Bot(playground, folder, language)
            shop.report_to(bot.url, bot.token)
            targets = {name: f"127.0.0.1:{ports[name]}" for name in ("api", "chat")}
            hook = f"{bot.url}/webhooks/alertmanager"
            monitors = await stack.enter_async_context(
                Monitors.open(targets=targets, webhook_url=hook, token=bot.token, node=targets["api"])
            )
            bot.environment["LOKI_URL"] = f"http://127.0.0.1:{ports['loki']}"
            bot.environment["TEMPO_URL"] = f"http://127.0.0.1:{ports['tempo']}"
            bot.environment["PROMETHEUS_URL"] = monitors.prometheus_url
            bot.environment["ALERTMANAGER_URL"] = monitors.alertmanager_url
            grafana = await stack.enter_async_context(DemoGrafana.open(monitors.prometheus_url))
            bot.environment |= {
                "GRAFANA_URL": grafana.url,
                "GRAFANA_TOKEN": GRAFANA_TOKEN,
                "ALERT_SOURCE": "alertmanager",
                # It has no pages of dashboards, which a browser would wait for in vain.
                "CHROMIUM": "none",
            }
            stack.push_async_callback(bot.stop)
            await bot.start()
            yield cls(playground, shop, monitors, bot, process)


async def _start_shop(
    stack: AsyncExitStack, folder: Path, api_port: int, chat_port: int
) -> tuple[Process, dict[str, int]]:
    """Start the shop and return it and its ports by name. Raises NotReady."""
    wanted = {"api": api_port, "chat": chat_port, "loki": 0, "tempo": 0}
    options = [option for name, port in wanted.items() for option in (f"--{name}-port", str(port))]
    command = [sys.executable, "-m", "playground.shop", *options, "--log-dir", str(folder)]
    process = await stack.enter_async_context(running("shop", command, folder / "shop.log"))
    words = (await process.line()).split()
    if words[::2] != list(wanted):
        # It said why it cannot start.
        raise process.not_ready()
    return process, {name: int(port) for name, port in zip(words[::2], words[1::2], strict=True)}


class Bot:
    """The bot as a process of its own, the same program as in production, pointed at a playground by settings alone."""

    def __init__(self, playground: Playground, folder: Path, language: str = "en") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = secrets.token_hex(16)
        self.log = folder / "bot.log"
        self.command = [sys.executable, "-m", "bot", "run"]
        self.environment = {
            "DISCORD_TOKEN": playground.token,
            "DISCORD_API_URL": playground.url,
            "DISCORD_GUILD_ID": str(world.GUILD_ID),
            "WEBHOOK_HOST": "127.0.0.1",
            "WEBHOOK_PORT": str(self.port),
            "WEBHOOK_TOKEN": self.token,
            "DATABASE_URL": f"sqlite:///{folder}/bongsu.db",
            "BONGSU_CONFIG": str(_CONFIG / "bot.yml"),
            "BONGSU_SERVICES": str(_CONFIG / "services.yml"),
            "INVESTIGATION__RUNBOOKS": str(_CONFIG / "runbooks"),
            "INVESTIGATION__RUNBOOKS_URL": f"{self.url}/runbooks",
            "BONGSU_LANGUAGE": language,
            "PYTHONPATH": str(_ROOT),
        }
        self._stack = AsyncExitStack()
        self.process: Process | None = None

    async def start(self, ready_s: float = 20.0) -> Process:
        """Start it and wait until it is ready. Raises NotReady."""
        process = await self.launch()
        await process.ready(f"{self.url}/readyz", ready_s)
        return process

    async def launch(self) -> Process:
        """Start it without waiting."""
        entered = running("bot", self.command, self.log, self.environment)
        self.process = await self._stack.enter_async_context(entered)
        return self.process

    async def stop(self) -> None:
        """Stop it."""
        await self._stack.aclose()


async def main(arguments: argparse.Namespace) -> int:
    """Run the demo until a signal or until a part of it ends; return the exit code."""
    texts = _TEXTS[arguments.lang]
    if unknown := [name for name in arguments.fault if name not in BY_NAME]:
        # Before anything is started, in the reader's language; make hands on what was typed.
        print(texts["no_fault"].format(name=unknown[0], known=", ".join(sorted(BY_NAME))), file=sys.stderr)
        return _EXIT_USAGE
    _cancel_on_signals()
    print(texts["starting"], flush=True)
    try:
        await _show(arguments, texts)
    except asyncio.CancelledError:
        print(texts["stopped"], flush=True)
        return 0
    except MissingProgram as error:
        print(texts["missing"].format(program=error.program), file=sys.stderr)
    except NotReady as error:
        words = texts["ended" if error.ended else "silent"]
        print(words.format(name=error.name, log=error.log), file=sys.stderr)
    return _EXIT_UNAVAILABLE


async def _show(arguments: argparse.Namespace, texts: dict[str, str]) -> None:
    """Start everything and say what to do with it. Raises NotReady when a part ends, CancelledError at a signal."""
    opened = Demo.open(port=_page_port(arguments.port), shop_ports=(8080, 8081), language=arguments.lang)
    async with opened as demo:
        url = f"{demo.playground.url}/"
        for name in arguments.fault:
            await demo.shop.switch(name, on=True)
        names = ", ".join(BY_NAME[name].shown(on=True)["title"][arguments.lang] for name in arguments.fault)
        first = texts["broken" if names else "break"].format(names=names)
        print(texts["ready"].format(url=url, first=first), flush=True)
        if arguments.open:
            await asyncio.to_thread(webbrowser.open, url)
        raise await demo.until_a_part_ends()


def _cancel_on_signals() -> None:
    """Cancel this task at the first SIGINT or SIGTERM, wherever it is; a second one must not disturb the stopping."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        for number in signals:
            loop.add_signal_handler(number, lambda: None)
        if task:
            task.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)


def _page_port(wanted: int) -> int:
    # The next one, because a person who has the address in mind finds it there.
    return next((port for port in range(wanted, wanted + 20) if free_port(port) == port), 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground.demo", description="Everything on one machine.")
    told = os.environ.get("BONGSU_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    spoken = "ko" if told.startswith("ko") else "en"
    parser.add_argument(
        "--fault", action="append", default=[], help=f"break this at once: {', '.join(sorted(BY_NAME))}"
    )
    parser.add_argument("--port", type=int, default=8300, help="of the page; the next free one if it is taken")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    parser.add_argument("--lang", choices=("en", "ko"), default=spoken)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(_arguments())))
