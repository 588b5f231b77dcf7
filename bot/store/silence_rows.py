"""Turns silences and proposals of silences into rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from bot.domain.alerts import Rule
from bot.domain.silences import Draft, Matcher, Scope, Silence
from bot.domain.views import SilenceRow
from bot.store.alerts import alert_in, alert_out
from bot.store.rows import storable


def silence_columns(silence: Silence) -> dict[str, Any]:
    """Return the columns of a silence that its source tells."""
    return {
        "source_id": silence.source_id,
        "matchers": storable(json.dumps(_matchers_out(silence.matchers))),
        "created_by": storable(silence.created_by),
        "comment": storable(silence.comment),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
    }


def silence_of(row: RowMapping) -> SilenceRow:
    """Return the silence of a row."""
    silence = Silence(
        source_id=row["source_id"],
        matchers=_matchers_in(json.loads(row["matchers"])),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        created_by=row["created_by"],
        comment=row["comment"],
        ended_at=row["ended_at"],
    )
    return SilenceRow(row["id"], silence, row["rule"], muted_at=row["muted_at"], incident=row["incident"])


def draft_out(draft: Draft) -> str:
    """Write a draft as JSON."""
    rule = draft.rule
    return json.dumps(
        {
            "rule": [rule.name, rule.uid, rule.folder],
            "scope": draft.scope.value,
            "ends_at": draft.ends_at.isoformat(),
            "lasts_s": draft.lasts_s,
            "author": [draft.author_id, draft.author_name],
            "reason": draft.reason,
            "sample": alert_out(draft.sample) if draft.sample else None,
            "incident": draft.incident,
            "shared": dict(draft.shared),
            "matchers": _matchers_out(draft.matchers),
            "tried_at": draft.tried_at.isoformat() if draft.tried_at else None,
        }
    )


def draft_in(number: int, payload: str) -> Draft:
    """Read a draft from JSON."""
    raw: dict[str, Any] = json.loads(payload)
    name, uid, folder = raw["rule"]
    author_id, author_name = raw["author"]
    return Draft(
        rule=Rule(name, uid, folder),
        scope=Scope(raw["scope"]),
        ends_at=datetime.fromisoformat(raw["ends_at"]),
        lasts_s=raw["lasts_s"],
        author_id=author_id,
        author_name=author_name,
        reason=raw["reason"],
        sample=alert_in(raw["sample"]) if raw["sample"] else None,
        incident=raw["incident"],
        id=number,
        shared=raw.get("shared", {}),
        matchers=_matchers_in(raw.get("matchers", [])),
        tried_at=datetime.fromisoformat(raw["tried_at"]) if raw.get("tried_at") else None,
    )


def _matchers_out(matchers: Iterable[Matcher]) -> list[list[Any]]:
    """Write matchers in their order: in another one they are another silence for the servers."""
    return [[each.name, each.value, each.is_regex, each.is_equal] for each in matchers]


def _matchers_in(raw: Iterable[list[Any]]) -> tuple[Matcher, ...]:
    return tuple(Matcher(*each) for each in raw)
