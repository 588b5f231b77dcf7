"""What goes to Anthropic's Messages API, and what is read out of its answers."""

from __future__ import annotations

import json

import pydantic
import pytest

from bot.models.claude import Claude, request
from bot.ports import Question, Tool, ToolCall, Turn
from tests.telemetry.local import local_server

PATH = "POST /v1/messages"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {}})


def question(*turns, **more):
    return Question("claude-haiku-5-5", "Be brief.", turns or (Turn("user", "hello"),), 300, **more)


def message(**more):
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 2},
        **more,
    }


@pytest.fixture
async def server():
    async with local_server() as running:
        running.on(PATH, message())
        yield running


@pytest.fixture
async def claude(server):
    async with Claude.open("sk-ant-1", server.url, 60.0) as opened:
        yield opened


async def test_the_request_is_the_one_that_the_api_documents(server, claude):
    await claude.ask(question(schema=SCHEMA, tools=(LOOK,)))

    _, headers, raw = server.asked[0]
    assert headers["Authorization"] == "Bearer sk-ant-1"
    assert json.loads(raw) == {
        "model": "claude-haiku-5-5",
        "max_tokens": 300,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "tools": [{"name": "look", "description": "Looks.", "input_schema": LOOK.schema}],
    }


def test_the_results_of_a_round_come_in_one_message_before_anything_said():
    calls = (ToolCall("c1", "look", {"a": 1}), ToolCall("c2", "look"))
    asked = question(
        Turn("user", "what?"),
        Turn("assistant", "", calls),
        Turn("user", "and hurry"),
        Turn("user", "one", result_of="c1"),
        Turn("user", "", result_of="c2"),
        Turn("assistant", "  "),
        Turn("user", "more"),
        tools=(LOOK,),
    )

    messages = request(asked)["messages"]

    assert messages == [
        {"role": "user", "content": [{"type": "text", "text": "what?"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "c1", "name": "look", "input": {"a": 1}},
                {"type": "tool_use", "id": "c2", "name": "look", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "one"},
                {"type": "tool_result", "tool_use_id": "c2", "content": ""},
                {"type": "text", "text": "and hurry"},
                {"type": "text", "text": "more"},
            ],
        },
    ]


def test_the_sdk_agrees_that_this_is_a_request():
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    asked = request(
        question(
            Turn("user", "what?"),
            Turn("assistant", "see", (ToolCall("c1", "look", {"a": 1}),)),
            Turn("user", "one", result_of="c1"),
            schema=SCHEMA,
            tools=(LOOK,),
        )
    )

    pydantic.TypeAdapter(MessageCreateParamsNonStreaming).validate_python(asked, strict=True)


@pytest.mark.parametrize(
    ("reason", "stopped"),
    [
        ("end_turn", "end"),
        ("tool_use", "tools"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("pause_turn", "end"),
        (None, "end"),
        (["x"], "end"),
    ],
)
async def test_every_reason_to_stop_is_translated(server, claude, reason, stopped):
    server.on(PATH, message(stop_reason=reason))

    assert (await claude.ask(question())).stopped == stopped


async def test_what_the_cache_read_was_read_too(server, claude):
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 3000,
        "output_tokens": 4,
    }
    server.on(PATH, message(usage=usage))

    answer = await claude.ask(question())

    assert (answer.tokens_in, answer.tokens_out) == (3210, 4)


async def test_hostile_counts_and_calls_are_read_as_nothing(server, claude):
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "a"},
        {"type": "text", "text": 7},
        "b",
        {"type": "text", "text": "\ud800c"},
        {"type": "tool_use", "id": 5, "name": None, "input": "rm -rf"},
    ]
    usage = {"input_tokens": -5, "output_tokens": "many", "cache_read_input_tokens": True}
    server.on(PATH, message(content=blocks, usage=usage))

    answer = await claude.ask(question())

    assert (answer.text, answer.stopped) == ("a?c", "tools")
    assert answer.calls == (ToolCall("", "", {}),)
    assert (answer.tokens_in, answer.tokens_out) == (0, 0)


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/proxy"])
async def test_an_address_may_end_as_people_write_it(server, tail):
    server.on("POST /proxy/v1/messages", message())
    async with Claude.open("key", server.url + tail) as claude:
        assert (await claude.ask(question())).text == "hi"


async def test_the_environment_does_not_say_where_evidence_goes(server, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-other")
    async with Claude.open("sk-ant-1", server.url) as claude:
        await claude.ask(question())

    assert server.asked[0][1]["Authorization"] == "Bearer sk-ant-1"
    assert str(Claude("k", "", 1.0)._connect().base_url).startswith("https://api.anthropic.com")
