"""What goes to an endpoint that speaks like OpenAI, what it may refuse, and what is read out of its answers."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web

from bot.errors import ModelUnavailable
from bot.models.openai import OpenAI, request
from bot.ports import Question, Tool, ToolCall, Turn
from tests.telemetry.local import local_server

PATH = "POST /v1/chat/completions"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {}})


def question(*turns, **more):
    return Question("gpt-5.4-mini", "Be brief.", turns or (Turn("user", "hello"),), 300, **more)


def completion(message=None, **more):
    choice = {"index": 0, "message": message or {"role": "assistant", "content": "hi"}, "finish_reason": "stop", **more}
    return {"id": "c", "object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 3}}


@dataclass
class Picky:
    """An endpoint that answers with an error to what it does not know, as its vendor words it."""

    refuses: dict
    bodies: list = field(default_factory=list)

    async def handle(self, asked: web.Request) -> web.Response:
        self.bodies.append(await asked.json())
        for name, (status, words) in self.refuses.items():
            if name in self.bodies[-1]:
                return web.json_response(words, status=status)
        return web.json_response(completion())

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
            async with OpenAI.open("sk-1", url, 10.0) as model:
                yield model
        finally:
            await runner.cleanup()


@pytest.fixture
async def server():
    async with local_server() as running:
        running.on(PATH, completion())
        yield running


@pytest.fixture
async def model(server):
    async with OpenAI.open("sk-1", f"{server.url}/v1", 10.0) as opened:
        yield opened


async def test_the_request_is_the_one_that_the_api_documents(server, model):
    await model.ask(question(schema=SCHEMA, tools=(LOOK,)))

    _, headers, raw = server.asked[0]
    assert headers["Authorization"] == "Bearer sk-1"
    assert json.loads(raw) == {
        "model": "gpt-5.4-mini",
        "max_completion_tokens": 300,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
        },
        "tools": [
            {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": LOOK.schema}}
        ],
    }


def test_calls_and_results_are_messages_of_their_own():
    turns = (
        Turn("assistant", "see", (ToolCall("c1", "look", {"a": 1}),)),
        Turn("user", "one", result_of="c1"),
        Turn("user", "two", result_of="c2"),
    )

    assert request(question(*turns), set())["messages"][1:] == [
        {
            "role": "assistant",
            "content": "see",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {"role": "tool", "tool_call_id": "c2", "content": "two"},
    ]


FORMAT = {"error": {"message": "'response_format' of type 'json_schema' is not supported with this model."}}
MOST = {"detail": [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted"}]}


async def test_an_endpoint_without_schemas_is_told_in_words_and_asked_so_from_then_on():
    picky = Picky({"response_format": (400, FORMAT)})

    async with picky.running() as model:
        first = await model.ask(question(schema=SCHEMA))
        await model.ask(question(schema=SCHEMA))

    assert first.text == "hi"
    assert ["response_format" in body for body in picky.bodies] == [True, False, False]
    instructions = picky.bodies[-1]["messages"][0]["content"]
    assert instructions.startswith("Be brief.")
    assert instructions.endswith(json.dumps(SCHEMA))


async def test_an_older_endpoint_is_asked_in_its_own_words():
    picky = Picky({"response_format": (400, FORMAT), "max_completion_tokens": (422, MOST)})

    async with picky.running() as model:
        await model.ask(question(schema=SCHEMA))
        await model.ask(question(schema=SCHEMA))

    assert len(picky.bodies) == 4
    assert picky.bodies[-1]["max_tokens"] == 300
    assert not {"response_format", "max_completion_tokens"} & set(picky.bodies[-1])


async def test_what_one_model_refuses_another_may_take():
    picky = Picky({"max_completion_tokens": (422, MOST)})

    async with picky.running() as model:
        await model.ask(question())
        picky.refuses = {}
        await model.ask(replace(question(), model="another"))

    assert picky.bodies[-1]["max_completion_tokens"] == 300


async def test_an_endpoint_that_refuses_everything_is_asked_three_times_at_most():
    everything = {"error": {"message": "no response_format, no max_completion_tokens, no max_tokens"}}
    picky = Picky({"model": (400, everything)})

    async with picky.running() as model:
        with pytest.raises(ModelUnavailable) as caught:
            await model.ask(question(schema=SCHEMA))

    assert caught.value.reason == "junk"
    assert len(picky.bodies) == 3


async def test_a_server_that_is_ill_teaches_nothing():
    picky = Picky({"model": (500, FORMAT)})

    async with picky.running() as model:
        with pytest.raises(ModelUnavailable) as caught:
            await model.ask(question(schema=SCHEMA))

    assert caught.value.reason == "unreachable"
    assert all("response_format" in body for body in picky.bodies)


@pytest.mark.parametrize(
    ("reason", "stopped"),
    [("stop", "end"), ("tool_calls", "tools"), ("length", "length"), ("content_filter", "refusal"), (None, "end")],
)
async def test_every_reason_to_stop_is_translated(server, model, reason, stopped):
    server.on(PATH, completion(finish_reason=reason))

    assert (await model.ask(question())).stopped == stopped


async def test_a_refusal_is_no_answer(server, model):
    server.on(PATH, completion({"role": "assistant", "content": None, "refusal": "I will not."}))

    answer = await model.ask(question())

    assert (answer.text, answer.stopped) == ("I will not.", "refusal")


@pytest.mark.parametrize("arguments", ["{broken", "[1]", '"text"', None, 7, "[" * 100_000])
async def test_hostile_arguments_are_none(server, model, arguments):
    calls = ["x", {"id": "c1", "type": "function", "function": {"name": "look", "arguments": arguments}}]
    server.on(PATH, completion({"role": "assistant", "content": None, "tool_calls": calls}))

    answer = await model.ask(question())

    assert answer.calls == (ToolCall("c1", "look", {}),)
    assert (answer.text, answer.stopped) == ("", "tools")


async def test_an_endpoint_without_keys_needs_none(server):
    async with OpenAI.open("", f"{server.url}/v1") as model:
        assert (await model.ask(question())).text == "hi"


async def test_the_environment_does_not_say_where_evidence_goes(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")

    assert str(OpenAI("k", "", 1.0)._connect().base_url).startswith("https://api.openai.com/v1")
