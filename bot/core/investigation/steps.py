"""Says what a person may do next: undo what began it, look where it hurts, only then add or restart; nothing is ever run."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.core.investigation.phrasing import STATEMENT, change_text, name_of_service, values_of
from bot.domain.evidence import Action, ActionKind, Finding, Ranking, Risk, Suspect
from bot.domain.kinds import counts_requests, kind_of
from bot.domain.shortening import whole_words
from bot.domain.telemetry import Change, ChangeKind, MetricKind
from bot.i18n import Language, has, text

_LOOKS = 3
_UNKNOWN = "unknown"
# Keys of findings: who is started again and again, what a platform states, and what was shipped.
_AGAIN, _STATED, _SHIPPED = "restarts-again", "platform-said", "change-before"
# What a platform says of whom it ends and starts again.
_STARTED_AGAIN = re.compile(r"CrashLoopBackOff|Back-off restarting|OOMKill", re.IGNORECASE)
_UNDOING = {
    ChangeKind.DEPLOY: ActionKind.ROLLBACK,
    ChangeKind.COMMIT: ActionKind.ROLLBACK,
    ChangeKind.CONFIG: ActionKind.CONFIG_REVERT,
    ChangeKind.FLAG: ActionKind.FLAG_OFF,
}
_RELIEVING = {"memory": ActionKind.RESTART, "saturation": ActionKind.SCALE, "cpu": ActionKind.SCALE}
_RISK = {
    ActionKind.ROLLBACK: Risk.MEDIUM,
    # More replicas take connections and a cache that is warm; more resources are a restart.
    ActionKind.SCALE: Risk.MEDIUM,
    ActionKind.RESTART: Risk.MEDIUM,
    ActionKind.CONFIG_REVERT: Risk.MEDIUM,
    ActionKind.FLAG_OFF: Risk.LOW,
    ActionKind.FAILOVER: Risk.HIGH,
    ActionKind.INVESTIGATE: Risk.LOW,
}


def blamed(ranking: Ranking, lead: Suspect) -> Change | None:
    """Return the change that is blamed, if it is one of the first suspect's."""
    culprit = ranking.culprit
    return culprit if culprit and culprit.service in (None, lead.service) else None


def steps(ranking: Ranking, lead: Suspect, language: Language, *, traced: bool) -> tuple[Action, ...]:
    """Say what to do about the first suspect.

    What a look would find is gone after a restart, and more of what computes in vain helps nobody: a look comes before both,
    unless more is asked of the service. Who is started again by itself needs no restart.
    """
    culprit = blamed(ranking, lead)
    own = [each for each in ranking.findings if each.id in lead.findings]
    undo = _UNDOING.get(culprit.kind) if culprit else None
    relief = _RELIEVING.get(lead.mechanism)
    if relief is ActionKind.RESTART and any(_restarts(each) for each in own):
        relief = None
    undone, relieved = (_doing(kind, lead, culprit, language) for kind in (undo, relief))
    look = _look(lead, language, traced=traced, change=culprit)
    at_once = relief is ActionKind.SCALE and any(_asks_more(each) for each in own)
    return (*undone, *relieved, look) if at_once else (*undone, look, *relieved)


def _doing(kind: ActionKind | None, lead: Suspect, culprit: Change | None, language: Language) -> tuple[Action, ...]:
    if kind is None:
        return ()
    values = {"service": name_of_service(lead.service), "change": change_text(culprit, language) if culprit else ""}
    said = text(language, f"action-text.{kind.value}", **values)
    return (Action(kind, whole_words(said, STATEMENT), _RISK[kind], lead.findings),)


def _restarts(finding: Finding) -> bool:
    """Tell whether it says that the platform starts it again by itself."""
    said = finding.values.get("template", "")
    return finding.key == _AGAIN or (finding.key == _STATED and bool(_STARTED_AGAIN.search(said)))


def _asks_more(finding: Finding) -> bool:
    """Tell whether it says that more requests come."""
    name = finding.values.get("metric", "")
    return finding.key == "metric-rose" and kind_of(name) is MetricKind.TRAFFIC and counts_requests(name)


def looks(ranking: Ranking, alerted: Suspect | None, language: Language, *, traced: bool) -> tuple[Action, ...]:
    """Say where to look where nothing can be named: at who stands out, by how, and at what changed; never what to undo."""
    shipped = [each for each in ranking.findings if each.key == _SHIPPED and each.service]
    changes = {each.id for each in shipped}
    # That something of it was changed says of nobody that it is unwell.
    seen = [_as_alerted(each, alerted) for each in ranking.suspects if set(each.findings) - changes]
    found = [_look(each, language, traced=traced) for each in seen]
    last = [_look(alerted, language, traced=traced)] if alerted else []
    compared = [_compare(each, language) for each in shipped[:1]]
    several = [*found[:2], *compared, *found[2:], *last] if found else [*last, *compared]
    nowhere = Action(ActionKind.INVESTIGATE, text(language, "hint.nowhere"), Risk.LOW)
    return tuple({each.text: each for each in several}.values())[:_LOOKS] or (nowhere,)


def _as_alerted(suspect: Suspect, alerted: Suspect | None) -> Suspect:
    """Return a suspect of which nobody knows how it fails as one that does what the alert complains of, if that is of it."""
    told = alerted is not None and suspect.service == alerted.service and suspect.mechanism == _UNKNOWN
    return replace(suspect, mechanism=alerted.mechanism) if told and alerted else suspect


def _look(suspect: Suspect, language: Language, *, traced: bool, change: Change | None = None) -> Action:
    known = suspect.mechanism if has(f"hint.{suspect.mechanism}") else _UNKNOWN
    key = f"hint.{known}"
    if change and known == "deploy":
        key = "hint.change"
    if not traced and has(f"hint-untraced.{known}"):
        key = f"hint-untraced.{known}"
    changed = change_text(change, language) if change else ""
    return _investigate(text(language, key, service=name_of_service(suspect.service), change=changed), suspect.findings)


def _compare(finding: Finding, language: Language) -> Action:
    values = values_of(finding, language)
    changed = f"{values.get('kind', '')} {values.get('id') or values.get('text', '')}".strip()
    service = name_of_service(finding.service)
    return _investigate(text(language, "hint.change", service=service, change=changed), (finding.id,))


def _investigate(said: str, findings: tuple[str, ...]) -> Action:
    return Action(ActionKind.INVESTIGATE, whole_words(said, STATEMENT), _RISK[ActionKind.INVESTIGATE], findings)
