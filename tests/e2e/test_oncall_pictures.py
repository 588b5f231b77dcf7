"""The pictures of docs/oncall.md and docs/reports.md: who is on call, an escalation, a report, a post-mortem.

`BONGSU_PICTURES=docs/pictures pytest tests/e2e/test_oncall_pictures.py` renews them; without it they are taken and thrown
away, so that what they show is known to be there. A week of incidents is in the store, and what their rule measured is in
a real Prometheus, so the change that the report proposes is one that was replayed.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from bot.core.investigation.plain import plain_verdict
from bot.domain import lifecycle
from bot.domain.alerts import Notification
from bot.domain.evidence import Analysis, Channel, Finding, ModelUse, Ranking, Suspect
from bot.domain.impact import Impact, Trend
from bot.domain.inquiries import Exchange
from bot.domain.memory import Fix
from bot.domain.people import Person as Somebody
from bot.domain.telemetry import Change, ChangeKind
from bot.i18n import Language
from bot.ports import AuditRow
from bot.store.database import Database
from playground.demo import Bot
from playground.process import find_binary, free_port, running
from playground.server import Playground
from playground.world import CHANNELS, PEOPLE
from tests.builders import alertmanager_body, make_alert, make_notification
from tests.e2e.conftest import alarm_of, judge
from tests.e2e.test_readme_pictures import LEAST_BYTES, LOCALES, pictured
from tests.playground.browsing import visits
from tests.store.test_store import receive

ROOT = Path(__file__).parents[2]
KINDS = {"oncall.md": ("oncall", "escalation"), "reports.md": ("report", "postmortem")}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOISY, REAL = "QueueDepth", "HighLatency"
BLIPS, LAST = 18, timedelta(days=6)
MINJI = Somebody(int(PEOPLE["minji"].id), PEOPLE["minji"].name, manages_guild=True)
ONCALL = f"""
people: {{minji: {{discord: {PEOPLE["minji"].id}}}, jun: {{discord: {PEOPLE["jun"].id}}}}}
teams: {{platform: {{timezone: Asia/Seoul, holidays: none, schedule: [{{people: [minji, jun], every: weekly}}]}}}}
"""


@pytest.fixture
async def playground(language: str) -> AsyncIterator[Playground]:
    """A guild whose people have names in the language of the pictures."""
    async with Playground.open(limited=False, language=language) as opened:
        yield opened
        judge(opened)


def blips(now: datetime) -> list[datetime]:
    """When the queue was long for two minutes, most often at night in Seoul."""
    begin = (now - LAST).replace(hour=17, minute=10, second=0, microsecond=0)
    return [begin + place // 3 * timedelta(days=1) + place % 3 * 50 * MINUTE for place in range(BLIPS - 3)]


def told(name: str, severity: str, at: datetime, *, firing: bool, lasts: timedelta = 3 * MINUTE) -> Notification:
    alert = make_alert(name, firing=firing, starts_at=at, ends_at=None if firing else at + lasts)
    alert = make_alert(
        name, firing=firing, starts_at=at, ends_at=alert.ends_at, labels={"severity": severity},
        annotations={"runbook_url": "https://wiki.example.com/runbooks/latency"} if name == REAL else {},
    )  # fmt: skip
    return make_notification(name, alerts=(alert,), group_key=f"{name}/{at.isoformat()}")


async def lived_through(database: Path, now: datetime, language: Language) -> None:
    """Put a week of incidents into the store: blips that nobody answered, and three that somebody did."""
    async with Database.open(f"sqlite:///{database}") as store:
        for at in blips(now):
            await receive(store, told(NOISY, "high", at, firing=True), at)
            await receive(store, told(NOISY, "high", at, firing=False), at + 3 * MINUTE)
        for days, acked in ((5, 21), (3, 9), (1, 3)):
            at = now - days * timedelta(days=1)
            incident = (await receive(store, told(REAL, "critical", at, firing=True), at)).incident
            taken = lifecycle.Acknowledged(MINJI, at + acked * MINUTE)
            await store.incidents.change(incident.number, lambda i, t=taken: lifecycle.apply(i, t), taken.at)
            over = at + (30 + acked) * MINUTE
            if days == 1:
                await looked_into(store, incident.number, at, language)
            await receive(store, told(REAL, "critical", at, firing=False, lasts=(30 + acked) * MINUTE), over)
        fix = Fix("rolled back v1.4.2", MINJI, over)
        await store.memories.fix(incident.number, fix, AuditRow(over, MINJI, "fix", f"#{incident.number}"))
    with closing(sqlite3.connect(database)) as connection, connection:
        # All of it was shown and called, long ago.
        connection.execute("UPDATE incidents SET paged_at = opened_at")
        for table in ("outbox", "jobs"):
            connection.execute(f"DELETE FROM {table}")


async def looked_into(store: Database, number: int, at: datetime, language: Language) -> None:
    """Let an incident be investigated, and asked about in its thread."""
    since, before = str(int(at.timestamp()) - 90), str(int(at.timestamp()) - 400)
    found = (
        Finding("M1", Channel.METRIC, "orders-db", "metric-rose",
                {"metric": "hikaricp pool pending", "before": "0", "after": "37", "since": since}, 0.97),
        Finding("L1", Channel.LOG, "orders", "log-new",
                {"count": "37", "seconds": "120", "template": "Connection is not available, timed out after #ms"}, 0.9),
        Finding("C1", Channel.CHANGE, "orders", "change-before",
                {"kind": "deploy", "id": "v1.4.2", "minutes": "5", "text": "Raise the batch size"}, 0.8,
                link="https://ci.example.com/deploys/142"),
    )  # fmt: skip
    change = Change(float(before), ChangeKind.DEPLOY, "v1.4.2", "Raise the batch size", "orders")
    suspects = (Suspect("orders-db", 0.93, "pool", ("M1", "L1")),)
    ranking = Ranking(float(since), suspects, found, abstained=False, culprit=change)
    impact = Impact("api", at.timestamp() - 60, Trend.STEADY, failing=0.12, rate=50.0)
    analysis = Analysis(ranking, plain_verdict(ranking, language), ModelUse(), impact=impact)
    await store.investigations.ask(number, MINJI, at, timedelta())
    inquiry = await store.investigations.take()
    assert inquiry
    await store.investigations.finish(inquiry, analysis, at + MINUTE)
    answer = "Yes: v1.4.2 of orders, 5 minutes before it began. `C1`"
    asked = Exchange(number, MINJI, at + 4 * MINUTE, "was there a deploy?", answer)
    await store.investigations.remember(asked)


@asynccontextmanager
async def measured(folder: Path, now: datetime) -> AsyncIterator[str]:
    """Run a Prometheus that remembers the week, with the rule that was noisy."""
    end = int(now.timestamp()) // 60 * 60
    long = {int(at.timestamp()) // 60 * 60 + 60 * minute for at in blips(now) for minute in range(3)}
    lines = ["# TYPE queue_depth gauge"]
    lines += [
        f'queue_depth{{service="api"}} {140 if at in long else 20} {at}'
        for at in range(end - int(timedelta(days=8).total_seconds()), end, 60)
    ]
    (folder / "numbers.txt").write_text("\n".join([*lines, "# EOF", ""]), "utf-8")
    making = [find_binary("promtool"), "tsdb", "create-blocks-from", "--max-block-duration=960h", "openmetrics"]
    subprocess.run([*making, "numbers.txt", "data"], cwd=folder, check=True, capture_output=True, timeout=120)
    rule = f"    - {{alert: {NOISY}, expr: queue_depth > 100, for: 1m, labels: {{severity: high}}}}"
    (folder / "rules.yml").write_text(f"groups:\n- name: queues\n  interval: 1m\n  rules:\n{rule}\n", "utf-8")
    (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n", "utf-8")
    port = free_port()
    command = [
        find_binary("prometheus"), f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    async with running("prometheus", command, folder / "prometheus.log") as process:
        await process.ready(f"http://127.0.0.1:{port}/-/ready", 60)
        yield f"http://127.0.0.1:{port}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_on_call_an_escalation_a_report_and_a_post_mortem_are_pictured(
    language, playground, tmp_path, empty_sqlite
):
    folder, now = Path(os.environ.get("BONGSU_PICTURES") or tmp_path), datetime.now(UTC)
    taken = {name: folder / f"{name}.{language}.png" for names in KINDS.values() for name in names}
    (tmp_path / "bongsu.db").write_bytes(empty_sqlite.read_bytes())
    (tmp_path / "oncall.yml").write_text(ONCALL, "utf-8")
    await lived_through(tmp_path / "bongsu.db", now, language)
    bot = Bot(playground, tmp_path, language)
    async with measured(tmp_path, now) as prometheus, visits(playground.url) as open_page:
        bot.environment |= {"BONGSU_ONCALL": str(tmp_path / "oncall.yml"), "PROMETHEUS_URL": prometheus}
        try:
            await bot.start()
            page = await open_page(f"?as=minji&locale={LOCALES[language]}", viewport={"width": 1280, "height": 1500})
            await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "true", timeout=60_000)
            async with alarm_of(bot) as alarm:
                began = now.isoformat()
                body = alertmanager_body("HikariPoolPending", severity="critical", env="prod", starts_at=began)
                await alarm.send(body)
            called = message_of(page, re.compile("of the escalation|에스컬레이션"))
            await expect(called).to_contain_text("HikariPoolPending", timeout=60_000)
            await pictured(called, taken["escalation"])

            await pictured(await answered(page, "oncall", "🟢"), taken["oncall"])

            report = await answered(page, "report", "📊")
            await expect(report).to_contain_text("1m → 3m")
            await expect(report.locator("img").last).to_be_visible(timeout=60_000)
            await pictured(report, taken["report"])

            written = await answered(page, "postmortem", "📝", f"#{BLIPS}")
            await the_file(page, written, taken["postmortem"])
        finally:
            await bot.stop()

    assert [path.name for path in taken.values() if path.stat().st_size < LEAST_BYTES] == []


def message_of(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.get_by_test_id("message").filter(has_text=words).last


async def answered(page: Page, command: str, sign: str, option: str = "") -> Locator:
    """Type a command as a person does, and wait for what only they see."""
    await page.goto(f"{page.url.partition('#')[0]}#/{CHANNELS['alert-urgent']}")
    await page.get_by_test_id("composer").fill("/")
    await page.get_by_test_id(f"command-{command}").click()
    if option:
        await page.keyboard.type(option)
    await page.keyboard.press("Enter")
    answer = message_of(page, sign)
    await expect(answer).to_be_visible(timeout=90_000)
    return answer


async def the_file(page: Page, message: Locator, path: Path) -> None:
    """Show the file that came with a message as an editor shows it."""
    address = await message.locator("a[href*='.md']").last.get_attribute("href")
    assert address
    async with aiohttp.ClientSession() as session:
        origin = re.match(r"https?://[^/]+", page.url)
        assert origin
        async with session.get(address if address.startswith("http") else f"{origin[0]}{address}") as response:
            words = await response.text()
    assert words.startswith("# ")
    # A page of its own: that of the playground goes on listening.
    page = await page.context.new_page()
    await page.set_content("<pre></pre>")
    await page.locator("pre").evaluate(
        "(pre, words) => { pre.textContent = words; pre.style = 'margin: 0; padding: 20px; white-space: pre-wrap;"
        " width: 820px; background: #1e1f22; color: #dbdee1; font: 14px/1.5 monospace'; }",
        words,
    )
    await pictured(page.locator("pre"), path)


def test_the_pages_show_pictures_that_are_there():
    for page, kinds in KINDS.items():
        for language, name in (("en", page), ("ko", page.replace(".md", ".ko.md"))):
            words = (ROOT / "docs" / name).read_text("utf-8")

            assert [kind for kind in kinds if f"](pictures/{kind}.{language}.png)" not in words] == []
            assert all((ROOT / f"docs/pictures/{kind}.{language}.png").stat().st_size >= LEAST_BYTES for kind in kinds)
