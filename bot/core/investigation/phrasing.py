"""Words findings and rankings, and the verdict that is shown when no model speaks.

The sentences are raw text on one line, at most 200 characters: whoever shows them escapes them for the place they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.evidence import (
    LIKELY,
    Action,
    ActionKind,
    Alternative,
    Channel,
    Claim,
    Confidence,
    Finding,
    Ranking,
    Risk,
    Suspect,
    Verdict,
)
from bot.domain.quantities import readable
from bot.domain.shortening import one_line, short_id, whole_words
from bot.domain.telemetry import Change, ChangeKind
from bot.i18n import Language, catalogue, has, text
from bot.i18n.measures import measured

STATEMENT = 200

_NOTHING = "–"
# No value of ours is longer; a log line may be a megabyte.
_VALUE = 400
_SHORTEST = 16
_NAME = 80
# The words before a stack trace, where its cause follows them.
_HEAD = 60
# A call of somebody who writes no spans, and one that does nothing but wait for a connection.
_WAITS, _HELD = "span-waits", "span-held"
_AGAIN = "restarts-again"
# What a platform says of whom it ends and starts again.
_STARTED_AGAIN = re.compile(r"CrashLoopBackOff|Back-off restarting|OOMKill", re.IGNORECASE)
# The same where nobody knows how long it took before.
_STANDS = "-stands"
# Their values are numbers of milliseconds.
_IN_MS = frozenset({"span-slow", _WAITS, _HELD, "edge-slow"})

_ALTERNATIVE = 0.4
_WHYS, _ALTERNATIVES, _AFFECTED, _LOOKS = 4, 2, 8, 3

_UNDOING = {
    ChangeKind.DEPLOY: ActionKind.ROLLBACK,
    ChangeKind.COMMIT: ActionKind.ROLLBACK,
    ChangeKind.CONFIG: ActionKind.CONFIG_REVERT,
    ChangeKind.FLAG: ActionKind.FLAG_OFF,
}
_RELIEVING = {"memory": ActionKind.RESTART, "saturation": ActionKind.SCALE, "cpu": ActionKind.SCALE}
_RISK = {
    ActionKind.ROLLBACK: Risk.MEDIUM,
    ActionKind.SCALE: Risk.LOW,
    ActionKind.RESTART: Risk.MEDIUM,
    ActionKind.CONFIG_REVERT: Risk.MEDIUM,
    ActionKind.FLAG_OFF: Risk.LOW,
    ActionKind.FAILOVER: Risk.HIGH,
    ActionKind.INVESTIGATE: Risk.LOW,
}


class _Values(dict[str, str]):
    """Values of a text; a finding kept by an older version may lack one."""

    def __missing__(self, name: str) -> str:
        return _NOTHING


def statement(finding: Finding, language: Language) -> str:
    """Say what a finding found; long values are shortened before the sentence loses its numbers."""
    key = f"finding.{finding.key}"
    if finding.values.get("minutes") == "0" and has(f"{key}-just-before"):
        key = f"{key}-just-before"
    template = catalogue(language)[key if has(key) else "finding.other"]
    values = _values(finding, language)
    said = _filled(template, values)
    for name in sorted(values, key=lambda name: -len(values[name])):
        over = len(said) - STATEMENT
        if over <= 0:
            break
        values[name] = whole_words(values[name], max(len(values[name]) - over, _SHORTEST))
        said = _filled(template, values)
    return whole_words(said, STATEMENT)


def mechanism_text(mechanism: str, service: str, language: Language) -> str:
    """Say what is wrong with a service, as a clause."""
    key = f"mechanism.{mechanism}"
    return text(language, key if has(key) else "mechanism.unknown", service=_name(service))


def change_text(change: Change, language: Language) -> str:
    """Name a change: its kind and its id, or its words if it has none."""
    return f"{text(language, f'change.{change.kind.value}')} {whole_words(one_line(short_id(change.id) or change.text[:_VALUE]), 60)}".strip()


def plain_verdict(ranking: Ranking, language: Language, alerted: Suspect | None = None) -> Verdict:
    """Say what the ranking says, without a model: only what its findings hold up.

    `alerted` is whom the alert is about and what it complains of: where one looks if nobody stands out.
    """
    lead = ranking.lead
    if lead is None:
        return _inconclusive(ranking, alerted, language)
    found = _strongest(ranking, lead.findings)
    cause = _cause(lead, found, language)
    culprit = _culprit(ranking, lead)
    if culprit:
        # "Bad deploy, after deploy" would say it twice.
        key = "report.cause_deploy" if lead.mechanism == culprit.kind.value else "report.cause_after"
        change = change_text(culprit, language)
        cause = text(language, key, cause=cause, change=change, service=_name(lead.service))
    return Verdict(
        confidence=_confidence(lead),
        cause=Claim(whole_words(cause, STATEMENT), lead.service, lead.findings),
        why=tuple(_claim(finding, language) for finding in found[:_WHYS]),
        alternatives=_alternatives(ranking, lead, language),
        blast_radius=_blast_radius(ranking, language),
        actions=_actions(ranking, lead, language),
    )


def _cause(lead: Suspect, found: Sequence[Finding], language: Language) -> str:
    """Say what is wrong; of who waits for somebody else, for what and how long."""
    wanted = {"dependency": _WAITS, "pool": _HELD, "unavailable": _AGAIN}.get(lead.mechanism)
    for each in found:
        if wanted and each.key.removesuffix(_STANDS) == wanted:
            return text(language, f"report.cause_{each.key}", **_values(each, language))
    return mechanism_text(lead.mechanism, lead.service, language)


def _values(finding: Finding, language: Language) -> _Values:
    values = _Values({name: one_line(value[:_VALUE]) for name, value in finding.values.items()})
    values.setdefault("service", one_line(finding.service[:_VALUE]))
    # `series` are the names in the configuration that comes with Bongsu; others stand as their operator wrote them.
    for name, section in (("kind", "change"), ("metric", "metric"), ("metric", "series")):
        key = f"{section}.{values.get(name, '')}"
        if has(key):
            values[name] = text(language, key)
    for name in ("before", "after"):
        if name in values:
            values[name] = measured(
                language, readable(values[name], "ms" if finding.key.removesuffix(_STANDS) in _IN_MS else "")
            )
    values["since"] = _clock(values.get("since", ""))
    if root := values.get("root"):
        # What began it is the part that must not be cut.
        values["template"] = f"{whole_words(values['template'], _HEAD)} — {root}"
    peer = values.get("peer", "")
    values["peer"] = text(language, "finding.peer", peer=peer) if peer else ""
    return values


def _clock(epoch: str) -> str:
    """Write epoch seconds as the time of day; these sentences are read by a model as well, so not as Discord does."""
    return f"{datetime.fromtimestamp(int(epoch), UTC):%H:%M:%S} UTC" if epoch.isdecimal() and len(epoch) < 12 else epoch


def _filled(template: str, values: Mapping[str, str]) -> str:
    said = " ".join(template.format_map(values).split())
    if not values.get("service"):
        # A commit belongs to no service, an alert need not name one.
        said = said.removesuffix(" ()").removeprefix(": ")
    # A change without words, an incident without a cause: nothing comes after the colon.
    return said.removesuffix(":").rstrip()


def _name(service: str) -> str:
    return whole_words(one_line(service[:_VALUE]), _NAME) or _NOTHING


def _claim(finding: Finding, language: Language) -> Claim:
    return Claim(statement(finding, language), finding.service, (finding.id,))


def _strongest(ranking: Ranking, names: Iterable[str]) -> list[Finding]:
    """Order findings so that each channel's best comes before any channel's second."""
    wanted = set(names)
    ordered = sorted((each for each in ranking.findings if each.id in wanted), key=lambda each: -each.score)
    firsts = {finding.channel: finding.id for finding in reversed(ordered)}
    return sorted(ordered, key=lambda each: firsts[each.channel] != each.id)


def _culprit(ranking: Ranking, lead: Suspect) -> Change | None:
    culprit = ranking.culprit
    return culprit if culprit and culprit.service in (None, lead.service) else None


def _confidence(lead: Suspect) -> Confidence:
    return Confidence.LIKELY if lead.score >= LIKELY else Confidence.POSSIBLE


def _alternatives(ranking: Ranking, lead: Suspect, language: Language) -> tuple[Alternative, ...]:
    near = [each for each in ranking.suspects[1:] if each.score >= _ALTERNATIVE * lead.score]
    return tuple(
        Alternative(
            Claim(mechanism_text(each.mechanism, each.service, language), each.service, each.findings),
            _why_not(ranking, lead, each, language),
        )
        for each in near[:_ALTERNATIVES]
    )


def _why_not(ranking: Ranking, lead: Suspect, other: Suspect, language: Language) -> str:
    for finding in ranking.findings:
        if (finding.values.get("caller"), finding.values.get("callee")) == (other.service, lead.service):
            return text(language, "report.why_not_caller", service=_name(lead.service))
    ours, theirs = (len({f.channel for f in _strongest(ranking, each.findings)}) for each in (lead, other))
    if 0 < theirs < ours:
        return text(language, "report.why_not_channels", count=theirs, lead=ours)
    return text(language, "report.why_not_weaker", score=f"{other.score:.2f}", lead=f"{lead.score:.2f}")


def _blast_radius(ranking: Ranking, language: Language) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    lead = ranking.lead.service if ranking.lead else ""
    for service in [each for each in ranking.affected if each != lead][:_AFFECTED]:
        names = [finding.id for finding in ranking.findings if finding.service == service]
        found = _strongest(ranking, names)
        said = statement(found[0], language) if found else text(language, "report.affected", service=_name(service))
        claims.append(Claim(said, service, (found[0].id,) if found else ()))
    return tuple(claims)


def _actions(ranking: Ranking, lead: Suspect, language: Language) -> tuple[Action, ...]:
    culprit = _culprit(ranking, lead)
    kinds = [_UNDOING.get(culprit.kind) if culprit else None, _RELIEVING.get(lead.mechanism)]
    values = {"service": _name(lead.service), "change": change_text(culprit, language) if culprit else _NOTHING}
    doing = [
        Action(
            kind,
            whole_words(text(language, f"action-text.{kind.value}", **values), STATEMENT),
            _RISK[kind],
            lead.findings,
        )
        for kind in kinds
        if kind
    ]
    look = _investigate(lead.mechanism, lead.service, lead.findings, language)
    # What a look would find is gone after a restart; and who is started again by itself needs none.
    again = any(_restarts(each) for each in ranking.findings if each.id in lead.findings)
    restart = [each for each in doing if each.kind is ActionKind.RESTART]
    return (*(each for each in doing if each not in restart), look, *([] if again else restart))


def _restarts(finding: Finding) -> bool:
    """Tell whether it says that the platform starts it again by itself."""
    said = finding.values.get("template", "")
    return finding.key == _AGAIN or (finding.key == "platform-said" and bool(_STARTED_AGAIN.search(said)))


def _investigate(mechanism: str, service: str, findings: tuple[str, ...], language: Language) -> Action:
    key = f"hint.{mechanism}"
    hint = text(language, key if has(key) else "hint.unknown", service=_name(service))
    return Action(ActionKind.INVESTIGATE, whole_words(hint, STATEMENT), _RISK[ActionKind.INVESTIGATE], findings)


def _inconclusive(ranking: Ranking, alerted: Suspect | None, language: Language) -> Verdict:
    found = _strongest(ranking, [finding.id for finding in ranking.findings])
    return Verdict(
        confidence=Confidence.INCONCLUSIVE,
        why=tuple(_claim(finding, language) for finding in found[:_WHYS]),
        blast_radius=_blast_radius(ranking, language),
        actions=_looks(ranking, alerted, language),
    )


def _looks(ranking: Ranking, alerted: Suspect | None, language: Language) -> tuple[Action, ...]:
    """Say where to look where nothing can be named: at who stands out, by how, and at what changed; never what to undo."""

    def look(suspect: Suspect) -> Action:
        mechanism = suspect.mechanism
        if alerted and suspect.service == alerted.service and mechanism == "unknown":
            mechanism = alerted.mechanism
        return _investigate(mechanism, suspect.service, suspect.findings, language)

    found = [look(each) for each in ranking.suspects if each.findings]
    shipped = [
        _investigate("deploy", each.service, (each.id,), language)
        for each in ranking.findings
        if each.channel is Channel.CHANGE and each.service and each.key != "restarted"
    ]
    looks = [*found[:2], *shipped[:1], *found[2:]]
    if not looks:
        looks = [look(alerted)] if alerted else []
    nowhere = Action(ActionKind.INVESTIGATE, text(language, "hint.nowhere"), Risk.LOW)
    return tuple({each.text: each for each in looks}.values())[:_LOOKS] or (nowhere,)
