"""What the agent makes of lines: levels, ids and times of each format, with the engines that Alloy itself runs them by."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.alloy_syntax import Block, parse
from tests.deploy.golang import built

BLOCKS = parse((Path(__file__).parents[2] / "config/alloy/config.alloy").read_text("utf-8"))
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TIME = "2026-11-25T10:15:00.067462556Z"
TEXT = f"{TIME} ERROR 1 --- [api] [nio-8080-exec-1] [{TRACE}-{SPAN}] c.e.Meetings : pool is empty, I SAID IT"
# Spring Boot 3.4 to 4: logging.structured.format.file.
ECS_FLAT = {"@timestamp": TIME, "log.level": "WARN", "message": "a WORD b", "traceId": TRACE, "spanId": SPAN}
ECS = {
    "@timestamp": TIME,
    "log": {"level": "ERROR", "logger": "c.e.A"},
    "message": "no",
    "traceId": TRACE,
    "spanId": SPAN,
}
ECS_IDS = {"@timestamp": TIME, "log": {"level": "INFO"}, "message": "no", "trace": {"id": TRACE}, "span": {"id": SPAN}}
LOGSTASH = {
    "@timestamp": TIME,
    "@version": "1",
    "message": "no",
    "level": "ERROR",
    "level_value": 40000,
    "traceId": TRACE,
}
GELF = {"version": "1.1", "short_message": "no", "timestamp": 1764065700.067, "level": 3, "_level_name": "ERROR"}
ACCESS = f'{{"time":"2026-11-25T10:15:00+00:00","status":"404","traceparent":"00-{TRACE}-{SPAN}-01"}}'
COMBINED = f'127.0.0.1 - - [25/Nov/2026:10:15:00 +0000] "GET /?a=1 HTTP/1.1" 502 157 "-" "curl" trace={TRACE}'


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    return built("stages", tmp_path_factory.mktemp("stages"))


def stages(name: str) -> list[Block]:
    return next(block for block in BLOCKS if (block.name, block.label) == ("loki.process", name)).blocks


def read(program: Path, name: str, *lines: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the stages of a process make of each line; what is empty is not there."""
    given = {"stages": [_told(each) for each in stages(name)], "lines": [_line(each) for each in lines]}
    done = subprocess.run([program], input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [{key: value for key, value in each.items() if value} for each in json.loads(done.stdout)]


def _line(line: str | dict[str, Any]) -> str:
    return line if isinstance(line, str) else json.dumps(line, separators=(",", ":"))


def _told(stage: Block) -> dict[str, Any]:
    attributes = stage.attributes
    pairs = re.findall(r'"(\w+)"=(?:`([^`]*)`|"([^"]*)")', attributes.get("expressions", ""))
    return {
        "kind": stage.name,
        "expressions": {name: raw or plain for name, raw, plain in pairs},
        **{
            key: attributes[key].strip('"') if attributes[key][0] == '"' else attributes[key].strip("`")
            for key in ("expression", "source", "template")
            if key in attributes
        },
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("line", "level"),
    [(TEXT, "error"), (ECS_FLAT, "warn"), (ECS, "error"), (ECS_IDS, "info"), (LOGSTASH, "error"), (GELF, "error")],
)
def test_every_format_of_spring_tells_its_level(program, line, level):
    (found,) = read(program, "spring", line)

    assert found["level"] == level


@pytest.mark.timeout(300)
@pytest.mark.parametrize("line", [TEXT, ECS_FLAT, ECS, ECS_IDS])
def test_every_format_of_spring_tells_its_time_and_its_ids(program, line):
    (found,) = read(program, "spring", line)

    assert (found["time"], found["trace_id"], found["span_id"]) == (TIME, TRACE, SPAN)


@pytest.mark.timeout(300)
def test_a_line_of_another_kind_tells_nothing(program):
    assert read(program, "spring", "\tat a.B.c(B.java:1)", "{not json", "[1]") == [{}, {}, {}]


@pytest.mark.timeout(300)
def test_the_class_of_a_status_is_read_from_both_formats_of_nginx(program):
    first, second, neither = read(program, "nginx_access", ACCESS, COMBINED, "hello")

    assert (first["status_class"], second["status_class"]) == ("4xx", "5xx")
    assert (first["trace_id"], second["trace_id"]) == (TRACE, TRACE)
    assert "status_class" not in neither


@pytest.mark.timeout(300)
@pytest.mark.parametrize("level", ["notice", "warn", "error", "crit", "alert", "emerg"])
def test_nginx_tells_its_level_with_and_without_a_time(program, level):
    dated, dateless = read(
        program, "nginx_error", f"2026/11/25 10:00:00 [{level}] 31#31: *7 no", f"nginx: [{level}] bind() failed"
    )

    assert dated["level"] == dateless["level"] == level


@pytest.mark.parametrize(
    ("name", "begins", "continues"),
    [
        (
            "spring",
            [TEXT, *(_line(each) for each in (ECS_FLAT, ECS, LOGSTASH, GELF))],
            ["\tat a.B.c(B.java:1)", "Caused by: x", '{"id":7}', "{"],
        ),
        ("nginx_error", ["2026/11/25 10:00:00 [error] x", 'nginx: [emerg] host not found in upstream "api"'], [" x"]),
    ],
)
def test_each_event_begins_its_own_block(name, begins, continues):
    firstline = re.compile(stages(name)[0].attributes["firstline"].strip("`"))

    assert all(firstline.match(line) for line in begins)
    assert not any(firstline.match(line) for line in continues)
