"""One seed: alerts are told, acknowledged, silenced and resolved while processes are killed and all else fails; then all is compared."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from playground.server import Playground
from tests.builders import alertmanager_body
from tests.chaos.audit import audit, waiting
from tests.chaos.checker import problems
from tests.chaos.faults import draw, named
from tests.chaos.scene import PATIENCE_S, Means, Scene, Trap, stage_of
from tests.chaos.shown import NAME
from tests.chaos.storm import CROWD
from tests.person import Person, text_of

SEVERITIES = ("critical", "high", "warning")
MOMENTS = ("any", "webhook", "card", "edit", "press", "page", "thread", "report", "investigation")
MORE_MOMENTS = {"sources": ("silence", "picture"), "storm": ("digest",)}
_ALERTS = 4
_CALM = 12
_SETTLED_S, _PATIENCE_FOR_MISTAKES_S = 200, 25


def named_in(message: Any) -> list[str]:
    """Return the alerts that a message names; one name may begin as another does."""
    return NAME.findall(text_of(message))


class Episode:
    """What a seed draws, done to a scene."""

    def __init__(self, seed: int, playground: Playground, folder: Path, means: Means, mistake: str = "") -> None:
        self.seed, self.mistake = seed, mistake
        self.stage = stage_of(seed)
        self.chance = random.Random(seed)
        self.evidence = ""
        self.drawn: list[str] = []
        self.moments: list[str] = []
        self.scene = Scene(self.stage, self.chance, playground, folder, means)
        self._over = asyncio.Event()
        self._pressing = asyncio.Lock()

    async def run(self) -> list[str]:
        """Do all of it and return what is wrong."""
        scene = self.scene
        async with scene.opened(self.mistake), aiohttp.ClientSession() as self._session:
            for bot in scene.bots:
                await bot.launch()
            await scene.ready()
            async with Person.join(scene.playground.url, "minji", locale="en-US") as minji:
                alive = asyncio.create_task(scene.keep_alive())
                try:
                    await self._all(minji)
                    return problems(await audit(scene))
                finally:
                    self.evidence = await scene.evidence()
                    alive.cancel()
                    await asyncio.gather(alive, return_exceptions=True)

    async def _all(self, minji: Person) -> None:
        scene = self.scene
        many = _ALERTS + (CROWD if self.stage == "storm" else 0)
        names = [f"Chaos{self.seed}x{number}" for number in range(many)]
        self.drawn = draw(scene, self.seed)
        troubles = asyncio.gather(self._kill(), self._spoil())
        await asyncio.gather(*(self._tell(minji, name, random.Random(f"{self.seed} {name}")) for name in names))
        self._over.set()
        await troubles
        scene.playground.faults.clear()
        scene.playground.gateway.refusing = scene.playground.gateway.forgetting = False
        await scene.ready()
        with contextlib.suppress(TimeoutError):
            # Of a planted mistake it is known that it waits for ever.
            async with asyncio.timeout(_SETTLED_S if not self.mistake else _PATIENCE_FOR_MISTAKES_S):
                # For three seconds: what has just been done may have something else drawn, or looked into.
                calm = 0
                while calm < _CALM:
                    calm = 0 if await waiting(scene) else calm + 1
                    await asyncio.sleep(0.25)

    async def _tell(self, minji: Person, name: str, chance: random.Random) -> None:
        """Let one alert fire, and perhaps become worse, be acknowledged, silenced, end, and fire again."""
        account = self.scene.account
        # A crowd of P1 would make no digest.
        crowd = int(name.rpartition("x")[2]) >= _ALERTS
        severity = account.severity[name] = chance.choice(SEVERITIES[crowd:])
        worse = severity == "warning" and chance.random() < (0.1 if crowd else 0.4)
        acknowledged, silenced = chance.random() < 0.5, chance.random() < 0.5
        # In a storm what is no P1 may never have a card to press on.
        acknowledged &= self.stage != "storm" or severity == "critical"
        ends, again = chance.random() < 0.6, chance.random() < 0.4
        await asyncio.sleep(chance.random() * 2)
        await self._send(name, severity, "firing")
        if worse:
            await asyncio.sleep(chance.random())
            account.severity[name] = severity = "critical"
            account.raised.add(name)
            await self._send(name, severity, "firing")
        if acknowledged:
            await self._acknowledge(minji, name, severity)
        if silenced and self.stage == "sources":
            await self._silence(minji, name)
        for status in ("resolved", "firing")[: ends + (ends and again)]:
            await asyncio.sleep(chance.random())
            if status == "resolved" and any(not card.over for card in self.scene.cards().get(name, [])):
                account.shown_firing.add(name)
            await self._send(name, severity, status)

    async def _send(self, name: str, severity: str, status: str) -> None:
        scene = self.scene
        if status == "resolved":
            scene.account.ending.add(name)
        body = await self._body(name, severity, status)
        scene.happened("webhook")
        async with asyncio.timeout(4 * PATIENCE_S):
            for attempt in range(100_000):
                bot = scene.bots[attempt % len(scene.bots)]
                headers = {"Authorization": f"Bearer {bot.token}"}
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    wait = aiohttp.ClientTimeout(15)
                    async with self._session.post(
                        f"{bot.url}/webhooks/alertmanager", data=body, headers=headers, timeout=wait
                    ) as answer:
                        if answer.status == 202:
                            break
                await asyncio.sleep(0.05)
        scene.account.answered[name] = status
        scene.account.told[name] += 1
        scene.account.fired[name] += status == "firing"

    async def _body(self, name: str, severity: str, status: str) -> bytes:
        """Write a webhook; where there is an Alertmanager it knows the same alerts."""
        body = json.loads(alertmanager_body(name, severity=severity, status=status, env=name, service=name.lower()))
        if name in self.scene.account.raised and status == "firing":
            # A label has changed, so it is another alert, and the one before is over.
            less = alertmanager_body(name, severity="warning", status="resolved", env=name, service=name.lower())
            body["alerts"] += json.loads(less)["alerts"]
        now = datetime.now(UTC)
        for alert in body["alerts"]:
            over = alert["status"] == "resolved"
            alert["startsAt"] = (now - timedelta(seconds=1)).isoformat()
            alert["endsAt"] = now.isoformat() if over else "0001-01-01T00:00:00Z"
            alert["fingerprint"] = f"{zlib.crc32(json.dumps(alert['labels']).encode()):016x}"
            if self.scene.alertmanager_url:
                await self._known_to_alertmanager(alert, now if over else now + timedelta(hours=1))
        return json.dumps(body).encode()

    async def _known_to_alertmanager(self, alert: dict[str, Any], ends_at: datetime) -> None:
        scene = self.scene
        grafana, api = scene.gates["grafana"].url, f"{scene.alertmanager_url}/api/v2/alerts"
        alert |= {"dashboardURL": f"{grafana}/d/api?orgId=1", "panelURL": f"{grafana}/d/api?orgId=1&viewPanel=4"}
        told = {key: alert[key] for key in ("labels", "annotations", "startsAt")} | {"endsAt": ends_at.isoformat()}
        async with self._session.post(api, json=[told]) as answer:
            assert answer.status == 200, await answer.text()
        async with self._session.get(api) as answer:
            known = {json.dumps(each["labels"], sort_keys=True): each["fingerprint"] for each in await answer.json()}
        labels = json.dumps(alert["labels"], sort_keys=True)
        # What is over is listed no more.
        alert["fingerprint"] = scene.fingerprints.setdefault(labels, known.get(labels, alert["fingerprint"]))

    async def _acknowledge(self, minji: Person, name: str, severity: str) -> None:
        """Press the button, as a person does: again, while nobody answers."""
        level = "P1" if severity == "critical" else "P"
        told = await self._press(minji, lambda m: name in named_in(m) and level in text_of(m), "Acknowledge")
        if told and "You have #" in text_of(told):
            self.scene.account.acknowledged.add(name)

    async def _silence(self, minji: Person, name: str) -> None:
        """Press *Silence* and *Confirm*; the second one again while nobody answers."""
        preview = await self._press(minji, lambda message: name in named_in(message), "Silence")
        if preview is None:
            return
        told = await self._press(minji, lambda message: message["id"] == preview["id"], "Confirm")
        if told and "is silenced until" in text_of(told):
            self.scene.account.silenced.add(name)

    async def _press(self, minji: Person, wanted: Any, label: str) -> Any:
        for _ in range(3):
            with contextlib.suppress(TimeoutError, RuntimeError, AssertionError):
                message = await minji.wait_message(lambda m: bool(m["components"]) and wanted(m), 15)
                # One at a time, so that the answer is known to be this one's.
                async with self._pressing:
                    return await minji.press(message, label, 10)
        return None

    async def _kill(self) -> None:
        """Kill whoever works, at random instants and at chosen ones, as a power cut would."""
        scene = self.scene
        known = MOMENTS + MORE_MOMENTS.get(self.stage, ())
        for _ in range(self.chance.randint(1, 2)):
            moment = self.chance.choice(known)
            self.moments.append(moment)
            scene.trap = trap = Trap(moment, self.chance.randint(1, 3))
            patience = self.chance.random() * 3 if moment == "any" else 8.0
            sprung, over = asyncio.create_task(trap.sprung.wait()), asyncio.create_task(self._over.wait())
            await asyncio.wait([sprung, over], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            sprung.cancel()
            over.cancel()
            if not trap.sprung.is_set():
                scene.trap = None
                scene.kill()

    async def _spoil(self) -> None:
        """Have the faults happen at random instants; some last."""
        lasting: list[asyncio.Task[None]] = []
        for name in self.drawn:
            lasting.append(asyncio.create_task(named(self.scene, name)(self.scene)))
            await asyncio.sleep(self.chance.random())
        await asyncio.gather(*lasting)

    def told(self, found: list[str], seconds: float) -> dict[str, Any]:
        """Say what came of it."""
        account = self.scene.account
        return {
            "seed": self.seed,
            "stage": self.stage,
            "problems": found,
            "faults": self.drawn,
            "moments": self.moments,
            "kills": self.scene.kills,
            "answered": sum(account.told.values()),
            "acknowledged": len(account.acknowledged),
            "silenced": len(account.silenced),
            "reports": sum(account.reports.values()),
            "pictures": sum(account.pictures.values()),
            "calls": sum(Counter(account.calls).values()),
            "digests": self.scene.digests,
            "seconds": round(seconds, 1),
        }
