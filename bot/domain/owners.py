"""Describes services and who owns them, as `config/services.yml` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Owner:
    """A Discord user or role that is called when a service is in trouble."""

    id: int
    is_role: bool

    @property
    def mention(self) -> str:
        """Write the mention as Discord reads it."""
        return f"<@&{self.id}>" if self.is_role else f"<@{self.id}>"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what people call it, who owns it, where its dashboard and runbook are, and how to find it.

    `metrics` and `logs` are label matchers without braces (`service="api"`), `traces` is a TraceQL condition
    (`resource.service.name = "api"`); nothing means that the service label is its name. `depends_on` are services it calls;
    `without` are the kinds of telemetry it does not send (`metrics`, `logs`, `traces`).
    """

    name: str
    display: str
    owners: tuple[Owner, ...] = ()
    dashboard: str = ""
    runbook: str = ""
    metrics: str = ""
    logs: str = ""
    traces: str = ""
    depends_on: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services by name, and the owners of what no service claims."""

    services: Mapping[str, Service] = field(default_factory=dict[str, Service])
    default_owners: tuple[Owner, ...] = ()

    def find(self, name: str | None) -> Service:
        """Return the service, or a bare one that the default owners own."""
        wanted = name or ""
        known = self.services.get(wanted) or next(
            (each for key, each in self.services.items() if key.lower() == wanted.lower()), None
        )
        return known or Service(name or "", name or "", self.default_owners)
