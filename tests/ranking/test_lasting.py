"""How far a series stays from where it stays usually: rows of samples, beside all rows of before."""

from random import Random

from bot.ranking.lasting import Rows

FLOOR = 1.0


def wandering(count: int, size: float = 0.1) -> list[float]:
    dice = Random(5)
    return [100.0 * (1 + dice.uniform(-size, size)) for _ in range(count)]


def far(usual: list[float], window: list[float]) -> float:
    values = [*usual, *window]
    return Rows(values, len(usual), sorted(usual), FLOOR).far(len(usual), len(values))


def test_one_sample_that_strays_is_nothing_and_two_in_a_row_are():
    usual = wandering(60)

    assert far(usual, [100, 100, 4000, 100, 100, 100]) < 2
    assert far(usual, [100, 100, 4000, 4000, 100, 100]) > 20


def test_a_single_sample_counts_only_with_the_one_before_it():
    assert far(wandering(60), [4000]) < 2


def test_what_stays_a_little_worse_stands_out_though_none_of_its_samples_does():
    usual = wandering(60, 0.3)

    assert far(usual, [129.0] * 8) > far(usual, [129.0, 100, 100, 129.0, 100, 100, 100, 100]) + 1


def test_what_stayed_as_bad_before_stands_out_less():
    usual = wandering(60)
    once = [*usual[:30], *[400.0] * 6, *usual[30:]]

    assert far(once, [400.0] * 6) < 0.5 * far(usual, [400.0] * 6)


def test_strays_that_are_common_fall_together_by_chance():
    usual = wandering(60)
    often = [value if at % 4 else 900.0 for at, value in enumerate(usual)]

    assert far(often, [100, 900.0, 900.0, 100, 100, 100]) < 0.3 * far(usual, [100, 900.0, 900.0, 100, 100, 100])


def test_too_few_samples_are_no_reference():
    assert far([100.0] * 5, [900.0] * 4) == 0.0


def test_a_row_of_the_reference_itself_is_not_its_own_excuse():
    values = [*wandering(30), *[400.0] * 6, *wandering(30)]
    rows = Rows(values, len(values), sorted(values), FLOOR)

    assert rows.far(30, 36, inside=True) > rows.far(30, 36)
