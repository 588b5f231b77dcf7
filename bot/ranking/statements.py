"""What a platform states of a service is categorical: once is enough, and the class of the statement is the mechanism.

Who states it need not be whom it is about: a kubelet names the workload, and a replica that lags complains of what it follows.

Sources: reasons of Kubernetes' events and containers, the kernel's and PostgreSQL's messages, the events of managed databases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.shortening import whole_words
from bot.domain.telemetry import LogLine
from bot.ranking.hits import Hit
from bot.ranking.logs import SHORTEST_NAME, stands_alone
from bot.ranking.templates import said

_CLASSES = (
    ("memory", r"OOMKill|out of memory: kill|OutOfMemoryError|memory pressure"),
    (
        "disk",
        r"no space left on device|(?:ran|is) out of (?:storage|disk)|disk pressure|DiskPressure|insufficient storage",
    ),
    ("pool", r"too many (?:connections|clients)|connection slots are reserved"),
    # More replicas are what there is no room for.
    ("scheduling", r"exceeded quota|Insufficient (?:cpu|memory)|FailedScheduling|FailedCreate|Evicted"),
    ("backlog", r"lag .{0,60}has exceeded"),
    # Others of them may serve as ever.
    (
        "pods",
        (
            r"CrashLoopBackOff|Back-off restarting failed|ImagePullBackOff|ErrImagePull|CreateContainerConfigError"
            r"|exceeded its progress deadline|failed liveness probe"
        ),
    ),
    ("unavailable", r"NodeNotReady|Node \S+ is not ready|failover initiated"),
)
# What only others can say of a service: its name resolves to nothing, or what it shows of itself is out of date.
_TOLD_OF = re.compile(
    r"no such host|UnknownHost|name or service not known|could not resolve host|NXDOMAIN|getaddrinfo ENOTFOUND"
    r"|certificate (?:has |is )?expired",
    re.IGNORECASE,
)
# Who is told of so long before the alert already is told of all the time (seconds; as far back as a log is read usually).
_ALWAYS_S = 600.0
_SAID = [(name, re.compile(words, re.IGNORECASE)) for name, words in _CLASSES]
_ANY = re.compile("|".join(words for _, words in _CLASSES), re.IGNORECASE)
_LAGS = re.compile(r"lag .{0,60}has exceeded", re.IGNORECASE)
_OVER = re.compile(
    r"\b(?:recovered|restored|completed|rolled back|is available|healthy|stable|operational|cleanly after|returned to|successful(?:ly)?)\b",
    re.IGNORECASE,
)
# What was stated this long before the alert, and not taken back since, still counts (seconds).
_RECENT_S = 3600.0
_STRENGTH = 0.9
# Nobody states a failure in lines of these levels.
_CALM = frozenset({"info", "debug", "trace"})
_READ, _SHOWN = 600, 160
# So many characters of a long line are shown before what it states.
_LEAD_IN = 40


def statement_hits(
    lines: Sequence[LogLine],
    fired_at: float,
    hide: Callable[[str], str] = str,
    names: Collection[str] = (),
    subjects: Collection[str] = (),
) -> list[Hit]:
    """Return a hit for every class of statement about a service (one of `names`, if it is named) that was not taken back.

    Who is none of the `subjects` (nothing but lines is known of it) is a witness where the same is stated of one of them.
    """
    latest: dict[tuple[str, str], LogLine] = {}
    recent = [line for line in lines if 0 <= fired_at - line.at <= _RECENT_S]
    # Most lines come again and again.
    told = [line for line in recent if line.level not in _CALM]
    states = {message for message in {line.message for line in told} if _states(message[:_READ])}
    for line in told:
        if line.message in states:
            message = line.message[:_READ]
            # The first class is the cause, a later one what follows: what ran out of memory is restarted.
            about = _about(line.service, message, names)
            latest[about, next(name for name, words in _SAID if words.search(message))] = line
    latest |= {key: line for key, line in _told_of(told, fired_at, names).items() if key not in latest}
    if not latest:
        return []
    # Others speak of it as well: who says that all is well again need not be the service itself.
    first = min(line.at for line in latest.values())
    over = max((line.at for line in recent if line.at > first and _OVER.search(line.message[:_READ])), default=0.0)
    stated = {mechanism for about, mechanism in latest if about in subjects}
    return [
        Hit(
            Channel.LOG,
            service,
            _STRENGTH,
            line.at,
            "platform-said",
            {"template": _around(said(hide(line.message[:_READ])), mechanism)},
            f"platform {service}",
            mechanism,
        )
        for (service, mechanism), line in latest.items()
        if over <= line.at and (service in subjects or mechanism not in stated)
    ]


def _told_of(told: Sequence[LogLine], fired_at: float, names: Collection[str]) -> Mapping[tuple[str, str], LogLine]:
    """Return whom others cannot find or must not trust, and the last line that says so; who was told of before is old news.

    Where several are not found it is the finding that failed, which is the fault of none of them.
    """
    known = {message: _other(message[:_READ], names) for message in {line.message for line in told}}
    found: dict[tuple[str, str], LogLine] = {}
    old = set[str]()
    for line in told:
        about = known[line.message]
        if about is not None and about != line.service:
            found[about, "unavailable"] = line
            if fired_at - line.at > _ALWAYS_S:
                old.add(about)
    return {} if len(found) > 1 else {key: line for key, line in found.items() if key[0] not in old}


def _other(message: str, names: Collection[str]) -> str | None:
    """Return the service of whom it is said that nobody finds or may trust it, if it is one of these."""
    if not _TOLD_OF.search(message):
        return None
    named = [name for name in names if name in message and stands_alone(name, message)]
    return max(named, key=lambda name: (len(name), name), default=None)


def _states(message: str) -> bool:
    return bool(_ANY.search(message)) and not _OVER.search(message)


def _about(speaker: str, message: str, names: Collection[str]) -> str:
    """Return of whom a statement tells: another one that it names, whom a lagging replica follows, or who states it."""
    if _LAGS.search(message):
        followed = [name for name in names if speaker.startswith(f"{name}-")]
        return max(followed, key=len, default=speaker)
    own = message.find(speaker, len(speaker) + 2)
    if own >= 0:
        # Where it stands first it is who speaks.
        return speaker
    named = [name for name in names if name != speaker and name in message and _of_workload(name, message)]
    return max(named, key=lambda name: (len(name), name), default=speaker)


def _of_workload(name: str, message: str) -> bool:
    """Tell whether a message names a workload, by itself or as the beginning of the name of a pod."""
    return len(name) >= SHORTEST_NAME and bool(
        re.search(rf"(?<![\w-]){re.escape(name)}(?:-[a-z0-9]+){{0,3}}(?![\w-])", message)
    )


def _around(message: str, mechanism: str) -> str:
    """Return the line in which it is stated; of a long one what is stated, with a few words before."""
    # What is concluded from it is what must be read.
    found = dict(_SAID)[mechanism].search(message) or _TOLD_OF.search(message)
    if found is None:
        return whole_words(message, _SHOWN)
    begins = message.rfind("\n", 0, found.start()) + 1
    start = begins
    if found.end() - begins > _SHOWN:
        start = max(begins, found.start() - _LEAD_IN)
        # Half a word says nothing.
        start = message.find(" ", start, found.start()) + 1 or found.start()
    return ("…" if start > begins else "") + whole_words(message[start:].split("\n", 1)[0].strip(), _SHOWN)
