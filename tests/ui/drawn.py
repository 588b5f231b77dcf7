"""What a reader sees of components, and whether Discord would take them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from discord import ui

_TEXT, _BUTTON, _SELECT, _LINK = 10, 2, 3, 5


def each(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Walk all components, outer ones first, in the order they are read."""
    for component in components:
        yield component
        yield from each(component.get("components", []))
        if "accessory" in component:
            yield component["accessory"]


def texts(view: ui.LayoutView) -> list[str]:
    return [c["content"] for c in each(view.to_components()) if c["type"] == _TEXT]


def words(view: ui.LayoutView) -> str:
    return "\n".join(texts(view))


def buttons(view: ui.LayoutView) -> dict[str, str]:
    """Return the labels of the buttons by custom id."""
    return {c["custom_id"]: c["label"] for c in each(view.to_components()) if c["type"] == _BUTTON}


def options(view: ui.LayoutView, custom_id: str) -> list[str]:
    """Return the values a menu offers."""
    menus = {c["custom_id"]: c["options"] for c in each(view.to_components()) if c["type"] == _SELECT}
    return [option["value"] for option in menus[custom_id]]


def assert_discord_takes(view: ui.LayoutView) -> None:
    """Check every limit of Components V2 that Discord answers 50035 to."""
    found = list(each(view.to_components()))
    assert len(found) <= 40
    written = [c["content"] for c in found if c["type"] == _TEXT]
    assert all(content.strip() for content in written)
    assert sum(map(len, written)) <= 4000
    ids = [c["custom_id"] for c in found if "custom_id" in c]
    assert len(ids) == len(set(ids))
    assert all(1 <= len(custom_id) <= 100 for custom_id in ids)
    for component in found:
        if component["type"] == _BUTTON:
            assert 1 <= len(component["label"]) <= 80
            assert len(component.get("url") or "") <= 512
        if component["type"] == _SELECT:
            _assert_select(component)
    "".join(written).encode("utf-8")


def _assert_select(component: dict[str, Any]) -> None:
    offered = component["options"]
    assert 1 <= len(offered) <= 25
    assert len({option["value"] for option in offered}) == len(offered)
    assert sum(bool(option.get("default")) for option in offered) <= component.get("max_values", 1)
    assert len(component.get("placeholder") or "") <= 150
    for option in offered:
        assert 1 <= len(option["label"]) <= 100
        assert 1 <= len(option["value"]) <= 100
