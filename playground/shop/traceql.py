"""TraceQL into a test for traces: braces with conditions, both joined by && and ||, and what is to be selected.

Source: Tempo docs, "TraceQL"; what is refused, and in which words, is in tests/fixtures/tempo.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.shop.spans import ShopSpan
from playground.shop.trace_fields import NOT_SHOWN, Field, Trace, Value, field_named

Test = Callable[[Trace, ShopSpan], bool]
Find = Callable[[Trace], list[ShopSpan]]

_TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    r"|(?P<duration>\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign>&&|\|\||!=|!~|=~|>=|<=|[=<>{}()|,])|(?P<word>\.?[A-Za-z_][\w.:/-]*)|(?P<other>.)",
    re.DOTALL,
)
_UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_STATUSES = ("error", "ok", "unset")
_KINDS = ("server", "client", "internal", "producer", "consumer", "unspecified")


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class BadTraceQL(Exception):
    """A query that is wrong, in Tempo's words."""


@dataclass(frozen=True)
class TraceQuery:
    """A query of spans; `fields` are shown with every span that is found."""

    found: Find
    fields: tuple[Field, ...]


def parse(query: str) -> TraceQuery:
    """Read a query. Raises BadQuery."""
    return _Parser(query).query()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


class _Parser:
    def __init__(self, query: str) -> None:
        found = [_Token(match.lastgroup or "other", match[0], match.start() + 1) for match in _TOKEN.finditer(query)]
        self._tokens = [token for token in found if token.kind != "space"]
        self._tokens.append(_Token("end", "$end", len(query) + 1))
        self._place = 0
        self._fields: dict[str, Field] = {}

    def query(self) -> TraceQuery:
        found = self._either()
        if self._took("|"):
            self._select()
        if self._next.kind != "end":
            raise self._unexpected()
        return TraceQuery(found, tuple(self._fields.values()))

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _either(self) -> Find:
        sets = [self._both()]
        while self._took("||"):
            sets.append(self._both())
        return lambda trace: _united(trace, [each(trace) for each in sets])

    def _both(self) -> Find:
        """Read sets of which a trace must have all: then all their spans are found."""
        sets = [self._braces()]
        while self._took("&&"):
            sets.append(self._braces())

        def found(trace: Trace) -> list[ShopSpan]:
            each = [one(trace) for one in sets]
            return _united(trace, each) if all(each) else []

        return found

    def _braces(self) -> Find:
        self._expect("{")
        if self._took("}"):
            return list
        matches = self._any()
        self._expect("}")
        return lambda trace: [span for span in trace if matches(trace, span)]

    def _any(self) -> Test:
        tests = [self._all()]
        while self._took("||"):
            tests.append(self._all())
        return lambda trace, span: any(test(trace, span) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._took("&&"):
            tests.append(self._one())
        return lambda trace, span: all(test(trace, span) for test in tests)

    def _one(self) -> Test:
        if self._took("("):
            inner = self._any()
            self._expect(")")
            return inner
        if self._next.text in ("true", "false"):
            value = self._step().text == "true"
            return lambda *_: value
        name = self._next.text
        field = self._field()
        sign = self._next.text
        if sign not in ("=", "!=", "=~", "!~", *_COMPARE):
            raise self._unexpected()
        self._step()
        return self._comparison(name, field, sign)

    def _comparison(self, name: str, field: Field, sign: str) -> Test:
        token = self._step()
        kind, value = _static(token)
        if not kind:
            self._place -= 1
            raise self._unexpected()
        if field.kind not in ("any", kind):
            raise BadTraceQL(f"binary operations must operate on the same type: {name} {sign} {_shown(token)}")
        read = field.read
        if "~" in sign:
            pattern, wanted = _pattern(str(value)), sign == "=~"
            return lambda trace, span: (
                isinstance(text := read(trace, span), str) and bool(pattern.fullmatch(text)) == wanted
            )
        if sign in ("=", "!="):
            return lambda trace, span: (mine := read(trace, span)) is not None and (mine == value) == (sign == "=")
        compare = _COMPARE[sign]
        limit = value if isinstance(value, float) else float("nan")
        return lambda trace, span: isinstance(mine := read(trace, span), int | float) and compare(mine, limit)

    def _field(self) -> Field:
        token = self._next
        if token.kind != "word":
            raise self._unexpected()
        field = field_named(token.text)
        if field is None:
            raise BadTraceQL(f"parse error at line 1, col {token.column}: unknown identifier: {token.text}")
        self._place += 1
        if field.name not in NOT_SHOWN:
            self._fields[field.name] = field
        return field

    def _select(self) -> None:
        self._expect("select")
        self._expect("(")
        self._field()
        while self._took(","):
            self._field()
        self._expect(")")

    def _step(self) -> _Token:
        token = self._next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _took(self, text: str) -> bool:
        if self._next.text != text or self._next.kind == "string":
            return False
        self._step()
        return True

    def _expect(self, text: str) -> None:
        if not self._took(text):
            raise self._unexpected()

    def _unexpected(self) -> BadTraceQL:
        token = self._next
        what = {"word": "IDENTIFIER", "string": "STRING", "number": "INTEGER", "duration": "DURATION"}
        named = what.get(token.kind, token.text)
        return BadTraceQL(f"parse error at line 1, col {token.column}: syntax error: unexpected {named}")


def _united(trace: Trace, sets: Sequence[Sequence[ShopSpan]]) -> list[ShopSpan]:
    found = {span.span_id for each in sets for span in each}
    return [span for span in trace if span.span_id in found]


def _static(token: _Token) -> tuple[str, Value]:
    """Return the kind of a value and the value, in seconds if it is a duration; no kind if it is none."""
    if token.kind == "string":
        return "string", _unquoted(token.text)
    if token.kind == "number":
        return "number", float(token.text)
    if token.kind == "duration":
        number = re.match(r"[\d.]+", token.text)
        digits = number[0] if number else "0"
        return "duration", float(digits) * _UNITS_S[token.text.removeprefix(digits)]
    if token.text in ("true", "false"):
        return "boolean", token.text == "true"
    kinds = {**dict.fromkeys(_STATUSES, "status"), **dict.fromkeys(_KINDS, "kind")}
    return kinds.get(token.text, ""), token.text


def _unquoted(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadTraceQL(f"parse error : invalid string {text}") from error


def _shown(token: _Token) -> str:
    return f"`{_unquoted(token.text)}`" if token.kind == "string" else token.text


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise BadTraceQL(f"error parsing regexp: {error.msg}: `{text}`") from error
