"""Renders a status report as one reply that is read on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from discord import ui

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.quantities import length
from bot.domain.views import ServiceHealth, StatusReport
from bot.i18n import Language, text
from bot.i18n.measures import measured
from bot.ui.cards import COLOUR, GREEN
from bot.ui.drawing import Drawing
from bot.ui.limits import plain, shorten
from bot.ui.moments import spell, stamp
from bot.ui.particulars import EMOJI

_NO_BREAK = "\u00a0"
_SERVICES_SHOWN = 15
_INCIDENTS_SHOWN = 10
_SILENCES_SHOWN = 5
_HIDDEN_SHOWN = 5
_REASONS_SHOWN = 3


def status_view(report: StatusReport, language: Language) -> ui.LayoutView:
    """Show services, what fires and who has it, silences, and how Bongsu itself is doing."""
    view = Drawing()
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_colour(report))
    box.add_item(ui.TextDisplay(text(language, "status.title", at=stamp(report.at, "T"))))
    for block in (
        *_notices(report, language),
        _services(report, language),
        _incidents(report, language),
        _hidden(report, language),
        _silences(report, language),
        _waiting(report, language),
        _connections(report, language),
    ):
        if block:
            box.add_item(ui.TextDisplay(shorten(block, 780)))
    view.add_item(box)
    return view


def _colour(report: StatusReport) -> int:
    known = [incident.severity for incident in report.incidents]
    known += [alert.severity or Severity.P2 for alert in report.hidden]
    return COLOUR[min(known, key=lambda severity: severity.value)] if known else GREEN


def _notices(report: StatusReport, language: Language) -> list[str]:
    lines = [text(language, f"status.notice.{each.key}", **_shown(each.values)) for each in report.notices]
    return ["\n".join(lines)] if lines else []


def _shown(values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: stamp(datetime.fromisoformat(value)) if name == "at" else plain(value, 200)
        for name, value in values.items()
    }


def _services(report: StatusReport, language: Language) -> str:
    lines = [_service(health, language) for health in report.services[:_SERVICES_SHOWN]]
    if report.missing:
        lines.insert(0, text(language, "status.missing", names=", ".join(report.missing)))
    return "\n".join(lines) or text(language, "status.no_services")


def _service(health: ServiceHealth, language: Language) -> str:
    # What stands together stays on one line of a telephone.
    name = plain(health.service.display, 40).replace(" ", _NO_BREAK)
    numbers = [
        text(language, "status.rate", value=f"{health.rate:.3g}") if health.rate is not None else "",
        text(language, "status.errors", value=f"{health.errors * 100:.3g}") if health.errors is not None else "",
        _p99(health.p99_s, language) if health.p99_s is not None else "",
    ]
    # The word comes right after the mark that it explains.
    numbers = [number.replace(" ", _NO_BREAK) for number in numbers if number]
    return " · ".join((f"{_light(health)}{_NO_BREAK}**{name}**:{_NO_BREAK}{_word(health, language)}", *numbers))


def _p99(seconds: float, language: Language) -> str:
    return text(language, "status.p99", value=measured(language, length(1000 * seconds)))


def _word(health: ServiceHealth, language: Language) -> str:
    """Say what the mark says: what fires, where that is what it shows, and else whether the targets answer."""
    state = _state(health)
    if state == "up" and health.firing:
        return text(language, "status.fires", severity=health.firing.name)
    return text(language, f"status.{state}", percent=f"{(health.up or 0) * 100:.0f}")


def _state(health: ServiceHealth) -> str:
    if health.up is None:
        return "unknown"
    if health.up <= 0:
        return "down"
    return "up" if health.up >= 1 else "partly_up"


def _light(health: ServiceHealth) -> str:
    """Say how a service is at a glance: by the worst that fires of it, and by the targets that answer."""
    if _state(health) == "down":
        return EMOJI[Severity.P1]
    if health.firing:
        return EMOJI[health.firing]
    return {"up": "🟢", "partly_up": EMOJI[Severity.P3], "unknown": "⚪"}[_state(health)]


def _incidents(report: StatusReport, language: Language) -> str:
    if not report.incidents:
        return "" if report.hidden else text(language, "status.no_incidents")
    counts = [f"{EMOJI[s]} {s.name} ×{report.firing(s)}" for s in Severity if report.firing(s)]
    lines = [text(language, "status.incidents", counts=" · ".join(counts))]
    lines += [_incident(incident, report, language) for incident in report.incidents[:_INCIDENTS_SHOWN]]
    return "\n".join(lines)


def _incident(incident: Incident, report: StatusReport, language: Language) -> str:
    who = text(language, "status.nobody")
    if incident.ack:
        who = text(language, "status.has_it", name=plain(incident.ack.by.name, 40))
    title = plain(incident.heading, 60)
    line = f"- #{incident.number} {EMOJI[incident.severity]} {title} {stamp(incident.opened_at)} · {who}"
    muted, total = report.muted.get(incident.number, 0), len(incident.firing)
    if not muted:
        return line
    return f"{line} · 🔕" if muted == total else f"{line} · 🔕 {muted}/{total}"


def _hidden(report: StatusReport, language: Language) -> str:
    """Tell what fires without a card because it is silenced: the worst of it must not be forgotten."""
    if not report.hidden:
        return ""
    lines = [text(language, "status.hidden", count=len(report.hidden))]
    for alert in report.hidden[:_HIDDEN_SHOWN]:
        severity = alert.severity or Severity.P2
        which = plain(alert.instance, 60)
        lines.append(f"- {EMOJI[severity]} {severity.name} {plain(alert.name, 60)} · {which} {stamp(alert.starts_at)}")
    if len(report.hidden) > _HIDDEN_SHOWN:
        lines.append(text(language, "card.more", count=len(report.hidden) - _HIDDEN_SHOWN))
    return "\n".join(lines)


def _silences(report: StatusReport, language: Language) -> str:
    if not report.silences:
        return text(language, "status.no_silences")
    lines = [text(language, "status.silences", count=len(report.silences))]
    shown = report.silences[:_SILENCES_SHOWN]
    lines += [f"- {plain(row.rule or row.silence.comment, 60)} → {stamp(row.silence.ends_at)}" for row in shown]
    return "\n".join(lines)


def _waiting(report: StatusReport, language: Language) -> str:
    """Tell what Discord did not take yet, and why."""
    oldest_first = sorted(report.waiting.items(), key=lambda each: -each[1][1])
    return "\n".join(
        text(
            language,
            "status.waiting",
            count=count,
            reason=plain(reason, 120),
            age=spell(timedelta(seconds=seconds), language),
        )
        for reason, (count, seconds) in oldest_first[:_REASONS_SHOWN]
    )


def _connections(report: StatusReport, language: Language) -> str:
    parts = [
        f"✅ {plain(each.name, 30)}"
        if each.problem is None
        else f"❌ {plain(each.name, 30)} ({plain(each.problem, 80)})"
        for each in report.connections
    ]
    return text(language, "status.connections", parts=" · ".join(parts) or "–")
