"""What happened, written into a Grafana that behaves as the recorded one; over a real store and real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core.write_back import WriteBack
from bot.domain.events import Acknowledged
from bot.domain.lifecycle import apply
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import Change, ChangeKind
from bot.ports import AuditRow
from bot.telemetry.grafana_annotations import GrafanaAnnotations
from bot.telemetry.http import JsonClient
from tests.builders import MINJI, NOW, make_alert, make_notification
from tests.fakes import HandClock
from tests.recordings import recorded
from tests.store.conftest import address, postgres_template, store
from tests.store.test_store import receive

__all__ = ["address", "postgres_template", "store"]
END = NOW + timedelta(minutes=14)


class RecordedGrafana:
    """Answers as Grafana 12.4.0 was recorded to: no tags lose the tags, gone is 200, an unknown dashboard 500."""

    def __init__(self) -> None:
        self.known: dict[int, dict] = {}
        self.asked: list[str] = []
        self.refuses = ""
        self.forgets_to_answer = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/annotations", self.create),
            web.get("/api/annotations", self.find),
            web.put("/api/annotations/{id}", self.put),
        ]

    def _recorded(self, name: str) -> web.Response:
        exchange = recorded(f"annotations/{name}")
        return web.json_response(exchange.body, status=exchange.status)

    async def create(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append("POST")
        if self.refuses:
            return self._recorded(self.refuses)
        if body.get("dashboardUID") == "nope":
            return self._recorded("annotation_create_unknown_dashboard")
        number = 46 + len(self.asked)
        self.known[number] = {"id": number, **body}
        if self.forgets_to_answer:
            self.forgets_to_answer -= 1
            request.transport.abort()
        return web.json_response({**recorded("annotations/annotation_create").body, "id": number})

    async def find(self, request: web.Request) -> web.Response:
        self.asked.append("GET")
        tags, start, end = set(request.query.getall("tags")), *(int(request.query[name]) for name in ("from", "to"))
        found = [each for each in self.known.values() if tags <= set(each["tags"]) and start <= each["time"] <= end]
        return web.json_response(found)

    async def put(self, request: web.Request) -> web.Response:
        self.asked.append("PUT")
        body, number = await request.json(), int(request.match_info["id"])
        if number not in self.known:
            return web.json_response({"message": "Annotation not found"}, status=404)
        self.known[number] |= {"text": body["text"], "tags": body.get("tags", []), "timeEnd": body["timeEnd"]}
        return self._recorded("annotation_put")

    @property
    def written(self) -> list[tuple[str, int | None]]:
        return [(each["text"], round((each["timeEnd"] - each["time"]) / 60_000)) for each in self.known.values()]


@pytest.fixture
async def grafana() -> AsyncIterator[tuple[RecordedGrafana, GrafanaAnnotations]]:
    played = RecordedGrafana()
    application = web.Application()
    application.add_routes(played.routes())
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        yield played, GrafanaAnnotations(JsonClient(session, str(server.make_url("/")), source="grafana", timeout_s=20))


def writing(store, annotations) -> tuple[WriteBack, HandClock]:
    clock = HandClock()
    made = WriteBack(
        book=store.annotations, annotations=annotations, incidents=store.incidents, clock=clock, language="en"
    )
    return made, clock


async def everything(back: WriteBack) -> None:
    while await back.step():
        pass


async def test_an_incident_is_one_region_changed_in_place(store, grafana):
    played, annotations = grafana
    back, _ = writing(store, annotations)
    await receive(store, make_notification(alerts=(make_alert(panel_url="https://g/d/api/x?viewPanel=4"),)))
    await everything(back)
    [(number, first)] = played.known.items()
    assert (first["text"], first["dashboardUID"], first["panelId"]) == ("P2 HighLatency #1", "api", 4)
    assert set(first["tags"]) == {"bongsu", "incident", "P2", "service:api", "incident:1"}

    await store.incidents.change(1, lambda known: apply(known, Acknowledged(MINJI, NOW)), NOW)
    await everything(back)
    await receive(store, make_notification(firing=0, alerts=(make_alert(firing=False),)), END)
    await everything(back)

    assert (played.known[number]["timeEnd"] - played.known[number]["time"]) == 5 * 60_000
    assert set(played.known[number]["tags"]) == set(first["tags"])
    assert sorted(text for text, _ in played.written) == ["#1 HighLatency: minji has it", "P2 HighLatency #1"]
    asked = len(played.asked)
    await everything(writing(store, annotations)[0])
    assert len(played.asked) == asked


async def test_a_deploy_is_marked_and_a_second_telling_is_not(store, grafana):
    played, annotations = grafana
    change = Change(NOW.timestamp(), ChangeKind.DEPLOY, "v3.2", "by CI", "api")
    await store.changes.record(change)
    await everything(writing(store, annotations)[0])

    await store.changes.record(change)
    await everything(writing(store, annotations)[0])

    [mark] = played.known.values()
    assert mark["text"] == "deploy api v3.2 by CI"
    assert mark["tags"] == ["bongsu", "deploy", "service:api"]
    assert "dashboardUID" not in mark


async def test_what_was_written_before_a_crash_is_found_and_not_written_twice(store, grafana):
    played, annotations = grafana
    played.forgets_to_answer = 1
    await receive(store)
    back, clock = writing(store, annotations)
    await everything(back)
    assert len(played.known) == 1
    clock.forward(minutes=10)

    await everything(writing(store, annotations)[0])

    assert len(played.known) == 1
    assert played.asked == ["POST", "GET", "PUT"]


async def test_an_unknown_dashboard_leaves_it_to_the_whole_organisation(store, grafana):
    played, annotations = grafana
    await receive(store, make_notification(alerts=(make_alert(dashboard_url="https://g/d/nope/x"),)))

    await everything(writing(store, annotations)[0])

    [region] = played.known.values()
    assert "dashboardUID" not in region


async def test_without_the_right_it_is_tried_again_after_a_while(store, grafana):
    played, annotations = grafana
    played.refuses = "annotation_create_viewer_403"
    await receive(store)
    back, clock = writing(store, annotations)
    await everything(back)
    await everything(back)
    assert played.asked == ["POST"]

    played.refuses = ""
    clock.forward(minutes=6)
    await everything(back)

    assert len(played.known) == 1


async def test_what_grafana_never_takes_is_left(store, grafana):
    played, annotations = grafana
    played.refuses = "annotation_create_no_text"
    await receive(store)

    await everything(writing(store, annotations)[0])
    await everything(writing(store, annotations)[0])

    assert played.asked == ["POST"]


async def test_what_a_person_has_deleted_stays_deleted(store, grafana):
    played, annotations = grafana
    await receive(store)
    await everything(writing(store, annotations)[0])
    played.known.clear()

    await receive(store, make_notification(firing=0, resolved=1), END)
    await everything(writing(store, annotations)[0])

    assert played.known == {}


def silence(**changes) -> Silence:
    matchers = (Matcher("service", "api"),)
    made = Silence("s1", matchers, NOW, NOW + timedelta(hours=1), "discord: minji (1001)", "new disks")
    return replace(made, **changes)


async def test_a_silence_is_one_region_from_its_beginning_to_its_end(store, grafana):
    played, annotations = grafana
    back, clock = writing(store, annotations)
    await store.silences.sync([silence()], NOW)
    await everything(back)
    assert played.written == [('🔕  new disks (minji) service="api"', 60)]
    [(number, region)] = played.known.items()
    assert set(region["tags"]) == {"bongsu", "silence", "service:api", "silence:1"}

    await store.silences.sync([silence(ends_at=NOW + timedelta(hours=2))], NOW)
    await everything(back)
    assert [minutes for _, minutes in played.written] == [120]
    clock.forward(minutes=30)
    await store.silences.end(1, clock(), AuditRow(clock(), MINJI, "unsilence", "api"))
    await everything(back)

    assert (list(played.known), played.written[0][1]) == ([number], 30)
    asked = len(played.asked)
    await everything(writing(store, annotations)[0])
    assert len(played.asked) == asked


async def test_a_silence_yet_to_come_is_written_when_it_begins_and_not_if_it_is_called_off(store, grafana):
    played, annotations = grafana
    back, clock = writing(store, annotations)
    later = silence(starts_at=NOW + timedelta(minutes=20))
    off = replace(later, source_id="s2")
    await store.silences.sync([later, off], NOW)
    await everything(back)
    assert played.known == {}

    [row] = [each for each in await store.silences.listed(NOW) if each.silence.source_id == "s2"]
    await store.silences.end(row.id, NOW, AuditRow(NOW, MINJI, "unsilence", "api"))
    clock.forward(minutes=20)
    await everything(back)

    assert [minutes for _, minutes in played.written] == [40]


async def test_a_silence_that_was_written_before_a_crash_is_found(store, grafana):
    played, annotations = grafana
    played.forgets_to_answer = 1
    await store.silences.sync([silence()], NOW)
    back, clock = writing(store, annotations)
    await everything(back)
    clock.forward(minutes=10)

    await everything(back)

    assert len(played.known) == 1
