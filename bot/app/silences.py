"""Puts together what makes and watches silences."""

from __future__ import annotations

from bot.app.shared import Shared
from bot.core.maintenance import Maintenance
from bot.core.oncall.desk import OnCallDesk
from bot.core.silence_asking import SilenceAsking
from bot.core.silence_watch import SilenceWatch
from bot.core.silencing import Silencing


def silencing_of(parts: Shared) -> Silencing:
    """Make what people can do with silences."""
    options = parts.options
    return Silencing(
        source=parts.sources.alerts,
        book=parts.records.silences,
        incidents=parts.records.incidents,
        directory=parts.directory,
        muting=parts.muting,
        access=parts.access,
        clock=parts.clock,
        bounds=options.bounds,
        patience_s=options.patience_s,
    )


def asking_silences_of(parts: Shared, silencing: Silencing) -> SilenceAsking:
    """Make what asks about silences."""
    return SilenceAsking(
        source=parts.sources.alerts,
        book=parts.records.silences,
        jobs=parts.records.jobs,
        incidents=parts.records.incidents,
        directory=parts.directory,
        muting=parts.muting,
        silencing=silencing,
        viewer=parts.viewer,
        access=parts.access,
        clock=parts.clock,
        most=parts.options.bounds.most,
    )


def maintenance_of(parts: Shared, desk: OnCallDesk) -> Maintenance:
    """Make what plans maintenance."""
    return Maintenance(
        source=parts.sources.alerts,
        book=parts.records.silences,
        jobs=parts.records.jobs,
        incidents=parts.records.incidents,
        directory=parts.directory,
        muting=parts.muting,
        desk=desk,
        catalogue=parts.options.catalogue,
        access=parts.access,
        clock=parts.clock,
        most=parts.options.bounds.most,
    )


def silence_watch_of(parts: Shared) -> SilenceWatch:
    """Make what follows the silences that there are."""
    records = parts.records
    return SilenceWatch(book=records.silences, jobs=records.jobs, directory=parts.directory, clock=parts.clock)
