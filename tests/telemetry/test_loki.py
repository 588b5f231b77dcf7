"""Loki's streams into events: what is joined, what is read out of a line, and what is no answer."""

from __future__ import annotations

import pytest

from bot.domain.telemetry import LogLine, Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.ports import Logs
from bot.telemetry.http import JsonClient
from bot.telemetry.loki import Loki

QUERY = "GET /loki/api/v1/query_range"
WINDOW = Window.between(1795443680, 1795444040.5)
TRACE = "dbaed20dcfc80f16950d8803accd8771"
SPAN = "406a88004c7cb573"
SECOND = 1_000_000_000
START = 1795443700 * SECOND


@pytest.fixture
def loki(server, session):
    return Loki(JsonClient(session, server.url, source="loki", timeout_s=20))


def streams(*found):
    """Answer as Loki does: (labels, [(nanoseconds, line), …] oldest first), which it turns round."""
    result = [{"stream": labels, "values": [[str(at), text] for at, text in reversed(rows)]} for labels, rows in found]
    return {"status": "success", "data": {"resultType": "streams", "result": result}}


def rows(*texts, start=START, step=1000):
    return [(start + number * step, text) for number, text in enumerate(texts)]


async def one(server, loki, labels, line) -> LogLine:
    server.on(QUERY, streams((labels, rows(line))))
    (event,) = await loki.lines("{}", WINDOW, 10)
    return event


async def test_the_question_is_in_nanoseconds_newest_first_and_not_above_lokis_limit(server, session):
    asked = []

    class Listening(JsonClient):
        async def get(self, path, params=None):
            asked.append((path, dict(params)))
            return streams()

    loki: Logs = Loki(Listening(session, server.url, source="loki"))

    for limit in (0, 7, 9_999):
        assert await loki.lines('{app="api"}', WINDOW, limit) == []

    assert asked[0] == (
        "loki/api/v1/query_range",
        {
            "query": '{app="api"}',
            "start": "1795443680000000000",
            "end": "1795444040500000000",
            "limit": "1",
            "direction": "backward",
        },
    )
    assert [params["limit"] for _, params in asked] == ["1", "7", "5000"]


async def test_recorded_streams_are_merged_oldest_first(server, loki):
    server.play("loki/query_range_streams_multi")

    events = await loki.lines("{}", WINDOW, 30)

    assert len(events) == 30
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert {event.service for event in events} == {"api", "nginx"}
    first_failure = next(event for event in events if event.trace_id == TRACE and event.level == "error")
    assert first_failure.span_id == SPAN
    assert {event.level for event in events if event.service == "nginx"} == {""}


async def test_a_recorded_stack_trace_is_one_event_with_its_innermost_cause(server, loki):
    server.play("loki/query_range_stacktraces")

    events = await loki.lines("{}", WINDOW, 3)

    assert [event.level for event in events] == ["error"] * 3
    assert all(event.message.endswith("common frames omitted") for event in events)
    # The first of them was logged without metadata, and its line says `[]`.
    assert [bool(event.trace_id) for event in events] == [False, True, True]


async def test_a_window_without_lines_has_none(server, loki):
    server.play("loki/query_range_empty")

    assert await loki.lines("{}", WINDOW, 3) == []


async def test_a_stack_trace_in_lines_of_their_own_is_joined_to_what_it_explains(server, loki):
    stack = (
        "java.lang.IllegalStateException: no pool",
        "\tat com.example.A.b(A.java:1)",
        "    at com.example.A.c(A.java:2)",
        "Caused by: java.sql.SQLException: closed",
        "\t... 41 common frames omitted",
        "\tSuppressed: java.io.IOException: x",
        "... 3 more",
    )
    server.on(QUERY, streams(({"app": "api"}, rows("ERROR it broke", *stack, "INFO next", "at once a word"))))

    events = await loki.lines("{}", WINDOW, 100)

    assert [event.message for event in events] == ["\n".join(("ERROR it broke", *stack)), "INFO next", "at once a word"]
    assert events[0].at == START / 1e9


@pytest.mark.parametrize(
    ("message", "trace"),
    [
        pytest.param(
            "2026-11-29 14:16:00,739 ERROR root: cannot pay",
            (
                "Traceback (most recent call last):",
                '  File "/srv/shop.py", line 4, in pay',
                '    raise ConnectionError("no answer from db")',
                "ConnectionError: no answer from db",
                "",
                "The above exception was the direct cause of the following exception:",
                "",
                "Traceback (most recent call last):",
                '  File "/srv/shop.py", line 7, in <module>',
                "    except ConnectionError as e: raise Refused from e",
                "                                 ^^^^^^^^^^^^^^^^^^^^",
                "shop.Refused",
            ),
            id="python",
        ),
        pytest.param(
            "2026-11-29 13:58:19.441 | ERROR    | shop:pay:4 - boom",
            ("Traceback (most recent call last):", "", '> File "shop.py", line 3, in pay', "", "ZeroDivisionError: x"),
            id="loguru",
        ),
        pytest.param(
            "panic: assignment to entry in nil map",
            (
                "",
                "goroutine 1 [running]:",
                "main.(*shop).put(...)",
                "\t/srv/main.go:4",
                "main.main()",
                "\t/srv/m.go:5 +0x78",
            ),
            id="go",
        ),
        pytest.param(
            "PHP Fatal error:  Uncaught RuntimeException: no answer in /srv/a.php:5",
            ("Stack trace:", "#0 /srv/a.php(6): f()", "#1 {main}", "  thrown in /srv/a.php on line 5"),
            id="php",
        ),
        pytest.param(
            "fail: Shop.Orders[0]",
            (
                " ---> System.IO.IOException: closed",
                "   at Shop.Pay()",
                "   --- End of inner exception stack trace ---",
            ),
            id="dotnet",
        ),
    ],
)
async def test_a_trace_of_another_language_is_one_event_as_well(server, loki, message, trace):
    server.on(QUERY, streams(({"app": "api"}, rows("INFO before", message, *trace, "WARN next", "at once a word"))))

    before, event, *others = await loki.lines("{}", WINDOW, 10)

    assert event.message == "\n".join((message, *trace))
    assert event.level in ("error", "fatal")
    assert [before.message, *(each.message for each in others)] == ["INFO before", "WARN next", "at once a word"]


async def test_what_nobody_caught_is_an_error_of_its_own_and_no_part_of_the_line_before(server, loki):
    trace = ("Traceback (most recent call last):", '  File "/srv/shop.py", line 4, in pay', "KeyError: 'x'")
    thrown = ("TypeError: x is no function", "    at pay (/srv/shop.js:4:5)")
    server.on(QUERY, streams(({"app": "api"}, rows("INFO started", *trace, *thrown))))

    events = await loki.lines("{}", WINDOW, 10)

    assert [event.message for event in events] == ["INFO started", "\n".join(trace), "\n".join(thrown)]
    assert [event.level for event in events] == ["info", "error", "error"]


async def test_a_stack_trace_that_loki_shows_as_another_stream_is_joined_all_the_same(server, loki):
    """Each level and each trace makes a stream of its own, and a stack's lines have neither."""
    shared = {"app": "api", "pod": "api-1"}
    stack = ({**shared, "detected_level": "unknown"}, rows("java.io.IOException: x", "\tat a.B.c(B.java:1)"))
    message = ({**shared, "detected_level": "error", "trace_id": TRACE}, rows("it broke"))
    server.on(QUERY, streams(stack, message))

    (event,) = await loki.lines("{}", WINDOW, 100)

    assert event.message == "it broke\njava.io.IOException: x\n\tat a.B.c(B.java:1)"
    assert (event.level, event.trace_id) == ("error", TRACE)


async def test_a_stack_trace_is_not_joined_to_another_program_or_to_what_is_long_over(server, loki):
    frame = "\tat a.B.c(B.java:1)"
    server.on(
        QUERY,
        streams(
            ({"app": "api"}, [(START, "first"), (START + 60 * SECOND, frame)]),
            ({"app": "chat"}, [(START + 1, frame)]),
        ),
    )

    events = await loki.lines("{}", WINDOW, 100)

    assert [(event.service, event.message) for event in events] == [("api", "first"), ("chat", frame), ("api", frame)]


async def test_an_exception_is_an_event_of_its_own_when_it_follows_another_one(server, loki):
    thrown = (
        "java.io.IOException: one",
        "\tat a.B.c(B.java:1)",
        "java.io.IOException: two",
        "java.io.IOException: three",
    )
    server.on(QUERY, streams(({"app": "api"}, rows(*thrown))))

    events = await loki.lines("{}", WINDOW, 100)

    assert [event.message for event in events] == ["\n".join(thrown[:2]), *thrown[2:]]


async def test_a_long_event_keeps_its_beginning_and_its_end(server, loki):
    frames = [f"\tat com.example.deep.Class{n}.method(Class{n}.java:{n})" for n in range(500)]
    server.on(QUERY, streams(({"app": "api"}, rows("ERROR it broke", *frames, "Caused by: java.lang.Error: root"))))

    (event,) = await loki.lines("{}", WINDOW, 1000)

    assert len(event.message) == 4000
    assert event.message.startswith("ERROR it broke\n\tat ")
    assert event.message.endswith("Caused by: java.lang.Error: root")


async def test_only_the_newest_events_are_returned(server, loki):
    server.on(QUERY, streams(({"app": "api"}, rows("one", "two", "three"))))

    assert [event.message for event in await loki.lines("{}", WINDOW, 2)] == ["two", "three"]


async def test_an_answer_at_the_limit_says_since_when_it_is_whole_however_few_events_it_holds(server, loki):
    stacked = rows("java.io.IOException: one", "\tat a.B.c(B.java:1)", "java.io.IOException: two")
    server.on(QUERY, streams(({"app": "api"}, stacked)))

    cut, whole = await loki.read("{}", WINDOW, 3), await loki.read("{}", WINDOW, 4)

    assert [len(each.lines) for each in (cut, whole)] == [2, 2]
    assert (cut.cut_at, whole.cut_at) == (cut.lines[0].at, None)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service": "a", "service_name": "b", "app": "c", "job": "d"}, "a"),
        ({"service_name": "unknown_service", "app": "c", "job": "d"}, "c"),
        ({"job": "d", "container": "e"}, "d"),
        ({"container": "e"}, ""),
        ({"app": "x" * 999}, "x" * 200),
    ],
)
async def test_the_service_is_what_the_stream_is_called(server, loki, labels, service):
    assert (await one(server, loki, labels, "hello")).service == service


async def test_another_label_may_name_the_service(server, session):
    loki = Loki(JsonClient(session, server.url, source="loki"), "container")

    assert (await one(server, loki, {"container": "e", "service": "a"}, "hello")).service == "e"


@pytest.mark.parametrize(
    ("labels", "line", "level"),
    [
        ({"level": "WARNING"}, "ERROR x", "warn"),
        ({"level": "@everyone", "detected_level": "fatal"}, "x", "fatal"),
        ({"detected_level": "unknown"}, "2026-11-23T14:27:19.084Z ERROR 1 --- [api] x", "error"),
        # Loki guesses from the first word that looks like a level; the line knows better.
        ({"detected_level": "trace"}, "2026/11/25 10:00:00 [crit] 31#31: *7 no, trace=ab", "critical"),
        ({"detected_level": "trace"}, '1.2.3.4 - - [x] "GET / HTTP/1.1" 200 5 "-" "curl" trace=ab', ""),
        ({"detected_level": "error"}, '1.2.3.4 - - [x] "GET /error?level=fatal HTTP/1.1" 200 5 "-" "curl"', ""),
        ({"detected_level": "error"}, '{"status":"200","method":"GET","uri":"/error"}', ""),
        ({"detected_level": "error"}, '{"body":"what OpenTelemetry sent"}', "error"),
        ({}, "2026/11/25 10:00:00 [alert] 31#31: worker exited", "critical"),
        ({}, "nginx: [emerg] bind() to 0.0.0.0:80 failed", "critical"),
        ({"level": "emerg"}, "x", "critical"),
        # Spring Boot's structured formats.
        ({}, '{"@timestamp":"2026","log":{"level":"ERROR","logger":"a"},"message":"x"}', "error"),
        ({}, '{"@timestamp":"2026","log.level":"WARN","message":"ERROR"}', "warn"),
        ({}, '{"version":"1.1","level":3,"_level_name":"ERROR"}', "error"),
        ({}, "2026-11-23 14:27:19  WARN 1 --- [api] after an ERROR", "warn"),
        ({}, 'ts=1 level=info msg="an ERROR"', "info"),
        ({}, "2026/11/23 14:27:19 [crit] 7#7: *1 connect() failed", "critical"),
        ({}, '{"level":"ERROR","message":"x"}', "error"),
        ({}, '{"severity":"Warning"}', "warn"),
        ({}, '{"level":50,"message":"ERROR"}', ""),
        # pino counts in tens, whatever a label was made of it; GELF counts as syslog does.
        ({"level": "50"}, '{"level":50,"time":1795919958208,"pid":7,"hostname":"a","msg":"no"}', "error"),
        ({}, '{"level":60,"time":1795919958240,"pid":7,"hostname":"a","order":1}', "fatal"),
        ({"detected_level": "error"}, '{"level":30,"time":1795919958241,"msg":"no error"}', "info"),
        ({}, '{"level":45,"time":1795919958241,"msg":"a level of ones own"}', "warn"),
        ({}, '{"level":900,"time":1795919958241,"msg":"x"}', ""),
        ({}, '{"level":-1,"time":1795919958241,"msg":"x"}', ""),
        ({}, '{"version":"1.1","host":"a","short_message":"x","level":3}', "error"),
        ({}, '{"version":"1.1","host":"a","short_message":"x","level":9}', ""),
        # Monolog, slog, zap.
        ({}, '{"message":"x","context":{},"level":400,"level_name":"ERROR","channel":"app"}', "error"),
        ({}, '{"time":"2026-11-29T02:39:17Z","level":"ERROR+4","msg":"x"}', "error"),
        ({}, "time=2026-11-29T02:39:17.445Z level=WARN+1 msg=x", "warn"),
        ({}, '{"level":"dpanic","ts":1795919957.4,"msg":"x"}', "critical"),
        # They, and pino, write a field of one's own called level a second time.
        ({}, '{"time":"2026-11-29T02:39:17Z","level":"ERROR","msg":"x","level":"high"}', "error"),
        ({}, '{"level":50,"time":1795919958208,"pid":7,"hostname":"a","level":"info","msg":"x"}', "error"),
        # klog, as Kubernetes' own programs write, and Go's last words.
        ({"detected_level": "unknown"}, 'E1129 02:39:17.445320   13460 main.go:16] "no" err="x"', "error"),
        ({"detected_level": "error"}, "I1129 02:39:17.442604   13460 main.go:14] no error", "info"),
        ({}, "Every error is told", ""),
        ({}, "panic: runtime error: index out of range [3] with length 3", "fatal"),
        ({}, "fatal error: all goroutines are asleep - deadlock!", "fatal"),
        ({}, "2026-11-29 02:39:17 UTC [7] PANIC:  could not write", "fatal"),
        # Colours: tracing of Rust, winston.
        ({}, "\x1b[2m2026-11-29T02:40:19Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mshop\x1b[0m: no answer", "error"),
        ({}, "\x1b[33m WARN\x1b[0m after an ERROR", "warn"),
        ({}, '{"level":"\\u001b[31merror\\u001b[39m","message":"x"}', "error"),
        # Servers with a way of their own: Apache, Redis, MariaDB, NATS, PHP, ClickHouse, InfluxDB, MongoDB, etcd 3.4.
        ({}, "[Sun Nov 29 13:58:21.097161 2026] [proxy:error] [pid 7:tid 8] (111)Connection refused: AH00957", "error"),
        ({}, "[Sun Nov 29 13:58:19.573530 2026] [mpm_event:notice] [pid 7] AH00489: no error", "info"),
        ({}, "[Sun Nov 29 13:58:19.573530 2026] [core:trace3] [pid 7] x", "trace"),
        ({}, "18670:M 29 Nov 2026 13:58:42.635 # Can't save in background: fork", "warn"),
        ({"detected_level": "error"}, "18670:M 29 Nov 2026 13:58:42.635 * Ready to accept an error", "info"),
        ({}, "2026-11-29 13:58:45 0 [Note] InnoDB: 128 rollback segments are active", "info"),
        ({}, "[18808] 2026/11/29 13:58:49.237337 [ERR] Error trying to connect to route", "error"),
        ({}, "[18808] 2026/11/29 13:58:49.234600 [WRN] Cluster name was dynamically generated", "warn"),
        ({}, "PHP Fatal error:  Uncaught RuntimeException: no answer in /srv/a.php:5", "fatal"),
        ({}, '[29-Nov-2026 13:58:46 UTC] PHP Warning:  Undefined array key "x"', "warn"),
        ({}, '[29-Nov-2026 13:58:46] NOTICE: PHP message: PHP Parse error:  syntax error"', "error"),
        ({}, "[29-Nov-2026 13:58:46] NOTICE: fpm is running, pid 1", "info"),
        ({}, "2026.11.29 13:00:00.123456 [ 7 ] {} <Error> Application: INFO", "error"),
        ({}, 'ts=2026-11-29T14:07:09Z lvl=warn msg="an error"', "warn"),
        ({}, '{"t":{"$date":"2026-11-29"},"s":"E","c":"NETWORK","id":22943,"msg":"x"}', "error"),
        ({}, '{"t":{"$date":"2026-11-29"},"s":"D2","c":"NETWORK","id":22943,"msg":"x"}', "debug"),
        ({}, '{"s":"E"}', ""),
        ({}, "2026-11-29 13:58:55.405266 W | auth: simple token", "warn"),
        ({"detected_level": "error"}, "2026-11-29 14:07:06 UTC [7] LOG:  no error", "info"),
        # Loggers: structlog and loguru, zerolog's and zap's console, logrus, log15, Java's own, tslog, winston, glog, .NET.
        ({}, "2026-11-29 13:58:19 [error    ] failed                         code=5", "error"),
        ({}, '{"text":"x","record":{"level":{"name":"ERROR","no":40},"message":"x"}}', "error"),
        ({}, "\x1b[90m2:02PM\x1b[0m \x1b[31mERR\x1b[0m \x1b[1mno answer\x1b[0m", "error"),
        ({}, "2026-11-29T14:02:19Z WRN an ERROR", "warn"),
        ({}, "1.7959609393121145e+09\terror\tshop/main.go:22\tno answer", "error"),
        ({}, "\x1b[31mERRO\x1b[0m[0000] no answer", "error"),
        ({}, "t=2026-11-29T14:02:19Z lvl=eror msg=x", "error"),
        ({}, "SEVERE: Servlet.service() threw exception", "error"),
        ({}, "29-Nov-2026 14:03:08.905 SEVERE [main] org.apache.catalina.x no answer", "error"),
        ({}, "2026-11-29T14:03:30.050Z [api] error: no answer", "error"),
        ({}, "2026-11-29T14:03:30.050Z [WARN] error: no answer", "warn"),
        ({}, '{"@fields":{"level":"error"},"@message":"x"}', "error"),
        ({}, "E20261129 14:07:16.254220  2834 g.cc:2] e", "error"),
        ({}, "fail: Microsoft.AspNetCore.Server.Kestrel[13]", "error"),
        ({}, '{"EventId":13,"LogLevel":"Information","Category":"x","Message":"no error"}', "info"),
        ({}, '{"@t":"2026-11-29T14:07:16Z","@mt":"x","@l":"Warning"}', "warn"),
        ({}, "[14:07:16 FTL] no answer", "fatal"),
        ({}, "cannot open META-INF/services", ""),
        # Java's own logger and PostgreSQL on a machine that speaks Korean.
        ({}, "심각: 서블릿이 응답하지 않습니다", "error"),
        ({}, "29-11월-2026 14:05:22.534 경고 [main] org.apache.catalina.x no", "warn"),
        ({}, '2026-11-29 14:07:08.617 UTC [2791] 오류:  "nothing" 이름의 칼럼은 없습니다', "error"),
        ({}, '2026-11-29 14:07:08.910 UTC [2793] 치명적오류:  "nothere" 데이터베이스 없음', "fatal"),
        ({"detected_level": "error"}, "2026-11-29 14:07:12 UTC [7] 로그:  error", "info"),
        ({}, "회원 정보: kim", ""),
        ({}, '{"level":"ERROR"', ""),
        ({}, "[" * 5000, ""),
        ({}, f"{'x' * 300} ERROR", ""),
        ({}, "an information about errors", ""),
    ],
)
async def test_the_level_is_in_the_labels_or_at_the_beginning_of_the_line(server, loki, labels, line, level):
    assert (await one(server, loki, labels, line)).level == level


@pytest.mark.parametrize(
    ("labels", "line", "ids"),
    [
        ({"trace_id": TRACE, "span_id": SPAN}, "x", (TRACE, SPAN)),
        ({"traceID": TRACE.upper()}, "x", (TRACE, "")),
        ({}, f"INFO [api,{TRACE},{SPAN}] x", (TRACE, SPAN)),
        ({}, f"INFO [api,{TRACE},{SPAN},true] x", (TRACE, SPAN)),
        ({}, f"INFO 1 --- [api] [exec-1] [{TRACE}-{SPAN}] x", (TRACE, SPAN)),
        ({}, f"traceparent: 00-{TRACE}-{SPAN}-01", (TRACE, SPAN)),
        ({}, f"trace_id={TRACE} span_id={SPAN}", (TRACE, SPAN)),
        ({}, f'{{"traceId":"{TRACE}","spanId":"{SPAN}"}}', (TRACE, SPAN)),
        ({}, f'{{"trace":{{"id":"{TRACE}"}},"span":{{"id":"{SPAN}"}}}}', (TRACE, SPAN)),
        ({}, f'{{"version":"1.1","_traceId":"{TRACE}","_spanId":"{SPAN}"}}', (TRACE, SPAN)),
        # Half a trace id is a whole one with zeros before it, as Tempo shows it.
        ({}, f"INFO [api,{SPAN},{SPAN}] x", (SPAN.zfill(32), SPAN)),
        ({"trace_id": "0" * 32}, f"trace_id={'0' * 32}", ("", "")),
        ({"trace_id": "../../admin"}, f"trace_id={TRACE}ff", ("", "")),
        ({}, "1 --- [api] [exec-1] [] x", ("", "")),
    ],
)
async def test_trace_and_span_are_in_the_metadata_or_in_the_line(server, loki, labels, line, ids):
    event = await one(server, loki, labels, line)

    assert (event.trace_id, event.span_id) == ids


async def test_metadata_that_is_told_from_labels_is_read_as_well(server, loki):
    metadata = {"structuredMetadata": {"trace_id": TRACE}, "parsed": {"level": "error"}}
    body = streams(({"app": "api"}, []))
    body["data"]["result"][0]["values"] = [[str(START), "x", metadata]]
    server.on(QUERY, body)

    (event,) = await loki.lines("{}", WINDOW, 10)

    assert (event.trace_id, event.level, event.service) == (TRACE, "error", "api")


async def test_what_no_database_takes_is_not_in_a_line(server, loki):
    event = await one(server, loki, {"app": "a\0pi"}, "half \ud800 a \0 pair\r\n")

    assert (event.service, event.message) == ("api", "half ? a  pair")
    event.message.encode()


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("bad_logql_parse", "unexpected |=, expecting } or ,"),
        ("limit_too_large", "max entries limit per query exceeded"),
        ("range_too_long", "the query time range exceeds the limit"),
        ("too_many_series", "maximum"),
    ],
)
async def test_a_recorded_refusal_comes_in_lokis_plain_words(server, loki, recording, words):
    server.play(f"loki/{recording}", QUERY)

    with pytest.raises(QueryRejected) as caught:
        await loki.lines("{", WINDOW, 10)

    assert words in caught.value.detail
    assert caught.value.source == "loki"
    assert len(caught.value.detail) <= 300


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("query_timeout", "HTTP 504"),
        ("tenant_missing", "LOKI_TENANT"),
        ("query_range_matrix_errors_by_app", "not log lines"),
    ],
)
async def test_a_recorded_answer_without_lines_is_no_answer(server, loki, recording, words):
    server.play(f"loki/{recording}", QUERY)

    with pytest.raises(SourceUnavailable, match=words):
        await loki.lines("{}", WINDOW, 10)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, "not JSON"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": b"[" + b" " * 6_000_000 + b"]"}, "larger"),
        ({"body": {}, "hang": True}, "no answer within 20 s"),
        ({"body": {"status": "success"}}, "not log lines"),
    ],
)
async def test_a_loki_that_does_not_answer_is_unavailable(server, loki, answer, words):
    server.on(QUERY, **answer)

    with pytest.raises(SourceUnavailable, match=words):
        await loki.lines("{}", WINDOW, 10)

    assert [line for line, *_ in server.asked] == [QUERY]


@pytest.mark.parametrize(
    "value", [["soon", "x"], [str(START)], [str(START), 7], [-1, "x"], ["9" * 5000, "x"], "x", None]
)
async def test_a_line_of_another_shape_is_no_answer(server, loki, value):
    body = streams(({"app": "api"}, []))
    body["data"]["result"][0]["values"] = [value]
    server.on(QUERY, body)

    with pytest.raises(SourceUnavailable):
        await loki.lines("{}", WINDOW, 10)


LABELS = "GET /loki/api/v1/labels"


async def test_a_loki_is_reached_when_it_answers_what_is_asked(server, loki):
    server.play("loki/labels", LABELS)
    await loki.ping()
    server.play("loki/ready_not_ready_1", LABELS)

    with pytest.raises(SourceUnavailable):
        await loki.ping()


async def test_a_loki_that_is_ready_and_knows_no_such_tenant_is_not_reached(server, loki):
    server.play("loki/ready")
    server.play("loki/tenant_missing", LABELS)

    with pytest.raises(SourceUnavailable, match="LOKI_TENANT"):
        await loki.ping()


async def test_what_answers_in_another_shape_is_no_loki(server, loki):
    server.on(LABELS, ["app"])

    with pytest.raises(SourceUnavailable):
        await loki.ping()
