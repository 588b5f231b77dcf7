"""Speaks chat completions, OpenAI's and of every endpoint like it: a question into one request, one answer back.

Source: the `openai` SDK 3.57. Endpoints differ in what they refuse, which we learn by asking.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.errors import ModelUnavailable
from bot.models.provider import RETRIES, Json, Provider, call, clean, count, obj, objects, stopped, words
from bot.ports import Answer, Question, ToolCall, Turn

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_ADDRESS = "https://api.openai.com/v1"
_STOPPED = {
    "stop": "end",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "content_filter": "refusal",
}
_FORMAT = "response_format"
_MOST = "max_completion_tokens"
# For an endpoint that takes no schema: the model has to be told in words.
_IN_WORDS = "Answer with one JSON object and nothing else. It must fit this JSON schema: "


class OpenAI(Provider["AsyncOpenAI"]):
    """Implements `bot.ports.Model`."""

    name = "openai"

    def __init__(self, api_key: str, base_url: str, timeout_s: float) -> None:
        super().__init__(api_key, base_url, timeout_s)
        self._unknown: set[tuple[str, str]] = set()

    def _connect(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        from bot.models import wire

        return AsyncOpenAI(
            api_key=self._key,
            # Said here, or the SDK takes it from the environment, which nobody sees.
            base_url=self._base_url or _ADDRESS,
            timeout=self._timeout_s,
            max_retries=RETRIES,
            http_client=wire.http_client(self._timeout_s),
        )

    async def _exchange(self, client: AsyncOpenAI, question: Question) -> Answer:
        import openai

        from bot.models import wire

        while True:
            asked = request(question, {name for model, name in self._unknown if model == question.model})
            try:
                response = await client.chat.completions.with_raw_response.create(**asked)
            except openai.APIStatusError as error:
                if self._learns(question.model, asked, error.response):
                    continue
                # Without the cause: its text is the provider's whole answer, which may quote our key.
                raise wire.refusal(error.response, self._key) from None
            except openai.APIConnectionError as error:
                raise wire.lost(error) from error
            except (openai.OpenAIError, ValueError) as error:
                raise ModelUnavailable("junk", type(error).__name__) from error
            return _answer(wire.parsed(response.http_response))

    def _learns(self, model: str, asked: Json, response: httpx2.Response) -> bool:
        """Remember what this endpoint does not know of what we sent; each is sent in vain once."""
        if response.status_code not in (400, 422):
            return False
        refused = next((name for name in (_FORMAT, _MOST) if name in asked and name in response.text), None)
        if refused is None:
            return False
        self._unknown.add((model, refused))
        return True


def request(question: Question, without: set[str]) -> Json:
    """Return the arguments of `chat.completions.create`, without what the endpoint does not know."""
    system = clean(question.system)
    asked: Json = {"model": question.model, "max_tokens" if _MOST in without else _MOST: question.most_tokens_out}
    if question.schema is not None and _FORMAT in without:
        system = f"{system}\n\n{_IN_WORDS}{json.dumps(question.schema, ensure_ascii=False)}".strip()
    elif question.schema is not None:
        schema = {"name": "answer", "schema": question.schema, "strict": True}
        asked[_FORMAT] = {"type": "json_schema", "json_schema": schema}
    if question.tools:
        asked["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
            }
            for tool in question.tools
        ]
    instructions = [{"role": "system", "content": system}] if system else []
    asked["messages"] = [*instructions, *(_message(turn) for turn in question.turns)]
    return asked


def _message(turn: Turn) -> Json:
    if turn.result_of:
        return {"role": "tool", "tool_call_id": turn.result_of, "content": clean(turn.text)}
    message: Json = {"role": turn.role, "content": clean(turn.text)}
    if turn.calls:
        message["tool_calls"] = [
            {"id": use.id, "type": "function", "function": {"name": use.name, "arguments": json.dumps(use.arguments)}}
            for use in turn.calls
        ]
    return message


def _answer(body: Json) -> Answer:
    choices = objects(body.get("choices"))
    message = obj(choices[0].get("message")) if choices else {}
    if not message:
        raise ModelUnavailable("junk", "the answer has an unknown shape")
    calls = tuple(_call(raw) for raw in objects(message.get("tool_calls")))
    refusal = words(message.get("refusal"))
    usage = obj(body.get("usage"))
    return Answer(
        text=words(message.get("content")) or refusal,
        stopped="refusal" if refusal else stopped(choices[0].get("finish_reason"), _STOPPED, calls),
        tokens_in=count(usage.get("prompt_tokens")),
        tokens_out=count(usage.get("completion_tokens")),
        calls=calls,
    )


def _call(raw: Json) -> ToolCall:
    function = obj(raw.get("function"))
    arguments: Any = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = {}
    return call(raw.get("id"), function.get("name"), arguments)
