"""Names alerts: what tells them apart, which of them are silenced, and how bad they are at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.alerts import Alert, Severity
from bot.domain.proposals import worst_first
from bot.domain.silences import Silence
from bot.domain.views import IncidentView
from bot.i18n import Language, text
from bot.ui.limits import plain, shorten
from bot.ui.moments import until
from bot.ui.particulars import EMOJI, apart_of

# Of alerts named in one line of a card, and of the letters of each.
_NAMED, _SHORT = 2, 30


def silenced_lines(view: IncidentView, language: Language) -> list[str]:
    """Say which alerts are silenced until when and by whom, and which are loud: a card must not look quieter than it is."""
    firing, lines = view.incident.firing, list[str]()
    for muted in view.silences[:2]:
        silence = muted.silence
        values = {
            "at": until(silence.ends_at),
            "name": shorten(made_by(silence), 40),
            "count": len(muted.alerts),
            "total": len(firing),
        }
        if len(muted.alerts) == len(firing):
            lines.append(text(language, "card.silenced", **values))
        else:
            lines.append(text(language, "card.partly_silenced", **values, which=_which(muted.alerts, firing)))
    if len(view.silences) > 2:
        lines.append(text(language, "card.more_silences", count=len(view.silences) - 2))
    silent = {alert.fingerprint for muted in view.silences for alert in muted.alerts}
    loud = [alert for alert in firing if alert.fingerprint not in silent]
    if silent and loud:
        lines.append(text(language, "card.still_loud", count=len(loud), which=_which(loud, firing)))
    return lines


def _which(some: Sequence[Alert], among: Sequence[Alert]) -> str:
    """Name some alerts among others by what tells them apart, the worst first."""
    named = dict(zip((alert.fingerprint for alert in among), names_of(among, _SHORT), strict=True))
    shown = ", ".join(named.get(alert.fingerprint, "…") for alert in worst_first(some)[:_NAMED])
    return shown + (f" +{len(some) - _NAMED}" if len(some) > _NAMED else "")


def names_of(alerts: Sequence[Alert], most: int = 60) -> list[str]:
    """Name alerts by what tells them apart: severity and rule where these differ, else the labels in which they do."""
    severities = len({alert.severity for alert in alerts}) > 1
    rules = len({alert.name for alert in alerts}) > 1
    return [
        " ".join(
            part
            for part in (
                EMOJI[alert.severity or Severity.P2] if severities else "",
                plain(alert.name, most) if rules else "",
                plain(apart or ("" if rules else alert.instance), most),
            )
            if part
        )
        for alert, apart in zip(alerts, apart_of(alerts), strict=True)
    ]


def made_by(silence: Silence) -> str:
    """Name who made a silence, without what we add to the name at the source."""
    return plain(silence.created_by.removeprefix("discord: ").split(" (")[0], 60)
