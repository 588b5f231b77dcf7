"""Every mistake of `config/oncall.yml`, in both languages: a sentence that names its place, never a traceback."""

from __future__ import annotations

import pytest

from bot.app.oncall import load_roster
from bot.domain.owners import Catalogue, Service
from bot.errors import ConfigurationError
from bot.i18n import text

CATALOGUE = Catalogue({"api": Service("api", "API"), "chat": Service("chat", "Chat")})
PEOPLE = "people: {minji: {discord: 1001, aliases: [Minji]}, jun: {discord: 1002}}"


def team(words: str, more: str = "") -> str:
    return f"{PEOPLE}\nteams: {{a: {{holidays: none, {words}}}}}\n{more}"


def layer(words: str) -> str:
    return team(f"schedule: [{{{words}}}]")


def step(words: str) -> str:
    return team(f"schedule: [{{people: [minji]}}], escalation: {{P1: {{{words}}}}}")


MISTAKES = [
    ("unknown person", layer("people: [minjy]"), "did you mean minji?", "minji을(를) 쓰려던"),
    ("nobody near", layer("people: [somebody]"), "there is nobody called somebody", "somebody"),
    ("empty rotation", layer("people: []"), "people who take turns, or ical", "ical"),
    ("people and a calendar", layer('people: [minji], ical: "https://x.example/a.ics"'), "people who take turns, or ical", "ical"),
    ("no number of days", layer("people: [minji], every: sometimes"), "daily, weekly or a number of days", "daily, weekly"),
    ("turns of no days", layer("people: [minji], every: 0 days"), "teams.a.schedule.0.every", "teams.a.schedule.0.every"),
    ("no time of day", layer('people: [minji], handover: "24:30"'), "time of day", "시각"),
    ("unknown zone", layer("people: [minji], timezone: Asia/Soul"), "Asia/Soul", "Asia/Soul"),
    ("hours on no day", layer('people: [minji], hours: {from: "09:00", to: "18:00", weekdays: []}'), "weekdays", "weekdays"),
    ("unknown weekday", layer('people: [minji], hours: {from: "09:00", to: "18:00", weekdays: [mo]}'), "weekdays", "weekdays"),
    ("a calendar that is no address", layer("ical: ftp://x.example/a.ics"), "teams.a.schedule.0.ical", "teams.a.schedule.0.ical"),
    ("stands in backwards", team("overrides: [{person: jun, from: 2026-12-02 09:00, to: 2026-12-01 09:00}]"), "it must end later than it begins", "끝"),
    ("a stranger stands in", team("overrides: [{person: june, from: 2026-12-01 09:00, to: 2026-12-02 09:00}]"), "did you mean jun?", "jun을(를) 쓰려던"),
    ("no moment", team("overrides: [{person: jun, from: soon, to: 2026-12-02 09:00}]"), "it must be a moment", "시점"),
    ("reaches nobody", team('escalation: {P1: {steps: [{call: ["@oncall"]}]}}'), "this step would reach nobody", "아무"),
    ("no owners to reach", step("steps: [{call: [owners]}]"), "this step would reach nobody", "아무"),
    ("calls nothing", step("steps: [{call: []}]"), "teams.a.escalation.P1.steps.0.call", "teams.a.escalation.P1.steps.0.call"),
    ("no steps", step("steps: []"), "this step would reach nobody", "아무"),
    ("unknown target", step('steps: [{call: ["@everyone"]}]'), "@everyone calls nobody", "@everyone"),
    ("unknown webhook", step('steps: [{call: ["webhook:ntfy"]}]'), "there is no ntfy under webhooks", "ntfy"),
    ("a message to a stranger", step('steps: [{call: ["message:june"]}]'), "did you mean jun?", "jun을(를) 쓰려던"),
    ("repeats for ever", step('steps: [{call: ["@here"]}], repeat: 100000'), "teams.a.escalation.P1.repeat", "teams.a.escalation.P1.repeat"),
    ("repeats more than there is", step('steps: [{call: ["@here"]}], repeat: 1, repeat_last: 3'), "repeat_last", "repeat_last"),
    ("waits for nothing", step('steps: [{wait: -5m, call: ["@here"]}]'), "wait", "wait"),
    ("unknown severity", team('schedule: [{people: [minji]}], escalation: {P9: {steps: [{call: ["@here"]}]}}'), "P9", "P9"),
    ("unknown service", team("services: [apj]"), "did you mean api?", "api을(를) 쓰려던"),
    ("service of two teams", f"{PEOPLE}\nteams: {{a: {{holidays: none, services: [api]}}, b: {{holidays: none, services: [api]}}}}", "api is a service of a already", "api"),
    ("one alias for two", team("", "").replace("jun: {discord: 1002}", "jun: {discord: 1002, aliases: [minji]}").replace(", }", "}"), "minji is minji already", "minji"),
    ("no id", "people: {minji: {discord: minji}}", "people.minji.discord", "people.minji.discord"),
    ("no holidays there", f"{PEOPLE}\nteams: {{a: {{holidays: Korea}}}}", "teams.a.holidays", "teams.a.holidays"),
    ("a secret that is not set", team("", "webhooks: {x: {url: 'https://x.example', headers: {A: $NOT_SET}}}").replace(", }", "}"), "there is no NOT_SET in the environment", "NOT_SET"),
    ("a webhook without address", team("", "webhooks: {x: {body: {}}}").replace(", }", "}"), "webhooks.x.url", "webhooks.x.url"),
    ("no length", f"{PEOPLE}\nremind_after: later", "length of time", "90s"),
    ("unknown key", f"{PEOPLE}\ntems: {{}}", "did you mean teams?", "혹시 teams"),
    ("no table", "- a", "it is not a table", "목록"),
    ("no YAML", "people: [", "line", "행"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "en", "ko"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES])
def test_each_is_a_sentence_in_both_languages(words, en, ko, monkeypatch, tmp_path):
    path = tmp_path / "oncall.yml"
    path.write_text(words, "utf-8")
    monkeypatch.setenv("BONGSU_ONCALL", str(path))

    with pytest.raises(ConfigurationError) as told:
        load_roster(CATALOGUE, "Asia/Seoul")

    said = {language: text(language, told.value.key, **told.value.values) for language in ("en", "ko")}
    assert en in said["en"]
    assert ko in said["ko"]
    assert said["en"] != said["ko"]
    assert "oncall.yml" in said["en"]
    assert "Traceback" not in said["en"]
    assert len(said["en"].splitlines()) == 1
