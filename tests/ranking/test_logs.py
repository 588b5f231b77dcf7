"""Lines into hits: what is new, what grew, what is missing, given what the service was doing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.telemetry import LogLine, Span
from bot.ranking.logs import log_hits
from bot.ranking.templates import root_of, shown, template

FIRED = 1_790_000_000.0
ONSET = FIRED - 120
STRETCHES = ((FIRED - 900, FIRED + 60),)


def lines(message: str, start: float, end: float, every: float, level: str = "info", service: str = "shop"):
    return [LogLine(start + every * n, service, message.format(n=n), level) for n in range(int((end - start) / every))]


def calls(begin: float, end: float, every: float = 2.0) -> list[Span]:
    starts = [begin + every * n for n in range(int((end - begin) / every))]
    return [Span(f"t{at}", f"s{at}", "", "shop", "GET /", at, 20.0) for at in starts]


def within(spans: list[Span], message: str, level: str = "info") -> list[LogLine]:
    return [LogLine(each.start, each.service, message, level, each.trace_id, each.span_id) for each in spans]


USUAL = lines("GET /orders {n}", FIRED - 900, FIRED + 60, 2)


def hits(*told: list[LogLine], spans: list[Span] | None = None, **more):
    return log_hits([line for each in told for line in each], spans or [], FIRED, STRETCHES, **more)


def strongest(*told: list[LogLine], spans: list[Span] | None = None) -> float:
    return max((hit.strength for hit in hits(*told, spans=spans)), default=0.0)


def test_an_error_that_was_never_said_before_is_new():
    (hit,) = hits(USUAL, lines("order {n} failed", ONSET, FIRED + 60, 3, "error"))

    assert (hit.blames, hit.key, hit.mechanism) == ("shop", "log-new", "code")
    assert hit.at == pytest.approx(ONSET, abs=31)
    assert (hit.values["template"], hit.values["count"]) == ("order # failed", "60")


def test_of_a_stack_trace_the_cause_is_told_without_secrets():
    said = (
        "could not list orders\n"
        "org.springframework.dao.DataAccessException: no connection\n"
        "\tat a.b.C.d(C.java:1)\n"
        "Caused by: java.sql.SQLTransientConnectionException: pool api timed out, password=hunter2\n"
        "\t... 64 common frames omitted"
    )

    (hit,) = hits(
        USUAL, lines(said, ONSET, FIRED + 60, 3, "error"), hide=lambda text: text.replace("hunter2", "<secret>")
    )

    assert hit.values["template"] == "could not list orders"
    assert hit.values["root"] == "SQLTransientConnectionException: pool api timed out, password=<secret>"


@pytest.mark.parametrize(
    ("message", "root"),
    [
        ("a\njava.lang.NullPointerException: b is null\n\tat c.D", "NullPointerException: b is null"),
        ("a\nx.Outer: b\nCaused by: y.MiddleException: c\nCaused by: z.LastError: d\n\tat e", "LastError: d"),
        (
            "a\nTraceback (most recent call last):\nKeyError: 'b'\n\nTraceback (most recent call last):\nValueError: c",
            "ValueError: c",
        ),
        ("a\nfetch failed\n    at Socket (net.js:1)", ""),
        (f"a\nx.LongException: {'word ' * 40}", f"LongException: {'word ' * 14}word…"),
    ],
)
def test_the_cause_of_a_stack_trace_is_found(message, root):
    assert root_of(message) == root


def test_a_service_that_began_to_log_just_before_has_new_lines_too():
    usual = lines("GET /orders {n}", FIRED - 27, FIRED + 7, 0.5)
    failing = lines("order {n} failed", FIRED - 2, FIRED + 7, 0.1, "error")

    found = log_hits([*usual, *failing], [], FIRED, ((FIRED - 27, FIRED + 7),))

    assert [hit.key for hit in found] == ["log-new"]


def test_an_error_that_is_said_more_often_grew_and_one_that_stops_is_no_trouble():
    some = lines("order {n} failed", FIRED - 900, ONSET, 30, "error")

    (grown,) = hits(USUAL, some, lines("order {n} failed", ONSET, FIRED + 60, 2, "error"))

    assert grown.key == "log-grown"
    assert float(grown.values["after"]) > 5 * float(grown.values["before"])
    assert hits(USUAL, lines("order {n} failed", FIRED - 900, ONSET, 2, "error")) == []


def test_a_plain_line_that_is_missing_is_told_and_less_sure_than_an_error():
    (fell,) = hits(USUAL, lines("paid", FIRED - 900, ONSET, 1))
    (error,) = hits(USUAL, lines("failed", ONSET, FIRED + 60, 1, "error"))

    assert (fell.key, fell.mechanism) == ("log-fell", "errors")
    assert 0 < fell.strength < 0.5 * error.strength


@pytest.mark.parametrize("times", [1, 2, 5])
def test_what_goes_on_as_before_says_nothing(times):
    assert hits(*[USUAL] * times) == []


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(-1_000_000, 1_000_000))
def test_neither_the_order_of_lines_nor_the_day_means_anything(random, shift):
    told = [*USUAL, *lines("order {n} failed", ONSET, FIRED + 60, 3, "error")]
    moved = [replace(line, at=line.at + shift) for line in told]
    random.shuffle(moved)

    found = log_hits(moved, [], FIRED + shift, [(low + shift, high + shift) for low, high in STRETCHES])

    assert [replace(hit, at=hit.at - shift) for hit in found] == hits(told)


@settings(max_examples=25)
@given(st.text("abcdefghij-", min_size=3, max_size=12))
def test_another_name_of_the_service_changes_only_the_name(name):
    told = [*USUAL, *lines("order {n} failed", ONSET, FIRED + 60, 3, "error")]
    renamed = [replace(line, service=name) for line in told]

    assert [(hit.blames, hit.strength) for hit in hits(renamed)] == [(name, hit.strength) for hit in hits(told)]


@given(st.integers(0, 40), st.integers(1, 40))
def test_one_more_error_never_lowers_it(count, more):
    def errors(many: int) -> list[LogLine]:
        return [LogLine(ONSET + 4.0 * n, "shop", "order failed", "error") for n in range(many)]

    assert strongest(USUAL, errors(count)) <= strongest(USUAL, errors(count + more))


@given(st.integers(2, 6))
def test_traffic_that_grows_moves_no_share_of_it(times):
    before, after = calls(FIRED - 900, ONSET, 4.0), calls(ONSET, FIRED + 60, 4.0 / times)
    spans = [*before, *after]

    assert hits(within(spans, "cache miss"), within(spans[::5], "slow query", "error"), spans=spans) == []


def test_a_line_is_judged_by_the_calls_in_which_it_occurs():
    before, after = calls(FIRED - 900, ONSET), calls(ONSET, FIRED + 60)

    (grown,) = hits(within(before[::10], "retry", "error"), within(after[::2], "retry", "error"), spans=before + after)
    (missing,) = hits(within(before, "receipt sent"), spans=before + after)

    assert (grown.key, grown.mechanism, grown.values["operation"]) == ("log-given", "code", "GET /")
    assert (missing.key, missing.mechanism) == ("log-missing", "errors")
    assert (missing.values["before"], missing.values["after"]) == ("100", "0")
    assert hits(within(before, "retry", "error"), spans=before + after) == []


@given(st.integers(1, 6), st.integers(2, 4))
def test_the_more_calls_it_is_said_in_the_stronger(each, fewer):
    before, after = calls(FIRED - 900, ONSET), calls(ONSET, FIRED + 60)

    def told(every: int) -> float:
        return strongest(
            within(before[::25], "retry", "error"), within(after[::every], "retry", "error"), spans=before + after
        )

    assert told(each * fewer) <= told(each)


def test_a_share_that_moves_a_little_is_another_mix_of_requests_unless_it_is_an_error():
    before, after = calls(FIRED - 900, ONSET, 0.5), calls(ONSET, FIRED + 60, 0.5)

    def said(level: str):
        return hits(within(before[::10], "retry", level), within(after[::4], "retry", level), spans=before + after)

    assert said("info") == []
    assert [hit.key for hit in said("error")] == ["log-given"]


@pytest.mark.parametrize(
    ("message", "mechanism"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "memory"),
        ("write failed: no space left on device", "disk"),
        ("HikariPool-1 - Connection is not available", "pool"),
        ("read timed out", "dependency"),
        ("cannot read property", "code"),
    ],
)
def test_words_of_libraries_name_the_mechanism(message, mechanism):
    (hit,) = hits(USUAL, lines(message, ONSET, FIRED + 60, 3, "error"))

    assert hit.mechanism == mechanism


def test_who_complains_of_another_speaks_against_that_one_as_well():
    failed = lines("stock answered 503 to order {n}", ONSET, FIRED + 60, 3, "error")
    names = ("shop", "stock", "sto", "mail")

    own, other = hits(USUAL, failed, names=names)

    assert (own.blames, own.mechanism) == ("shop", "dependency")
    assert (other.blames, other.key, other.values["speaker"]) == ("stock", "log-names", "shop")
    assert {hit.blames for hit in hits(USUAL, failed)} == {"shop"}
    assert {hit.blames for hit in hits(USUAL, lines("stock: bad id {n}", ONSET, FIRED, 2, "error"), names=names)} == {
        "shop"
    }


def test_a_secret_is_hidden_before_its_line_is_masked_and_cut():
    leak = lines("login failed for hunter2 of shop", ONSET, FIRED + 60, 3, "error")

    (hit,) = hits(USUAL, leak, hide=lambda text: text.replace("hunter2", "[hidden]"))

    assert hit.values["template"] == "login failed for [hidden] of shop"


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("order 17 took 3.2ms", "order # took #ms"),
        ('user "kim" id=7f3a', "user # id=*"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301 gone", "# gone"),
        ("cause: java.net.SocketTimeoutException", "cause: java.net.SocketTimeoutException"),
        ("2026-11-25 10:00:00 ERROR 7 --- [exec-1] c.d.Pool : no connection", "no connection"),
        ("first line\n\tat somewhere", "first line"),
        (f"{'word ' * 40}", f"{'word ' * 18}".strip() + "…"),
    ],
)
def test_what_varies_is_masked(message, shape):
    assert template(message) == shape


@settings(max_examples=30)
@given(st.text(max_size=400))
def test_a_template_is_short_and_one_line(message):
    assert len(template(message)) <= 91
    assert "\n" not in template(message)


def test_without_lines_nothing_is_said():
    assert hits([]) == []


def test_of_a_service_too_loud_to_be_read_completely_an_old_error_is_not_new():
    told = lines("order {n} failed", FIRED - 900, FIRED + 60, 0.1, "error")
    read = [line for line in told if -310 <= line.at - FIRED <= -300 or line.at >= FIRED - 5]
    parts = ((FIRED - 310, FIRED - 300), (FIRED - 5, FIRED + 60))

    assert hits(read)
    assert not hits(read, cut={"shop": parts})
    assert hits(read, lines("pay failed", ONSET, FIRED + 60, 3, "error", "pay"), cut={"shop": parts})


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (["dial tcp: lookup pay: no such host (7)", "dial tcp: lookup pay: no such host (8)"], "dial tcp: lookup pay: no such host (#)"),
        (["panic: runtime error: invalid memory address"], "panic: runtime error: invalid memory address"),
        (["user: alice logged in", "user: bob logged in"], "user: * logged in"),
        (["login failed, user: alice"], "login failed, user: *"),
        (["state=ready for all", "status: PENDING"], "state=* for all"),
        (["code: x9k2 is unknown"], "code: * is unknown"),
    ],
)  # fmt: skip
def test_a_sentence_keeps_its_words_where_all_lines_have_the_same(told, read):
    assert shown(told) == read


def test_what_was_hidden_is_not_shown_by_its_place():
    assert shown(["db: swordfish opens it"], lambda text: text.replace("swordfish", "<secret>")) == "db: * opens it"
    assert shown(["a: b c, d: e f"], lambda text: text.replace(", d: e f", "")) == "a: * c"


def test_lines_are_counted_by_what_they_share_and_shown_with_their_words():
    told = lines("dial tcp: lookup pay: no such host ({n})", ONSET, FIRED + 60, 3, "error")

    (hit,) = hits(USUAL, told)

    assert (hit.values["template"], hit.values["count"]) == ("dial tcp: lookup pay: no such host (#)", "60")
