"""How far series left their normal: short recordings, services that are gone, what is shown of them."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.telemetry import Gap, MetricKind, Observations, Series
from bot.ranking.metrics import Deviation, deviations
from bot.ranking.rank import rank
from bot.ranking.reference import Reference

FIRED = 1_790_000_000.0
STEP = 15.0


def up(service: str, *, begins: float, ends: float = 60.0, down: float = 1e9, name: str = "up") -> Series:
    """Whether a service is there, from so many seconds before the alert; `ends` and `down` are seconds after it."""
    steps = range(int(begins // STEP), -1 - int(ends // STEP), -1)
    points = tuple((FIRED - STEP * at, 0.0 if -STEP * at >= down else 1.0) for at in steps)
    return Series(service, name, MetricKind.AVAILABILITY, points)


def seen(*found: Series) -> Observations:
    return Observations("chat", MetricKind.OTHER, FIRED, series=found, edges=(("web", "chat"), ("web", "shop")))


@pytest.mark.parametrize("begins", [120.0, 240.0, 600.0, 3600.0])
def test_however_little_was_recorded_who_is_down_is_named(begins):
    ranking = rank(seen(up("chat", begins=begins, down=-30), up("shop", begins=begins), up("web", begins=begins)))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("chat", "unavailable")
    assert ranking.onset_at == pytest.approx(FIRED - 30, abs=STEP)
    assert (ranking.findings[0].values["before"], ranking.findings[0].values["after"]) == ("1", "0")


@pytest.mark.parametrize("begins", [240.0, 3600.0])
def test_who_is_told_of_no_more_is_gone(begins):
    ranking = rank(seen(up("chat", begins=begins, ends=-60), up("shop", begins=begins), up("web", begins=begins)))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("chat", "unavailable")


@pytest.mark.parametrize(
    "found",
    [
        (up("chat", begins=3600, ends=-60, name="up a"), up("chat", begins=120, name="up b"), up("web", begins=3600)),
        (up("chat", begins=3600, ends=-60), up("web", begins=3600, ends=-60)),
        (up("chat", begins=3600, ends=45), up("web", begins=3600)),
        (
            replace(up("chat", begins=3600, ends=-60), points=up("chat", begins=3600, ends=-60).points[::3]),
            up("web", begins=3600),
        ),
    ],
    ids=["one instance for another", "of nobody", "a scrape later", "where nobody asks"],
)
def test_what_ends_for_another_reason_is_not_gone(found):
    assert rank(seen(*found)).abstained


def test_without_anything_recorded_before_the_alert_nothing_is_said():
    found = deviations(seen(up("chat", begins=0), up("web", begins=0))).found

    assert found == {}


def latency(service: str, *, spikes: tuple[int, ...] = ()) -> Series:
    """Two hours by the minute, ten times as slow in the last four minutes and in those that begin at `spikes` (minutes before)."""
    slow = {minute - at for minute in (3, *spikes) for at in range(4)}
    points = tuple((FIRED - 60 * at, (1.0 if at in slow else 0.1) * (1 + 0.02 * (at % 5))) for at in range(120, -1, -1))
    return Series(service, "p99", MetricKind.LATENCY, points, "s")


def test_what_stood_out_before_without_an_alert_is_less_of_a_reason():
    def told(*spikes: int) -> Observations:
        return Observations("web", MetricKind.LATENCY, FIRED, series=(latency("web", spikes=spikes),))

    once, often = rank(told()), rank(told(117, 98, 80, 62, 44, 26))

    assert once.suspects[0].score > often.suspects[0].score


def test_earlier_times_lie_in_the_reference_and_are_looked_at_only_without_spans():
    looked = deviations(Observations("web", MetricKind.LATENCY, FIRED, series=(latency("chat"), latency("web"))))

    assert 3 <= len(looked.earlier) <= 12
    assert all(left.onset < looked.moment.until for found in looked.earlier for own in found.values() for left in own)


def test_a_source_that_did_not_answer_lowers_how_sure_it_is():
    told = Observations("web", MetricKind.LATENCY, FIRED, series=(latency("chat"), latency("web")))
    deaf = replace(told, gaps=(Gap("loki", "timeout"), Gap("tempo", "not_configured")))

    assert rank(deaf).suspects[0].score == pytest.approx(0.9 * rank(told).suspects[0].score, abs=1e-3)


NOISE = st.lists(st.integers(80, 120), min_size=121, max_size=121)


def recorded(
    noise: list[int],
    times: float,
    *,
    kind: MetricKind = MetricKind.LATENCY,
    unit: str = "s",
    name: str = "p99",
    usual: float = 0.1,
) -> Series:
    """Two hours by the minute; the last three are `times` what is usual."""
    points = [(FIRED - 60 * at, usual * noise[at] / 100 * (times if at <= 3 else 1)) for at in range(120, -1, -1)]
    return Series("web", name, kind, points, unit)


def deviation(series: Series, fired_at: float = FIRED) -> Deviation:
    (own,) = deviations(Observations("api", MetricKind.OTHER, fired_at, series=(series,))).found.values()
    return own[0]


@given(NOISE, st.floats(1, 20), st.floats(1.05, 5))
def test_the_worse_it_is_the_farther_it_stands_out(noise, times, more):
    some, worse = deviation(recorded(noise, times)), deviation(recorded(noise, times * more))

    assert worse.z >= some.z
    assert worse.after > some.after


@given(NOISE, st.floats(1, 20))
def test_seconds_or_milliseconds_stand_out_as_far(noise, times):
    seconds, thousands = recorded(noise, times), recorded(noise, times, unit="ms", usual=100)

    told, other = deviation(seconds), deviation(thousands)

    assert other.z == pytest.approx(told.z)
    assert (other.before, other.now) == pytest.approx((1000 * told.before, 1000 * told.now))


def test_the_mean_of_two_that_was_seen_before_was_seen_in_any_unit():
    # (0.1 + 0.3) / 2 is 0.2 and (100.1 + 300.3) / 2 is a little more than 200.2: it came before, in seconds or in milliseconds.
    found = [
        Reference([1.001 * scale * value for value in (0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1)], series, 0.0).compared(
            [1.001 * scale * value for value in (0.3, 0.1)], 1
        )
        for scale in (1.0, 7.0, 10.0, 49.0, 1000.0)
        for series in (Series("shop", "waits", MetricKind.OTHER, (), ""),)
    ]

    assert [far for far, _ in found] == pytest.approx([found[0][0]] * len(found))


@given(NOISE, st.integers(2, 1_000_000))
def test_what_has_no_unit_may_be_counted_in_any(noise, unit):
    told, other = (deviation(recorded(noise, 4, unit="", usual=usual)) for usual in (1.0, float(unit)))

    assert other.z == pytest.approx(told.z)


@given(NOISE, st.integers(-10_000_000, 10_000_000))
def test_another_day_stands_out_as_far(noise, shift):
    series = recorded(noise, 4)
    moved = replace(series, points=[(at + shift, value) for at, value in series.points])

    told, other = deviation(series), deviation(moved, FIRED + shift)

    assert (other.z, other.onset - shift) == (told.z, told.onset)


@settings(max_examples=25)
@given(NOISE, st.randoms(use_true_random=False))
def test_neither_the_order_of_series_nor_names_mean_anything(noise, random):
    several = [replace(recorded(noise, times), service=f"s{at}") for at, times in enumerate((1, 2, 4, 8))]
    renamed = [replace(each, service=f"z{each.service}", query="up") for each in several]
    random.shuffle(renamed)

    def told(series: list[Series]) -> dict[str, float]:
        found = deviations(Observations("s0", MetricKind.OTHER, FIRED, series=series)).found
        return {name.removeprefix("z"): own[0].z for name, own in found.items()}

    assert told(renamed) == told(several)


@pytest.mark.parametrize(
    ("kind", "name", "times", "bad"),
    [
        (MetricKind.LATENCY, "p99", 5, True),
        (MetricKind.LATENCY, "p99", 0.2, False),
        (MetricKind.ERRORS, "errors", 5, True),
        (MetricKind.ERRORS, "errors", 0.2, False),
        (MetricKind.SATURATION, "heap used bytes", 5, True),
        (MetricKind.SATURATION, "disk free bytes", 0.2, True),
        (MetricKind.SATURATION, "disk free bytes", 5, False),
        (MetricKind.AVAILABILITY, "up", 0.2, True),
        (MetricKind.TRAFFIC, "requests", 5, True),
        (MetricKind.TRAFFIC, "requests", 0.2, True),
    ],
)
def test_only_the_bad_direction_stands_out(kind, name, times, bad):
    found = deviation(recorded([95 + at % 7 for at in range(121)], times, kind=kind, name=name, unit="", usual=0.9))

    assert (found.z > 4) == bad
    assert bad or found.z < 0.5


def test_what_was_as_bad_before_stands_out_less():
    calm = [100 + at % 7 for at in range(121)]
    rough = [700 if at % 12 == 0 and at > 12 else each for at, each in enumerate(calm)]

    assert deviation(recorded(rough, 6)).z < 0.6 * deviation(recorded(calm, 6)).z


def test_what_nobody_is_woken_for_does_not_stand_out():
    noise = [100 + at % 7 for at in range(121)]

    assert deviation(recorded(noise, 5, usual=0.0001)).z < 2 < 5 < deviation(recorded(noise, 5, usual=0.1)).z
    errors = {"kind": MetricKind.ERRORS, "name": "error ratio", "unit": "ratio"}
    assert (
        deviation(recorded(noise, 5, usual=0.0004, **errors)).z
        < 4
        < deviation(recorded(noise, 5, usual=0.04, **errors)).z
    )


def test_since_when_and_from_what_to_what():
    found = deviation(recorded([100 + at % 7 for at in range(121)], 5))

    assert found.onset == FIRED - 180
    assert (found.before, found.now) == pytest.approx((0.103, 0.51), abs=0.01)


@pytest.mark.parametrize(
    ("kind", "usual", "bad"),
    [(MetricKind.LATENCY, 0.1, 5.0), (MetricKind.ERRORS, 0.2, 20.0), (MetricKind.SATURATION, 1.0, 40.0)],
)
def test_what_was_bad_when_the_trouble_was_there_before_is_not_the_usual(kind, usual, bad):
    dice = random.Random(1)
    points = [
        (FIRED + at, (bad if -1500 <= at <= -900 or at >= -60 else usual) * dice.uniform(0.8, 1.2))
        for at in range(-4200, 121, 15)
    ]
    told = seen(Series("chat", "told", kind, points))

    (known,) = deviations(replace(told, first_at=FIRED - 1500)).found["chat"]

    assert known.z > 10
    assert known.before == pytest.approx(usual, rel=0.1)
    # Else it is as bad as usual.
    assert all(each.z < 2 for each in deviations(told).found.get("chat", ()))
