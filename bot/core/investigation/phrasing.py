"""Words what was found: findings, mechanisms and changes, each as a sentence or a part of one.

The sentences are raw text on one line, at most 200 characters: whoever shows them escapes them for the place they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.domain.evidence import Finding
from bot.domain.quantities import readable
from bot.domain.shortening import one_line, short_id, whole_words
from bot.domain.telemetry import Change
from bot.i18n import Language, catalogue, has, text
from bot.i18n.measures import measured, spelled

STATEMENT = 200
# What ends the key of a finding of which nobody knows how it was before.
STANDS = "-stands"
# Keys of findings: a call of somebody who writes no spans, and one that does nothing but wait for a connection.
WAITS, HELD = "span-waits", "span-held"

_NOTHING = "–"
# No value of ours is longer; a log line may be a megabyte.
_VALUE = 400
_SHORTEST = 16
_NAME = 80
# The words before a stack trace, where its cause follows them.
_HEAD = 60
# Their values are numbers of milliseconds.
_IN_MS = frozenset({"span-slow", WAITS, HELD, "edge-slow"})
# Values that are lengths of time, and how many seconds one of each is.
_LENGTHS = (("minutes", 60.0), ("seconds", 1.0))
# Where this value is nothing there is a sentence of its own.
_NONE = (("minutes", "just-before"), ("after", "none"))


class _Values(dict[str, str]):
    """Values of a text; a finding kept by an older version may lack one."""

    def __missing__(self, name: str) -> str:
        return _NOTHING


def statement(finding: Finding, language: Language) -> str:
    """Say what a finding found; long values are shortened before the sentence loses its numbers."""
    key = f"finding.{finding.key}"
    for name, ending in _NONE:
        if finding.values.get(name) == "0" and has(f"{key}-{ending}"):
            key = f"{key}-{ending}"
    template = catalogue(language)[key if has(key) else "finding.other"]
    values = values_of(finding, language)
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
    return text(language, key if has(key) else "mechanism.unknown", service=name_of_service(service))


def change_text(change: Change, language: Language) -> str:
    """Name a change: its kind and its id, or its words if it has none."""
    return f"{text(language, f'change.{change.kind.value}')} {whole_words(one_line(short_id(change.id) or change.text[:_VALUE]), 60)}".strip()


def name_of_service(service: str) -> str:
    """Write the name of a service on one line, or a dash if it has none."""
    return whole_words(one_line(service[:_VALUE]), _NAME) or _NOTHING


def values_of(finding: Finding, language: Language) -> dict[str, str]:
    """Return the values of a finding as they are said."""
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
                language, readable(values[name], "ms" if finding.key.removesuffix(STANDS) in _IN_MS else "")
            )
    for name, each_s in _LENGTHS:
        if (count := values.get(name, "").replace(",", "")).replace(".", "", 1).isdecimal():
            values["length"] = spelled(each_s * float(count), language)
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
