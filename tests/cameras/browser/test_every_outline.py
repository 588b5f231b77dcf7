"""Every outline that was recorded of a page of a real Grafana, as it stood at that moment, before the eyes of the camera."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.cameras.browser.page import Tab
from bot.cameras.browser.page_state import PageLook
from bot.domain.pictures import PanelState, Shot
from bot.errors import NoPicture
from tests.cameras.browser.taking import PATIENCE_S, WINDOW, Studio, studio
from tests.pages.outlines import Element, tree

RECORDED = Path(__file__).parents[4] / "shared/fixtures/grafana/dom"
ATTRIBUTES = {
    "testid": "data-testid",
    "label": "aria-label",
    "role": "role",
    "expanded": "aria-expanded",
    "key": "data-viz-panel-key",
    "item": "data-griditem-key",
}
STYLE = "body * { position: absolute; margin: 0; padding: 0; border: 0; font-size: 9px; white-space: nowrap }"


def elements(name: str) -> list[Element]:
    if not RECORDED.is_dir():
        pytest.skip("the recordings are not beside this checkout")
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["elements"]


def still(name: str) -> str:
    """Return the page as it stood: what it held, and nothing that moves."""
    found = [{**each, "box": _begun(each)} for each in elements(name)]
    return f"<!doctype html><style>{STYLE}</style><body>{''.join(map(_html, tree(found)))}"


def _begun(each: Element) -> list[int]:
    # A loading bar slides into its panel from the left: its end is what lies in it.
    left, top, width, height = each["box"]
    return [left + width - 1, top, 1, height] if each.get("label") == "Panel loading bar" else each["box"]


def _html(node: dict[str, Any], left: int = 0, top: int = 0) -> str:
    x, y, width, height = node["box"]
    named = "".join(f' {name}="{html.escape(str(node[key]))}"' for key, name in ATTRIBUTES.items() if key in node)
    style = f"left:{x - left}px;top:{y - top}px;width:{width}px;height:{height}px"
    inside = "".join(_html(child, x, y) for child in node["children"])
    text = "" if any(_worded(child) for child in node["children"]) else html.escape(node.get("text", ""))
    return f'<{node["tag"]}{named} style="{style}">{text}{inside}</{node["tag"]}>'


def _worded(node: dict[str, Any]) -> bool:
    return bool(node.get("text")) or any(map(_worded, node["children"]))


# What a person would be told of each: why there is no picture, or ready, no data, error, loading, and empty places.
SETTLED = {
    "bongsu": (7, 1, 0, 0, 0),
    "collapsed": (1, 0, 0, 0, 0),
    "empty": (0, 0, 0, 0, 0),
    "forbidden": "forbidden",
    "h-errors": (2, 4, 6, 0, 0),
    "h-repeat": (13, 3, 0, 0, 0),
    "http-red": (15, 0, 0, 0, 0),
    "korean": (2, 0, 0, 0, 0),
    "login": "login",
    "login-redirect": "login",
    "logs": (1, 1, 7, 0, 0),
    # The menu beside it leaves less room: one panel is below the window.
    "modal-inspect": (10, 4, 1, 0, 1),
    "modal-share-drawer": (10, 4, 1, 0, 1),
    "notfound": "not-found",
    "overview": (11, 4, 1, 0, 0),
    "panel-unknown": (0, 0, 0, 0, 0),
    "panel-view": (1, 0, 0, 0, 0),
    "rows-new-layout": (3, 0, 0, 0, 0),
    "tabs-new-layout": (3, 0, 0, 0, 0),
    "text": (6, 0, 0, 0, 0),
    "v2-classic": (5, 0, 1, 0, 0),
}
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


@asynccontextmanager
async def page(made: Studio, name: str) -> AsyncGenerator[Tab]:
    """Open the page as it stood, where Grafana had it."""
    there = "login" if name == "login" else "d/board"
    made.grafana.answers[there] = web.Response(text=still(name), content_type="text/html")
    ends = asyncio.get_running_loop().time() + PATIENCE_S
    async with made.camera.pool.tab(ends) as (_, tab):
        await tab.go(f"{made.grafana.url}{there}", "board", 1600, 3000, PATIENCE_S)
        yield tab


def told(look: PageLook) -> str | tuple[int, ...]:
    counts = (sum(box.seen.state is state for box in look.boxes) for state in PanelState)
    return look.reason or (*counts, look.waiting)


async def test_of_each_page_a_person_is_told_what_stood_there():
    found: dict[str, Any] = {}
    titles: dict[str, list[str]] = {}
    async with studio() as made:
        for name in [name for name in NAMES if not name.endswith("-loading")]:
            async with page(made, name) as tab:
                look = await tab.watch("look")
            found[name] = told(look)
            titles[name] = [box.seen.title for box in look.boxes]

    if not NAMES:
        pytest.skip("the recordings are not beside this checkout")
    assert found == SETTLED
    assert titles["korean"] == [each["testid"].partition("Panel header ")[2] for each in headers("korean")]


async def test_a_page_that_loads_is_never_told_as_anything_else():
    """Neither as empty, nor as one that does not exist; a text is there at once."""
    ready: dict[str, int] = {}
    async with studio() as made:
        for name in [name for name in NAMES if name.endswith("-loading")]:
            async with page(made, name) as tab:
                look = await tab.watch("look")
            panels = [each for each in elements(name) if "key" in each]
            assert (look.reason, len(look.boxes)) == ("", len(panels)), name
            ready[name] = sum(box.seen.state is not PanelState.LOADING for box in look.boxes)
            if not ready[name]:
                with pytest.raises(NoPicture, match="timeout"):
                    look.judge(Shot("board", WINDOW))

    assert {name: count for name, count in ready.items() if count} == ({"text-loading": 6} if NAMES else {})


def headers(name: str) -> list[Element]:
    return [each for each in elements(name) if "Panel header " in each.get("testid", "")]


def test_none_is_left_out():
    assert {name.removesuffix("-loading") for name in NAMES} <= SETTLED.keys()
