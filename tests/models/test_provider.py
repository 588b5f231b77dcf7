"""Both providers, through their real SDKs, against a server that is not ours: every answer, and every way to get none."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from bot.errors import ModelUnavailable
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from bot.ports import Question, Tool, Turn
from tests.models.aimock import KEY, running_aimock
from tests.telemetry.local import local_server

SCHEMA = {
    "type": "object",
    "properties": {"service": {"type": "string"}},
    "required": ["service"],
    "additionalProperties": False,
}
LOOK = Tool("look", "Looks at a service.", {"type": "object", "properties": {"service": {"type": "string"}}})


def question(text="What broke?", **more):
    return Question("claude-haiku-5-5", "You are on call.", (Turn("user", text),), 300, **more)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_aimock(tmp_path_factory.mktemp("aimock")) as mock:
        yield mock


@pytest.fixture
def aimock(running):
    running.reset()
    return running


@pytest.fixture(params=[Claude, OpenAI], ids=["anthropic", "openai"])
def kind(request):
    return request.param


def address(kind, url):
    return f"{url}/v1" if kind is OpenAI else url


@pytest.fixture
async def model(kind, aimock):
    async with kind.open(KEY, address(kind, aimock.url), 60.0) as opened:
        yield opened


async def failure(model, asked=None) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        await model.ask(asked or question())
    return caught.value


async def test_an_answer_comes_with_what_the_provider_counted(aimock, model):
    usage = {"input_tokens": 120, "output_tokens": 7, "prompt_tokens": 120, "completion_tokens": 7}
    aimock.answer({"content": '{"service": "payment"}', "usage": usage}, userMessage="broke")

    answer = await model.ask(question(schema=SCHEMA))

    assert answer.text == '{"service": "payment"}'
    assert (answer.stopped, answer.tokens_in, answer.tokens_out) == ("end", 120, 7)
    body = aimock.asked()[0]["body"]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "temperature" not in body


async def test_a_tool_is_called_and_its_result_goes_back(aimock, model):
    aimock.answer({"content": "payment it was"}, toolCallId="call_2", toolResultContains="errors: 7")
    aimock.answer(
        {
            "toolCalls": [
                {"id": "call_1", "name": "look", "arguments": {"service": "cart"}},
                {"id": "call_2", "name": "look", "arguments": {"service": "payment"}},
            ]
        },
        toolName="look",
    )

    first = await model.ask(question(tools=(LOOK,)))
    turns = (
        Turn("user", "What broke?"),
        Turn("assistant", first.text, first.calls),
        Turn("user", "errors: 0", result_of="call_1"),
        Turn("user", "errors: 7", result_of="call_2"),
    )
    second = await model.ask(Question("claude-haiku-5-5", "You are on call.", turns, 300, tools=(LOOK,)))

    assert first.stopped == "tools"
    assert [(use.id, use.name, use.arguments) for use in first.calls] == [
        ("call_1", "look", {"service": "cart"}),
        ("call_2", "look", {"service": "payment"}),
    ]
    assert (second.text, second.stopped, second.calls) == ("payment it was", "end", ())


@pytest.mark.parametrize(("said", "stopped"), [("length", "length"), ("stop", "end"), ("never heard of", "end")])
async def test_why_it_stopped_is_told(aimock, model, said, stopped):
    aimock.answer({"content": '{"serv', "finishReason": said})

    assert (await model.ask(question())).stopped == stopped


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_one_failure_is_tried_again(aimock, model, status):
    aimock.fail_once(status)
    aimock.answer({"content": "there you are"})

    assert (await model.ask(question())).text == "there you are"


@pytest.mark.parametrize(
    ("chaos", "reason"),
    [
        ({"dropRate": 1}, "unreachable"),
        ({"disconnectRate": 1}, "unreachable"),
        ({"rateLimitRate": 1}, "busy"),
        ({"malformedRate": 1}, "junk"),
    ],
)
async def test_a_failure_that_lasts_is_told_after_one_retry(aimock, model, chaos, reason):
    aimock.chaos(**chaos)

    error = await failure(model)

    assert error.reason == reason
    assert error.detail
    assert len(aimock.asked()) <= 2


@pytest.mark.parametrize(("status", "reason"), [(529, "busy"), (503, "busy"), (429, "busy"), (502, "unreachable")])
async def test_a_status_that_lasts_has_its_reason(aimock, model, status, reason):
    for _ in range(2):
        aimock.fail_once(status)

    error = await failure(model)

    assert (error.reason, error.detail) == (reason, f"HTTP {status}")


async def test_who_asks_for_half_a_minute_is_not_waited_for(aimock, model):
    aimock.answer({"error": {"message": "slow down", "type": "rate_limit_error"}, "status": 429, "retryAfter": 30})
    began = time.monotonic()

    assert (await failure(model)).reason == "busy"
    assert time.monotonic() - began < 25
    assert len(aimock.asked()) == 1


async def test_the_deadline_holds_whatever_is_still_to_come(kind, aimock):
    aimock.chaos(latencyMs=20_000)
    async with kind.open(KEY, address(kind, aimock.url), 1.5) as model:
        began = time.monotonic()
        error = await failure(model)

    assert (error.reason, error.detail) == ("timeout", "no answer within 1.5 s")
    assert time.monotonic() - began < 18


@pytest.mark.parametrize(("status", "words"), [(401, "not accepted"), (402, "no credit"), (403, "does not allow this")])
async def test_a_refusal_says_which(aimock, model, status, words):
    aimock.fail_once(status, f"who is {KEY}?")

    error = await failure(model)

    assert error.reason == "refused"
    assert words in error.detail
    assert len(aimock.asked()) == 1


async def test_a_wrong_key_is_refused(kind, aimock):
    async with kind.open("sk-wrong-0123456789", address(kind, aimock.url)) as model:
        assert (await failure(model)).reason == "refused"


async def test_a_key_with_a_line_break_is_the_key(kind, aimock):
    aimock.answer({"content": "hello"})
    async with kind.open(f"{KEY}\n", address(kind, aimock.url)) as model:
        assert (await model.ask(question())).text == "hello"


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_our_mistakes_come_in_the_providers_words_without_the_key(aimock, model, status):
    aimock.fail_once(status, f"bad\n\u202emodel for {KEY} and sk-test-0123***cdef " + "x" * 500)

    error = await failure(model)

    assert error.reason == "junk"
    assert error.detail.startswith("bad  model for … and … xxx")
    assert len(error.detail) == 200


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://no-such-host.invalid", "nonsense", "ftp://127.0.0.1", "http://["]
)
async def test_nobody_there_is_unreachable_without_the_address(kind, address):
    async with kind.open(KEY, address, 60.0) as model:
        error = await failure(model)

    assert error.reason == "unreachable"
    assert address not in str(error)


async def test_an_endless_answer_is_cut_and_not_paid_twice(aimock, model):
    aimock.answer({"content": "x" * 2_000_000})

    error = await failure(model)

    assert (error.reason, error.detail) == ("junk", "the answer is too large")
    assert len(aimock.asked()) == 1


async def test_halves_of_characters_reach_the_provider_as_question_marks(aimock, model):
    aimock.answer({"content": "fine"})

    assert (await model.ask(question("log line \ud800 cut"))).text == "fine"
    assert aimock.asked()[0]["body"]["messages"][-1]["content"] == "log line ? cut"


PATHS = {Claude: "POST /v1/messages", OpenAI: "POST /v1/chat/completions"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, "junk"),
        ({"body": "[" * 100_000}, "junk"),
        ({"body": "[1, 2]"}, "junk"),
        ({"body": "null"}, "junk"),
        ({"body": {}}, "junk"),
        ({"body": {"content": None, "choices": None, "usage": [], "stop_reason": 7}}, "junk"),
        ({"body": {"content": {"a": 1}, "choices": [1, "x", None]}}, "junk"),
        ({"body": {"content": "text", "choices": [{"message": "text"}]}}, "junk"),
        ({"body": b"\x1f\x8b" + bytes(100), "headers": {"Content-Encoding": "gzip"}}, "junk"),
        ({"body": "", "status": 302, "headers": {"Location": "http://127.0.0.1:1/login"}}, "unreachable"),
        ({"body": "x" * 3_000_000, "status": 400, "content_type": "text/plain"}, "junk"),
        ({"body": {"error": {"message": "You exceeded", "code": "insufficient_quota"}}, "status": 400}, "refused"),
        ({"body": {"error": {"message": "Your credit balance is too low"}}, "status": 400}, "refused"),
        ({"body": "", "status": 408}, "timeout"),
        ({"body": {"detail": [{"loc": ["body", "x"], "msg": "no"}]}, "status": 422}, "junk"),
    ],
)
async def test_no_answer_of_any_shape_gets_through(kind, answer, reason):
    async with local_server() as server, kind.open(KEY, address(kind, server.url), 60.0) as model:
        server.on(PATHS[kind], **answer)

        error = await failure(model)

    assert error.reason == reason
    assert 0 < len(error.detail) <= 200


async def test_a_redirect_is_not_followed_with_our_key_and_evidence(kind):
    async with local_server() as server, kind.open(KEY, address(kind, server.url), 60.0) as model:
        server.on(PATHS[kind], "", 307, headers={"Location": f"{server.url}/elsewhere"})
        server.on("POST /elsewhere", {"content": [], "choices": [{"message": {"content": "hello"}}]})

        error = await failure(model)

    assert (error.reason, error.detail[:8]) == ("unreachable", "HTTP 307")
    assert [line for line, _, _ in server.asked] == [PATHS[kind]]


async def test_a_key_of_any_shape_is_never_quoted(kind):
    async with local_server() as server, kind.open("korrekt/pferd+batterie", address(kind, server.url)) as model:
        server.on(PATHS[kind], {"error": "no model for korrekt/pferd+batterie, none at all"}, 400)
        error = await failure(model)
    async with local_server() as server, kind.open("", address(kind, server.url)) as model:
        server.on(PATHS[kind], {"message": "no model, none at all"}, 400)
        keyless = await failure(model)

    assert error.detail == "no model for …, none at all"
    assert keyless.detail == "no model, none at all"


async def test_neither_key_nor_body_is_logged(aimock, model, caplog):
    caplog.set_level(logging.DEBUG)
    aimock.answer({"content": "the answer to it all"})

    await model.ask(question("the evidence"))
    aimock.fail_once(400, f"bad {KEY}")
    await failure(model)

    for secret in (KEY, "the evidence", "the answer to it all"):
        assert secret not in caplog.text


def test_an_idle_bot_has_no_sdk_in_memory():
    program = """
import asyncio, sys
from bot.models import budget
from bot.models.claude import Claude
from bot.models.openai import OpenAI
async def main():
    async with Claude.open("key"), OpenAI.open("key"):
        print(sorted(set(sys.modules) & {"anthropic", "openai", "httpx2", "pydantic"}))
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
