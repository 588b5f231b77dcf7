"""The open door: half a request, too many connections, and what only we may read; over real sockets."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import pytest

from bot.web.connections import Patience, listening
from bot.web.credentials import Credentials
from tests.builders import alertmanager_body
from tests.web.doors import listener_of

TOKEN = {"Authorization": "Bearer t0ken"}
MARKER = "0123456789abcdef"
HEAD = b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t0ken\r\n"
PATIENCE_S = 60.0


class Door:
    """A listener of the tests: its port, and what it refused."""

    def __init__(self, port, refusals):
        self.port = port
        self.refusals = refusals
        self.url = f"http://127.0.0.1:{port}"

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)


@pytest.fixture
def opened(database, clock):
    @asynccontextmanager
    async def open_door(patience=None, *, inner=False, token="t0ken"):
        refusals = []
        patience = patience or Patience()
        credentials = Credentials(token=token)
        listener = listener_of(database, clock, credentials=credentials, refused=refusals.append, patience=patience)
        app = listener.inner_application() if inner else listener.application()
        async with listening(app, "127.0.0.1", 0, patience) as port:
            yield Door(port, refusals)

    return open_door


async def answered(reader):
    """Return all that comes until the other side closes."""
    async with asyncio.timeout(PATIENCE_S):
        return await reader.read()


@pytest.mark.parametrize("sent", [b"", b"POST /webhooks", HEAD, HEAD + b"X-Long: " + b"a" * 4000])
async def test_a_head_that_does_not_come_is_closed(opened, sent):
    async with opened(Patience(head_s=0.2)) as door:
        reader, writer = await door.connect()
        writer.write(sent)

        answer = await answered(reader)

        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", [b"grafana", b"alertmanager", b"deploy"])
async def test_a_body_that_does_not_come_is_closed_with_a_sentence(opened, path):
    async with opened(Patience(body_s=0.2, linger_s=0.2)) as door:
        reader, writer = await door.connect()
        writer.write(HEAD.replace(b"grafana", path) + b"Content-Length: 5000\r\n\r\n{")

        answer = await answered(reader)

        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body did not come within 0.2 s." in answer
    assert [refusal.status for refusal in door.refusals] == [408]


async def test_a_body_that_drips_is_closed_as_well(opened):
    async with opened(Patience(body_s=0.3, linger_s=0.2)) as door:
        reader, writer = await door.connect()
        writer.write(HEAD + b"Content-Length: 5000\r\n\r\n")

        async def drip():
            while True:
                writer.write(b" ")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        # Whoever goes on sending need not hear why it was closed.
        with suppress(ConnectionResetError):
            await answered(reader)

        dripping.cancel()
        writer.close()
    assert [refusal.status for refusal in door.refusals] == [408]


async def test_a_connection_without_a_next_request_is_closed(opened):
    async with opened(Patience(idle_s=0.2)) as door:
        reader, writer = await door.connect()
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea")

        answer = await answered(reader)

        writer.close()
    assert answer.count(b"HTTP/1.1 200 ") == 1


async def test_so_many_connections_for_each_address_and_then_again_room(opened):
    async with opened(Patience(each=3)) as door:
        writers = []
        for _ in range(3):
            reader, writer = await door.connect()
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(PATIENCE_S):
                assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            writers.append(writer)
        reader, writer = await door.connect()
        refused = await answered(reader)
        writers.append(writer)
        for each in writers:
            each.close()

        async def again():
            async with aiohttp.ClientSession() as session, session.get(f"{door.url}/healthz") as response:
                return response.status

        async with asyncio.timeout(PATIENCE_S):
            while await again() != 200:
                await asyncio.sleep(0.05)
    assert refused.startswith(b"HTTP/1.1 503 ")


async def half_sent(stack, door):
    """Send half a request; return what is answered."""
    reader, writer = await door.connect()
    stack.callback(writer.close)
    writer.write(b"POST /webh")
    return reader


async def test_hundreds_of_half_sent_requests_keep_no_webhook_out(opened):
    async with opened(Patience(head_s=1.5, each=500, all=1000)) as door, AsyncExitStack() as stack:
        halves = [await half_sent(stack, door) for _ in range(300)]
        async with (
            aiohttp.ClientSession(headers=TOKEN) as session,
            session.post(f"{door.url}/webhooks/alertmanager", data=alertmanager_body()) as response,
        ):
            assert response.status == 202

        answers = await asyncio.gather(*map(answered, halves))
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}


@pytest.mark.parametrize("path", ["webhooks/grafana", "webhooks/deploy"])
@pytest.mark.parametrize("body", [b"not gzip at all", gzip.compress(b"{}" * 50, mtime=0)[:20]], ids=["none", "cut"])
async def test_gzip_that_is_none_is_400_with_a_sentence(opened, path, body):
    headers = TOKEN | {"Content-Encoding": "gzip"}
    async with (
        opened() as door,
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{door.url}/{path}", data=body) as response,
    ):
        answer = await response.json()

    assert response.status == 400
    assert answer["error"].endswith(".")


@pytest.mark.parametrize("headers", [TOKEN, {}], ids=["known", "unknown"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_cannot_be_read_leaves_no_trace_in_the_log(opened, caplog, headers, encoding):
    told = headers | {"Content-Encoding": encoding}
    async with opened() as door:
        for _ in range(3):
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{door.url}/webhooks/grafana", data=alertmanager_body(), headers=told) as got,
            ):
                assert got.status in (400, 401)

    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nContent-Encoding: br\r\n\r\n", id="unknown encoding"
        ),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost x\r\n\r\n", id="no header"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01\r\n\r\n", id="no HTTP any more"),
        pytest.param(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", id="a negative length"),
    ],
)
async def test_what_is_no_http_is_refused_and_leaves_no_trace_in_the_log(opened, caplog, sent):
    async with opened() as door:
        reader, writer = await door.connect()
        writer.write(sent)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        writer.close()

    assert b" 400 " in answer
    assert [record for record in caplog.records if record.exc_info] == []


async def test_whoever_has_no_credential_reads_no_names(opened, database, clock):
    async with opened() as door, aiohttp.ClientSession() as session:
        deploy = {"service": "secret-project", "id": "v2"}
        async with session.post(f"{door.url}/webhooks/deploy", json=deploy, headers=TOKEN) as response:
            assert response.status == 202
        async with session.get(f"{door.url}/metrics") as response:
            open_to_all = await response.text()
        async with session.get(f"{door.url}/metrics", headers=TOKEN) as response:
            ours = await response.text()
        async with session.get(f"{door.url}/seen/{MARKER}") as response:
            seen = response.status

    assert "secret-project" not in open_to_all
    assert "bongsu_oldest_waiting_seconds" in open_to_all
    assert 'bongsu_last_deploy_timestamp_seconds{service="secret-project"}' in ours
    assert seen == 401


async def test_a_second_port_has_all_metrics_and_nothing_else(opened):
    async with opened() as door, opened(inner=True) as inner, aiohttp.ClientSession() as session:
        async with session.post(
            f"{door.url}/webhooks/deploy", json={"service": "api", "id": "v2"}, headers=TOKEN
        ) as response:
            assert response.status == 202
        async with session.get(f"{inner.url}/metrics") as response:
            text = await response.text()
        async with session.post(f"{inner.url}/webhooks/grafana", data=b"{}", headers=TOKEN) as response:
            elsewhere = response.status

    assert 'bongsu_last_deploy_timestamp_seconds{service="api"}' in text
    assert elsewhere == 404


async def test_without_a_credential_at_all_this_machine_reads_everything(opened):
    async with opened(token="") as door, aiohttp.ClientSession() as session:
        async with session.post(f"{door.url}/webhooks/deploy", json={"service": "api", "id": "v2"}):
            pass
        async with session.get(f"{door.url}/metrics") as response:
            text = await response.text()
        async with session.get(f"{door.url}/seen/{MARKER}") as response:
            seen = response.status

    assert 'service="api"' in text
    assert seen == 200


async def test_many_readers_of_the_metrics_read_the_store_once(opened, database, monkeypatch):
    reads = 0
    counts = database.inbox.counts

    async def counted():
        nonlocal reads
        reads += 1
        # Longer than it takes for all of them to arrive, also where the machine is busy.
        await asyncio.sleep(1)
        return await counts()

    monkeypatch.setattr(database.inbox, "counts", counted)
    async with opened() as door, aiohttp.ClientSession() as session:

        async def read():
            async with session.get(f"{door.url}/metrics") as response:
                return response.status

        statuses = await asyncio.gather(*(read() for _ in range(20)))

    assert set(statuses) == {200}
    assert reads < 10
