"""Puts the use cases together: the program and the tests do it the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.app.answers import asking_of, investigating_of
from bot.app.options import Options
from bot.app.reporting import postmortems_of, reporting_of
from bot.app.shared import Shared, shared_of
from bot.app.silences import asking_silences_of, maintenance_of, silence_watch_of, silencing_of
from bot.app.sources import Sources
from bot.core.directory import Directory
from bot.core.endings import Endings
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.service import OnCallService
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing
from bot.core.pictures.queue import PictureQueue
from bot.core.reconcile import Reconciler
from bot.core.remembering import Remembering
from bot.core.respond import Respond
from bot.core.services import Services
from bot.core.status import Ping, StatusDesk
from bot.core.storm import DigestDesk
from bot.core.viewing import Viewer
from bot.core.watching import SourceWatch
from bot.ports import Clock, Speaker
from bot.ports.dashboards import PostedPictures
from bot.ports.oncall import Caller
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Outside:
    """Who speaks and calls on Discord, and the connections that `/status` tries, by name."""

    speaker: Speaker | None = None
    caller: Caller | None = None
    pings: Mapping[str, Ping] = field(default_factory=dict[str, Ping])
    posted: PostedPictures | None = None


@dataclass(frozen=True, slots=True)
class UseCases:
    """All use cases: those that people ask for, in `services`, and what works by the clock."""

    services: Services
    reconciler: Reconciler
    viewer: Viewer
    muting: Muting
    directory: Directory


def use_cases(
    options: Options, records: Database, sources: Sources, clock: Clock, *, desk: OnCallDesk, outside: Outside
) -> UseCases:
    """Put the use cases over records and sources. Raises ConfigurationError."""
    parts = shared_of(options, records, sources, clock, desk)
    respond = _respond(parts)
    watch = _watch(parts, respond)
    finder, silencing = DashboardFinder(parts.directory), silencing_of(parts)
    services = Services(
        respond=respond,
        silencing=silencing,
        status=_status(parts, watch, outside.pings),
        dashboards=finder,
        investigating=investigating_of(parts),
        asking=asking_of(parts, outside.speaker),
        access=parts.access,
        guild_id=options.guild_id,
        language=options.language,
        zone=options.zone,
        picturing=_picturing(parts, finder),
        remembering=_remembering(parts),
        merging=parts.merging,
        oncall=OnCallService(
            desk=desk,
            jobs=records.jobs,
            overrides=records.overrides,
            access=parts.access,
            clock=clock,
            caller=outside.caller,
        ),
        asking_silences=asking_silences_of(parts, silencing),
        maintenance=maintenance_of(parts, desk),
        reporting=reporting_of(parts, desk),
        postmortems=postmortems_of(parts, desk, outside.posted),
        digests=DigestDesk(digests=records.digests, access=parts.access, clock=clock),
    )
    reconciler = Reconciler(
        respond=respond,
        muting=parts.muting,
        directory=parts.directory,
        watch=watch,
        follow=silence_watch_of(parts).follow,
        clock=clock,
        reconcile_every=options.reconcile_every,
    )
    return UseCases(services, reconciler, parts.viewer, parts.muting, parts.directory)


def _remembering(parts: Shared) -> Remembering:
    return Remembering(
        memories=parts.records.memories,
        incidents=parts.records.incidents,
        investigations=parts.records.investigations,
        access=parts.access,
        clock=parts.clock,
    )


def _respond(parts: Shared) -> Respond:
    return Respond(
        inbox=parts.records.inbox,
        incidents=parts.records.incidents,
        viewer=parts.viewer,
        access=parts.access,
        clock=parts.clock,
        vocabulary=parts.options.vocabulary,
        endings=Endings(parts.sources.metrics, parts.clock, looked_at=parts.sources.alerts.name),
        correlation=parts.merging.correlation,
        flapping=parts.options.flapping,
    )


def _watch(parts: Shared, respond: Respond) -> SourceWatch:
    return SourceWatch(
        respond=respond,
        source=parts.sources.alerts,
        metrics=parts.sources.metrics,
        incidents=parts.records.incidents,
        clock=parts.clock,
        receiver=parts.options.receiver,
        group_interval=parts.options.group_interval,
        silenced=lambda: parts.muting.silenced,
    )


def _status(parts: Shared, watch: SourceWatch, pings: Mapping[str, Ping]) -> StatusDesk:
    options = parts.options
    return StatusDesk(
        metrics=parts.sources.metrics,
        incidents=parts.records.incidents,
        muting=parts.muting,
        directory=parts.directory,
        catalogue=options.catalogue,
        queries=options.queries,
        service_label=options.service_label,
        clock=parts.clock,
        receiver=options.receiver,
        pings=pings,
        notices=lambda: (*watch.notices, *parts.muting.notices),
        patience_s=options.patience_s,
        waiting=parts.records.outbox.waiting,
    )


def _picturing(parts: Shared, finder: DashboardFinder) -> Picturing:
    options, pictures = parts.options, parts.sources.pictures
    return Picturing(
        finder=finder,
        models=pictures.models,
        queue=PictureQueue(pictures.cameras, options.pictures_at_once, options.pictures),
        viewer=parts.viewer,
        access=parts.access,
        clock=parts.clock,
        zone=options.zone,
        theme=options.theme,
    )
