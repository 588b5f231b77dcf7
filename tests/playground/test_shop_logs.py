"""What the shop writes: Spring Boot's lines with whole stack traces, nginx' lines once, files that do not grow for ever."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from playground.shop.clockwork import tick
from playground.shop.logs import AccessLog, Journal, ServiceLog
from playground.shop.model import make_shop

START = 1_800_000_000.0
HEAD = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<level>[ A-Z]{5}) 1 --- \[(?P<service>api|chat)\] "
    r"\[(?P<thread>.{15})\] \[(?P<trace>[0-9a-f]{32}-[0-9a-f]{16}| {49})\] (?P<logger>.{40}) : (?P<words>.+)$"
)
ACCESS = re.compile(
    r'^10\.8\.0\.\d+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "(GET|POST) /\S+ HTTP/1\.1" (?P<status>\d{3}) \d+ '
    r'"-" "okhttp/4\.12\.0" rt=\d+\.\d{3} trace=[0-9a-f]{32}$'
)


def written(folder: Path, seconds: float, *faults: str) -> dict[str, list[str]]:
    """Run a shop with these faults and return the lines of its files; `counted` has a line for each outside request."""
    shop, rng = make_shop(START - 86_400), random.Random(5)
    journals = {name: Journal(folder / f"{name}.log") for name in (*shop, "access")}
    logs = {name: ServiceLog(service, journals[name], rng) for name, service in shop.items()}
    access, requests = AccessLog(journals["access"], rng), 0
    for number in range(round(seconds / 0.25)):
        at = START + number * 0.25
        steps = tick(shop, set(faults), 0.25, at, rng)
        for name, log in logs.items():
            log.write(steps[name], at)
        access.write(steps)
        ended = [each for step in steps.values() for each in step.requests + step.turned_away]
        requests += sum(not each.parent_id for each in ended)
    for journal in journals.values():
        journal.close()
    lines = {name: (folder / f"{name}.log").read_text("utf-8").splitlines() for name in journals}
    return {**lines, "counted": ["request"] * requests}


def test_every_entry_has_the_shape_of_spring_boots_console_pattern(tmp_path):
    lines = written(tmp_path, 20, "pool", "leak", "noise", "cpu", "disk")

    for name in ("api", "chat"):
        heads = [line for line in lines[name] if not re.match(r"\t|\w+(\.\w+)+.*(Exception|Error)|Caused by: ", line)]
        assert heads
        assert [line for line in heads if not HEAD.match(line)] == []


def test_a_request_writes_its_trace_id_and_the_scheduler_none(tmp_path):
    lines = written(tmp_path, 10, "pool", "noise")["api"]

    heads = [match for match in map(HEAD.match, lines) if match]
    traced = {
        head["thread"].startswith("nio-8080-exec") or "exec" in head["thread"]
        for head in heads
        if head["trace"].strip()
    }
    untraced = {head["thread"].strip() for head in heads if not head["trace"].strip()}
    assert traced == {True}
    assert untraced == {"scheduling-1"}


def test_a_failed_request_can_be_found_in_the_log_by_its_trace(tmp_path):
    shop, rng = make_shop(START), random.Random(1)
    journal = Journal(tmp_path / "api.log")
    step = tick(shop, {"deploy"}, 2.0, START, rng)["api"]

    ServiceLog(shop["api"], journal, rng).write(step, START)

    journal.close()
    text = (tmp_path / "api.log").read_text("utf-8")
    failed = [request for request in step.requests if request.status == 500]
    assert failed
    assert all(text.count(f"[{request.trace_id}-{request.span_id}]") == 1 for request in failed)


def test_an_exhausted_pool_is_told_with_its_cause(tmp_path):
    text = "\n".join(written(tmp_path, 10, "pool")["api"])

    cause = re.search(
        r"Caused by: java\.sql\.SQLTransientConnectionException: DoktoriHikariPool - Connection is not available, "
        r"request timed out after 300\d\dms \(total=10, active=10, idle=0, waiting=\d+\)\n\tat com\.zaxxer\.hikari",
        text,
    )
    assert cause
    assert "주문 목록 조회 실패: GET /api/orders\norg.springframework.transaction." in text


@pytest.mark.parametrize(
    ("fault", "service", "words"),
    [
        ("pool", "chat", "Caused by: java.net.SocketTimeoutException: Read timed out"),
        ("slow", "api", "결제 서비스 응답 지연: "),
        ("slow", "chat", "api 호출 시간 초과 (30"),
        ("deploy", "api", "Starting ApiApplication v2.5.0 using Java"),
        ("deploy", "api", 'Cannot invoke "com.doktori.api.payment.Coupon.rate()" because "coupon" is null'),
        ("deploy", "chat", 'InternalServerError: 500 : "{"error":"Internal Server Error"}"'),
        ("leak", "chat", "Caused by: java.lang.OutOfMemoryError: Java heap space"),
        ("cpu", "api", "DoktoriHikariPool - Thread starvation or clock leap detected"),
        ("crash", "chat", "Caused by: io.lettuce.core.RedisConnectionException: Unable to connect to redis"),
        ("crash", "chat", "Started ChatApplication in"),
        ("disk", "api", "Caused by: java.io.IOException: No space left on device"),
        ("disk", "api", "Free disk space at path '/app/.' below threshold (available: "),
        ("noise", "api", "Cache miss for key doctor:list, falling back to database"),
        ("noise", "api", "Caused by: java.io.IOException: Broken pipe"),
    ],
)
def test_the_log_tells_the_story_of_each_fault(tmp_path, fault, service, words):
    healthy = written(tmp_path / "healthy", 20)[service]
    broken = written(tmp_path / "broken", 20, fault)[service]

    assert any(words in line for line in broken)
    assert not any(words in line for line in healthy)


def test_a_healthy_shop_logs_no_warning(tmp_path):
    lines = written(tmp_path, 30)

    heads = [match for match in map(HEAD.match, lines["api"] + lines["chat"]) if match]
    assert {head["level"].strip() for head in heads} == {"INFO"}


def test_entries_are_counted_by_level_as_logback_does(tmp_path):
    shop, rng = make_shop(START), random.Random(1)
    journal = Journal(tmp_path / "api.log")
    log = ServiceLog(shop["api"], journal, rng)

    for number in range(20):
        at = START + number * 0.25
        log.write(tick(shop, {"pool"}, 0.25, at, rng)["api"], at)

    journal.close()
    heads = [match for match in map(HEAD.match, (tmp_path / "api.log").read_text("utf-8").splitlines()) if match]
    levels = [head["level"].strip().lower() for head in heads]
    assert shop["api"].logged == {level: levels.count(level) for level in set(levels)}


def test_nginx_writes_every_request_once_and_knows_who_was_turned_away(tmp_path):
    lines = written(tmp_path, 10, "crash")

    assert len(lines["access"]) == len(lines["counted"])
    assert [line for line in lines["access"] if not ACCESS.match(line)] == []
    assert len(set(lines["access"])) == len(lines["access"])
    assert any(match["status"] == "502" for match in map(ACCESS.match, lines["access"]) if match)


def test_a_journal_keeps_to_its_cap_and_one_file_beside_it(tmp_path):
    journal = Journal(tmp_path / "new" / "api.log", cap_bytes=1000)

    for number in range(200):
        journal.write([f"line {number:03} with some words in it"])
    journal.close()

    kept = {path.name: path for path in (tmp_path / "new").iterdir()}
    assert set(kept) == {"api.log", "api.log.1"}
    assert all(path.stat().st_size <= 1100 for path in kept.values())
    assert "line 199" in kept["api.log"].read_text("utf-8") + kept["api.log.1"].read_text("utf-8")
