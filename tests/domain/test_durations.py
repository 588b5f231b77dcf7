"""Lengths of time as people type them at three in the morning, in English and in Korean."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.durations import Length, brief, parse_duration, parse_span
from bot.errors import InvalidDuration
from bot.i18n import LANGUAGES, text

SEOUL = ZoneInfo("Asia/Seoul")

# Tuesday, 14:00 in Seoul.
NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def parse(typed: str, *, now: datetime = NOW, zone: ZoneInfo = SEOUL) -> Length:
    return parse_duration(typed, now=now, zone=zone, least=timedelta(minutes=5), most=timedelta(days=14))


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90m", 90),
        ("2h30m", 150),
        ("2h 30m", 150),
        (" 2H ", 120),
        ("1d", 1440),
        ("1w", 10_080),
        ("1 hour", 60),
        ("for 2 hours", 120),
        ("45 minutes", 45),
        ("30분", 30),
        ("2시간", 120),
        ("1시간 30분", 90),
        ("1시간30분", 90),
        ("2시간 동안", 120),
        ("1시간 반", 90),
        ("한 시간", 60),
        ("두시간", 120),
        ("하루", 1440),
        ("1일", 1440),
        ("이틀", 2880),
        ("일주일", 10_080),
        ("2주", 20_160),
        ("９０ｍ", 90),
        ("1.5h", 90),
        ("0.5 h", 30),
        ("1,5h", 90),
        ("1.5시간", 90),
        ("1h30", 90),
        ("2h5", 125),
        ("1d12", 2160),
        ("1시간 30", 90),
        ("half an hour", 30),
        ("an hour", 60),
        ("1 hour and 30 minutes", 90),
        ("2 and a half hours", 150),
        ("반시간", 30),
    ],
)
def test_a_length_is_read_as_it_is_said(typed, minutes):
    read = parse(typed)

    assert read == Length(NOW + timedelta(minutes=minutes), fixed=False, lasts=timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("typed", "day", "hour", "minute"),
    [
        ("until 18:00", 24, 18, 0),
        ("18:00", 24, 18, 0),
        ("until 6pm", 24, 18, 0),
        ("until 6:30 pm", 24, 18, 30),
        ("until 12am", 25, 0, 0),
        ("until 09:00", 25, 9, 0),
        ("until 14:00", 25, 14, 0),
        ("until 24:00", 25, 0, 0),
        ("until tomorrow 09:00", 25, 9, 0),
        ("until today 18:00", 24, 18, 0),
        ("until 2026-11-25 09:00", 25, 9, 0),
        ("2026-11-25T09:00", 25, 9, 0),
        ("18:00까지", 24, 18, 0),
        ("18시까지", 24, 18, 0),
        ("18시 30분까지", 24, 18, 30),
        ("오후 6시까지", 24, 18, 0),
        ("오후 18시까지", 24, 18, 0),
        ("오전 9시까지", 25, 9, 0),
        ("내일 09:00까지", 25, 9, 0),
        ("내일 오전 9시 30분까지", 25, 9, 30),
        ("오늘 18:00까지", 24, 18, 0),
        ("until noon", 25, 12, 0),
        ("until midnight", 25, 0, 0),
        ("until tomorrow noon", 25, 12, 0),
        ("tomorrow 9", 25, 9, 0),
        ("until 9am tomorrow", 25, 9, 0),
        ("until 18", 24, 18, 0),
        ("till 18:00", 24, 18, 0),
        ("until monday 9:00", 30, 9, 0),
        ("until mon 9", 30, 9, 0),
        ("monday 9am", 30, 9, 0),
        ("until monday at 9:00", 30, 9, 0),
        ("until 9:00 on monday", 30, 9, 0),
        ("until next monday 9:00", 30, 9, 0),
        ("until tuesday 18:00", 24, 18, 0),
        ("until tue 9:00", 1, 9, 0),
        ("정오까지", 25, 12, 0),
        ("자정까지", 25, 0, 0),
        ("내일 정오까지", 25, 12, 0),
        ("내일 9시", 25, 9, 0),
        ("내일 아침 9시까지", 25, 9, 0),
        ("오늘 저녁 6시 반까지", 24, 18, 30),
        ("밤 11시까지", 24, 23, 0),
        ("밤 12시까지", 25, 0, 0),
        ("새벽 3시까지", 25, 3, 0),
        ("모레 9시까지", 26, 9, 0),
        ("월요일 9시까지", 30, 9, 0),
        ("월요일 오전 9시까지", 30, 9, 0),
        ("다음 주 월요일 9시까지", 30, 9, 0),
        ("이번 주 금요일 18:00까지", 27, 18, 0),
        ("11월 25일 9시까지", 25, 9, 0),
    ],
)
def test_a_moment_is_meant_in_the_team_s_time_zone_and_in_the_future(typed, day, hour, minute):
    read = parse(typed)

    # The first is that of December.
    assert read.ends_at == datetime(2026, 11 if day > 1 else 12, day, hour, minute, tzinfo=SEOUL)
    assert read.fixed
    assert read.lasts == read.ends_at - NOW


def test_korean_typed_letter_by_letter_is_the_same():
    assert parse(unicodedata.normalize("NFD", "1시간 30분")).lasts == timedelta(minutes=90)


def test_a_night_on_which_the_clock_is_put_back_is_an_hour_longer():
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 10, 24, 18, 0, tzinfo=berlin).astimezone(UTC)

    read = parse("until 06:00", now=evening, zone=berlin)

    assert read.lasts == timedelta(hours=13)


@pytest.mark.parametrize("typed", ["45", " 45 ", "４５"])
def test_a_bare_number_is_refused_with_what_it_may_mean(typed):
    with pytest.raises(InvalidDuration) as refused:
        parse(typed)

    assert "45m" in text("en", refused.value.key, **refused.value.values)
    assert "45m" in text("ko", refused.value.key, **refused.value.values)


@pytest.mark.parametrize("typed", ["4m", "15d", "until 14:03", "until 2026-12-24 09:00", "99999w"])
def test_what_is_too_short_or_too_long_is_refused_with_the_bounds(typed):
    with pytest.raises(InvalidDuration) as refused:
        parse(typed)

    assert refused.value.values == {"least": "5m", "most": "14d"}


@pytest.mark.parametrize("typed", ["until today 09:00", "2026-11-23 09:00", "오늘 오전 9시까지"])
def test_a_moment_that_is_over_is_called_so(typed):
    with pytest.raises(InvalidDuration, match="duration_past"):
        parse(typed)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "soon", "m", "1x", "-5m", "0m", "1.5", "h2", "30m15", "2h300", "until", "until monday", "until noon noon", "noonday", "until 25:00", "until 24:30", "18:60",
     "until 2026-02-30 09:00", "2월 30일 9시", "until monday 25:00", "까지", "내일", "2h until 18:00", "1h;drop", "٥x"],
)  # fmt: skip
def test_what_nobody_can_read_is_refused_with_examples(typed):
    with pytest.raises(InvalidDuration) as refused:
        parse(typed)

    for language in LANGUAGES:
        assert "45m" in text(language, refused.value.key, **refused.value.values)


@given(st.text(max_size=60) | st.from_regex(r"(until )?[0-9]{1,5}[:dhm시분일 ]{0,3}[0-9]{0,5}[hm분까지 ]{0,3}"))
def test_whatever_is_typed_is_read_or_refused(typed):
    with suppress(InvalidDuration):
        assert timedelta(minutes=5) <= parse(typed).lasts <= timedelta(days=14)


@given(st.integers(min_value=5, max_value=14 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_what_we_write_we_read_again(length):
    assert parse(brief(length)).lasts == length


@given(st.integers(min_value=5, max_value=14 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_a_moment_written_out_is_read_again(length):
    moment = (NOW + length).astimezone(SEOUL)

    assert parse(f"until {moment:%Y-%m-%d %H:%M}").ends_at == moment


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(seconds=30), "30s"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(days=14), "14d"),
        (timedelta(hours=1, seconds=20), "1h"),
    ],
)
def test_a_length_is_written_as_it_could_be_typed(length, written):
    assert brief(length) == written


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("now", "2h", (0, 2)),
        ("지금", "2시간", (0, 2)),
        ("3h", "2h", (3, 5)),
        ("22:00", "2h", (19, 21)),
        ("tomorrow 02:00", "04:00", (23, 25)),
        ("내일 2시", "내일 4시", (23, 25)),
    ],
)
def test_a_span_is_read_from_its_beginning(begins, ends, expected):
    now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

    start, end = parse_span(begins, ends, now=now, zone=UTC, most=timedelta(days=30))

    assert ((start - now) / timedelta(hours=1), (end - now) / timedelta(hours=1)) == expected
