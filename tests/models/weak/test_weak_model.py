"""A real engine with a real model, far too weak to obey: what it says comes back as an answer, whatever it is."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bot.advice.adviser import Adviser, Models, combined
from bot.advice.answering import QuestionLimits
from bot.core.investigation.plain import plain_verdict
from bot.errors import ModelUnavailable
from bot.models.budget import Budget, BudgetedModel, Price, PriceTable
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from bot.ports import Question, Tool, ToolCall, Turn
from bot.redaction.redact import Redactor
from bot.ui.answers import answer_text
from playground.process import free_port
from tests.advice.questions import DEPLOY, Scene, make_asked
from tests.advice.told import make_case, make_ranking
from tests.builders import NOW
from tests.fakes import FakeChanges, FakeLedger, HandClock

pytestmark = pytest.mark.timeout(600)

KEY = "weak-key"
SCHEMA = {
    "type": "object",
    "properties": {"service": {"enum": ["cart", "payment"]}, "sure": {"type": "boolean"}},
    "required": ["service", "sure"],
    "additionalProperties": False,
}
TURNS = (Turn("user", 'Which service is broken, "cart" or "payment"? Logs of payment: connection refused.'),)


@pytest.fixture(scope="module")
def weakling(tmp_path_factory):
    log, port = tmp_path_factory.mktemp("weak") / "log", free_port()
    with log.open("w") as output:
        command = [sys.executable, str(Path(__file__).with_name("weakling.py")), str(port), KEY]
        server = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            wait(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            # It has nothing to tidy up, and its threads do not hear SIGTERM.
            server.kill()
            server.wait(timeout=10)


def wait(health: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        try:
            with urllib.request.urlopen(health, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace")[-2000:])


def asked(turns=TURNS, out=60, **more):
    return Question("smollm2", "You are on call. Answer with JSON only.", turns, out, **more)


async def test_what_claude_is_asked_a_weak_model_answers_with_anything(weakling):
    async with Claude.open(KEY, weakling, 300.0) as claude:
        answer = await claude.ask(asked(schema=SCHEMA))

    # This engine ignores our schema, so nobody may rely on it.
    assert answer.text.strip()
    assert answer.stopped in ("end", "length")
    assert answer.tokens_in > 20
    assert 0 < answer.tokens_out <= 60


async def test_a_question_that_a_weak_model_is_asked_ends_with_the_evidence(weakling):
    scene = Scene(None, changes=FakeChanges(DEPLOY), limits=QuestionLimits(usd=1.0, steps=1, deadline_s=40.0))
    prices = PriceTable({"smollm2": Price(0.1, 0.5)})
    async with OpenAI.open(KEY, f"{weakling}/v1", 50.0) as model:
        payer = BudgetedModel(model, FakeLedger(), prices, Budget(1.0, 1.0, 1.0), HandClock())
        answered = await scene.answerer(payer).answer(make_asked())

    known = {finding.id for finding in (*answered.findings, *answered.known)}
    assert all(set(claim.findings) <= known for claim in answered.claims)
    # It is too weak to prove anything; what can be known without it is said.
    assert answered.claims or "deploy v1.4.2" in answer_text(answered, "en", NOW)
    # The deadline of the question ended it, and not the model's own.
    assert answered.seconds < 50


async def test_a_conversation_with_tools_is_understood(weakling):
    turns = (
        *TURNS,
        Turn("assistant", "I look.", (ToolCall("c1", "look", {"service": "cart"}), ToolCall("c2", "look"))),
        Turn("user", "errors: 0", result_of="c1"),
        Turn("user", "errors: 7", result_of="c2"),
    )
    tools = (Tool("look", "Looks.", {"type": "object", "properties": {"service": {"type": "string"}}}),)
    async with Claude.open(KEY, weakling, 300.0) as claude, OpenAI.open(KEY, f"{weakling}/v1", 300.0) as other:
        answers = [await model.ask(asked(turns, tools=tools)) for model in (claude, other)]

    assert all(answer.stopped in ("end", "length", "tools") for answer in answers)
    assert all(answer.text.strip() or answer.calls for answer in answers)


async def test_an_engine_that_obeys_the_schema_makes_even_a_weak_model_fit_it(weakling):
    async with OpenAI.open(KEY, f"{weakling}/v1", 300.0) as model:
        answer = await model.ask(asked(schema=SCHEMA, out=200))

    assert answer.stopped == "end"
    from jsonschema import validate

    validate(json.loads(answer.text), SCHEMA)


async def test_an_answer_that_is_cut_off_says_so(weakling):
    async with Claude.open(KEY, weakling, 300.0) as claude:
        answer = await claude.ask(asked((Turn("user", "Count from 1 to 500, one number per line."),), out=5))

    assert (answer.stopped, answer.tokens_out) == ("length", 5)


async def test_a_question_that_does_not_fit_is_no_answer(weakling):
    async with Claude.open(KEY, weakling, 300.0) as claude:
        with pytest.raises(ModelUnavailable) as caught:
            await claude.ask(asked((Turn("user", "error " * 12000),)))

    assert caught.value.reason == "junk"
    assert "context" in caught.value.detail


async def test_a_wrong_key_is_refused(weakling):
    async with Claude.open("other-key", weakling, 30.0) as claude:
        with pytest.raises(ModelUnavailable) as caught:
            await claude.ask(asked())

    assert caught.value.reason == "refused"


async def test_its_stream_is_one_that_the_sdk_understands(weakling):
    from anthropic import AsyncAnthropic

    kinds, pieces = [], []
    async with (
        AsyncAnthropic(api_key=KEY, base_url=weakling, timeout=120.0) as client,
        client.messages.stream(
            model="smollm2", max_tokens=30, messages=[{"role": "user", "content": "Say hello."}]
        ) as stream,
    ):
        async for event in stream:
            kinds.append(event.type)
            if event.type == "text":
                pieces.append(event.text)
        message = await stream.get_final_message()

    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert kinds.index("content_block_start") < kinds.index("content_block_delta") < kinds.index("content_block_stop")
    assert "".join(pieces) == message.content[0].text
    assert message.usage.output_tokens > 0


async def test_its_junk_ends_as_the_ranked_card(weakling):
    prices = PriceTable({"smollm2": Price(1, 2)})
    ledger, ranking = FakeLedger(), make_ranking()
    async with Claude.open(KEY, weakling, 500.0) as claude:
        payer = BudgetedModel(claude, ledger, prices, Budget(1, 1, 1), HandClock())
        advice, use = await Adviser(payer, Models("smollm2", "smollm2"), "en").advise(make_case(), ranking, Redactor())

    verdict, use = combined(advice, ranking, use, "en")

    assert use.silent in ("junk", "cut-off"), use
    assert 1_000 < use.tokens_in <= 6_000
    assert verdict == plain_verdict(ranking, "en")
    assert verdict.cause is not None
    # What it babbled has to be paid for all the same.
    assert use.usd == sum(usd for _, _, _, usd, _ in ledger.rows) > 0
