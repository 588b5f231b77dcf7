"""Alerts as people have them, on the card: which it is, where, what it says, and who is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.alerts import Severity
from tests.cases.cards import GRAFANA, cards_of, incidents_of, words

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


def said(number: str) -> str:
    return "\n\n".join(words(card) for card in cards_of(number, NOW))


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        # Several rules in one group: each line names its rule, and the worst leads.
        ("01", ["**HighErrorRate**", "**HeapAlmostFull**"]),
        # Instances differ in a label that is not `instance`.
        ("04", ["mountpoint=", "96 %", "98 %"]),
        ("56", ["mountpoint="]),
        ("05", ["pod=checkout-7d9c5f-abcde", "pod=search-66b4d8-fghij", "pod=mailer-5f7c9d-klmno"]),
        ("06", ["staging-eu", "prod-eu"]),
        # What its author wrote, in whatever annotation.
        ("07", ["Certificate expires soon"]),
        ("14", ["Api"]),
        ("74", ["<@&21>", "<@&22>", "<@&23>", "Chat", "Api", "Nginx"]),
    ],
)
def test_a_card_says_which_where_and_what(number, parts):
    whole = said(number)

    assert [part for part in parts if part not in whole] == []


@pytest.mark.parametrize("number", ["05"])
def test_an_exporter_is_no_service(number):
    assert [incident.service for incident in incidents_of(number, NOW)] == [None]


def test_a_description_stands_beside_the_summary():
    card = cards_of("07", NOW)[0]

    assert card.body[0].count("\n") >= 1


@pytest.mark.parametrize("number", ["44"])
def test_no_alert_of_people_is_without_a_word(number):
    for card in cards_of(number, NOW):
        assert not card.body[0].startswith("**Firing")


def test_values_of_several_queries_are_named():
    whole = said("08")

    assert "**40**" not in whole
    assert "B 40" in whole
    assert "C 0.3" in whole


def test_a_hole_in_a_template_is_filled_from_the_values():
    whole = said("09")

    assert "[no value]" not in whole
    assert "<no value>" not in whole
    assert "1834" in whole


def test_the_number_of_a_classic_condition_stays():
    assert "**81.5**" in said("10")


def test_a_severity_of_none_calls_nobody():
    incident = incidents_of("11", NOW)[0]

    assert (incident.severity, incident.unstated) == (Severity.P4, None)
    assert cards_of("11", NOW)[0].mention == ""


def test_a_service_is_found_under_the_names_of_others():
    assert {incident.service for incident in incidents_of("14", NOW)} == {"api"}


def test_a_long_expression_leads_to_the_alerts_of_its_prometheus():
    assert "/alerts" in said("46")


def test_runbooks_are_read_from_any_name_and_fall_back_to_the_services_own():
    whole = said("47")

    assert "TBD" not in cards_of("47", NOW)[0].links
    assert "%20" in whole or "runbooks.example" in whole


def test_links_to_localhost_lead_to_grafana_as_people_reach_it():
    links = cards_of("48", NOW)[0].links

    assert "localhost" not in links
    assert GRAFANA in links


def test_private_labels_are_not_shown():
    assert "__alert_rule" not in said("51")
