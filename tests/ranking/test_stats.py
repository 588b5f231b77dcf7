"""The statistics that every channel rests on: what moves them, what does not, and the values that a table gives."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking.stats import median, quantile, rates_differ, shares_differ, spread, squash

VALUES = st.lists(st.integers(-10_000, 10_000).map(float), min_size=1, max_size=40)
COUNTS = st.integers(0, 200)


def test_quantiles_lie_between_neighbours_by_proportion():
    assert [quantile([0.0, 10.0, 20.0], share) for share in (0, 0.25, 0.5, 0.9, 1)] == [0.0, 5.0, 10.0, 18.0, 20.0]


@given(VALUES, st.randoms())
def test_the_order_of_values_means_nothing(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)

    assert (median(shuffled), spread(shuffled)) == (median(values), spread(values))


@given(VALUES, st.integers(1, 1000), st.integers(-1000, 1000))
def test_spread_follows_the_unit_and_no_shift(values, unit, shift):
    middle, wide = spread(values)

    assert spread([unit * value + shift for value in values]) == pytest.approx((unit * middle + shift, unit * wide))


def test_the_spread_of_a_normal_distribution_is_its_standard_deviation():
    normal = [NormalDist(5, 3).inv_cdf((at + 0.5) / 999) for at in range(999)]

    assert spread(normal) == pytest.approx((5, 3), rel=0.01)


@pytest.mark.parametrize(("values", "wide"), [([0, 0, 0, 0, 4, 4, 4], 4 / 1.349), ([-9, -1, -1, 0, 1, 1, 9], 1.4826)])
def test_the_wider_of_both_measures_of_spread_counts(values, wide):
    assert spread([float(value) for value in values])[1] == pytest.approx(wide)


@given(st.lists(st.integers(90, 110).map(float), min_size=20, max_size=40))
def test_one_wild_value_in_ten_leaves_the_spread_as_it_is(values):
    wild = [*values, *([1e9] * (len(values) // 10))]

    assert spread(wild)[1] < 40


@given(st.floats(-5, 100), st.floats(0.01, 5), st.floats(0.1, 10))
def test_squash_keeps_the_order_between_nothing_and_one(value, more, half):
    assert 0 <= squash(value, half) <= squash(value + more, half) < 1
    assert squash(half, half) == 0.5
    assert squash(-more, half) == 0


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_of_two_shares_it_does_not_matter_which_side_is_counted(before, rest_before, after, rest_after):
    told = shares_differ(before, before + rest_before, after, after + rest_after)

    assert shares_differ(rest_before, before + rest_before, rest_after, after + rest_after) == pytest.approx(-told)
    assert shares_differ(after, after + rest_after, before, before + rest_before) == pytest.approx(-told)


@given(COUNTS, st.integers(1, 200), COUNTS, st.integers(1, 200))
def test_one_more_after_never_lowers_a_share(before, rest_before, after, rest_after):
    of_before, of_after = before + rest_before, after + rest_after

    assert shares_differ(before, of_before, after + 1, of_after) > shares_differ(before, of_before, after, of_after)


@given(st.integers(1, 9), st.integers(2, 6))
def test_the_same_shares_of_more_calls_differ_more(tenths, times):
    told = shares_differ(tenths, 10, tenths + 1, 10)

    assert 0 < told < shares_differ(times * tenths, times * 10, times * (tenths + 1), times * 10)


def test_a_share_differs_by_the_standard_deviations_of_the_table():
    # Two proportions, 10 of 100 and 30 of 100, pooled: z = 3.54; half a count in each cell lowers it a little.
    assert shares_differ(10, 100, 30, 100) == pytest.approx(3.54, abs=0.1)


@given(COUNTS, COUNTS, st.integers(10, 4000), st.integers(10, 4000))
def test_more_after_is_more_and_more_before_is_less(before, after, seconds_before, seconds_after):
    told = rates_differ(before, seconds_before, after, seconds_after)

    assert rates_differ(before, seconds_before, after + 1, seconds_after) > told
    assert rates_differ(before + 1, seconds_before, after, seconds_after) <= max(told, 0)


@given(COUNTS, COUNTS, st.integers(10, 4000), st.integers(10, 4000), st.integers(2, 60))
def test_seconds_or_minutes_are_the_same_rate(before, after, seconds_before, seconds_after, unit):
    told = rates_differ(before, seconds_before, after, seconds_after)

    assert rates_differ(before, unit * seconds_before, after, unit * seconds_after) == pytest.approx(told)


@given(st.integers(0, 500), st.integers(60, 4000), st.integers(1, 4))
def test_a_rate_that_goes_on_is_no_news(count, seconds, times):
    assert abs(rates_differ(times * count, times * seconds, count, seconds)) < 1


def test_bursts_are_expected_and_a_burst_beyond_them_is_not():
    # Poisson alone would see 4.2 standard deviations in 130 of 90; of real events that is a burst.
    assert rates_differ(900, 3600, 130, 360) < 3.5 < rates_differ(900, 3600, 250, 360)
    # A baseline as short as what it is compared with is itself uncertain.
    assert rates_differ(9, 360, 40, 360) < rates_differ(90, 3600, 40, 360)


@pytest.mark.parametrize("seconds", [(0.0, 60.0), (60.0, 0.0)])
def test_where_nothing_was_recorded_nothing_differs(seconds):
    assert rates_differ(3, seconds[0], 300, seconds[1]) == 0
