"""LogQL into a test for log entries: selectors, line filters and label filters; no parsing of lines, no metrics.

Source: Loki docs, "LogQL"; what is refused, and in which words, is in tests/fixtures/loki.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<operator>\|=|\|~|!=|!~|=~|[=|{},()\[\]<>])'
    r"|(?P<word>[A-Za-z_]\w*)|(?P<other>.)",
    re.DOTALL,
)
_COMPARES = ("=", "!=", "=~", "!~")
_FILTERS = ("|=", "!=", "|~", "!~")
_NO_MATCHER = (
    "parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible "
    'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)
# What Loki says of a line that is no JSON, and no line of the shop is.
_NOT_JSON = {
    "__error__": "JSONParserErr",
    "__error_details__": "Value looks like object, but can't find closing '}' symbol",
}

# Sees and may change the labels of a line; whether the line stays.
Stage = Callable[[dict[str, str], str], bool]


class BadLogQL(Exception):
    """A query that is wrong, in Loki's words."""


@dataclass(frozen=True)
class LabelMatcher:
    """A condition on one label; a label that is not there counts as empty."""

    name: str
    operator: str
    value: str

    def accepts(self, value: str) -> bool:
        """Tell whether a label with this value meets it."""
        # Loki anchors the regular expressions of labels, and only those.
        same = bool(re.fullmatch(self.value, value)) if "~" in self.operator else value == self.value
        return same != self.operator.startswith("!")


@dataclass(frozen=True)
class LogQuery:
    """A query of log lines."""

    selector: tuple[LabelMatcher, ...]
    stages: tuple[Stage, ...]

    def selects(self, stream: dict[str, str]) -> bool:
        """Tell whether a stream belongs to it."""
        return all(matcher.accepts(stream.get(matcher.name, "")) for matcher in self.selector)

    def keeps(self, labels: dict[str, str], line: str) -> bool:
        """Tell whether a line stays; stages may add labels."""
        return all(stage(labels, line) for stage in self.stages)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(query: str) -> LogQuery:
    """Read a query. Raises BadQuery."""
    return _Parser(query).query()


class _Parser:
    def __init__(self, query: str) -> None:
        found = [_Token(match.lastgroup or "other", match[0], match.start() + 1) for match in _TOKEN.finditer(query)]
        self._tokens = [token for token in found if token.kind != "space"]
        self._place = 0

    def query(self) -> LogQuery:
        self._expect("{", "")
        matchers: list[LabelMatcher] = []
        while not self._took("}"):
            if matchers:
                self._expect(",", "expecting } or ,")
            matchers.append(self._matcher())
        if not any(not matcher.accepts("") for matcher in matchers):
            raise BadLogQL(_NO_MATCHER)
        stages: list[Stage] = []
        while self._next:
            stages.append(self._stage())
        return LogQuery(tuple(matchers), tuple(stages))

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _matcher(self) -> LabelMatcher:
        name = self._take("word", "expecting IDENTIFIER")
        operator = self._one_of(_COMPARES, "expecting =, !=, =~ or !~")
        value = self._string()
        if "~" in operator:
            _check(value, "")
        return LabelMatcher(name, operator, value)

    def _stage(self) -> Stage:
        token = self._next
        if token and token.text in _FILTERS:
            self._place += 1
            return self._line_filter(token.text)
        self._expect("|", "")
        name = self._take("word", "expecting IDENTIFIER")
        if name == "json":
            return _as_json
        if name == "logfmt":
            return lambda *_: True
        operator = self._one_of(_COMPARES, "expecting =, !=, =~ or !~")
        matcher = LabelMatcher(name, operator, self._string())
        if "~" in operator:
            _check(matcher.value, "")
        return lambda labels, _: matcher.accepts(labels.get(matcher.name, ""))

    def _line_filter(self, operator: str) -> Stage:
        values = [self._string()]
        while self._took("or"):
            values.append(self._string())
        wanted = operator.startswith("|")
        if "~" not in operator:
            return lambda _, line: any(value in line for value in values) == wanted
        found = [_check(value, f"stage '{operator} {json.dumps(value, ensure_ascii=False)}' : ") for value in values]
        return lambda _, line: any(pattern.search(line) for pattern in found) == wanted

    def _string(self) -> str:
        text = self._take("string", "expecting STRING")
        if text.startswith("`"):
            return text[1:-1]
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadLogQL(f"parse error : invalid string {text}") from error

    def _one_of(self, texts: tuple[str, ...], expecting: str) -> str:
        token = self._next
        if token is None or token.text not in texts:
            raise self._unexpected(expecting)
        self._place += 1
        return token.text

    def _take(self, kind: str, expecting: str) -> str:
        token = self._next
        if token is None or token.kind != kind:
            raise self._unexpected(expecting)
        self._place += 1
        return token.text

    def _took(self, text: str) -> bool:
        token = self._next
        if token is None or token.text != text:
            return False
        self._place += 1
        return True

    def _expect(self, text: str, expecting: str) -> None:
        if not self._took(text):
            raise self._unexpected(expecting)

    def _unexpected(self, expecting: str) -> BadLogQL:
        token, more = self._next, f", {expecting}" if expecting else ""
        if token is None:
            return BadLogQL(f"parse error : syntax error: unexpected $end{more}")
        # Loki counts the lines of words from one and those of signs from zero.
        named = {"word": (1, "IDENTIFIER"), "string": (1, "STRING")}
        line, what = named.get(token.kind, (0, token.text))
        return BadLogQL(f"parse error at line {line}, col {token.column}: syntax error: unexpected {what}{more}")


def _as_json(labels: dict[str, str], _: str) -> bool:
    labels.update(_NOT_JSON)
    return True


def _check(pattern: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        missing = error.msg.startswith("missing )")
        problem = f"missing closing ): `{pattern}`" if missing else f"{error.msg}: `{pattern}`"
        raise BadLogQL(f"parse error : {where}error parsing regexp: {problem}") from error
