"""Which service the labels of an alert name."""

from __future__ import annotations

from bot.domain.labels import service_of


def test_an_slo_of_sloth_is_about_the_service_that_it_names():
    labels = {
        "alertname": "HighErrorBudget",
        "sloth_id": "checkout-latency",
        "sloth_service": "checkout",
        "job": "prometheus",
    }

    assert service_of(labels) == "checkout"
    # What names it in the usual way goes before.
    assert service_of(labels | {"service": "checkout-api"}) == "checkout-api"
