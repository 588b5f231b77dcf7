"""The README's way without a clone: its commands as they stand there, in an empty folder, to a bot on the playground."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import aiohttp
import pytest

from playground import world
from playground.process import free_port, running
from tests.builders import alertmanager_body

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def commands(path: Path) -> list[str]:
    """Return the five commands under "For good" in a README."""
    block = re.search(r"^    pipx install.*?(?=\n\n)", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert block
    return [line.split("#")[0].strip() for line in block[0].splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home in which nothing is installed but pipx."""
    home = tmp_path_factory.mktemp("home")
    (home / "bin").mkdir()
    pipx = home / "bin" / "pipx"
    pipx.write_text(f'#!/bin/sh\nexec {sys.executable} -m pipx "$@"\n', "utf-8")
    pipx.chmod(0o755)
    return home


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """What a clone holds that a wheel is made of: setuptools leaves its work in the folder, and ships what stands there."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("bot", "cogs", "config", "playground"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "SSL_CERT_FILE"}
    return kept | {
        "HOME": str(home),
        "PATH": f"{home}/bin:/usr/bin:/bin",
        "PIPX_HOME": f"{home}/pipx",
        "PIPX_BIN_DIR": f"{home}/bin",
        "PIPX_DEFAULT_BACKEND": "pip",
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_NO_COMPILE": "1",
        "LANG": "C.UTF-8",
        **more,
    }


def test_both_readmes_show_the_same_commands():
    shown = commands(README)

    assert [line.split()[0] for line in shown] == ["pipx", "mkdir", "bongsu", "bongsu", "bongsu"]
    assert commands(ROOT / "README.ko.md") == shown


@pytest.mark.timeout(600)
async def test_its_commands_lead_from_an_empty_folder_to_a_card(playground, home, clone, tmp_path):
    install, make, init, check, run = commands(README)
    port = free_port()
    known = environment(
        home,
        DISCORD_API_URL=playground.url,
        DISCORD_TOKEN=playground.token,
        DISCORD_GUILD_ID=str(world.GUILD_ID),
        TIMEZONE="Asia/Seoul",
        WEBHOOK_HOST="127.0.0.1",
        WEBHOOK_PORT=str(port),
        GUILD_READY_TIMEOUT_S="0.1",
    )
    folder = tmp_path / "bongsu"

    async def told(command: str, where: Path) -> str:
        done = await asyncio.to_thread(
            subprocess.run, command, shell=True, cwd=where, env=known, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    await told(install, clone)
    await told(make.split("&&")[0], tmp_path)
    await told(f"{init} --yes", folder)
    # What only stood in the environment is in the files now.
    for name in ("DISCORD_TOKEN", "DISCORD_GUILD_ID", "TIMEZONE"):
        del known[name]
    assert "discord" in await told(check, folder)

    token = re.search(r"(?m)^WEBHOOK_TOKEN=(\w+)$", (folder / ".env").read_text("utf-8"))
    assert token
    command = ["/bin/sh", "-c", f"cd {folder} && exec {run}"]
    async with running("bot", command, tmp_path / "bot.log", known) as process:
        await process.ready(f"http://127.0.0.1:{port}/readyz", 60)
        await until_shown(playground, f"http://127.0.0.1:{port}", token[1])


async def until_shown(playground, url: str, token: str) -> None:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(f"{url}/webhooks/alertmanager", data=alertmanager_body()) as response,
    ):
        assert response.status == 202
    async with asyncio.timeout(60):
        while not playground.state.messages.get(world.CHANNELS["alert-urgent"]):
            await asyncio.sleep(0.1)


def test_the_demo_is_told_where_it_is(home, tmp_path):
    done = subprocess.run(
        ["bongsu", "demo"], cwd=tmp_path, env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 78
    assert "clone the repository and run `make demo`" in done.stderr


def test_the_wheel_holds_the_bot_and_its_default_configuration_alone(clone, tmp_path):
    # With the setuptools that is installed here, so that nothing is fetched.
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(clone)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, timeout=110, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".d" not in name.split("/")[0]} == {"bot", "cogs"}
    assert [name for name in ("bot/i18n/ko.toml", "bot/cameras/browser/watch.js") if name not in names] == []
    kept = {name.rpartition("/")[2] for name in names if "/share/bongsu/" in name}
    assert kept == {"bot.yml", "services.yml"}
    assert any(name.startswith("bot/store/migrations/versions/") for name in names)
