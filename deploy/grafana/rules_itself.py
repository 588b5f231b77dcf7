"""The rules about the chain of alerts itself: Prometheus, and what Bongsu promises (`docs/guarantees.md`).

Above each `no_data` stands why it is so. What Bongsu could not tell of itself Grafana posts (`alerting_routes.py`).
"""

from __future__ import annotations

from typing import Final

from deploy.grafana.rules import DURATION, Condition, Group, NoData, OnError, Reading, Rule, Severity
from deploy.grafana.rules_queries import BEHIND, CALLS, LEADER, REFUSED, SILENT, SLOW

SELF: Final = Group(
    "self",
    "30s",
    (
        Rule(
            alert="Watchdog",
            severity=Severity.NONE,
            query="vector(1)",
            condition=Condition.above(0),
            # The one rule that tells when Prometheus does not answer: Grafana then sends DatasourceError or
            # DatasourceNoData with `rulename` Watchdog. That is the Watchdog's absence; it goes to Discord directly.
            no_data=NoData.TELL,
            on_error=OnError.TELL,
            panel=1,
            dashboard="bongsu",
            summary="The chain of alerts works",
            description="It always fires and gets no card: Bongsu tells when it stays away, Grafana when Prometheus does not answer.",
            service="monitoring",
        ),
        Rule(
            alert="BongsuSilent",
            severity=Severity.CRITICAL,
            query=SILENT,
            condition=Condition.above(120),
            wait="2m",
            # That nothing is heard of Bongsu is the very trouble.
            no_data=NoData.ALERTING,
            panel=1,
            dashboard="bongsu",
            summary="Bongsu is silent: alerts are not shown",
            description="Something has waited for minutes to be posted, or Bongsu is not scraped any more. Look at Grafana's"
            " alert list yourself until it is back; nothing is lost, it shows what was missed.",
            reading=DURATION,
            threshold="2m",
            service="bongsu",
        ),
        Rule(
            alert="BongsuNoLeader",
            severity=Severity.CRITICAL,
            query=LEADER,
            condition=Condition.zero(),
            # Another process leads within 15 s; an update of a single one takes a minute.
            wait="2m",
            # A leader that is no longer scraped is 0 for a day. That nothing at all is known is BongsuSilent's.
            no_data=NoData.KEEP_LAST,
            panel=1,
            dashboard="bongsu",
            summary="No Bongsu leads: alerts are kept and not shown",
            description="Webhooks may still be answered 202, but no process shows them, nor takes acknowledgements. Look at"
            " Grafana's alert list yourself until one leads again.",
            reading="none",
            threshold="one",
            service="bongsu",
        ),
        Rule(
            alert="BongsuBehind",
            severity=Severity.HIGH,
            query=BEHIND,
            condition=Condition.above(300),
            wait="2m",
            # As BongsuNoLeader: the query itself tells for a day since when nothing has been known.
            no_data=NoData.KEEP_LAST,
            panel=3,
            dashboard="bongsu",
            summary="An alert that Bongsu took is not on Discord",
            description="Bongsu answered 202 more than five minutes ago and has not shown it, or no longer tells. Look at"
            " Grafana's alert list; `/status` says what waits and why.",
            reading=DURATION,
            threshold="5m",
            service="bongsu",
        ),
        Rule(
            alert="BongsuRefuses",
            severity=Severity.HIGH,
            query=REFUSED,
            condition=Condition.above(0),
            # As long as the window of the query: what was refused once does not fire.
            wait="5m",
            # What fired must not look mended because nobody can count any more.
            no_data=NoData.KEEP_LAST,
            panel=6,
            dashboard="bongsu",
            summary="Bongsu turns webhooks away ({{ $labels.result }})",
            description="Alerts in them are not shown. refused: a wrong token, or a body that cannot be read."
            " unavailable: its store takes nothing.",
            reading=Reading('printf "%.0f"', " in 5 min"),
            threshold="0",
            service="bongsu",
        ),
        Rule(
            alert="BongsuSlow",
            severity=Severity.WARNING,
            query=SLOW,
            condition=Condition.above(60),
            wait="5m",
            # As BongsuBehind.
            no_data=NoData.KEEP_LAST,
            panel=3,
            dashboard="bongsu",
            summary="Alerts reach Discord late",
            description="Of ten P1 and P2 notifications one takes longer than a minute from webhook to card, or something"
            " still waits for as long.",
            reading=DURATION,
            threshold="1m",
            service="bongsu",
        ),
        Rule(
            alert="BongsuCallsOften",
            severity=Severity.WARNING,
            query=CALLS,
            condition=Condition.above(10),
            # As BongsuRefuses.
            no_data=NoData.KEEP_LAST,
            panel=2,
            dashboard="bongsu",
            summary="Bongsu has called people more than ten times in ten minutes",
            description="Who is called that often no longer listens. Acknowledge what is known; look which rules fire apart"
            " although they have one cause.",
            reading=Reading('printf "%.0f"', " calls"),
            threshold="10",
            service="bongsu",
        ),
    ),
)
