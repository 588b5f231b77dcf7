"""Which onsets are looked at: a reference that is cut short makes anything look new."""

from bot.ranking.timeline import Clockface, share_step

FIRED = 1_790_000_000.0


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
