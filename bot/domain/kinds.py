"""Tells what a series measures, by the words of its name as exporters everywhere use them."""

from __future__ import annotations

import re

from bot.domain.telemetry import MetricKind

# "HighErrorRate", "http_5xx_ratio" and "latency p99" are all words.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")

_LONGEST = 400


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What a cache answers: less of it is worse, and yet nothing fails where it does not.
_HITS = frozenset({"hit"})
# What waits to be worked off.
_WAITING = frozenset({"backlog", "lag", "queue", "queued"})
_ERRORS = _set(
    "error errors err fail failed failure failures exception exceptions fault faults panic panics timeout timeouts "
    "rejected refused dropped 5xx 4xx 500 503 oom restarts evicted deadlocks"
)
_AVAILABILITY = _set("availability available success up ready healthy hit")
_SATURATION = _set(
    "cpu memory mem heap gc usage used utilization utilisation saturation pool hikaricp pending queue queued depth "
    "threads connections disk swap throttled throttling load pressure backlog age lag free freeable filesystem storage "
    "working rss inuse wait waiting sessions fds"
)
_LATENCY = _set("latency duration rtt elapsed p50 p75 p90 p95 p99 p999 50 90 95 99 slow")
_TRAFFIC = _set(
    "request requests rps qps ops workload traffic throughput rate count total invocations calls messages bytes packets "
    "iops read write receive transmit"
)
# Of traffic, what is moved, called or touched for requests rather than how many there are; of some it tells only where no
# word says that requests are counted.
_VOLUME = _set("bytes packets iops syscall syscalls")
_MOVED, _ASKED = _set("read write receive transmit"), _set("request requests rps qps ops calls invocations")
# What is left of something rather than what is used of it: less is worse.
_REMAINING = _set("free freeable available avail remaining idle left headroom hit")

# The first group with a word of the name wins: "http_request_errors" are errors, whatever else the name says.
_ORDER = (
    (MetricKind.ERRORS, _ERRORS),
    # "disk_read_latency" and "pool_wait_p99" are times, whatever it is that takes the time.
    (MetricKind.LATENCY, _LATENCY),
    (MetricKind.AVAILABILITY, _AVAILABILITY),
    (MetricKind.SATURATION, _SATURATION),
    (MetricKind.TRAFFIC, _TRAFFIC),
)

# Of a rule, what says that something is not there; a series that counts what is not there grows as it gets worse.
_GONE = _set(
    "down absent missing unreachable unavailable unhealthy notready offline dead lost disappeared crash crashed crashing "
    "crashloop crashlooping heartbeat"
)
# Rules are named in Korean as well, where a word has its particle or the next noun right behind it.
_HANGUL = (
    (MetricKind.ERRORS, re.compile("오류|에러|실패|예외|타임아웃|거부|(?<![가-힣])재시작")),
    (MetricKind.LATENCY, re.compile("지연|레이턴시|응답 ?시간|처리 ?시간|느림|느려")),
    (
        MetricKind.AVAILABILITY,
        re.compile(
            "가용|다운(?!로드)|중단|(?:응답|대상|타[깃겟]|연결) ?없음|무응답|(?:접속|연결) ?불가"
            "|헬스 ?체크|누락|사라[짐졌]|꺼[짐졌]|내려[감갔]|죽[음었]|끊[김겼]|오프라인"
        ),
    ),
    (
        MetricKind.SATURATION,
        re.compile(
            "사용[량률]|점유율|디스크|메모리|스왑|커넥션|스레드|적체|포화|부하|용량|공간|(?<![가-힣])(?:큐|힙|대기)"
        ),
    ),
    (MetricKind.TRAFFIC, re.compile("트래픽|요청|처리량|호출|유입")),
)


def kind_of_rule(name: str) -> MetricKind:
    """Tell the kind of a rule by its name: one that says that something is gone speaks of its availability."""
    found = kind_of(name)
    return MetricKind.AVAILABILITY if found is MetricKind.OTHER and _words(name) & _GONE else found


def kind_of(name: str) -> MetricKind:
    """Tell the kind of a series by its name."""
    words = _words(name)
    if words & _REMAINING - _HITS and words & _SATURATION - _REMAINING:
        return MetricKind.SATURATION
    found = next((kind for kind, known in _ORDER if words & known), MetricKind.OTHER)
    if found is not MetricKind.OTHER:
        return found
    return next((kind for kind, known in _HANGUL if known.search(name[:_LONGEST])), MetricKind.OTHER)


def less_is_worse(name: str, kind: MetricKind) -> bool:
    """Tell whether a fall of this series is the bad direction."""
    if kind is MetricKind.AVAILABILITY:
        return True
    return kind is MetricKind.SATURATION and bool(_REMAINING & _words(name))


def is_of_a_cache(name: str) -> bool:
    """Tell whether a series counts what a cache answers."""
    return bool(_HITS & _words(name))


def is_of_a_backlog(name: str) -> bool:
    """Tell whether a series, or a rule, speaks of what waits to be worked off."""
    return bool(_WAITING & _words(name)) or "적체" in name[:_LONGEST]


def counts_requests(name: str) -> bool:
    """Tell whether a series of traffic counts requests, and not what is moved for them."""
    words = _words(name)
    return not words & _VOLUME and (not words & _MOVED or bool(words & _ASKED))


def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(name[:_LONGEST]))
