"""`config/oncall.yml`: what it means, and a sentence for each mistake in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.app.oncall import load_roster
from bot.domain.alerts import Severity
from bot.domain.escalations import DEFAULT, DEFAULT_ONCALL, EscalationTarget, TargetKind
from bot.domain.owners import Catalogue, Owner, Service
from bot.errors import ConfigurationError
from tests.builders import make_alert, make_incident

CATALOGUE = Catalogue({"api": Service("api", "API"), "chat": Service("chat", "Chat")}, (Owner(1, is_role=True),))

WHOLE = """
people:
  minji: {discord: 1001, aliases: [Minji Kim, minji@example.com]}
  jun: {discord: 1002}
teams:
  platform:
    services: [api]
    channel: alert-urgent
    working_hours: {from: "09:30", to: 18:30, weekdays: [mon, tue]}
    holidays: none
    more_holidays: [2026-12-31]
    schedule:
      - {people: [minji, jun], every: 2 days, start: 2026-11-23, handover: "10:00"}
    overrides:
      - {person: jun, from: 2026-11-23 12:00, to: 2026-11-23T13:00:00}
    escalation:
      P3: {working_hours_only: true, steps: [{wait: 30m, call: ["@oncall", "role:77", message]}], repeat: 2}
  chat:
    services: [chat]
webhooks:
  ntfy: {url: "https://ntfy.example.com/x", body: {text: "{title}"}, headers: {Authorization: $NTFY}}
remind_after: 4h
"""


@pytest.fixture
def load(monkeypatch, tmp_path):
    def write(words, catalogue=CATALOGUE):
        (tmp_path / "oncall.yml").write_text(words, "utf-8")
        monkeypatch.setenv("BONGSU_ONCALL", str(tmp_path / "oncall.yml"))
        monkeypatch.setenv("NTFY", "Bearer x")
        return load_roster(catalogue, "Asia/Seoul")

    return write


def test_the_whole_of_it(load):
    roster = load(WHOLE)

    team = roster.teams["platform"]
    assert roster.people["minji"].aliases == ("Minji Kim", "minji@example.com")
    monday = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert team.schedule.who(monday - timedelta(hours=1)) == ()
    assert team.schedule.who(monday) == ("minji",)
    assert team.schedule.who(monday + timedelta(hours=2)) == ("jun",)
    assert team.schedule.who(monday + timedelta(hours=48)) == ("jun",)
    assert (team.working.hours.begins, team.working.hours.ends) == (time(9, 30), time(18, 30))
    assert team.chains[Severity.P1] == DEFAULT_ONCALL[Severity.P1]
    chain = team.chains[Severity.P3]
    assert (chain.repeats, chain.working_hours_only) == (2, True)
    assert chain.steps[0].targets[1:] == (EscalationTarget(TargetKind.ROLE, "77"), EscalationTarget(TargetKind.MESSAGE))
    assert roster.teams["chat"].chains == DEFAULT
    assert roster.webhooks["ntfy"].headers == {"Authorization": "Bearer x"}
    assert roster.remind_after == timedelta(hours=4)


def test_the_team_of_an_incident_is_the_one_with_its_service(load):
    roster = load(WHOLE.replace("services: [api]", "services: []"))

    assert roster.team_of(make_incident()).name == "platform"
    assert load(WHOLE.replace("services: [chat]", "services: []")).team_of(make_incident()).name == "platform"


@pytest.mark.parametrize(
    ("labels", "team"),
    [
        # However its label is written, as services.yml finds it.
        ({"service": "API"}, "platform"),
        ({"service": "Chat"}, "chat"),
        # What no team lists is of the team that its label names, and of the first where that is none.
        ({"service": "shop", "team": "Chat"}, "chat"),
        ({"service": "api", "team": "chat"}, "platform"),
        ({"service": "shop", "owner": "chat"}, "chat"),
        ({"service": "shop", "team": "sales", "owner": "chat"}, "chat"),
        ({"service": "shop", "team": "sales"}, "platform"),
    ],
)
def test_the_team_is_found_by_its_service_or_else_by_its_label(load, labels, team):
    alert = make_alert(labels=labels)
    incident = replace(make_incident(), service=labels["service"], alerts=(alert,))

    assert load(WHOLE).team_of(incident).name == team


def test_midnight_at_the_end_of_a_day_needs_no_quotation_marks(load):
    hours = load(WHOLE.replace("to: 18:30", "to: 24:00")).teams["platform"].working.hours

    assert (hours.begins, hours.ends) == (time(9, 30), time(0))


@pytest.mark.parametrize(
    ("begins", "ends"),
    [("2026-11-23T18:00:00+09:00", "2026-11-23T12:00:00Z"), ("2026-11-23 18:00", "2026-11-23 19:00")],
)
def test_who_stands_in_from_one_zone_to_another_does_so_between_the_moments(load, begins, ends):
    words = WHOLE.replace("from: 2026-11-23 12:00", f"from: {begins}").replace("to: 2026-11-23T13:00:00", f"to: {ends}")

    team = load(words).teams["platform"]

    at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert team.schedule.who(at) == ("jun",)


def test_without_a_file_there_is_one_team_without_a_schedule(monkeypatch, tmp_path):
    monkeypatch.delenv("BONGSU_ONCALL", raising=False)
    monkeypatch.chdir(tmp_path)

    roster = load_roster(CATALOGUE, "UTC")

    assert [team.chains for team in roster.teams.values()] == [DEFAULT]


def test_working_time_ends_for_a_holiday(load):
    team = load(WHOLE.replace("[2026-12-31]", "[2026-11-24]")).teams["platform"]
    monday_at_ten, tuesday_at_ten = (datetime(2026, 11, day, 1, 0, tzinfo=UTC) for day in (23, 24))

    assert (team.working.holds(monday_at_ten), team.working.holds(tuesday_at_ten)) == (True, False)
    assert team.working.begins_after(monday_at_ten) == datetime(2026, 11, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[minji, jun]", "[minji, jum]", "there is nobody called jum under people; did you mean jun?"),
        ("person: jun", "person: nobody-here", "there is nobody called nobody-here"),
        ("[minji, jun]", "[]", "people who take turns, or ical"),
        ("every: 2 days", "every: often", "daily, weekly or a number of days"),
        ('handover: "10:00"', 'handover: "25:00"', "time of day"),
        ("from: 2026-11-23 12:00", "from: soon", "it must be a moment"),
        ("to: 2026-11-23T13:00:00", "to: 2026-11-23T11:00:00", "it must end later than it begins"),
        ('"@oncall"', '"@nobody"', "@nobody calls nobody"),
        ('"@oncall"', '"webhook:nfty"', "there is no nfty under webhooks; did you mean ntfy?"),
        ('"@oncall"', '"message:jin"', "there is nobody called jin"),
        ("services: [api]", "services: [apj]", "there is no service apj in services.yml; did you mean api?"),
        ("services: [chat]", "services: [api]", "api is a service of platform already"),
        ("$NTFY", "$NTFI", "there is no NTFI in the environment"),
        ("discord: 1002}", "discord: 1002, aliases: [minji kim]}", "minji kim is minji already"),
        ("remind_after: 4h", "remind_after: soon", "length of time"),
        ("schedule:", "scedule:", "did you mean schedule?"),
    ],
)
def test_each_mistake_is_a_sentence_with_its_place(load, old, new, sentence):
    with pytest.raises(ConfigurationError) as told:
        load(WHOLE.replace(old, new, 1))

    assert sentence in told.value.values["mistakes"]
    assert "oncall.yml" in told.value.values["mistakes"]


@pytest.mark.parametrize(("call", "owners"), [("@oncall", True), ("@next", True), ("message", True), ("owners", False)])
def test_a_step_that_would_reach_nobody_is_refused(load, call, owners):
    words = f'teams: {{a: {{escalation: {{P1: {{steps: [{{call: ["{call}"]}}]}}}}}}}}'

    with pytest.raises(ConfigurationError, match="would reach nobody"):
        load(words, CATALOGUE if owners else Catalogue())
