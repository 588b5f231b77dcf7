"""Speaks Anthropic's Messages API: a question into one request, one answer back.

Source: the `anthropic` SDK 2.13 and the API of 2026-10-21, which knows no temperature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import ModelUnavailable
from bot.models.provider import RETRIES, Json, Provider, call, clean, count, obj, objects, stopped, words
from bot.ports import Answer, Question, Turn

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_ADDRESS = "https://api.anthropic.com"
_STOPPED = {
    "end_turn": "end",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class Claude(Provider["AsyncAnthropic"]):
    """Implements `bot.ports.Model`."""

    name = "anthropic"

    def _connect(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        from bot.models import wire

        return AsyncAnthropic(
            api_key=self._key,
            # Said here, or the SDK takes it from the environment, which nobody sees. It adds /v1 itself.
            base_url=self._base_url.rstrip("/").removesuffix("/v1") or _ADDRESS,
            timeout=self._timeout_s,
            max_retries=RETRIES,
            open_telemetry=False,
            http_client=wire.http_client(self._timeout_s),
        )

    async def _exchange(self, client: AsyncAnthropic, question: Question) -> Answer:
        import anthropic

        from bot.models import wire

        try:
            response = await client.messages.with_raw_response.create(**request(question))
        except anthropic.APIStatusError as error:
            # Without the cause: its text is the provider's whole answer, which may quote our key.
            raise wire.refusal(error.response, self._key) from None
        except anthropic.APIConnectionError as error:
            raise wire.lost(error) from error
        except (anthropic.AnthropicError, ValueError) as error:
            raise ModelUnavailable("junk", type(error).__name__) from error
        return _answer(wire.parsed(response.http_response))


def request(question: Question) -> Json:
    """Return the arguments of `messages.create`."""
    asked: Json = {
        "model": question.model,
        "max_tokens": question.most_tokens_out,
        "messages": _messages(question.turns),
    }
    if question.system:
        asked["system"] = clean(question.system)
    if question.schema is not None:
        asked["output_config"] = {"format": {"type": "json_schema", "schema": question.schema}}
    if question.tools:
        asked["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in question.tools
        ]
    return asked


def _messages(turns: tuple[Turn, ...]) -> list[Json]:
    """Join turns of the same role into one message: all results of a round of calls must come in one."""
    messages: list[Json] = []
    for turn in turns:
        blocks = _blocks(turn)
        if messages and messages[-1]["role"] == turn.role:
            messages[-1]["content"] += blocks
        elif blocks:
            messages.append({"role": turn.role, "content": blocks})
    for message in messages:
        # The API wants results before anything else in a message.
        message["content"].sort(key=lambda block: block["type"] != "tool_result")
    return messages


def _blocks(turn: Turn) -> list[Json]:
    if turn.result_of:
        return [{"type": "tool_result", "tool_use_id": turn.result_of, "content": clean(turn.text)}]
    # The API refuses a text of nothing but spaces.
    texts = [{"type": "text", "text": clean(turn.text)}] if turn.text.strip() else []
    calls = [{"type": "tool_use", "id": use.id, "name": use.name, "input": use.arguments} for use in turn.calls]
    return [*texts, *calls]


def _answer(body: Json) -> Answer:
    if not isinstance(body.get("content"), list):
        raise ModelUnavailable("junk", "the answer has an unknown shape")
    blocks = objects(body["content"])
    calls = tuple(
        call(block.get("id"), block.get("name"), block.get("input"))
        for block in blocks
        if block.get("type") == "tool_use"
    )
    usage = obj(body.get("usage"))
    read = [usage.get(f"{kind}input_tokens") for kind in ("", "cache_creation_", "cache_read_")]
    return Answer(
        text="".join(words(block.get("text")) for block in blocks if block.get("type") == "text"),
        stopped=stopped(body.get("stop_reason"), _STOPPED, calls),
        tokens_in=count(*read),
        tokens_out=count(usage.get("output_tokens")),
        calls=calls,
    )
