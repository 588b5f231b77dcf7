"""What has been getting worse all the time, and what only looks like that by chance."""

from random import Random

from bot.ranking.ramps import ramp_of


def test_a_series_that_grows_all_the_time_is_a_ramp_and_one_that_is_rough_is_none():
    dice = Random(3)
    grows = [100.0 * 3 ** (at / 40) for at in range(40)]
    rough = [100.0 * (1 + 0.004 * at) * 4 ** dice.uniform(-1, 1) for at in range(40)]

    assert ramp_of(grows, 1, 1.0) > 0.6
    assert ramp_of(rough, 1, 1.0) < 0.1
