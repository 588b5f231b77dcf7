"""The playground's rate limits, as Discord's headers and answers tell them."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from playground.server import API, Playground
from playground.world import CHANNELS

URGENT, NORMAL = CHANNELS["alert-urgent"], CHANNELS["alert-normal"]


class Hand:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
async def asked():
    async with Playground.open() as playground, aiohttp.ClientSession() as session:
        playground.limits.clock = clock = Hand()
        headers = {"Authorization": f"Bot {playground.token}"}

        async def ask(method, path, **more):
            async with session.request(
                method, f"{playground.url}{API}{path}", **{"headers": headers, **more}
            ) as answer:
                body = await answer.json() if answer.content_type == "application/json" else await answer.text()
                return answer.status, body, answer.headers

        ask.clock, ask.playground = clock, playground
        yield ask


def post(asked, channel=URGENT):
    return asked("POST", f"/channels/{channel}/messages", json={"content": "hello"})


async def test_a_channel_takes_five_messages_in_five_seconds_and_says_how_many_are_left(asked):
    left = [(await post(asked))[2]["X-RateLimit-Remaining"] for _ in range(5)]
    asked.clock.now += 2
    status, body, headers = await post(asked)
    other, _, _ = await post(asked, NORMAL)
    asked.clock.now += 3

    assert left == ["4", "3", "2", "1", "0"]
    assert (status, body["global"], body["retry_after"]) == (429, False, 3)
    assert (headers["X-RateLimit-Scope"], headers["X-RateLimit-Reset-After"]) == ("user", "3.000")
    assert other == 200
    assert (await post(asked))[0] == 200


async def test_edits_count_for_the_channel_and_not_for_new_messages(asked):
    _, message, _ = await post(asked)
    path = f"/channels/{URGENT}/messages/{message['id']}"

    edits = [(await asked("PATCH", path, json={"content": str(number)}))[0] for number in range(6)]

    assert edits == [200] * 5 + [429]
    assert (await post(asked))[0] == 200


async def test_threads_are_counted_in_a_long_window(asked):
    _, message, _ = await post(asked)
    thread = {"name": "t", "auto_archive_duration": 4320}

    _, _, headers = await asked("POST", f"/channels/{URGENT}/messages/{message['id']}/threads", json=thread)

    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("50", "49")
    assert float(headers["X-RateLimit-Reset-After"]) > 60


async def test_fifty_requests_a_second_are_all_there_is(asked):
    answers = [await asked("GET", f"/channels/{URGENT + number}") for number in range(51)]

    status, body, headers = answers[-1]
    assert (status, body["global"], headers["X-RateLimit-Scope"]) == (429, True, "global")
    assert 429 not in [each[0] for each in answers[:-1]]


async def test_who_asks_ten_thousand_times_for_nothing_is_shut_out(asked):
    asked.playground.limits.invalid.extend([asked.clock()] * 9_999)
    denied, _, _ = await asked("GET", "/users/@me", headers={"Authorization": "Bot wrong"})

    status, body, headers = await asked("GET", "/users/@me")

    assert (denied, status) == (401, 429)
    assert "1015" in body
    assert "Via" not in headers


async def test_a_switch_lifts_all_of_it():
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {playground.token}"}
        address = f"{playground.url}{API}/channels/{URGENT}/messages"
        for _ in range(8):
            async with session.post(address, json={"content": "x"}, headers=headers) as answer:
                assert answer.status == 200


async def test_the_first_request_of_a_process_is_answered_as_any_other(monkeypatch):
    # aiohttp warns of a request's text keys once in a process; here a warning is an error, and the answer was a 500.
    monkeypatch.setattr(web.BaseRequest, "_seen_str_keys", set())
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {playground.token}"}
        address = f"{playground.url}{API}/channels/{URGENT}/messages"
        form = aiohttp.FormData({"payload_json": '{"content": "x"}'}, default_to_multipart=True)
        for sent in ({"json": {"content": "x"}}, {"data": form}):
            async with session.post(address, headers=headers, **sent) as answer:
                assert answer.status == 200
