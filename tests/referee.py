"""Discord's own published description of its API, as the judge of what the bot sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from referencing import Registry, Resource

# Beside the checkout where the team keeps it; users do not have it, and the test then says so instead of judging.
PUBLISHED = Path(__file__).parents[2] / "shared/discord/openapi.json"

_BODIES = ("application/json", "multipart/form-data")


class Referee:
    """Judges requests by path, method and JSON body."""

    def __init__(self, description: dict[str, Any]) -> None:
        # discord.py sends the index of a new file, and ids of mentions, as numbers.
        description["components"]["schemas"]["SnowflakeType"] = {
            "anyOf": [{"type": "string", "pattern": "^[0-9]+$"}, {"type": "integer"}]
        }
        resource = Resource.from_contents(description, default_specification=_draft())
        self._registry = Registry().with_resource("urn:discord", resource)
        self._paths = [
            (re.compile("^" + re.sub(r"\{\w+\}", r"[^/]+", path) + "$"), path, item)
            for path, item in description["paths"].items()
        ]
        # `/@me` and `@original` are paths of their own; the more literal ones are asked first.
        self._paths.sort(key=lambda row: row[1].count("{"))

    @classmethod
    def load(cls) -> Referee | None:
        """Return the referee, or None where Discord's description is not at hand."""
        return cls(json.loads(PUBLISHED.read_text("utf-8"))) if PUBLISHED.exists() else None

    def errors(self, record: dict[str, Any]) -> list[str]:
        """Return what is wrong with a recorded request."""
        from jsonschema import Draft202012Validator

        path = record["path"].removeprefix("/api/v10")
        found = next(
            (
                (name, item)
                for pattern, name, item in self._paths
                if pattern.match(path) and record["method"].lower() in item
            ),
            None,
        )
        if found is None:
            return [f"Discord has no {record['method']} {path}"]
        name, item = found
        content = item[record["method"].lower()].get("requestBody", {}).get("content", {})
        kind = next((body for body in _BODIES if body in content), None)
        if kind is None or record["payload"] is None:
            return []
        pointer = "/".join(
            ["paths", _escape(name), record["method"].lower(), "requestBody", "content", _escape(kind), "schema"]
        )
        validator = Draft202012Validator({"$ref": f"urn:discord#/{pointer}"}, registry=self._registry)
        return [
            f"{record['method']} {path}: {error.json_path} {error.message[:300]}"
            for error in validator.iter_errors(record["payload"])
        ]


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _draft() -> Any:
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012
