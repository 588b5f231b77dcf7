"""Changes: which deploy or commit may have begun it, and when none did.

The latest deploy is nearly always innocent, so time alone accuses nobody. A change is suspected for being shipped to the
service in trouble (or one it calls) just before the onset, for what it takes away, and for touching the very words that
the symptoms are made of. Texts are compared as bags of words; what they say is never followed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.evidence import Channel
from bot.domain.kinds import kind_of
from bot.domain.telemetry import Change, ChangeKind, MetricKind, Observations
from bot.ranking.hits import Hit

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Words of programming, of commits and of alerts; they join anything with anything.
_COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "and",
        "with",
        "from",
        "into",
        "that",
        "this",
        "not",
        "func",
        "return",
        "string",
        "int",
        "err",
        "nil",
        "new",
        "int",
        "async",
        "await",
        "export",
        "public",
        "private",
        "void",
        "const",
        "var",
        "let",
        "type",
        "import",
        "package",
        "struct",
        "class",
        "true",
        "false",
        "null",
        "none",
        "self",
        "def",
        "else",
        "are",
        "was",
        "has",
        "above",
        "below",
        "over",
        "commit",
        "deploy",
        "release",
        "version",
        "feature",
        "flag",
        "files",
        "file",
        "service",
        "request",
        "requests",
        "rate",
        "error",
        "errors",
        "fail",
        "http",
        "server",
    ]
)
# Files that cannot break what runs, or hardly: documents, tests, pipelines, lock files.
_INERT = re.compile(
    r"\.md$|\.rst$|(?:^|[/_.-])tests?(?:[/_.]|$)|testdata|^\.|/\.|CODEOWNERS|LICENSE|go\.(?:mod|sum)$|\.lock$|-lock\."
    r"|^docs?/|requirements[\w-]*\.txt$"
)
_FILES = re.compile(r"^files: (.*)$", re.MULTILINE)
# Minutes before the onset in which all changes are equally suspect (a roll-out takes as long), minutes after which one is
# half as suspect, and the age at which it is no longer looked at.
_FRESH_MIN, _HALF_MIN, _OLDEST_MIN = 10.0, 12.0, 24 * 60.0
# A clock may be wrong by this, and an onset is estimated (seconds).
_SLACK_S = 60.0
# How near a change's service is to the trouble: in it, called by it, alerting above it, or none of these (ratio; by hand).
_LEAD, _CALLEE, _CALLER, _ELSEWHERE = 1.0, 0.9, 0.5, 0.25
# What is left of a score if it reached nothing that runs, if nobody says what it reached, if it touched inert files (ratio; by hand).
_NOT_SHIPPED, _NOT_KNOWN_SHIPPED, _INERT_WEIGHT = 0.25, 0.7, 0.15
# A change is named from this score on, which time alone never reaches where its content is known, and only if it leads the next
# by this much (scores are sums of what speaks against a change).
_ENOUGH, _MARGIN = 0.85, 0.4
# What is nobody's change: an expiry, a name that does not resolve, a bad answer of somebody else, one input that is tried again;
# as templates keep it, which mask numbers and what follows a colon.
_OUTSIDE = re.compile(
    r"certificate|x509|\bsuch host|unknown ?host|name resolution|answered (?:with )?#|(?:status|code|http)\W{1,3}#.{0,20}\bfrom\b"
    r"|upstream .{0,40}(?:#|error|timed? ?out)|throttl|quota|rate limit|unexpected token|malformed|attempt #",
    re.IGNORECASE,
)
# So much more must then speak against a change (ratio).
_DESPITE_OUTSIDE = 1.6
_ALERTS_SPEAK_OF = frozenset({MetricKind.LATENCY, MetricKind.ERRORS, MetricKind.AVAILABILITY, MetricKind.TRAFFIC})
# Changes that are looked at, the newest first (a bound on time).
_MOST = 400
# What speaks against a change before its content is read, where that is known and where it is not (score; by hand).
_KNOWN, _UNKNOWN = 0.6, 0.9
# Words shared with the symptoms are counted against this and the root of all its words, or long texts would win (by hand).
_FEW_WORDS = 6
# The most that lost symptom words and lost lines add, what each lost word adds, and what more going than coming adds (score; by hand).
_MOST_LOST, _MOST_GONE, _OF_A_WORD, _SHRINKS = 1.5, 0.5, 0.15, 0.6
# How much a log's words and those of a metric or an operation are a symptom, of how many deviations, the strongest first (by hand).
_OF_LOG, _OF_NAME, _SYMPTOMS = 0.8, 0.4, 24
# The beginning of a text that is read (characters), and words shorter than this join anything with anything.
_TEXT_READ, _SHORTEST = 4000, 3
_WEAK = 0.3


@dataclass(frozen=True, slots=True)
class Accused:
    """A change with its score: above 1 it says much; `shipped_at` is when it reached its service."""

    change: Change
    score: float
    shipped_at: float
    service: str | None


def accused(seen: Observations, hits: Sequence[Hit], lead: str | None, onset: float) -> list[Accused]:
    """Return the changes before the onset, most suspect first."""
    shipped: dict[str, list[Change]] = defaultdict(list)
    for change in seen.changes[-_MOST:]:
        if change.kind is not ChangeKind.COMMIT:
            shipped[change.id].append(change)
    commits = [change for change in seen.changes[-_MOST:] if change.kind is ChangeKind.COMMIT]
    told = {change.id for change in commits}
    alone = [
        change for change in seen.changes[-_MOST:] if change.kind is not ChangeKind.COMMIT and change.id not in told
    ]
    words = {id(change): _words(change.text) for change in (*commits, *alone)}
    rare = _rarity(words.values())
    symptoms = _symptoms(
        hits, _words(" ".join(sorted({name for edge in seen.edges for name in edge} | {hit.blames for hit in hits})))
    )
    near = _near(seen, lead)
    found: list[Accused] = []
    for change in (*commits, *alone):
        arrival = _arrival(change, shipped, near, any(shipped.values()), onset)
        if arrival is None:
            continue
        at, service, weight = arrival
        age = (onset - at) / 60
        if age > _OLDEST_MIN or at > onset + _SLACK_S:
            continue
        score = (
            weight
            * _content(change, words[id(change)], symptoms, rare)
            * 2 ** (-max(0.0, age - _FRESH_MIN) / _HALF_MIN)
        )
        found.append(Accused(change, score, at, service))
    return sorted(found, key=lambda each: -each.score)


def culprit(found: Sequence[Accused], lead: str | None, hits: Sequence[Hit] = ()) -> Accused | None:
    """Return the change to name, or None if none stands out, by a margin, of those that reached the service in question.

    Where the service in question says that it suffers from outside, more must speak against a change.
    """
    enough = _ENOUGH * (_DESPITE_OUTSIDE if _from_outside(hits, lead) else 1.0)
    if not found or found[0].score < enough or found[0].service not in (None, lead):
        return None
    second = next((each for each in found[1:] if each.change.id != found[0].change.id), None)
    return found[0] if second is None or found[0].score >= second.score + _MARGIN else None


def _from_outside(hits: Sequence[Hit], lead: str | None) -> bool:
    """Tell whether the loudest that a service says is of what nobody of ours has changed."""
    said = [hit for hit in hits if hit.blames == lead and hit.channel is Channel.LOG and hit.group.startswith("bad ")]
    loudest = max(said, key=lambda hit: hit.strength, default=None)
    if loudest is None:
        return False
    return loudest.mechanism == "dependency" or bool(_OUTSIDE.search(loudest.values.get("template", "")))


def _arrival(
    change: Change, shipped: Mapping[str, Sequence[Change]], near: Mapping[str, float], any_shipped: bool, onset: float
) -> tuple[float, str | None, float] | None:
    if change.kind is not ChangeKind.COMMIT:
        # A flag is meant to be switched, and a restart is a symptom more often than a cause.
        kind = _WEAK if change.kind in (ChangeKind.FLAG, ChangeKind.RESTART) else 1.0
        return change.at, change.service, kind * near.get(change.service or "", _ELSEWHERE)
    arrivals = [each for each in shipped.get(change.id, ()) if each.at <= onset + _SLACK_S]
    if not arrivals:
        return change.at, None, _NOT_SHIPPED if any_shipped else _NOT_KNOWN_SHIPPED
    best = max(arrivals, key=lambda each: near.get(each.service or "", _ELSEWHERE))
    return best.at, best.service, near.get(best.service or "", _ELSEWHERE)


def _near(seen: Observations, lead: str | None) -> dict[str, float]:
    near: dict[str, float] = {}
    for caller, callee in seen.edges:
        if callee == lead:
            near.setdefault(caller, _CALLER)
    for caller, callee in seen.edges:
        if caller == lead:
            near[callee] = _CALLEE
    if lead:
        near[lead] = _LEAD
    if seen.service and seen.service not in near:
        near[seen.service] = _CALLER
    return near


def _content(change: Change, words: Counter[str], symptoms: Mapping[str, float], rare: Mapping[str, float]) -> float:
    lines = change.text.split("\n")
    gone = _sum(_words(line) for line in lines if line.startswith("-") and not line.startswith("---"))
    come = _sum(_words(line) for line in lines if line.startswith("+") and not line.startswith("+++"))
    lost, minus, plus = gone - come, _starts(lines, "-"), _starts(lines, "+")
    alike = sum(
        min(2.0, symptoms[word]) * rare[word] * (1 + math.log(n)) for word, n in words.items() if word in symptoms
    )
    # Of a release whose content nobody told us, the time is all there is; a known content that says nothing clears it a little.
    base = _KNOWN if minus + plus or _FILES.search(change.text) else _UNKNOWN
    score = base + alike / (_FEW_WORDS + math.sqrt(sum(words.values())))
    score += min(_MOST_LOST, sum(symptoms.get(word, 0.0) for word in lost)) + min(_MOST_GONE, _OF_A_WORD * len(lost))
    if minus > plus:
        score += _SHRINKS * (minus - plus) / (minus + plus)
    return score * (_INERT_WEIGHT if _inert(change.text) else 1.0)


def _starts(lines: Sequence[str], sign: str) -> int:
    return sum(line.startswith(sign) and not line.startswith(sign * 3) for line in lines)


def _inert(text: str) -> bool:
    match = _FILES.search(text)
    if match is None:
        return False
    return all(_INERT.search(name.strip()) for name in match.group(1).split(",") if name.strip())


def _symptoms(hits: Sequence[Hit], names: Collection[str]) -> dict[str, float]:
    """Return the words of what stands out; names of services and what every alert speaks of are none."""
    weights: dict[str, float] = defaultdict(float)
    best = sorted(hits, key=lambda hit: -hit.strength)[:_SYMPTOMS]
    for hit in best:
        text = hit.values.get("template") or hit.values.get("metric") or hit.values.get("operation") or ""
        share = _OF_LOG if hit.channel is Channel.LOG else _OF_NAME
        for word in _words(text):
            if word in names or (hit.channel is Channel.METRIC and kind_of(word) in _ALERTS_SPEAK_OF):
                continue
            weights[word] = min(2.0, weights[word] + share * hit.strength)
    return weights


def _rarity(documents: Collection[Counter[str]]) -> dict[str, float]:
    seen_in: Counter[str] = _sum(Counter(set(words)) for words in documents)
    return {word: math.log(1 + len(documents) / count) for word, count in seen_in.items()}


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _words(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for match in _WORD.findall(text[:_TEXT_READ]):
        word = match.lower()
        if len(word) >= _SHORTEST and word not in _COMMON:
            found[_stem(word)] += 1
    return found


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
