"""Says of alerts what has happened, in their authors' words, and which of them fire. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.alerts import Alert, Joined, Severity
from bot.domain.apart import shared, telling
from bot.domain.incidents import Incident
from bot.domain.labels import severity_word
from bot.domain.quantities import amount
from bot.domain.wording import clean
from bot.i18n import Language, has, text
from bot.i18n.measures import measured
from bot.ui.limits import plain
from bot.ui.moments import spell

EMOJI = {Severity.P1: "🔴", Severity.P2: "🟠", Severity.P3: "🟡", Severity.P4: "🔵"}

_INSTANCES_SHOWN = 5
# Of the summary and of what explains it; lines keep a list readable, and the rest is in the menu.
_TEXT_LENGTHS, _TEXT_LINES = (400, 350), 5
_WHICH = 90


def what(incident: Incident, language: Language) -> str:
    """Say what has happened."""
    lead = incident.lead
    error = lead.annotations.get("Error", "").strip() if lead.trouble else ""
    texts = [each for each in lead.texts if each != error]
    lines = [line for each, most in zip(texts, _TEXT_LENGTHS, strict=False) for line in paragraphs(each, most)]
    if lead.is_test:
        lines.append(text(language, "card.test"))
    if lead.trouble:
        key = f"card.trouble.{lead.trouble}" if lead.firing else f"card.trouble_was.{lead.trouble}"
        lines.append(text(language, key, detail=plain(error, 200)).rstrip())
    if incident.unstated:
        lines.append(_unknown_severity(incident.unstated, language))
    if incident.flaps and not incident.flapping_since:
        lines.append(text(language, "card.flaps", count=incident.flaps))
    return "\n".join(line for line in lines if line)


def which(incident: Incident, language: Language) -> str:
    """Say which alerts fire, the worst first; of what has ended, which there were."""
    firing = incident.firing
    alerts = sorted(firing or incident.alerts, key=incident.rank_of)
    if firing and incident.groups:
        # Of several groups people ask which of them are well again.
        alerts += [alert for alert in incident.ended if alert not in alerts]
    shown = alerts[:_INSTANCES_SHOWN]
    # What was cut off may fire although all that is shown has ended.
    goes_on = bool(firing) or (incident.is_open and incident.truncated > 0)
    lines = [
        *_counted(incident, alerts, language),
        *(f"- {line}" for line in _lines(shown, language, goes_on=goes_on) if line),
    ]
    left = alerts[_INSTANCES_SHOWN:]
    # Beside a number of those that fire, one that has ended must not be taken for one of them.
    over = sum(not alert.firing for alert in left) if firing else 0
    for key, count in (("card.more", len(left) - over), ("card.more_over", over)):
        if count:
            lines.append(text(language, key, count=count))
    if incident.truncated:
        lines.append(text(language, "card.truncated", count=incident.truncated))
    return "\n".join(lines)


def apart_of(alerts: Sequence[Alert]) -> list[str]:
    """Say of each alert which it is, not yet made safe: the labels in which they differ, or what else does."""
    names = telling([alert.labels for alert in alerts])
    if len(alerts) == 1:
        return names
    if len({alert.name for alert in alerts}) == 1:
        names = [name or alert.service or "" for name, alert in zip(names, alerts, strict=True)]
    if len({(alert.name, name) for alert, name in zip(alerts, names, strict=True)}) == len(alerts):
        return names
    # Two rules may have one name and one set of labels; then their words tell them apart, else their ids.
    said = [_begins(alert) for alert in alerts]
    if len(set(said)) < len(alerts):
        said = [f"rule={alert.rule_uid}" if alert.rule_uid else "" for alert in alerts]
    if len(set(said)) == 1:
        return names
    return [", ".join(part for part in (name, each) if part) for name, each in zip(names, said, strict=True)]


def _begins(alert: Alert) -> str:
    """Return the beginning of the first text; texts may be long, and alerts many."""
    written = next((alert.annotations[name] for name in ("summary", "description") if alert.annotations.get(name)), "")
    return clean(written[:_WHICH].split("\n")[0])


def paragraphs(words: str, limit: int) -> list[str]:
    """Write somebody's lines as lines, as many as there is room for."""
    lines: list[str] = []
    for each in words.splitlines():
        line = plain(each, limit)
        # What only draws a frame says nothing.
        if not line.strip("`\\-=*_| :+") or limit <= 1:
            continue
        if len(lines) == _TEXT_LINES:
            lines[-1] += " …"
            break
        lines.append(line)
        limit -= len(line)
    return lines


def _counted(incident: Incident, alerts: Sequence[Alert], language: Language) -> list[str]:
    # One alert is the title itself.
    if len(alerts) == 1:
        return []
    key = "card.instances" if incident.firing else "card.instances_ended"
    common = plain(shared([alert.labels for alert in alerts]), _WHICH)
    firing = sum(alert.firing for alert in alerts)
    return [text(language, key, count=firing or len(alerts)) + (f" · {common}" if common else "")]


def _lines(alerts: Sequence[Alert], language: Language, *, goes_on: bool) -> list[str]:
    """Say of each alert which it is: its rule where several fire, and the labels in which they differ."""
    named = len({alert.name for alert in alerts}) > 1
    explained = set[str]()
    troubled = len({alert.trouble for alert in alerts}) > 1
    variously = len({alert.end_reason for alert in alerts if not alert.firing}) > 1
    lines: list[str] = []
    for alert, apart in zip(alerts, apart_of(alerts), strict=True):
        rule = f"**{plain(alert.name, 60)}**" if named else ""
        severity = EMOJI[alert.severity or Severity.P2] if named or _differ(alerts) else ""
        severity = mark_of_end(alert) if goes_on and not alert.firing else severity
        name = " ".join(part for part in (severity, rule, plain(apart, _WHICH)) if part)
        trouble = ""
        if troubled and alert.trouble:
            key = f"card.troubled.{alert.trouble}" if alert.firing else f"card.troubled_was.{alert.trouble}"
            trouble = text(language, key)
        elif not alert.firing and (variously or (goes_on and not alert.recovered)):
            trouble = ended_as(alert.end_reason, language)
        why = why_joined(alert.joined, language) if alert.joined and alert.joined.group not in explained else ""
        explained |= {alert.joined.group} if alert.joined else set()
        lines.append(" — ".join(part for part in (name, trouble or _reading(alert, language), why) if part))
    return lines


def mark_of_end(alert: Alert) -> str:
    """Return the sign of how an alert ended: of what has not recovered nobody knows that it is well."""
    return "✅" if alert.recovered else "⚪"


def ended_as(reason: str | None, language: Language) -> str:
    """Say how an alert or an incident ended; without a reason it recovered."""
    key = f"card.ended.{reason or 'recovered'}"
    return text(language, key if has(key) else "card.ended.other", reason=plain(reason or "", 40))


def why_joined(joined: Joined, language: Language) -> str:
    """Say in a few words why alerts of another group are on this card."""
    how = text(language, f"joined.{joined.how.value}", other=plain(joined.other, 60))
    when = spell(timedelta(seconds=abs(joined.after_s)), language)
    key = "card.joined_before" if joined.after_s < 0 else "card.joined" if joined.after_s else "card.joined_at_once"
    return text(language, key, how=how, when=when)


def _differ(alerts: Sequence[Alert]) -> bool:
    return len({alert.severity or Severity.P2 for alert in alerts}) > 1


def _reading(alert: Alert, language: Language) -> str:
    if not alert.firing or not alert.reading:
        return ""
    reading = plain(measured(language, amount(alert.reading)), 60)
    # "down (threshold up)" says nothing: only a number can be near its threshold or far from it.
    if alert.threshold and any(map(str.isdigit, alert.threshold)):
        threshold = plain(measured(language, amount(alert.threshold)), 40)
        return text(language, "card.reading", value=reading, threshold=threshold)
    return f"**{reading}**"


def _unknown_severity(unknown: Alert, language: Language) -> str:
    word = plain(severity_word(unknown.labels), 40)
    return text(language, "card.severity_unknown" if word else "card.severity_missing", word=word)
