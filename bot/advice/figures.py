"""Compares numbers in sentences with those in the sentences that they are taken from.

A number may be written differently (1,234 and 1234; 12% and 12 %; 1.2 s and 1200 ms), but not rounded, and not made up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_PLACEHOLDER = re.compile(r"<[a-z-]{2,31}-[0-9]{1,6}>")
# Digits that count nothing: percentiles, classes of status codes, names of things that everybody knows.
_NAMES = re.compile(
    r"(?<![A-Za-z0-9.])(?:p\d{2,3}|p99\.9|[1-5]xx|k8s|s3|ec2|http/?[123](?:\.[01])?|ipv[46]|utf-?8|oauth2|sha-?256|g1|h2|log4j2?)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?![\d:]|[A-Za-z]+\d)")
_KOREAN_CLOCK = re.compile(r"(?<!\d)(\d{1,2})시\s?(\d{1,2})분(?:\s?(\d{1,2})초)?")
_WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]{0,80}(?:[.-][A-Za-z0-9_]{1,80}){0,8}")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?P<digits>\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?|\d{1,20}(?:\.\d{1,20}){0,6})(?P<power>[eE][+-]?\d{1,2})?"
    r"(?:\s?(?P<unit>%|[A-Za-zµμ]{1,40}|밀리초|초|분|시간|퍼센트|프로))?"
)
# Hashes and flavours (`9f3ac07`, `3xlarge2`), but neither `2h30m` nor `1e9`.
_MIXED = re.compile(r"(?<![A-Za-z0-9_.])\d{1,40}[A-Za-z]{1,40}\d[A-Za-z0-9]{0,80}(?:\.[A-Za-z0-9]{1,40}){0,4}")
_LENGTH = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+|\d+[eE]\d{1,2}")
_SPELLED = re.compile(
    r"(?<![A-Za-z])(eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|dozen|hundred|thousand|million|billion)(?![A-Za-z])",
    re.IGNORECASE,
)
_FROM_ELEVEN = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_COUNTS = {
    **{word: 11 + place for place, word in enumerate(_FROM_ELEVEN)},
    **{word: 20 + 10 * place for place, word in enumerate(_TENS)},
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
}
_UNITS = {
    spelling: (dimension, Decimal(factor))
    for dimension, factor, spellings in (
        ("time", "0.000000001", "ns"),
        ("time", "0.000001", "us µs μs"),
        ("time", "0.001", "ms msec millisecond milliseconds 밀리초"),
        ("time", "1", "s sec secs second seconds 초"),
        ("time", "60", "m min mins minute minutes 분"),
        ("time", "3600", "h hr hrs hour hours 시간"),
        ("time", "86400", "d day days"),
        ("ratio", "0.01", "% percent pct 퍼센트 프로"),
        ("bytes", "1", "b byte bytes"),
        ("bytes", "1000", "kb"),
        ("bytes", "1000000", "mb"),
        ("bytes", "1000000000", "gb"),
        ("bytes", "1024", "kib"),
        ("bytes", "1048576", "mib"),
        ("bytes", "1073741824", "gib"),
        ("", "1000", "k"),
    )
    for spelling in spellings.split()
}
_TIMES = frozenset({"x", "times"})


_LETTERS = "?"


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number as it was written, its value, and its unit as a dimension and a factor."""

    said: str
    value: Decimal
    dimension: str = ""
    factor: Decimal = Decimal(1)

    def is_in(self, others: Iterable[_Figure], text: str) -> bool:
        """Tell whether it is one of the others, or stands in the text if it is no number."""
        if self.dimension == _LETTERS and re.search(rf"(?<![a-z0-9_.]){re.escape(self.said.lower())}", text):
            return True
        return any(self._is(other) for other in others)

    def _is(self, other: _Figure) -> bool:
        if _LETTERS in (self.dimension, other.dimension):
            return self.said.lower() == other.said.lower()
        if self.value * self.factor == other.value * other.factor and self._comparable(other):
            return True
        # A unit that one of the two leaves out.
        return self.value == other.value and "" in (self.dimension, other.dimension)

    def _comparable(self, other: _Figure) -> bool:
        # 12 % is how people say 0.12.
        return self.dimension == other.dimension or {self.dimension, other.dimension} == {"", "ratio"}


def invented(text: str, sources: Collection[str], names: Collection[str] = ()) -> str:
    """Return the first number of the text that none of the sources says, or nothing; digits in `names` count nothing."""
    said = _without(_plain(text), names)
    told = [_without(_plain(source), names) for source in sources]
    if said in told:
        return ""
    clocks, said = _clocks(said)
    for clock in clocks:
        if not any(other.startswith(clock) for source in told for other in _clocks(source)[0]):
            return clock
    everything = "\n".join(told).lower()
    for word in _WORD.findall(said):
        if any(char.isdecimal() for char in word) and not _occurs(word.lower(), everything):
            return word
    said = _WORD.sub(_without_digits, said)
    for word in _MIXED.findall(said):
        if not _LENGTH.fullmatch(word) and not _occurs(word.lower(), everything):
            return word
    numbers = [figure for source in told for figure in _figures(_WORD.sub(_without_digits, _clocks(source)[1]))]
    return next((each.said for each in _figures(said) if not each.is_in(numbers, everything)), "")


def _plain(text: str) -> str:
    words = _PLACEHOLDER.sub(" ", unicodedata.normalize("NFKC", text))
    return _KOREAN_CLOCK.sub(lambda match: ":".join(part.zfill(2) for part in match.groups() if part), words)


def _without(text: str, names: Collection[str]) -> str:
    # The longest first: `shop-2` is no `shop-2-db`.
    for name in sorted(names, key=len, reverse=True):
        if any(char.isdecimal() for char in name) and not name.isdecimal() and name in text:
            text = re.sub(rf"(?<![A-Za-z0-9_-]){re.escape(name)}(?![A-Za-z0-9_-])", " ", text)
    return _NAMES.sub(" ", text)


def _clocks(text: str) -> tuple[list[str], str]:
    """Take the times of day out of a text."""
    found = [":".join(part.zfill(2) for part in match.groups() if part) for match in _CLOCK.finditer(text)]
    return found, _CLOCK.sub(" ", text)


def _occurs(word: str, text: str) -> bool:
    return re.search(rf"(?<![a-z0-9_]){re.escape(word)}(?![a-z0-9_]|\.\d)", text) is not None


def _without_digits(match: re.Match[str]) -> str:
    return " " if any(char.isdecimal() for char in match.group()) else match.group()


def _figures(text: str) -> Iterator[_Figure]:
    for match in _SPELLED.finditer(text):
        yield _Figure(match.group(), Decimal(_COUNTS[match.group().lower()]))
    for match in _NUMBER.finditer(_MIXED.sub(_apart, text)):
        yield _figure(match)


def _apart(match: re.Match[str]) -> str:
    """Write `2h30m` as two lengths; leave out what was compared by letters."""
    word = match.group()
    if not _LENGTH.fullmatch(word):
        return " "
    return word if "e" in word.lower() else re.sub(r"([a-z])(?=\d)", r"\1 ", word)


def _figure(match: re.Match[str]) -> _Figure:
    written, unit = match["digits"] + (match["power"] or ""), match["unit"] or ""
    attached = bool(unit) and len(match.group()) == len(written) + len(unit)
    try:
        value = Decimal(written.replace(",", ""))
    except InvalidOperation:
        # Two points and more are a version or an address.
        return _Figure(match["digits"], Decimal(0), _LETTERS)
    known = _UNITS.get(unit.lower())
    if known:
        return _Figure(match.group(), value, *known)
    if attached and unit.isascii() and unit.lower() not in _TIMES:
        # A unit that we do not know, an ordinal, or no number at all.
        return _Figure(match.group(), Decimal(0), _LETTERS)
    return _Figure(written, value)
