"""Recorded exchanges with a real Grafana 12.4.0, beside the checkout where the team keeps them.

A test that needs one says so where there is none; the names are those of the README there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

GRAFANA = Path(__file__).parents[2] / "shared/fixtures/grafana"


@dataclass(frozen=True)
class Exchange:
    """One exchange; `asked_as` is who asked, `body` is parsed if it is JSON."""

    name: str
    method: str
    path: str
    query: dict[str, Any]
    sent: Any
    status: int
    headers: dict[str, str]
    body: Any
    asked_as: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@cache
def recorded(name: str) -> Exchange:
    """Read one of them; skips the test where there are none."""
    if not GRAFANA.is_dir():
        pytest.skip(f"no recordings at {GRAFANA}")
    told = json.loads((GRAFANA / f"{name}.json").read_text("utf-8"))
    request, response = told["request"], told["response"]
    return Exchange(
        name,
        request["method"],
        request["path"],
        request.get("query") or {},
        request.get("body"),
        response["status"],
        {key.lower(): value for key, value in response["headers"].items()},
        response["body"],
        told.get("as", ""),
        told,
    )


def names(*folders: str) -> list[str]:
    """Return the names of all in these folders; none where there are no recordings."""
    return sorted(f"{folder}/{path.stem}" for folder in folders for path in (GRAFANA / folder).glob("*.json"))
