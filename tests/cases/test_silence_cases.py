"""Silences as people really meet them, on the real process and a real Alertmanager: they say exactly what they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground.checks import walk
from playground.demo import Bot
from playground.monitors import Monitors
from playground.server import Playground
from tests.cases.given import at, case
from tests.e2e.conftest import judge
from tests.person import Json, Person, text_of

pytestmark = pytest.mark.timeout(180)


@dataclass
class Scene:
    """Somebody on call, and the Alertmanager whose alerts they see."""

    minji: Person
    url: str
    session: aiohttp.ClientSession

    async def fire(self, alerts: Sequence[Json], **labels: str) -> None:
        """Tell Alertmanager that these fire."""
        now = datetime.now(UTC)
        body = [{**at(each, now), "labels": each["labels"] | labels} for each in alerts]
        await self._post("alerts", body)

    async def end(self, alerts: Sequence[Json]) -> None:
        """Tell Alertmanager that these have ended."""
        now = datetime.now(UTC)
        await self._post("alerts", [{**at(each, now), "endsAt": now.isoformat()} for each in alerts])

    async def silence(self, matchers: Sequence[Json], lasts: timedelta, begins: timedelta = timedelta()) -> str:
        """Make a silence as somebody else would, at Alertmanager itself."""
        starts = datetime.now(UTC) + begins
        body = {"matchers": matchers, "createdBy": "ops", "comment": "planned"}
        answer = await self._post(
            "silences", body | {"startsAt": starts.isoformat(), "endsAt": (starts + lasts).isoformat()}
        )
        return answer["silenceID"]

    async def silences(self) -> list[Json]:
        async with self.session.get(f"{self.url}/api/v2/silences") as response:
            return [each for each in await response.json() if each["status"]["state"] == "active"]

    async def card(self, *words: str, timeout_s: float = 30) -> Json:
        """Wait until a card says all of this."""
        wanted = lambda m: all(word in text_of(m) for word in words) and "· #" in text_of(m)  # noqa: E731
        return await self.minji.wait_message(wanted, timeout_s)

    async def propose(self, card: Json) -> Json:
        """Press Silence on a card and return the proposal."""
        return await self.minji.press(card, "Silence")

    async def _post(self, path: str, body: Any) -> Any:
        async with self.session.post(f"{self.url}/api/v2/{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json() if response.content_length else None


@asynccontextmanager
async def scene(folder: Path, group_by: Sequence[str] = ("alertname", "service")) -> AsyncIterator[Scene]:
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as session:
        bot = Bot(playground, folder, "en")
        hook = f"{bot.url}/webhooks/alertmanager"
        async with Monitors.open(targets={}, webhook_url=hook, token=bot.token, group_by=group_by) as monitors:
            bot.environment |= {"ALERTMANAGER_URL": monitors.alertmanager_url, "REFRESH_EVERY_S": "1"}
            try:
                await bot.start(ready_s=60)
                async with Person.join(playground.url, "minji", "en-US") as minji:
                    yield Scene(minji, monitors.alertmanager_url, session)
            finally:
                await bot.stop()
        judge(playground)


def matcher(name: str, value: str, **more: bool) -> Json:
    return {"name": name, "value": value, "isRegex": False, "isEqual": True} | more


@pytest.mark.row("60")
async def test_60_half_of_a_card_silenced_is_never_called_silenced(tmp_path):
    async with scene(tmp_path, ["service"]) as it:
        await it.fire(case("60")["alerts"])
        card = await it.card("PoolExhausted", "HighErrorRate")

        proposal = await it.propose(card)

        # The worst alert leads, and what of the card goes on is named before anything is muted.
        assert 'alertname="PoolExhausted"' in text_of(proposal)
        assert "Of this card stays loud:** 🟠 HighErrorRate" in text_of(proposal)
        await it.minji.press(proposal, "Confirm")
        shown = text_of(await it.card("1 of 2 silenced until"))
        assert "PoolExhausted" in shown.split("1 of 2 silenced")[1]
        assert "Still loud: 🟠 HighErrorRate" in shown
        assert "🔕 Silenced until" not in shown


@pytest.mark.row("61")
async def test_61_a_silence_on_a_warning_leaves_the_critical_alert_loud(tmp_path):
    async with scene(tmp_path) as it:
        alerts = case("61")["alerts"]
        await it.fire(alerts)
        card = await it.card("FilesystemFillingUp", "P3")
        proposal = await it.propose(card)
        assert 'severity="warning"' in text_of(proposal)
        await it.minji.press(proposal, "Confirm")
        await it.card("Silenced until")

        await it.fire(alerts, severity="critical")

        shown = text_of(await it.card("FilesystemFillingUp", "P1"))
        assert "1 of 2 silenced" in shown
        assert "Still loud: 🔴" in shown


@pytest.mark.row("61")
async def test_61_a_silenced_p1_stays_in_the_status(tmp_path):
    async with scene(tmp_path) as it:
        alerts = case("61")["alerts"]
        await it.silence([matcher("alertname", "FilesystemFillingUp")], timedelta(hours=1))
        await it.fire(alerts, severity="critical")
        status: Json = {}

        async with asyncio.timeout(60):
            while "🔴 P1 FilesystemFillingUp" not in (text_of(status) if status else ""):
                status = await it.minji.command("status")
                await asyncio.sleep(0.5)

        assert "Fires silenced, without a card: 1" in text_of(status)
        assert "Nothing fires" not in text_of(status)


@pytest.mark.row("61")
async def test_61_the_whole_rule_is_silenced_only_after_naming_the_p1_it_hides(tmp_path):
    async with scene(tmp_path) as it:
        alerts = case("61")["alerts"]
        await it.fire(alerts, severity="critical")
        await it.card("P1")
        await it.end([{**each, "labels": each["labels"] | {"severity": "critical"}} for each in alerts])
        await it.card("🟢")
        await it.fire(alerts)
        card = await it.card("firing again")

        proposal = await it.propose(card)
        assert "as well when it fires" not in text_of(proposal)
        wider = await it.minji.choose(proposal, "bongsu:1:scope:", ["rule"])

        assert "Would be muted as well when it fires:** 🔴 P1 FilesystemFillingUp" in text_of(wider)


@pytest.mark.row("62")
async def test_62_a_label_that_is_a_value_is_left_out_and_the_silence_holds(tmp_path):
    async with scene(tmp_path) as it:
        alerts = case("62")["alerts"]
        await it.fire(alerts)
        await it.card("QueueDepth")
        async with asyncio.timeout(60):
            while len(offered := await it.minji.autocomplete("silence", rule="QueueDepth q-1")) < 1:
                await asyncio.sleep(0.3)
        instance = next(each["value"] for each in offered if each["value"].startswith("alert:"))

        proposal = await it.minji.command("silence", rule=instance, duration="1h")

        assert 'is a value and changes: `current="1041"`' in text_of(proposal)
        await it.minji.press(proposal, "Confirm")
        [made] = await it.silences()
        assert "current" not in {each["name"] for each in made["matchers"]}
        await it.card("Silenced until")
        await it.end(alerts)
        await it.fire(alerts, current="1077")
        await asyncio.sleep(3)
        status = await it.minji.command("status")
        assert "Still loud" not in text_of(await it.card("QueueDepth"))
        assert "QueueDepth" in text_of(status)


@pytest.mark.row("64")
async def test_64_undo_of_what_was_ended_elsewhere_says_that_it_has_ended(tmp_path):
    async with scene(tmp_path) as it:
        await it.fire(case("62")["alerts"])
        made = await it.minji.press(await it.propose(await it.card("QueueDepth")), "Confirm")
        [silence] = await it.silences()
        async with it.session.delete(f"{it.url}/api/v2/silence/{silence['id']}") as response:
            assert response.status == 200

        undone = await it.minji.press(made, "Undo")

        assert "has ended" in text_of(undone)
        assert "Undo" not in text_of(undone)
        assert undone["id"] == made["id"]


@pytest.mark.row("65", "70")
async def test_65_70_the_list_pages_shows_every_matcher_and_what_is_to_come(tmp_path):
    async with scene(tmp_path) as it:
        for number in range(12):
            await it.silence(
                [matcher("alertname", f"Rule{number:02}"), matcher("env", "dev")], timedelta(hours=1 + number)
            )
        await it.silence(case("65")["silence"]["matchers"], timedelta(hours=20), timedelta(minutes=30))
        first: Json = {}
        async with asyncio.timeout(60):
            while "Silences: 13" not in (text_of(first) if first else ""):
                first = await it.minji.command("silences")
                await asyncio.sleep(0.3)

        second = await it.minji.press(first, "Next ▶")
        both = text_of(first) + text_of(second)

        assert all(f'alertname="Rule{number:02}"' in both for number in range(12))
        assert both.count('env="dev"') == 12
        assert 'alertname="NodeDown"' in both
        assert "from <t:" in both

        # One that is ended from the list says so where it stood; the others keep their buttons.
        undone = await it.minji.press(second, next(_undo_buttons(second)))
        assert "has ended." in text_of(undone)
        assert len(list(_undo_buttons(undone))) == len(list(_undo_buttons(second))) - 1


@pytest.mark.row("82")
@pytest.mark.parametrize(
    ("name", "pattern", "is_equal", "labels", "silenced"),
    [
        ("instance", "n[[:digit:]]:9100", True, {}, True),
        ("instance", r"\Qn1:9100\E", True, {}, True),
        ("instance", r"n\d:9100\z", True, {}, True),
        # Python would take Hangul and Arabic digits for these, the servers do not.
        ("place", r"\w+", True, {"place": "서울"}, False),
        ("place", r"\d+", False, {"place": "١٢"}, True),
    ],
)
async def test_82_patterns_are_read_as_the_server_reads_them(tmp_path, name, pattern, is_equal, labels, silenced):
    async with scene(tmp_path) as it:
        await it.fire(case("82")["alerts"], **labels)
        await it.card("NodeDown")

        await it.silence([matcher(name, pattern, isRegex=True, isEqual=is_equal)], timedelta(hours=1))

        if silenced:
            await it.card("NodeDown", "Silenced until")
        else:
            await asyncio.sleep(4)
            assert "ilenced" not in text_of(await it.card("NodeDown")).replace("🔕", "")


async def test_matchers_keep_their_order(tmp_path):
    async with scene(tmp_path) as it:
        names = ["zone", "alertname", "env"]
        await it.silence([matcher(each, "x") for each in names], timedelta(hours=1))
        listed: Json = {}
        async with asyncio.timeout(60):
            while 'zone="x"' not in (text_of(listed) if listed else ""):
                listed = await it.minji.command("silences")
                await asyncio.sleep(0.3)
        [server] = await it.silences()

        shown = text_of(listed)
        order = sorted(names, key=lambda each: shown.index(f'{each}="x"'))

        assert order == [each["name"] for each in server["matchers"]]


def _undo_buttons(message: Json):
    for each in walk(message["components"]):
        if "undo-listed" in str(each.get("custom_id", "")):
            yield each["custom_id"]
