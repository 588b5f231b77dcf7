"""The figures of a suite as a table to read, and which cases missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.scoring import CaseScore

_COLUMNS = (
    ("n", "n", "{:.0f}"),
    ("AC@1", "ac1", "{:.3f}"),
    ("AC@3", "ac3", "{:.3f}"),
    ("Avg@5", "avg5", "{:.3f}"),
    ("MRR", "mrr", "{:.3f}"),
    ("lift", "lift", "{:.1f}"),
    ("said", "said_ac1", "{:.2f}"),
    ("wrong", "said_wrong", "{:.2f}"),
    ("harm", "harmful", "{:.2f}"),
    ("silent", "abstained", "{:.2f}"),
    ("false", "healthy_called_sick", "{:.2f}"),
    ("change", "culprit_found", "{:.0f}"),
    ("decoy", "decoys_blamed", "{:.0f}"),
    ("p50 s", "seconds_p50", "{:.2f}"),
    ("p95 s", "seconds_p95", "{:.2f}"),
    ("MB", "peak_rss_mb", "{:.0f}"),
)
_WIDTH = 20


def table(suite: str, found: Mapping[str, Any], given: Sequence[CaseScore]) -> str:
    """Draw the ranking's row, those of the baselines and of the perturbations, and name the cases that missed."""
    rows = [("ranking", found), *found["baselines"].items()]
    spoilt = [(name, row) for name, row in found["perturbations"].items()]
    head = "".join(f"{title:>8}" for title, _, _ in _COLUMNS)
    lines = [f"\n{suite}: {found['ranked']} of {found['n']} cases have a root service", f"{'':{_WIDTH}}{head}"]
    lines += [_row(name, row) for name, row in rows]
    lines += [_row(f"  {name}", row) for name, row in spoilt]
    lines += [
        f"over {name}: "
        + ", ".join(f"{at.upper()} {gain:+.3f} [{low:+.3f}, {high:+.3f}]" for at, (gain, low, high) in gains.items())
        for name, gains in found["paired"].items()
    ]
    lines.append(
        f"healthy {found['healthy']}, called sick {found['healthy_called_sick']:.2f}; before the incident"
        f" {found['quiet']}, called sick {found['quiet_called_sick']:.2f}"
        f"; secrets out {found['perturbations'].get('secrets', {}).get('leaked', '-')}"
        f"; cases moved by instructions {found['perturbations'].get('injection', {}).get('moved', '-')}"
        f", by units {found['perturbations'].get('milliseconds', {}).get('moved', '-')}, by names {found['moved_by_names']}"
    )
    lines.append(
        "said: "
        + ", ".join(f"{word} {row['n']:.0f} times, right {row['right']:.2f}" for word, row in found["words"].items())
    )
    lines.append(
        f"tokens of the question {found['tokens_in_p50']:.0f} / {found['tokens_in_p95']:.0f}, of the answer"
        f" {found['tokens_out_p50']:.0f} / {found['tokens_out_p95']:.0f} (p50 / p95)"
    )
    lines += [
        f"  {fault}: n {row['n']}, AC@1 {row['ac1']:.2f}, AC@3 {row['ac3']:.2f}"
        for fault, row in found["by_fault"].items()
    ]
    lines.append(f"missed: {_missed(given) or 'none'}")
    return "\n".join(lines)


def _row(name: str, row: Mapping[str, float]) -> str:
    return f"{name:{_WIDTH}}" + "".join(f"{shape.format(row[key]):>8}" for _, key, shape in _COLUMNS)


def _missed(given: Sequence[CaseScore]) -> str:
    ranked = [each for each in given if each.within and each.place != 1]
    sick = [each for each in given if each.healthy and each.sick]
    return ", ".join(
        [
            *(f"{each.case} ({each.fault}, {f'place {each.place}' if each.place else 'not named'})" for each in ranked),
            *(f"{each.case} (healthy, {each.lead} accused)" for each in sick),
        ]
    )
