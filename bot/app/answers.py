"""Puts together what finds out: investigations, and answers to questions."""

from __future__ import annotations

from bot.advice.adviser import Adviser, Models
from bot.advice.analyst import RankingAnalyst
from bot.advice.answering import ModelAnswerer, QuestionLimits
from bot.advice.interview import Briefing
from bot.app.shared import Shared, runbooks_of
from bot.core.investigation.collect import Collector
from bot.core.investigation.investigating import Investigating
from bot.core.questions.asking import Asking
from bot.core.questions.lookups import Lookups
from bot.domain.excerpts import Excerpts
from bot.ports import Speaker


def asking_of(parts: Shared, speaker: Speaker | None) -> Asking:
    """Put lookups, model and use case of questions together; a question is worth the cheaper model."""
    options, records = parts.options, parts.records
    answerer = ModelAnswerer(
        payer=parts.payer,
        model=options.model.other,
        lookups=Lookups(telemetry=parts.telemetry, incidents=records.incidents, clock=parts.clock, zone=options.zone),
        briefing=Briefing(options.catalogue, options.plan, Excerpts(options.zone), options.language),
        explore=options.explore,
        limits=QuestionLimits(usd=options.model.question_usd),
        redact=options.redact,
        silent=options.model.silent,
    )
    return Asking(
        exchanges=records.investigations,
        investigations=records.investigations,
        incidents=records.incidents,
        answerer=answerer,
        access=parts.access,
        clock=parts.clock,
        language=options.language,
        speaker=speaker,
    )


def investigating_of(parts: Shared) -> Investigating:
    """Put collector, analyst and use cases together."""
    options, records = parts.options, parts.records
    models = Models(options.model.p1, options.model.other)
    analyst = RankingAnalyst(
        explore=options.explore,
        catalogue=options.catalogue,
        plan=options.plan,
        language=options.language,
        redact=options.redact,
        adviser=Adviser(parts.payer, models, options.language) if parts.payer else None,
        silent=options.model.silent,
    )
    return Investigating(
        queue=records.investigations,
        investigations=records.investigations,
        incidents=records.incidents,
        collector=Collector(
            telemetry=parts.telemetry, catalogue=options.catalogue, plan=options.plan, clock=parts.clock
        ),
        analyst=analyst,
        runbooks=runbooks_of(options),
        changes=records.changes,
        viewer=parts.viewer,
        catalogue=options.catalogue,
        access=parts.access,
        clock=parts.clock,
        habits=options.habits,
        merging=parts.merging,
    )
