"""Tells the level of a log line: by its labels, by what its logger writes, else as Loki guesses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.telemetry.shapes import obj

_LABELS: Final = ("level", "severity")
# Loki's own guess: what a sender of OpenTelemetry said, else the first word of the line that looks like a level.
_GUESSED: Final = "detected_level"
# Letters are klog's, capnslog's and MongoDB's; four are .NET's, logrus', log15's and those of slog of Rust, three zerolog's,
# NATS' and Serilog's. nginx and syslog have levels that are worse than an error, MariaDB has notes. Java's own logger and
# PostgreSQL say it in the language of their machine.
_SPELLINGS: Final = {
    "trace": "trace trce trac trc t",
    "debug": "debug dbug debg debu dbg d verbose",
    "info": "info information inf i notice note n deprecated log 정보 알림 로그",
    "warn": "warn warning wrn w 경고",
    "error": "error err eror erro e fail severe traceback exception 심각 오류",
    "critical": "critical crit c alert emerg emergency dpanic",
    "fatal": "fatal fata ftl f panic pani pnc 치명적오류 손상",
}
_LEVELS: Final = {
    **{word: level for level, words in _SPELLINGS.items() for word in words.split()},
    # Go's last words, and PHP's: what that calls fatal ends a request.
    "fatal error": "fatal",
    "parse error": "error",
    "recoverable fatal error": "error",
}
_REDIS: Final = {".": "debug", "-": "debug", "*": "info", "#": "warn"}
# What syslog counts from 0 (GELF), and pino, bunyan and roarr in tens.
_SYSLOG: Final = ("critical", "critical", "critical", "error", "warn", "info", "info", "debug")
_TENS: Final = ("", "trace", "debug", "info", "warn", "error", "fatal")
# A line of an access log has no level: words in its address and its trace are a visitor's.
_ACCESS: Final = re.compile(r'"[A-Z]{3,10} \S+ HTTP/[\d.]+" \d{3} ')
_ACCESS_FIELDS: Final = frozenset({"status", "request_time", "method", "uri", "request", "path"})

# Under @level HashiCorp's logger writes its own, and under level what it was given.
_NAMES: Final = (
    *("@level", "level", "log.level", "_level_name", "severity", "levelname", "level_name", "Level", "LogLevel", "@l"),
    *("lvl", "severity_text", "severityText", "SeverityText", "log_level", "logLevel", "loglevel"),
)

# The beginning of a line tells its level; further on it is what somebody wrote.
_WITHIN: Final = 200
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")
# slog writes the levels between its own as ERROR+4; Apache and MongoDB count those below debug.
_STEP: Final = re.compile(r"[+-]?\d+$")
# What programs put at the beginning of a line, and nowhere else.
_BEGINS: Final = re.compile(
    r"""(?P<klog>[IWEF])(?:\d{4}){1,2}[ ]\d\d:\d\d:\d\d\.\d{6}[ ]
    |\d{1,7}:[A-Z][ ]\d\d[ ][A-Z][a-z]{2}[ ]\d{4}[ ][\d:.]{12}[ ](?P<redis>[-.*\#])[ ]
    |\d[\d-]{9}[ ][\d:.]{8,15}[ ](?P<capnslog>[TDINWEC])[ ]\|[ ]
    |(?P<went>panic|[Ff]atal[ ]error):[ ]
    |(?P<raised>Traceback)[ ]\(most[ ]recent[ ]call[ ]last\):
    |(?:[\w$]+\.)*[A-Z]?[\w$]*(?P<thrown>Exception|Error):[ ]
    # A time, who writes (daemons and syslog do: host, program, process), the level and a colon.
    |(?:(?:[\d\[][\d:.,TZ+\]/-]*|\d\d-[A-Z][a-z]{2}-\d{4}|[A-Z][a-z]{2}[ ]{1,2}\d{1,2}[ ]\d\d:\d\d:\d\d)[ ]){0,2}
        (?:(?!\[?(?i:trace|debug|info|notice|warn|err|severe|fatal|crit|panic))
            (?:\[[\w.-]{1,40}\][ ]|(?:(?<=\d[ ])[\w.-]{1,60}[ ])?[\w/.-]{1,40}(?:\[[\d:]{1,15}\]:?|:)[ ]))?
        (?P<first>(?i:trace|trce|verbose|debug|dbug|info|notice|warn|warning|error|fail|crit|critical|fatal(?:[ ]error)?)):\s
    """,
    re.VERBOSE,
)
# The first of these that is a level counts; most letters begin none of them.
_SAID: Final = re.compile(
    r"""(?=[A-Zl\[<\t심경정오치손알로])(?:
    (?:NOTICE:[ ]PHP[ ]message:[ ])?\bPHP[ ](?P<php>(?:Fatal|Parse|Recoverable[ ]fatal)[ ]error|Warning|Notice|Deprecated):
    |\b(?P<bare>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC)\b
    |\b(?:level|lvl)["']?\s*[=:]\s*["']?(?P<named>[A-Za-z]+)
    |\[(?:\w{1,30}:|[\w.]{1,80}\#)?(?P<boxed>[A-Za-z]{3,11})\d?[ ]{0,6}\]
    |(?<!\S)(?P<postgresql>LOG|로그):[ ]{2}
    |<(?P<angled>Fatal|Critical|Error|Warning|Notice|Information|Debug|Trace)>[ ]
    |\t(?P<tabbed>debug|info|warn|error|dpanic|panic|fatal)\t
    |(?<![\w/.-])(?P<short>TRC|DBG|INF|WRN|ERR|FTL|PNC|TRAC|TRCE|DEBU|DEBG|ERRO|CRIT|FATA|PANI)(?![\w/.-])
    |(?<![가-힣])(?<![가-힣][ ])(?P<korean>심각|경고|정보|오류|치명적오류|손상|알림)(?=:\s|[ ]\[)
    )""",
    re.VERBOSE,
)


def level_of(known: Mapping[str, str], line: str) -> str:
    """Return one of trace, debug, info, warn, error, critical, fatal, or "" if neither labels nor line tell."""
    labelled = _first(known.get(name) for name in _LABELS)
    if labelled or _ACCESS.search(line):
        return labelled
    if line.startswith("{"):
        fields = _fields(line)
        said = _first(_words(fields)) or _counted(fields)
        if said or len(_ACCESS_FIELDS & fields.keys()) > 1:
            return said
        return _first([known.get(_GUESSED)])
    # Colours are what a terminal shows; a program in a container writes them all the same.
    begins = _COLOUR.sub("", line[: 2 * _WITHIN])[:_WITHIN]
    first = _BEGINS.match(begins)
    return _first([_word(first) if first else "", *map(_word, _SAID.finditer(begins)), known.get(_GUESSED)])


def _word(match: re.Match[str]) -> str:
    word = match[match.lastgroup or 0]
    return _REDIS.get(word, word)


def _words(fields: Mapping[str, Any]) -> list[object]:
    """Return what a JSON line calls its level: Spring Boot's ecs, logstash and gelf, and the loggers of other languages."""
    # Spring Boot, loguru, Twisted have it in a table, winston for Logstash as well; MongoDB's line is known by its clock.
    record = obj(fields.get("record"))
    inner = (
        obj(fields.get("log")).get("level"),
        *(obj(at).get("name") for at in (record.get("level"), fields.get("log_level"))),
    )
    mongo = fields.get("s") if "$date" in obj(fields.get("t")) else None
    return [*inner, *(fields.get(name) for name in _NAMES), obj(fields.get("@fields")).get("level"), mongo]


def _counted(fields: Mapping[str, Any]) -> str:
    """Return the level of a JSON line whose shape tells how its logger counts."""
    by_roarr = {"context", "message", "sequence", "time", "version"} <= fields.keys()
    level = obj(fields["context"]).get("logLevel") if by_roarr else fields.get("level")
    if not isinstance(level, int) or level < 0:
        return ""
    if "short_message" in fields:
        return _SYSLOG[level] if level < len(_SYSLOG) else ""
    tens = level // 10
    by_pino = "time" in fields and ("msg" in fields or {"pid", "hostname"} <= fields.keys())
    return _TENS[tens] if (by_pino or by_roarr) and tens < len(_TENS) else ""


def _first(words: Iterable[object]) -> str:
    plain = (_STEP.sub("", _COLOUR.sub("", word)).lower() for word in words if isinstance(word, str))
    return next((_LEVELS[word] for word in plain if word in _LEVELS), "")


def _fields(line: str) -> dict[str, Any]:
    """Return the fields of a JSON line; loggers write their own before what they were given under the same name."""
    try:
        return obj(json.loads(line, object_pairs_hook=lambda pairs: dict(reversed(pairs))))
    except (ValueError, RecursionError):
        return {}
