"""Which onsets are looked at, and how far what comes after one stands from what was before it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking.timeline import Clockface, level_step, share_step

FIRED = 1_790_000_000.0
# An older reference of ten minutes, and the minutes around the alert.
STRETCHES = ((FIRED - 4000, FIRED - 3400), (FIRED - 300, FIRED + 60))
CALLS = [*(FIRED - 4000 + 4 * n for n in range(150)), *(FIRED - 300 + 4 * n for n in range(90))]
BEGAN = FIRED - 120


def marked(each: int, since: float = BEGAN, usually: int = 0) -> list[float]:
    """Every `each`-th call since the onset, every `usually`-th before it."""
    return [at for n, at in enumerate(CALLS) if (at >= since and n % each == 0) or (usually and n % usually == 0)]


def timed(before: float, after: float, since: float = BEGAN) -> list[float]:
    return [(after if at >= since else before) * (1 + 0.05 * (n % 5)) for n, at in enumerate(CALLS)]


def clock(shift: float = 0.0) -> Clockface:
    return Clockface.of(FIRED + shift, [(low + shift, high + shift) for low, high in STRETCHES])


def test_no_onset_splits_a_reference_of_one_minute():
    minute = (FIRED - 600, FIRED - 540)
    clock = Clockface.of(FIRED, (minute, (FIRED - 180, FIRED + 120)))

    assert not any(minute[0] < onset < minute[1] - 5 for onset in clock.onsets)
    assert any(onset > FIRED - 180 for onset in clock.onsets)


def test_what_began_in_the_middle_of_the_reference_minute_is_no_step():
    # Half of that minute without it, half with it, and with it ever since as often: the mood of the minute, no onset.
    calls = [FIRED - 600 + 2 * n for n in range(30)] + [FIRED - 180 + 2 * n for n in range(150)]
    marked = [at for n, at in enumerate(calls) if at > FIRED - 571 and n % 2]
    step = share_step(Clockface.of(FIRED, ((FIRED - 600, FIRED - 541), (FIRED - 180, FIRED + 120))), calls, marked)

    assert step is None or step.onset > FIRED - 541


def test_where_little_was_recorded_it_is_looked_for_nevertheless():
    assert Clockface.of(FIRED, ((FIRED - 30, FIRED + 20),)).onsets


def test_onsets_are_looked_for_until_just_after_the_alert_and_recorded_on_both_sides():
    told = clock()

    assert max(told.onsets) == FIRED + 30
    assert min(told.onsets) <= FIRED - 840
    assert all(before >= 55 and after >= 15 for before, after in told.recorded)


def test_an_onset_that_is_known_to_be_earlier_widens_the_search():
    assert min(Clockface.of(FIRED, ((FIRED - 6000, FIRED),), FIRED - 1800).onsets) <= FIRED - 1800


@pytest.mark.parametrize(("each", "usually", "sign"), [(1, 4, 1), (2, 0, 1), (3, 1, 0), (2, 2, 0)])
def test_a_share_that_grew_is_positive_and_one_that_stayed_is_no_step(each, usually, sign):
    step = share_step(clock(), CALLS, marked(each, usually=usually))

    if sign:
        assert step is not None
        assert step.z > 5
        assert step.after > step.before
        assert step.onset == pytest.approx(BEGAN, abs=31)
    else:
        assert step is None or abs(step.z) < 3


def test_a_share_that_fell_is_negative():
    gone = [at for at in CALLS if at < BEGAN]
    step = share_step(clock(), CALLS, gone)

    assert step is not None
    assert (step.z < -5, step.before, step.after) == (True, 1.0, 0.0)


@given(st.integers(1, 6), st.integers(2, 4))
def test_more_of_it_after_the_onset_never_lowers_a_share_step(each, fewer):
    more, less = (share_step(clock(), CALLS, marked(every, usually=24)) for every in (each, each * fewer))

    assert more is not None
    assert more.z >= (less.z if less else 0)


@given(st.integers(-10_000_000, 10_000_000), st.integers(2, 6), st.floats(1, 30))
def test_another_day_is_the_same_step(shift, each, times):
    share, level = share_step(clock(), CALLS, marked(each)), level_step(clock(), CALLS, timed(20, 20 * times), 5, 0.6)
    calls = [at + shift for at in CALLS]
    later = share_step(clock(shift), calls, [at + shift for at in marked(each)])
    later_level = level_step(clock(shift), calls, timed(20, 20 * times), 5, 0.6)

    assert (later and (later.z, later.onset - shift)) == (share and (share.z, share.onset))
    assert (later_level and (later_level.z, later_level.onset - shift)) == (level and (level.z, level.onset))


@given(st.floats(2.5, 30), st.floats(1.05, 4))
def test_slower_after_the_onset_is_a_larger_step(times, more):
    some, slower = (level_step(clock(), CALLS, timed(20, 20 * each), 5, 0.6) for each in (times, times * more))

    assert some is not None
    assert slower is not None
    assert slower.z > some.z > 0.6
    assert some.onset == pytest.approx(BEGAN, abs=31)
    assert some.after > some.before


@given(st.floats(2.5, 30), st.integers(2, 1000))
def test_durations_and_their_floor_in_another_unit_are_the_same_step(times, unit):
    some = level_step(clock(), CALLS, timed(20, 20 * times), 5, 0.6)
    other = level_step(clock(), CALLS, timed(20 * unit, 20 * times * unit), 5 * unit, 0.6)

    assert some is not None
    assert other is not None
    assert other.z == pytest.approx(some.z)
    assert other.after == pytest.approx(unit * some.after)


@pytest.mark.parametrize("after", [1, 10, 20, 30])
def test_what_became_faster_or_hardly_slower_is_no_step(after):
    assert level_step(clock(), CALLS, timed(20, after), 5, 0.6) is None


def test_nobody_waits_for_a_millisecond():
    assert level_step(clock(), CALLS, timed(0.1, 1), 5, 0.6) is None


def test_what_was_slow_in_the_minutes_before_already_began_before_them():
    step = level_step(clock(), CALLS, timed(20, 200), 5, 0.6)
    late = level_step(clock(), CALLS, timed(20, 200, since=FIRED - 3000), 5, 0.6)

    assert step is not None
    assert step.z == pytest.approx(math.log(200 * 1.1 + 5) - math.log(20 * 1.1 + 5), rel=0.15)
    assert late is not None
    assert late.onset < STRETCHES[1][0]


def test_one_slow_call_among_many_is_no_step():
    lone = timed(20, 20)
    lone[-5] = 2000.0

    assert level_step(clock(), CALLS, lone, 5, 0.6) is None
