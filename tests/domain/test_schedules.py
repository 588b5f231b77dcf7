"""Who is on call, against a reference that is slow and obvious: every shift written down, one after the other."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rotations import Hours, Rotation, wall
from bot.domain.schedules import Schedule, Stint, Timetable

# All move their clocks, on other days and by other lengths (Lord Howe by half an hour); Santiago at midnight.
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")]
START = date(2026, 2, 1)
DAYS = 400
PEOPLE = ("minji", "jun", "sora", "dan")

hours = st.builds(
    Hours,
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
)
rotations = st.builds(
    Rotation,
    st.permutations(PEOPLE).flatmap(lambda people: st.integers(1, 4).map(lambda n: tuple(people[:n]))),
    st.dates(START - timedelta(days=40), START + timedelta(days=40)),
    st.sampled_from([1, 2, 3, 7, 14]),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
    st.none() | hours,
)


def written_down(rotation):
    """All shifts of a rotation, and all its hours, as plain lists of (start, end, who)."""
    shifts, turn = [], 0
    while turn * rotation.days <= DAYS + 100:
        begins = rotation.start + timedelta(days=turn * rotation.days)
        ends = begins + timedelta(days=rotation.days)
        person = rotation.people[turn % len(rotation.people)]
        shifts.append(
            (wall(begins, rotation.handover, rotation.zone), wall(ends, rotation.handover, rotation.zone), person)
        )
        turn += 1
    if rotation.hours is None:
        return shifts, [(float("-inf"), float("inf"))]
    days = [START + timedelta(days=n) for n in range(-45, DAYS + 50)]
    return shifts, [part for day in days if (part := rotation.hours.on(day, rotation.zone))]


def obvious(reference, at):
    shifts, parts = reference
    if not any(begins <= at < ends for begins, ends in parts):
        return ()
    return tuple(person for begins, ends, person in shifts if begins <= at < ends)


def moments(reference):
    """Every moment around which something may change, and what lies between."""
    shifts, parts = reference
    edges = {at for begins, ends, _ in shifts for at in (begins, ends)}
    edges |= {at for part in parts for at in part if abs(at) != float("inf")}
    first, last = wall(START, time(0), UTC), wall(START + timedelta(days=DAYS), time(0), UTC)
    ordered = sorted(at for at in edges if first <= at <= last)
    between = [(a + b) / 2 for a, b in itertools.pairwise(ordered)]
    return [at + step for at in ordered for step in (-1, 0, 1)] + between


@settings(max_examples=25)
@given(rotation=rotations)
def test_a_rotation_equals_the_list_of_its_shifts_over_400_days(rotation):
    reference = written_down(rotation)
    sampled = moments(reference)

    # Some hundreds of them, evenly: each costs the reference a walk through the whole list.
    for at in sampled[:: max(len(sampled) // 400, 1)]:
        assert rotation.who(at) == obvious(reference, at)


@settings(max_examples=25)
@given(rotation=rotations)
def test_nobody_changes_within_a_shift_and_shifts_have_no_holes(rotation):
    schedule = Schedule((rotation,))
    begin = datetime.combine(START, time(0), UTC)

    shifts = list(schedule.shifts(begin, begin + timedelta(days=60)))

    assert [shift.start for shift in shifts[1:]] == [shift.end for shift in shifts[:-1]]
    assert all(a.people != b.people for a, b in itertools.pairwise(shifts))
    for shift in shifts:
        for part in (0, 0.25, 0.5, 0.999):
            assert schedule.who(shift.start + (shift.end - shift.start) * part) == shift.people


@settings(max_examples=25)
@given(rotation=rotations.filter(lambda rotation: rotation.hours is None), minutes=st.integers(0, DAYS * 24 * 60))
def test_a_rotation_without_hours_is_never_empty_from_its_start_on(rotation, minutes):
    at = wall(rotation.start, rotation.handover, rotation.zone) + minutes * 60

    assert len(rotation.who(at)) == 1


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        # Berlin moves its clocks on 29 March and 25 October 2026; the handover stays at nine of the wall.
        ("2026-03-29T06:59", "minji"),
        ("2026-03-29T07:00", "jun"),
        ("2026-03-28T07:59", "jun"),
        ("2026-03-28T08:00", "minji"),
        ("2026-10-25T07:59", "minji"),
        ("2026-10-25T08:00", "jun"),
    ],
)
def test_a_daily_handover_keeps_to_the_clock_on_the_wall(moment, who):
    rotation = Rotation(("minji", "jun"), date(2026, 3, 26), 1, time(9), ZoneInfo("Europe/Berlin"))

    assert rotation.who(datetime.fromisoformat(moment + "+00:00").timestamp()) == (who,)


def test_follow_the_sun_hands_over_from_place_to_place():
    seoul = Rotation(("minji",), START, 7, time(9), ZoneInfo("Asia/Seoul"), Hours(time(9), time(18)))
    berlin = Rotation(("dan",), START, 7, time(9), ZoneInfo("Europe/Berlin"), Hours(time(10), time(2)))
    schedule = Schedule((seoul, berlin))
    noon = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)

    people = [schedule.who(noon + timedelta(hours=later)) for later in (0, 5, 9, 20, 21)]
    assert people == [("minji",), ("minji",), ("dan",), ("dan",), ("minji",)]


def stint(name, start, end):
    noon = datetime(2026, 6, 10, 12, 0, tzinfo=UTC).timestamp()
    return Stint(name, noon + start * 3600, noon + end * 3600)


AT = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def test_a_layer_that_says_nothing_leaves_it_to_the_next():
    schedule = Schedule((Timetable([stint("minji", 1, 2)]), Timetable([stint("jun", 0, 3)])))

    shifts = [(s.people, s.end - s.start) for s in schedule.shifts(AT, AT + timedelta(hours=4))]

    hour = timedelta(hours=1)
    assert shifts == [(("jun",), hour), (("minji",), hour), (("jun",), hour), ((), hour)]


def test_of_two_overrides_at_once_the_last_wins():
    schedule = Schedule((Timetable([stint("jun", 0, 9)]),), (stint("minji", 1, 4), stint("sora", 2, 3)))

    people = [shift.people[0] for shift in schedule.shifts(AT, AT + timedelta(hours=5))]

    assert people == ["jun", "minji", "sora", "minji", "jun"]


def test_gaps_and_overlaps_are_told():
    schedule = Schedule((Timetable([stint("jun", 0, 2), stint("minji", 1, 3), stint("sora", 4, 5)]),))

    gaps = schedule.gaps(AT, AT + timedelta(hours=5))
    overlaps = schedule.overlaps(AT, AT + timedelta(hours=5))

    assert [(g.start - AT, g.end - AT) for g in gaps] == [(timedelta(hours=3), timedelta(hours=4))]
    assert [shift.people for shift in overlaps] == [("jun", "minji")]


def test_overrides_that_contradict_each_other_are_told():
    first, second, third = stint("minji", 1, 4), stint("sora", 2, 3), stint("minji", 4, 6)

    assert Schedule((), (first, second, third)).contradictions() == [(first, second)]


def test_who_comes_next_is_somebody_else():
    schedule = Schedule((Timetable([stint("jun", 0, 1), stint("jun", 2, 3), stint("minji", 4, 5)]),))

    coming, mine = schedule.coming(AT), schedule.of("minji", AT)

    assert coming == mine
    assert coming.people == ("minji",)


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_a_timetable_equals_a_walk_through_its_stints(rows):
    stints = [Stint(name, float(start), float(end)) for name, start, end in rows]

    timetable = Timetable(stints)

    for at in range(-1, 42):
        expected = {each.name for each in stints if each.start <= at < each.end}
        assert timetable.who(float(at)) == tuple(sorted(expected))
