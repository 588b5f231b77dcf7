"""The part of the composition root that puts together what follows the alert source: silences, status, patrol."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.app.settings import Settings
from bot.app.sources import Sources
from bot.core.access import Gate
from bot.core.directory import Directory
from bot.core.maintenance import Maintenance
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.reconcile import Patrol
from bot.core.respond import Respond
from bot.core.silence_asking import SilenceAsking
from bot.core.silence_watch import SilenceWatch
from bot.core.silencing import Bounds, Silencing
from bot.core.status import StatusDesk
from bot.core.viewing import Viewer
from bot.core.watching import SourceWatch
from bot.domain.owners import Catalogue
from bot.ports import Clock
from bot.store.database import Database
from bot.telemetry.absent import AbsentDashboards
from bot.telemetry.patterns import full_match


def muting_of(store: Database, sources: Sources, directory: Directory, clock: Clock) -> Muting:
    """Make what knows which alerts are silenced."""
    return Muting(
        source=sources.alerts,
        book=store.silences,
        incidents=store.incidents,
        directory=directory,
        full_match=full_match,
        clock=clock,
    )


def status_of(
    settings: Settings,
    store: Database,
    sources: Sources,
    catalogue: Catalogue,
    directory: Directory,
    muting: Muting,
    clock: Clock,
) -> StatusDesk:
    """Make what answers `/status`."""
    return StatusDesk(
        metrics=sources.metrics,
        incidents=store.incidents,
        muting=muting,
        directory=directory,
        catalogue=catalogue,
        queries={str(name): query for name, query in settings.status.queries.items()},
        service_label=settings.status.service_label,
        clock=clock,
        receiver=settings.receiver,
    )


def silencing_of(
    settings: Settings,
    store: Database,
    sources: Sources,
    directory: Directory,
    muting: Muting,
    gate: Gate,
    clock: Clock,
) -> Silencing:
    """Make what people can do with silences."""
    limits = settings.silences
    return Silencing(
        source=sources.alerts,
        book=store.silences,
        incidents=store.incidents,
        dashboards=sources.dashboards if settings.grafana_annotations else AbsentDashboards(),
        directory=directory,
        muting=muting,
        gate=gate,
        clock=clock,
        bounds=Bounds(limits.least, limits.most, limits.default, ZoneInfo(settings.timezone)),
    )


def asking_silences_of(
    settings: Settings,
    store: Database,
    sources: Sources,
    directory: Directory,
    muting: Muting,
    silencing: Silencing,
    viewer: Viewer,
    gate: Gate,
    clock: Clock,
) -> SilenceAsking:
    """Make what asks about silences."""
    return SilenceAsking(
        source=sources.alerts,
        book=store.silences,
        jobs=store.jobs,
        incidents=store.incidents,
        directory=directory,
        muting=muting,
        silencing=silencing,
        viewer=viewer,
        gate=gate,
        clock=clock,
        most=settings.silences.most,
    )


def maintenance_of(
    settings: Settings,
    store: Database,
    sources: Sources,
    directory: Directory,
    muting: Muting,
    desk: OnCallDesk,
    catalogue: Catalogue,
    gate: Gate,
    clock: Clock,
) -> Maintenance:
    """Make what plans maintenance."""
    return Maintenance(
        source=sources.alerts,
        book=store.silences,
        jobs=store.jobs,
        incidents=store.incidents,
        directory=directory,
        muting=muting,
        desk=desk,
        catalogue=catalogue,
        gate=gate,
        clock=clock,
        most=settings.silences.most,
    )


def patrol_of(
    settings: Settings,
    store: Database,
    sources: Sources,
    directory: Directory,
    respond: Respond,
    muting: Muting,
    status: StatusDesk,
    clock: Clock,
) -> Patrol:
    """Make what goes its rounds by the clock."""
    watch = SourceWatch(
        respond=respond,
        source=sources.alerts,
        metrics=sources.metrics,
        incidents=store.incidents,
        clock=clock,
        receiver=settings.receiver,
        group_interval=timedelta(seconds=settings.group_interval_s),
        silenced=lambda: muting.silenced,
    )
    status.notices = lambda: (*watch.notices, *muting.notices)
    return Patrol(
        respond=respond,
        muting=muting,
        directory=directory,
        watch=watch,
        follow=SilenceWatch(book=store.silences, jobs=store.jobs, directory=directory, clock=clock).follow,
        clock=clock,
        reconcile_every=timedelta(seconds=settings.reconcile_every_s),
    )
