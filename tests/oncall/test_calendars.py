"""iCalendar feeds, built after the exports of Grafana OnCall, PagerDuty, Opsgenie, Google Calendar and Outlook (none recorded)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.oncall.feeding import Feeding
from bot.domain.feeds import Feed
from bot.domain.teams import Member
from bot.errors import ConfigurationError, SourceError
from bot.oncall.calendars import CalendarRequest, expand
from bot.oncall.reader import CalendarReader, public_holidays

START = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = {"minji": "minji", "minji kim": "minji", "minji@example.com": "minji", "jun": "jun", "jun@example.com": "jun"}
SEOUL = ZoneInfo("Asia/Seoul")


def read(*events, head="", days=60, zone=SEOUL):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *([head] if head else [])]
    for event in events:
        lines += ["BEGIN:VEVENT", event.strip(), "END:VEVENT"]
    data = "\r\n".join([*lines, "END:VCALENDAR", ""]).replace("\r\n", "\n").replace("\n", "\r\n")
    return expand(CalendarRequest(data.encode(), START, START + timedelta(days=days), PEOPLE, zone))


def shifts(answer):
    return [
        (name, f"{datetime.fromtimestamp(start, UTC):%m-%dT%H}", (end - start) / 3600)
        for name, start, end in answer["stints"]
    ]


def test_grafana_oncall_names_the_user_in_the_title():
    answer = read("UID:1\nSUMMARY:[L1] minji\nDTSTART:20260302T000000Z\nDTEND:20260303T000000Z")

    assert shifts(answer) == [("minji", "03-02T00", 24)]


def test_pagerduty_names_the_address_of_who_attends():
    answer = read(
        "UID:1\nSUMMARY:On Call - Somebody - Ops\nATTENDEE:mailto:Jun@example.com\nDTSTART:20260302T000000Z\nDTEND:20260302T120000Z"
    )

    assert shifts(answer) == [("jun", "03-02T00", 12)]


def test_opsgenie_names_name_and_address_in_the_title():
    answer = read(
        "UID:1\nSUMMARY:Minji Kim (minji@example.com) is on-call\nDTSTART;TZID=Asia/Seoul:20260302T090000\nDTEND;TZID=Asia/Seoul:20260302T180000"
    )

    assert shifts(answer) == [("minji", "03-02T00", 9)]


def test_google_has_exceptions_and_cancelled_instances():
    answer = read(
        "UID:1\nSUMMARY:jun\nDTSTART;TZID=Europe/Berlin:20260326T090000\nDTEND;TZID=Europe/Berlin:20260326T170000\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE;TZID=Europe/Berlin:20260327T090000",
        "UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260328T090000\nSUMMARY:minji\nDTSTART;TZID=Europe/Berlin:20260328T100000\nDTEND;TZID=Europe/Berlin:20260328T120000",
        "UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260330T090000\nSTATUS:CANCELLED\nSUMMARY:jun\nDTSTART;TZID=Europe/Berlin:20260330T090000\nDTEND;TZID=Europe/Berlin:20260330T170000",
    )

    # Berlin moves its clocks on 29 March: nine o'clock is seven in UTC from then on.
    assert shifts(answer) == [("jun", "03-26T08", 8), ("minji", "03-28T09", 2), ("jun", "03-29T07", 8)]


def test_a_change_of_this_and_all_that_follow_holds_from_there_on():
    answer = read(
        "UID:1\nSUMMARY:jun\nDTSTART:20260302T000000Z\nDTEND:20260302T080000Z\nRRULE:FREQ=DAILY;COUNT=4",
        "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260304T000000Z\nSUMMARY:minji\nDTSTART:20260304T020000Z\nDTEND:20260304T080000Z",
    )

    assert shifts(answer) == [
        ("jun", "03-02T00", 8), ("jun", "03-03T00", 8), ("minji", "03-04T02", 6), ("minji", "03-05T02", 6),
    ]  # fmt: skip


def test_outlook_names_zones_as_windows_does():
    answer = read(
        'UID:1\nSUMMARY:jun\nDTSTART;TZID="Korea Standard Time":20260302T090000\nDTEND;TZID="Korea Standard Time":20260302T180000'
    )

    assert shifts(answer) == [("jun", "03-02T00", 9)]


def test_whole_days_and_floating_times_are_those_of_the_team():
    answer = read(
        "UID:1\nSUMMARY:jun\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260303",
        "UID:2\nSUMMARY:minji\nDTSTART:20260304T090000\nDTEND:20260304T100000",
    )

    assert shifts(answer) == [("jun", "03-01T15", 24), ("minji", "03-04T00", 1)]


def test_a_line_that_is_folded_inside_a_syllable_is_read():
    event = "UID:1\nSUMMARY:김민지\nDTSTART:20260302T000000Z\nDTEND:20260303T000000Z".encode()
    cut = event.index("민".encode()) + 1
    folded = event[:cut] + b"\r\n " + event[cut:]
    data = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + folded + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

    answer = expand(CalendarRequest(data, START, START + timedelta(days=9), {"김민지": "minji"}, SEOUL))

    assert [name for name, *_ in answer["stints"]] == ["minji"]


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ("UID:9\nSUMMARY:jun", "no_start"),
        ("UID:9\nSUMMARY:jun\nDTSTART:soon", "broken_event"),
        ("UID:9\nSUMMARY:jun\nDTSTART:20260302T000000Z\nRRULE:FREQ=SOMETIMES", "broken_event"),
        (
            "UID:9\nSUMMARY:jun\nDTSTART;TZID=Mars/Olympus:20260302T090000\nDTEND;TZID=Mars/Olympus:20260302T100000",
            "unknown_zone",
        ),
        ("UID:9\nSUMMARY:somebody else\nDTSTART:20260302T000000Z\nDTEND:20260303T000000Z", "nobody_named"),
    ],
)
def test_one_bad_event_is_told_and_loses_no_other(broken, key):
    answer = read(broken, "UID:1\nSUMMARY:minji\nDTSTART:20260304T000000Z\nDTEND:20260305T000000Z")

    assert shifts(answer) == [("minji", "03-04T00", 24)]
    assert [note[0] for note in answer["notes"]] == [key]


def test_two_events_with_one_uid_are_two():
    event = "UID:1\nSUMMARY:{}\nDTSTART:202603{}T000000Z\nDTEND:202603{}T120000Z"

    answer = read(event.format("minji", "04", "04"), event.format("jun", "02", "02"))

    assert shifts(answer) == [("jun", "03-02T00", 12), ("minji", "03-04T00", 12)]


def test_a_zone_that_a_calendar_defines_itself_is_its_own():
    def zone(offset):
        return f"BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE"

    event = "UID:1\nSUMMARY:jun\nDTSTART;TZID=Office:20260302T090000\nDTEND;TZID=Office:20260302T100000"

    assert shifts(read(event, head=zone("+0900"))) == [("jun", "03-02T00", 1)]


@pytest.fixture
def feed(tmp_path):
    return Feed("platform/0", str(tmp_path / "a.ics"), (Member("jun", 1002),), SEOUL)


def write(feed, words):
    Path(feed.source).write_text(words, "utf-8")


GOOD = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:jun\nDTSTART:20260302T000000Z\nDTEND:20260303T000000Z\nEND:VEVENT\nEND:VCALENDAR\n"
ON_CALL = datetime(2026, 3, 2, 5, tzinfo=UTC).timestamp()


async def test_a_calendar_that_fails_keeps_its_last_good_state_also_over_a_restart(feed, session, database, clock):
    clock.now = START
    feeding = Feeding(feeds=[feed], reader=CalendarReader(session), keepsakes=database.keepsakes, clock=clock)
    write(feed, GOOD)
    await feeding.step()
    write(feed, "<html>sign in</html>")

    await feeding.step()
    born_again = Feed(feed.name, feed.source, feed.people, SEOUL)
    await Feeding(
        feeds=[born_again], reader=CalendarReader(session), keepsakes=database.keepsakes, clock=clock
    ).recall()

    assert (feed.who(ON_CALL), "no calendar" in feed.problem) == (("jun",), True)
    assert born_again.who(ON_CALL) == ("jun",)


async def test_a_rule_without_end_and_a_huge_file_are_refused(feed, session):
    reader = CalendarReader(session)
    write(feed, GOOD.replace("SUMMARY", "RRULE:FREQ=SECONDLY\nSUMMARY"))
    with pytest.raises(SourceError):
        await reader.read(feed, START)
    write(feed, "x" * (11 * 1024 * 1024))
    with pytest.raises(SourceError):
        await reader.read(feed, START)


async def test_a_calendar_comes_from_an_address_and_its_failures_are_told(feed, session, server):
    feed.source = "http://127.0.0.1:9/none.ics"

    with pytest.raises(SourceError):
        await CalendarReader(session).read(feed, START)


def test_public_holidays_are_dates_whatever_the_language(monkeypatch):
    monkeypatch.setenv("LANG", "de_DE.UTF-8")

    holiday = public_holidays("KR")

    # 1 May and 17 July are in from 2026; 17 August stands in for the 15th, a Saturday.
    days = [date(2026, 5, 1), date(2026, 7, 17), date(2026, 8, 17), date(2026, 8, 18)]
    assert [holiday(day) for day in days] == [True, True, True, False]
    with pytest.raises(ConfigurationError):
        public_holidays("XX")


@pytest.mark.parametrize(
    ("length", "hours"),
    [("P1D", 23), ("PT24H", 24), ("P1DT1H", 24), ("PT90M", 1.5), ("P1W", 167), ("+PT45S", 45 / 3600)],
)
def test_hours_of_a_length_are_exact_and_its_days_are_those_of_the_clock(length, hours):
    # Summer time begins in New York on 8 March at two.
    event = f"UID:1\nSUMMARY:minji\nDTSTART;TZID=America/New_York:20260307T200000\nDURATION:{length}"

    assert shifts(read(event)) == [("minji", "03-08T01", hours)]


def test_an_exact_length_recurs_and_an_exception_has_its_own():
    answer = read(
        "UID:1\nSUMMARY:minji\nDTSTART;TZID=America/New_York:20260306T200000\nDURATION:PT24H\nRRULE:FREQ=DAILY;COUNT=3",
        "UID:1\nSUMMARY:minji\nRECURRENCE-ID;TZID=America/New_York:20260308T200000"
        "\nDTSTART;TZID=America/New_York:20260308T210000\nDTEND;TZID=America/New_York:20260308T230000",
    )

    assert shifts(answer) == [("minji", "03-07T01", 24), ("minji", "03-08T01", 24), ("minji", "03-09T01", 2)]


def test_the_length_of_a_reminder_is_none_of_a_duty():
    answer = read(
        "UID:1\nSUMMARY:minji\nDTSTART:20260302T090000Z\nDTEND:20260302T170000Z"
        "\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nREPEAT:2\nDURATION:PT5M\nEND:VALARM"
    )

    assert shifts(answer) == [("minji", "03-02T09", 8)]
