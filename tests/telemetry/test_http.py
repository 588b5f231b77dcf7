"""Every way in which another server can fail us, as one of two errors."""

from __future__ import annotations

import asyncio
import ssl
import subprocess

import aiohttp
import pytest

from bot.errors import QueryRejected, SourceFailed, SourceSlow, SourceUnavailable
from bot.telemetry.http import JsonClient


@pytest.fixture
def http(server, session):
    return client(server, session)


def client(server, session, *, timeout_s=20.0):
    return JsonClient(
        session, f"{server.url}/base", source="grafana", token="s3cret", timeout_s=timeout_s, limit_bytes=10_000
    )


async def test_an_answer_is_parsed_and_the_token_goes_along(server, http):
    server.on("GET /base/api/x", {"a": 1})

    assert await http.get("api/x", {"q": "1 2"}) == {"a": 1}
    assert server.asked[0][1]["Authorization"] == "Bearer s3cret"


async def test_an_empty_answer_is_none(server, http):
    server.on("DELETE /base/x", b"")

    assert await http.delete("/x") is None


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"error": "parse error"}, 400, "parse error"),
        ({"message": "silence invalid"}, 422, "silence invalid"),
        ('"silence not found"', 404, "silence not found"),
        ("parse error at line 1", 400, "parse error at line 1"),
        ("<html>404</html>", 404, "HTTP 404"),
        ("", 405, "HTTP 405"),
        ("x" * 5000, 400, "xxx"),
    ],
)
async def test_our_mistakes_come_in_the_servers_own_words(server, http, body, status, words):
    server.on("GET /base/x", body, status, content_type="text/plain")

    with pytest.raises(QueryRejected) as caught:
        await http.get("x")

    assert caught.value.detail.startswith(words)
    assert len(caught.value.detail) <= 300


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>login</html>", "content_type": "text/html"}, "not JSON"),
        ({"body": "[" * 9000}, "not JSON"),
        ({"body": b"x" * 20_000}, "larger"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": {"message": "no"}, "status": 401}, "credentials are not accepted"),
        ({"body": {"message": "no"}, "status": 403}, "do not allow this"),
        ({"body": "<html>slow down</html>", "status": 429}, "HTTP 429"),
        ({"body": "starting", "status": 503}, "HTTP 503"),
    ],
)
async def test_everything_else_is_unavailable(server, http, answer, words):
    server.on("GET /base/x", **answer)

    with pytest.raises(SourceUnavailable) as caught:
        await http.get("x")

    assert words in caught.value.detail
    assert "s3cret" not in str(caught.value)


async def test_a_server_that_hangs_is_unavailable_at_the_deadline(server, session):
    server.on("GET /base/x", {}, hang=True)

    with pytest.raises(SourceSlow) as caught:
        await client(server, session, timeout_s=0.3).get("x")

    assert "no answer within 0.3 s" in caught.value.detail


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, SourceFailed), (429, SourceFailed), (500, SourceFailed), (503, SourceFailed), (504, SourceSlow)],
)
async def test_slow_and_failing_are_told_apart_from_away(server, http, status, kind):
    server.on("GET /base/x", "", status)

    with pytest.raises(SourceUnavailable) as caught:
        await http.get("x")

    assert type(caught.value) is kind


async def test_a_refusal_is_told_in_the_servers_words_unless_they_quote_our_secret(server, http):
    server.on("GET /base/x", {"message": "Expired API key"}, 401)
    with pytest.raises(SourceFailed, match="Expired API key"):
        await http.get("x")
    server.on("GET /base/x", {"message": "Bearer s3cret is not known"}, 401)

    with pytest.raises(SourceFailed) as caught:
        await http.get("x")

    assert caught.value.detail == "HTTP 401: our credentials are not accepted"


async def test_a_closed_port_is_unavailable_without_its_address(session):
    http = JsonClient(session, "http://user:pw@127.0.0.1:1/", source="loki")

    with pytest.raises(SourceUnavailable) as caught:
        await http.get("x")

    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("address", ["localhost:9090", "http://", "ftp://example.com"])
async def test_an_address_that_is_none_is_said_to_be_none(session, address):
    with pytest.raises(SourceUnavailable) as caught:
        await JsonClient(session, address, source="prometheus").get("x")

    assert "http://" in caught.value.detail


async def test_a_sign_in_page_is_not_ready_although_it_answers_200(server, http):
    server.on("GET /base/ready", "\n<!doctype html><title>Sign in</title>", content_type="text/html")
    server.on("GET /base/-/ready", "Prometheus Server is Ready.\n", content_type="text/plain")

    with pytest.raises(SourceUnavailable, match="web page"):
        await http.text("ready")

    assert await http.text("-/ready") == "Prometheus Server is Ready.\n"


async def test_no_redirect_is_followed(server, http):
    server.on("GET /base/x", "", 302, headers={"Location": f"{server.url}/base/y"})
    server.on("GET /base/y", {"stolen": True})

    with pytest.raises(SourceUnavailable):
        await http.get("x")

    assert [line for line, *_ in server.asked] == ["GET /base/x"]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("{url}/base/graphs/x", "it answers at {url}/base/graphs/; write that address"),
        ("https://u:s3cret@graphs.example.com/base/x?a=1", "it answers at https://graphs.example.com/base/; write"),
        ("/base/login?next=x", "probably to a login page"),
        ("", "probably to a login page"),
        ("http://[", "probably to a login page"),
    ],
)
async def test_a_server_that_has_moved_says_where_to(server, http, location, words):
    server.on("GET /base/x", "", 301, headers={"Location": location.format(url=server.url)})

    with pytest.raises(SourceFailed) as caught:
        await http.get("x")

    assert words.format(url=server.url) in caught.value.detail
    assert "s3cret" not in caught.value.detail


async def test_who_asks_for_a_password_is_told_from_who_refuses_a_token(server, session):
    server.on(
        "GET /x", "<html>401</html>", 401, content_type="text/html", headers={"WWW-Authenticate": "Basic realm=a"}
    )

    for token, words in (("", "write them into its address"), ("s3cret", "leaves no room for our token")):
        with pytest.raises(SourceFailed) as caught:
            await JsonClient(session, server.url, source="prometheus", token=token).get("x")

        assert words in caught.value.detail


async def test_a_server_with_tenants_names_the_setting(server, session):
    server.on("GET /x", "no org id\n", 401, content_type="text/plain")

    with pytest.raises(SourceFailed, match="set LOKI_TENANT"):
        await JsonClient(session, server.url, source="loki").get("x")


SIGNING = """[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{name}
"""


def certificate(folder, name, start, end):
    """Make one that signs itself, good from `start` to `end`; return where it and its key are."""
    (folder / "index.txt").touch()
    (folder / "ca.cnf").write_text(SIGNING.format(folder=folder, name=name))
    crt, key, asked = folder / "s.crt", folder / "s.key", folder / "s.csr"
    signing = f"-selfsign -notext -config {folder / 'ca.cnf'} -keyfile {key} -in {asked} -out {crt}"
    for words in (
        f"req -new -newkey rsa:2048 -nodes -subj /CN={name} -keyout {key} -out {asked}",
        f"ca -batch {signing} -startdate {start} -enddate {end}",
    ):
        subprocess.run(["openssl", *words.split()], capture_output=True, check=True, timeout=60)
    return crt, key


@pytest.mark.parametrize(
    ("name", "start", "end", "words"),
    [
        ("localhost", "20200101000000Z", "20210101000000Z", "it has expired"),
        ("localhost", "20900101000000Z", "20910101000000Z", "it is not valid yet"),
        ("elsewhere.example", "20200101000000Z", "20910101000000Z", "it is for another name"),
    ],
)
async def test_a_certificate_says_what_is_wrong_with_it(tmp_path, name, start, end, words):
    crt, key = certificate(tmp_path, name, start, end)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(crt, key)
    trusting = ssl.create_default_context(cafile=str(crt))
    async with (
        await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=serving) as listening,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as known,
    ):
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(SourceUnavailable) as caught:
            await JsonClient(known, f"https://localhost:{port}", source="x").get("x")

    assert words in caught.value.detail


async def test_a_connection_that_is_cut_is_unavailable(session):
    async def cut(_, writer):
        writer.close()

    async with await asyncio.start_server(cut, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(SourceUnavailable):
            await JsonClient(session, f"http://127.0.0.1:{port}", source="x").get("x")
