"""The image, built for real: it starts without rights on a read-only root, takes a picture, raises an alert, and is not too big."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import bot
from playground import world
from playground.grafana import TOKEN, DemoGrafana
from playground.process import free_port
from playground.server import Playground
from tests.builders import alertmanager_body
from tests.deploy.containers import TAG, Engine, give_up_if
from tools.images import ROOT, ProgramFailed, base_name, run, why_not

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
MOST_BYTES = 730_000_000
WEBHOOK_TOKEN = "in-the-container"
# Two syllables that look the same are boxes; an emoji without colour is no emoji.
PAGE = """<!doctype html><meta charset=utf-8><h1>봉수 🔥</h1><script>
const drawn = (text) => {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 60;
  const context = canvas.getContext("2d"); context.font = "40px sans-serif"; context.fillText(text, 5, 45);
  return [...context.getImageData(0, 0, 60, 60).data];
};
const [one, two, fire] = ["봉", "수", "🔥"].map(drawn);
const coloured = fire.filter((_, at) => at % 4 === 0 && fire[at + 3] && fire[at] - fire[at + 2] > 60).length;
const told = new URLSearchParams({inked: one.filter(Boolean).length, same: String(one) === String(two), coloured});
const request = new XMLHttpRequest(); request.open("GET", "/told?" + told, false); request.send();
</script>"""


@pytest.fixture
def engine() -> Iterator[Engine]:
    give_up_if(why_not())
    try:
        with Engine.open(TAG) as made:
            yield made
    except ProgramFailed as error:
        give_up_if(str(error))
        raise


@asynccontextmanager
async def page() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    told: list[dict[str, str]] = []

    async def shown(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def hear(request: web.Request) -> web.Response:
        told.append(dict(request.query))
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/", shown), web.get("/told", hear)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", told
    finally:
        await runner.cleanup()


async def until_answered(url: str, within_s: float = 90) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(int(within_s / 0.2)):
            try:
                async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                    if response.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


def environment(playground: Playground, port: int) -> dict[str, str]:
    """What compose.yml gives to the bot in its demo, but for the addresses."""
    lines = (ROOT / "playground/config/stack/bot.env").read_text("utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return told | {
        "DISCORD_API_URL": playground.url,
        "DISCORD_TOKEN": playground.token,
        "WEBHOOK_TOKEN": WEBHOOK_TOKEN,
        "WEBHOOK_HOST": "127.0.0.1",
        "WEBHOOK_PORT": str(port),
    }


async def raised_alert_becomes_a_card(playground: Playground, url: str) -> None:
    headers = {"Authorization": f"Bearer {WEBHOOK_TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/webhooks/alertmanager", data=alertmanager_body(), headers=headers) as response,
    ):
        assert response.status == 202
    for _ in range(300):
        if playground.state.messages.get(world.CHANNELS["alert-urgent"]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no card in #alert-urgent")


async def takes_a_picture(engine: Engine, name: str) -> None:
    async with page() as (address, told):
        browser = engine.inside(name, "/bin/sh", "-c", "echo $CHROMIUM").strip()
        command = [
            browser,
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--screenshot=/tmp/page.png",
            address,
        ]
        await asyncio.to_thread(engine.inside, name, *command)
    read = "import sys; sys.stdout.write(open('/tmp/page.png', 'rb').read(8).hex())"

    assert engine.inside(name, "python", "-c", read) == b"\x89PNG\r\n\x1a\n".hex()
    assert [each["same"] for each in told] == ["false"]
    assert int(told[0]["inked"]) > 100
    assert int(told[0]["coloured"]) > 50


async def draws_a_chart(engine: Engine, name: str) -> None:
    """Show that what slim.sh left of the libraries is enough to draw in Korean, and to drive a browser."""
    draw = (
        "import io, warnings, matplotlib as mpl, bot.cameras.chart_drawing as drawing;"
        "from matplotlib.figure import Figure;"
        "warnings.simplefilter('error'); mpl.rcParams.update(drawing.style(drawing.page('dark')));"
        "chart = Figure(); chart.gca().plot([1, 2]); chart.gca().set_title('p99 $x$ 응답 시간'); seen = io.BytesIO(); chart.savefig(seen);"
        "import subprocess; from playwright._impl._driver import compute_driver_executable as driver;"
        "print(seen.getvalue()[1:4].decode(), subprocess.run([*driver(), '--version'], capture_output=True).stdout.decode()[:7])"
    )
    said = await asyncio.to_thread(engine.inside, name, "python", "-c", draw)

    assert said.split() == ["PNG", "Version"]


async def reads_calendars(engine: Engine, name: str) -> None:
    """Show that an on-call file works as it is: nobody can install an extra into the image."""
    read = (
        "from datetime import UTC, date, datetime, timedelta; from zoneinfo import ZoneInfo;"
        "from bot.oncall import calendars, reader; start = datetime(2026, 3, 1, tzinfo=UTC);"
        "lines = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Minji', 'DTSTART:20260302T000000Z', 'DURATION:P1D',"
        "'RRULE:FREQ=WEEKLY;COUNT=3', 'END:VEVENT', 'END:VCALENDAR', '']; data = chr(10).join(lines).encode();"
        "asked = calendars.CalendarRequest(data, start, start + timedelta(days=60), {'minji': 'minji'}, ZoneInfo('Asia/Seoul'));"
        "print(len(calendars.expand(asked)['stints']), reader.public_holidays('KR')(date(datetime.now(UTC).year, 10, 9)))"
    )
    said = await asyncio.to_thread(engine.inside, name, "python", "-c", read)

    assert said.split() == ["3", "True"]


async def knows_the_dashboards(engine: Engine, name: str) -> None:
    """Show that Grafana is understood through what slim.sh left of its client."""
    ask = (
        "import asyncio, os\n"
        "from bot.telemetry.grafana_dashboards import GrafanaDashboards\n"
        "async def ask():\n"
        "    url, token = os.environ['GRAFANA_URL'], os.environ['GRAFANA_TOKEN']\n"
        "    async with GrafanaDashboards.open(url, token, '', 10) as grafana: print(len(await grafana.search()))\n"
        "asyncio.run(ask())"
    )
    said = await asyncio.to_thread(engine.inside, name, "python", "-c", ask)

    assert int(said) > 0


def has_no_rights(engine: Engine, name: str) -> None:
    pid = engine.inspect("container", name, "{{.State.Pid}}")
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    touch = "import errno, pathlib\ntry: pathlib.Path('/app/x').touch()\nexcept OSError as error: print(errno.errorcode[error.errno])"
    tools = "import shutil; print([n for n in ('gcc', 'cc', 'make', 'pip', 'pip3', 'git', 'curl') if shutil.which(n)])"

    assert re.search(r"(?m)^Uid:\s+10001\s", status)
    assert re.search(r"(?m)^CapEff:\s+0+$", status)
    assert engine.inside(name, "python", "-c", touch).strip() == "EROFS"
    assert engine.inside(name, "python", "-c", tools).strip() == "[]"


async def compiles_nothing_at_a_start(engine: Engine, environment: dict[str, str]) -> None:
    """Show that whatever is loaded was compiled, and that no layer has made it older or younger than its source."""
    port = free_port()
    told = {**environment, "WEBHOOK_PORT": str(port), "PYTHONVERBOSE": "1"}
    await asyncio.to_thread(engine.start, "telling", told)
    await until_answered(f"http://127.0.0.1:{port}/readyz")
    said = await asyncio.to_thread(engine.said, "telling")

    assert "/opt/bongsu/lib/python3.11/site-packages/discord/client.pyc" in said
    assert re.findall(r"bytecode is stale for .*|code object from '?/(?:app|opt)/\S+\.py\b.*|wrote .*", said) == []


def has_the_command(engine: Engine, name: str) -> None:
    """Show that what the documents say after `docker compose exec bot` is there, in whatever folder."""
    assert engine.inside(name, "/bin/sh", "-c", "cd / && bongsu version").strip() == f"bongsu {bot.__version__}"


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_the_image_is_built_and_does_its_work(engine, tmp_path):
    await asyncio.to_thread(engine.make_base, base_name())
    give_up_if(await asyncio.to_thread(engine.try_out, base_name()))

    await asyncio.to_thread(engine.build)

    assert int(engine.inspect("image", TAG, "{{.Size}}")) <= MOST_BYTES
    port = free_port()
    async with Playground.open() as playground, DemoGrafana.open("http://127.0.0.1:9") as grafana:
        told = environment(playground, port) | {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": TOKEN}
        await asyncio.to_thread(engine.start, "bongsu", told)
        await until_answered(f"http://127.0.0.1:{port}/healthz")
        await until_answered(f"http://127.0.0.1:{port}/readyz")
        await asyncio.to_thread(engine.inside, "bongsu", *health_check())
        has_no_rights(engine, "bongsu")
        has_the_command(engine, "bongsu")
        await raised_alert_becomes_a_card(playground, f"http://127.0.0.1:{port}")
        await takes_a_picture(engine, "bongsu")
        await draws_a_chart(engine, "bongsu")
        await reads_calendars(engine, "bongsu")
        await knows_the_dashboards(engine, "bongsu")
        await compiles_nothing_at_a_start(engine, told)
    await the_line_of_the_readme_starts_it(engine, tmp_path)


def shown_line(path: Path) -> str:
    """Return the container's line in a README."""
    found = re.search(r"(?m)^    docker run (?:.*\\\n)*.*$", path.read_text("utf-8"))
    assert found
    return found[0].strip()


async def the_line_of_the_readme_starts_it(engine: Engine, parent: Path) -> None:
    # Not pytest's own, which no other user may enter.
    folder = parent / "bongsu"
    folder.mkdir(mode=0o755)
    async with Playground.open() as playground:
        known = {"DISCORD_TOKEN": playground.token, "DISCORD_GUILD_ID": str(world.GUILD_ID), "TIMEZONE": "UTC"}
        command = [sys.executable, "-m", "bot", "init", "--yes"]
        run(command, 60, cwd=folder, env={**os.environ, **known, "PYTHONPATH": str(ROOT)})
        port = free_port()
        more = {"DISCORD_API_URL": playground.url, "WEBHOOK_PORT": str(port)}
        await asyncio.to_thread(engine.start_as, shown_line(ROOT / "README.md"), "alone", more, folder)
        await until_answered(f"http://127.0.0.1:{port}/readyz")
        has_no_rights(engine, "alone")


def test_both_readmes_start_the_container_by_the_same_line():
    assert shown_line(ROOT / "README.ko.md") == shown_line(ROOT / "README.md")


def health_check() -> list[str]:
    import json

    found = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])$", DOCKERFILE, re.DOTALL | re.MULTILINE)
    assert found
    return json.loads(found[1])


@pytest.mark.timeout(400)
def test_every_dependency_has_a_wheel_for_arm64(tmp_path):
    import json
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["ai"], *extras["oncall"], *extras["pictures"]]
    # Up to the C library of Debian 12.
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in range(36, 16, -1)]
    options = [
        "--dry-run",
        "--quiet",
        "--ignore-installed",
        "--only-binary=:all:",
        "--python-version=3.11",
        "--implementation=cp",
    ]
    places = [
        f"--target={tmp_path}",
        f"--constraint={ROOT / 'constraints.txt'}",
        f"--report={tmp_path / 'report.json'}",
    ]

    run([sys.executable, "-m", "pip", "install", *options, *platforms, *places, *wanted], 350)

    found = json.loads((tmp_path / "report.json").read_text("utf-8"))["install"]
    names = [each["download_info"]["url"].rsplit("/", 1)[1] for each in found]
    assert len(names) > len(wanted)
    assert any("aarch64" in name for name in names)
    assert not any("x86_64" in name for name in names)


def test_the_dockerfile_has_two_stages_from_one_base():
    assert re.findall(r"^FROM (.*)$", DOCKERFILE, re.MULTILINE) == ["${BASE} AS build", "${BASE}"]
    assert re.search(r"^ARG BASE=\S+:\S+$", DOCKERFILE, re.MULTILINE)


def test_the_final_stage_says_who_runs_it_and_what_it_is():
    final = DOCKERFILE.split("\nFROM ${BASE}\n")[1]

    assert "USER 10001:10001" in final
    assert "org.opencontainers.image.title" in final
    assert "--no-install-recommends" in final
    assert not re.search(r"build-essential|python3-pip|gcc|git", final)
    # Both architectures: nothing that is named after one.
    assert not re.search(
        r"amd64|x86_64|arm64|aarch64",
        DOCKERFILE.replace(
            "# The image of Bongsu: the bot, the playground, and Debian's Chromium for pictures of dashboards. arm64 and amd64.",
            "",
        ),
    )


def test_the_health_check_fails_where_nobody_answers():
    python = shutil.which("python3")
    assert python
    command = [python, *health_check()[1:]]

    done = subprocess.run(command, env={"WEBHOOK_PORT": str(free_port())}, capture_output=True, timeout=30, check=False)

    assert done.returncode != 0


def test_only_what_is_named_enters_the_build():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    named = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))

    assert "*" in ignored
    folder = "deploy/image"
    paths = {path for words in copied for path in words.split()}
    assert {folder if path.startswith(f"{folder}/") else path for path in paths} == named
    assert "**/.env" in ignored
