"""What the tests of mistakes share: a folder with settings, the real process in it, and the table of what it said."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ko")
# On a machine that does much else.
PATIENCE_S = 90
TOKEN = "a-long-and-random-webhook-token"

# Fits where nothing is asked of Discord.
FIT = {"DISCORD_TOKEN": "a-token-of-discord", "DISCORD_GUILD_ID": "1200000000000000001", "WEBHOOK_PORT": "0"}


@dataclass
class Mistake:
    """One mistake and what is to be said of it, in English and in Korean."""

    name: str
    en: str
    ko: str
    environment: Mapping[str, str] = field(default_factory=dict)
    bot: str = ""
    services: str = ""


@dataclass
class Told:
    """What a process said, and how it ended."""

    code: int
    words: str


class Table:
    """The mistakes that were tried, with exit code and sentence."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, int, str]] = []

    def add(self, mistake: str, command: str, language: str, told: Told, words: str) -> None:
        said = next((line for line in told.words.splitlines() if words in line), told.words)
        self.rows.append((mistake, command, language, told.code, said.strip()))

    def lines(self) -> list[str]:
        head = ["| mistake | command | | exit | what it says |", "|---|---|---|---|---|"]
        return head + [
            f"| {name} | `{command}` | {language} | {code} | {said.replace('|', '/')} |"
            for name, command, language, code, said in sorted(self.rows)
        ]


class Folder:
    """A folder as an operator has one, with both files of settings."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "config").mkdir()
        self.write()

    def write(self, bot: str = "", services: str = "") -> None:
        (self.path / "config/bot.yml").write_text(bot, "utf-8")
        (self.path / "config/services.yml").write_text(services, "utf-8")

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "COV", "HOME", "TMP"))}
        return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **changes}

    async def start(self, *command: str, **changes: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(command if command[0].startswith("/") else (sys.executable, "-m", "bot", *command)),
            cwd=self.path,
            env=self.environment(changes),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def told(self, *command: str, **changes: str) -> Told:
        """Run a command to its end; it must end by itself, and without a traceback."""
        process = await self.start(*command, **changes)
        try:
            async with asyncio.timeout(PATIENCE_S):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        words = said.decode()
        assert "Traceback" not in words, words
        return Told(process.returncode or 0, words)
