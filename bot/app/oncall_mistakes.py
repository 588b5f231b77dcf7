"""Finds what contradicts itself in `config/oncall.yml`: names that nobody has, turns of nobody, chains that reach nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from bot.app.mistakes import near
from bot.app.oncall_file import ChainEntry, LayerEntry, OncallFile, OverrideEntry, TeamEntry, target_of
from bot.domain.escalations import EscalationTarget, TargetKind
from bot.domain.owners import Catalogue
from bot.i18n import Phrase
from bot.oncall.reader import calendars_installed

Place = tuple[str | int, ...]
Wrong = tuple[Place, Phrase]


def wrong_of(read: OncallFile, catalogue: Catalogue, environment: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield every mistake with its place."""
    for name, team in read.teams.items():
        yield from (((("teams", name, *place)), problem) for place, problem in _team(team, read, catalogue))
    services = ((name, "services", each, each) for name, team in read.teams.items() for each in team.services)
    yield from _twice("teams", "mistake.service_of_two", services)
    aliases = ((k, "aliases", each, each.strip().casefold()) for k, p in read.people.items() for each in p.aliases)
    yield from _twice("people", "mistake.alias_of_two", aliases)
    for name, hook in read.webhooks.items():
        if not hook.url:
            yield ("webhooks", name, "url"), Phrase("mistake.missing")
        for header in hook.headers.values():
            if header.startswith("$") and not environment.get(header[1:]):
                yield ("webhooks", name, "headers"), Phrase("mistake.no_variable", name=header[1:])


def _twice(table: str, key: str, rows: Iterable[tuple[str, str, str, str]]) -> Iterator[Wrong]:
    """Yield what two claim; a row is who claims it, where, as it is written, and what it comes to."""
    claimed: dict[str, str] = {}
    for name, where, written, meant in rows:
        if (other := claimed.setdefault(meant, name)) != name:
            yield (table, name, where), Phrase(key, name=written, other=other)


def _team(team: TeamEntry, read: OncallFile, catalogue: Catalogue) -> Iterator[Wrong]:
    for service in team.services:
        if service not in catalogue.services:
            yield ("services",), _unknown("service", service, catalogue.services)
    needed = {"holidays": team.holidays not in (None, "none"), "schedule": any(layer.ical for layer in team.schedule)}
    if any(needed.values()) and not calendars_installed():
        yield from (((name,), Phrase("mistake.no_oncall_extra")) for name, needs in needed.items() if needs)
    yield from _overrides(team, read)
    for place, layer in enumerate(team.schedule):
        yield from ((("schedule", place, *where), problem) for where, problem in _layer(layer, read))
    for severity, chain in team.escalation.items():
        for where, problem in _chain(chain, team, read, catalogue):
            yield ("escalation", severity, *where), problem


def _overrides(team: TeamEntry, read: OncallFile) -> Iterator[Wrong]:
    for place, override in enumerate(team.overrides):
        if override.person not in read.people:
            yield ("overrides", place, "person"), _unknown("person", override.person, read.people)
        if _order(override) >= timedelta():
            yield ("overrides", place, "to"), Phrase("mistake.ends_before")


def _order(override: OverrideEntry) -> timedelta:
    """Return how much later it begins than it ends; of moments with two offsets the moments count, not the digits."""
    begins, ends = override.begins, override.ends
    if begins.tzinfo is None or ends.tzinfo is None:
        begins, ends = begins.replace(tzinfo=None), ends.replace(tzinfo=None)
    return begins - ends


def _layer(layer: LayerEntry, read: OncallFile) -> Iterator[Wrong]:
    if bool(layer.people) == bool(layer.ical):
        yield ("people",), Phrase("mistake.people_or_ical")
    if "://" in layer.ical and not layer.ical.lower().startswith(("http://", "https://")):
        yield ("ical",), Phrase("mistake.no_address", schemes="http, https", example="https://example.com/export.ics")
    for person in layer.people:
        if person not in read.people:
            yield ("people",), _unknown("person", person, read.people)
    if layer.hours and not layer.hours.weekdays:
        yield ("hours", "weekdays"), Phrase("mistake.no_weekdays")


def _chain(chain: ChainEntry, team: TeamEntry, read: OncallFile, catalogue: Catalogue) -> Iterator[Wrong]:
    if chain.repeat and chain.repeat_last > len(chain.steps):
        yield ("repeat_last",), Phrase("mistake.at_most", most=len(chain.steps))
    if not chain.steps:
        yield ("steps",), Phrase("mistake.reaches_nobody")
    for place, step in enumerate(chain.steps):
        targets = [target for word in step.call if (target := target_of(word))]
        for target in targets:
            if problem := _target(target, read):
                yield ("steps", place, "call"), problem
        if not any(_reaches(target, team, catalogue) for target in targets):
            yield ("steps", place, "call"), Phrase("mistake.reaches_nobody")


def _target(target: EscalationTarget, read: OncallFile) -> Phrase | None:
    if target.kind in (TargetKind.PERSON, TargetKind.MESSAGE) and target.name and target.name not in read.people:
        return _unknown("person", target.name, read.people)
    if target.kind is TargetKind.WEBHOOK and target.name not in read.webhooks:
        return _unknown("webhook", target.name, read.webhooks)
    return None


def _reaches(target: EscalationTarget, team: TeamEntry, catalogue: Catalogue) -> bool:
    """Tell whether a target can ever be somebody."""
    if target.kind in (TargetKind.ONCALL, TargetKind.NEXT) or (target.kind is TargetKind.MESSAGE and not target.name):
        return bool(team.schedule or team.overrides)
    if target.kind is TargetKind.OWNERS:
        return bool(catalogue.default_owners or any(service.owners for service in catalogue.services.values()))
    return True


def _unknown(what: str, name: str, known: Mapping[str, object]) -> Phrase:
    meant = near(name, known)
    if meant:
        return Phrase(f"mistake.no_{what}_near", name=name, near=meant)
    return Phrase(f"mistake.no_{what}", name=name)
