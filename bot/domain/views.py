"""Describes what is shown: everything a card, a list or a reply needs, gathered before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alerts import Alert, Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Entry, Incident, PageReason
from bot.domain.inquiries import Inquiry
from bot.domain.looks import Notice
from bot.domain.memory import Fix, Remembered
from bot.domain.messages import MessageRef as MessageRef
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.silences import Muted, Silence


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses a card offers; an empty one is not offered."""

    dashboard: str = ""
    panel: str = ""
    rule: str = ""
    runbook: str = ""
    explore: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """What happens next if nobody answers: when, and who is called, as Discord reads it."""

    at: datetime
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A message that calls people by the clock or by hand; `id` is its own for ever, `key` and `values` are its text.

    `notes` are sentences below it; with `number` it belongs to an incident and offers to take it; `offers` are the names
    of other buttons.
    """

    id: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    owners: tuple[Owner, ...] = ()
    here: bool = False
    notes: tuple[str, ...] = ()
    number: int = 0
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as its card shows it; `services` are all that fire, `timeline` is oldest first."""

    incident: Incident
    service: Service
    services: tuple[Service, ...] = ()
    links: Links = field(default_factory=Links)
    silences: tuple[Muted, ...] = ()
    timeline: tuple[Entry, ...] = ()
    analysis: Analysis | None = None
    like: Remembered | None = None
    fix: Fix | None = None
    coming: Coming | None = None
    # It was found out before the incident came again.
    analysis_is_past: bool = False
    # Calls that were promised and not made when this was read, by their tasks.
    promised: Mapping[int, PageReason] = field(default_factory=dict[int, PageReason])

    @property
    def silent(self) -> bool:
        """Whether all that fires of it is silenced, so that nothing of it calls anybody."""
        muted = {alert.fingerprint for each in self.silences for alert in each.alerts}
        firing = self.incident.firing
        return bool(firing) and all(alert.fingerprint in muted for alert in firing)


@dataclass(frozen=True, slots=True)
class Report:
    """What an investigation found, as the thread of the card shows it."""

    view: IncidentView
    inquiry: Inquiry
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """What a look into a service found that a person asked about; `incidents` are those of it that are open.

    `seen` tells whether any source told anything of the service itself: without that nobody can say that it is well.
    """

    service: Service
    analysis: Analysis
    catalogue: Catalogue
    seen: bool
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card that an earlier attempt has posted, and whether it has called those whom one of its severity calls."""

    ref: MessageRef
    called: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A short message that calls people, because of `reason`, beside the card; `id` is its own for ever."""

    view: IncidentView
    reason: PageReason
    id: int = 0


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A silence as a list shows it; `id` is ours, for the Undo button, `pending` one that has not begun.

    `muted_at` is when it was last seen to mute anything, `forgotten` one that has not for a day, `incident` the one from whose card it was made.
    """

    id: int
    silence: Silence
    rule: str = ""
    pending: bool = False
    muted_at: datetime | None = None
    forgotten: bool = False
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """One service at a moment; None is "not known", which is not zero.

    `up` is the share of its targets that answer, errors a share as well (0..1), latency in seconds, rates per second;
    `firing` is the worst severity of what fires of it, silenced or not.
    """

    service: Service
    up: float | None = None
    rate: float | None = None
    errors: float | None = None
    p99_s: float | None = None
    firing: Severity | None = None


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How one of Bongsu's own connections is doing; `problem` is None when it works."""

    name: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The answer to `/status`; `missing` names the sources that did not answer in time.

    `hidden` are alerts that fire without a card because they are silenced; `muted` counts the silenced alerts by incident.
    """

    at: datetime
    services: tuple[ServiceHealth, ...]
    incidents: tuple[Incident, ...]
    silences: tuple[SilenceRow, ...]
    connections: tuple[ConnectionStatus, ...]
    missing: tuple[str, ...] = ()
    hidden: tuple[Alert, ...] = ()
    muted: Mapping[int, int] = field(default_factory=dict[int, int])
    notices: tuple[Notice, ...] = ()
    # What Discord did not take yet, by the reason: how many, and for how many seconds the oldest.
    waiting: Mapping[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])

    def firing(self, severity: Severity) -> int:
        """Count the open incidents of a severity."""
        return sum(incident.severity is severity for incident in self.incidents)


@dataclass(frozen=True, slots=True)
class DashboardLink:
    """One dashboard of Grafana and its address."""

    uid: str
    title: str
    url: str
    folder: str = ""
    tags: tuple[str, ...] = ()
