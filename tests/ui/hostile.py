"""Words, alerts and views that mean harm, for Hypothesis."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, State
from bot.domain.owners import Owner, Service
from bot.domain.people import Person
from bot.domain.silences import Matcher, Muted, Silence
from bot.domain.views import IncidentView, Links
from tests.builders import NOW

# What Discord's own parser takes for a mention, whatever stands around it.
LIVE_MENTION = re.compile(r"@(?:everyone|here)|<@[!&]?\d+>")

_TRICKS = (
    "@everyone",
    "@here",
    "<@1001>",
    "<@&501>",
    "**bold**",
    "```\ncode",
    "`",
    "||",
    "[click](https://evil.example)",
    "https://evil.example/x",
    "\n# heading",
    "\n> quote",
    "-# small",
    "<t:0:R>",
    "<:x:1>",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "שלום עולם",
    "مرحبا",
    "👨‍👩‍👧‍👦",
    "🇰🇷",
    "e" + "\u0301" * 40,
    "ﷺ",
    "\\",
    "{count}",
    "%!f(<nil>)",
    "한글",
    "x" * 10_000,
    "*" * 5_000,
)


def _put_together(order: bytes, free: str) -> str:
    """Return a piece for each byte: half of them are tricks, half letters that nobody chose."""
    return "".join(_TRICKS[byte % len(_TRICKS)] if byte < 128 else free[byte % 8 :] for byte in order)


# Two choices for a text of up to eight pieces, because a report has some hundred texts: with a choice for each piece,
# Hypothesis had no room for half of the reports it began, and those that it kept were the small ones.
hostile_text = st.builds(_put_together, st.binary(max_size=8), st.text(max_size=20))
_address = (
    hostile_text | st.builds("https://grafana.example/{}".format, hostile_text) | st.just("https://g/" + "a" * 500)
)
_moment = st.integers(min_value=-3_000_000, max_value=3_000_000).map(lambda s: NOW + timedelta(seconds=s)) | st.just(
    datetime(1, 1, 1, tzinfo=UTC)
)
_labels = st.dictionaries(
    st.sampled_from(["alertname", "severity", "service", "instance", "rulename"]) | hostile_text,
    hostile_text | st.sampled_from(["critical", "DatasourceNoData", "DatasourceError", "TestAlert", "P1"]),
    max_size=8,
)
_annotations = st.dictionaries(
    st.sampled_from(["summary", "description", "value", "threshold", "Error", "grafana_state_reason"]),
    hostile_text,
    max_size=6,
)
_person = st.builds(Person, st.integers(min_value=1, max_value=2**63), hostile_text)

alerts = st.builds(
    Alert,
    fingerprint=st.text(max_size=16),
    status=st.sampled_from(AlertStatus),
    starts_at=_moment,
    labels=_labels,
    annotations=_annotations,
    values=st.dictionaries(hostile_text, st.floats(), max_size=3),
    generator_url=_address,
)

incidents = st.builds(
    Incident,
    group=hostile_text,
    source=st.just("grafana"),
    title=hostile_text,
    service=st.none() | hostile_text,
    severity=st.sampled_from(Severity),
    state=st.sampled_from(State),
    alerts=st.lists(alerts, min_size=1, max_size=4).flatmap(
        lambda few: st.sampled_from([1, 25]).map(lambda times: tuple(few * times))
    ),
    opened_at=_moment,
    number=st.integers(min_value=1, max_value=999_999_999),
    ack=st.none() | st.builds(Ack, _person, _moment, hostile_text, st.none() | _moment),
    first_ack_at=st.none() | _moment,
    resolved_at=st.none() | _moment,
    end_reason=st.sampled_from([None, "Paused", "RuleDeleted", "Updated", "MissingSeries", "Reconciled"])
    | hostile_text,
    flaps=st.integers(min_value=0, max_value=10_000),
    truncated=st.integers(min_value=0, max_value=10**9),
    paged_at=st.none() | _moment,
)

_owners = st.lists(st.builds(Owner, st.integers(min_value=1, max_value=2**63), is_role=st.booleans()), max_size=30)
silences = st.builds(
    Silence,
    source_id=hostile_text,
    matchers=st.lists(st.builds(Matcher, hostile_text, hostile_text), min_size=1, max_size=8).map(tuple),
    starts_at=_moment,
    ends_at=_moment,
    created_by=hostile_text,
    comment=hostile_text,
)

views = st.builds(
    IncidentView,
    incident=incidents,
    service=st.builds(Service, hostile_text, hostile_text, _owners.map(tuple)),
    links=st.builds(Links, _address, _address, _address, _address, _address),
    silences=st.lists(st.builds(Muted, silences, st.lists(alerts, min_size=1, max_size=3).map(tuple)), max_size=8).map(
        tuple
    ),
    timeline=st.lists(
        st.builds(
            Entry,
            _moment,
            st.sampled_from(EntryKind),
            _person,
            st.dictionaries(st.sampled_from(["count", "note", "reason", "name", "before", "after"]), hostile_text),
        ),
        max_size=30,
    ).map(tuple),
)
