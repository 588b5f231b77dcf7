"""Pages made from outlines of Grafana's real ones: rows that repeat, tabs, panels that never fill, and what is slow."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cameras.browser.capture import View
from bot.domain.pictures import PanelState, Picture
from bot.errors import NoPicture
from tests.cameras.browser.taking import PATIENCE_S, Studio, image, is_drawn, states, studio
from tests.pages.outlines import Outline, keys, tree

OUTLINES = Path(__file__).parents[2] / "fixtures/outlines"
RECORDED = Path(__file__).parents[4] / "shared/fixtures/grafana/dom"
# As the outlines are: their boxes are those of a window this wide.
WIDE = View(width=1600, height=1000)


def elements(name: str) -> list[dict[str, Any]]:
    return json.loads((OUTLINES / f"{name}.json").read_text("utf-8"))["elements"]


async def taken(made: Studio, name: str, *, deadline_s: float = PATIENCE_S, shot: Any = None, **more: Any) -> Picture:
    made.grafana.outlines["board"] = Outline("board", elements(name), **more)
    return await made.camera.take(made.shot("board", **(shot or {})), deadline_s)


async def refused(made: Studio, name: str, **more: Any) -> NoPicture:
    with pytest.raises(NoPicture) as caught:
        await taken(made, name, **more)
    return caught.value


def count(picture: Picture) -> tuple[int, int, int, int]:
    return tuple(picture.count(state) for state in PanelState)  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("name", sorted(path.stem for path in OUTLINES.glob("*.json")))
def test_our_outline_is_the_recorded_one_but_for_icons(name):
    if not RECORDED.is_dir():
        pytest.skip("the recordings are not beside this checkout")
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["elements"]

    def marks(each: dict[str, Any]) -> tuple[Any, ...]:
        return each["tag"], each.get("item"), each.get("key"), each.get("testid", "")[:69], tuple(each["box"])

    assert {marks(each) for each in elements(name)} <= {marks(each) for each in recorded}
    assert keys(elements(name)) == keys(recorded)


@pytest.mark.parametrize("name", ["overview", "http-red", "h-repeat", "text", "v2-classic"])
def test_every_element_of_an_outline_is_on_the_page_once(name):
    def count_of(nodes: list[dict[str, Any]]) -> int:
        return sum(1 + count_of(node["children"]) for node in nodes)

    assert count_of(tree(elements(name))) == len(elements(name))


SAME_ON_THE_PAGE = """() => [...document.querySelectorAll('body *')].map((each) => [each.tagName.toLowerCase(),
  each.getAttribute('data-testid'), each.getAttribute('data-viz-panel-key'), each.getAttribute('data-griditem-key'),
  Math.round(each.getBoundingClientRect().top)])"""


async def test_pages_made_from_outlines_have_their_keys_types_and_test_ids():
    missing: dict[str, Any] = {}
    async with studio(view=WIDE) as made:
        for name in ("overview", "http-red", "h-repeat", "h-errors", "logs", "text", "tabs-new-layout", "forbidden"):
            made.grafana.outlines["board"] = Outline("board", elements(name))
            async with made.camera.pool.tab(asyncio.get_running_loop().time() + PATIENCE_S) as (_, tab):
                await tab.go(f"{made.grafana.url}d/board", "board", 1600, 2600, PATIENCE_S)
                await tab.watch("settle", limit_s=PATIENCE_S)
                found = {tuple(each) for each in await tab._page.evaluate(SAME_ON_THE_PAGE)}
            real = {(e["tag"], e.get("testid"), e.get("key"), e.get("item"), e["box"][1]) for e in elements(name)}
            missing[name] = real - found

    assert {name: lost for name, lost in missing.items() if lost} == {}


@pytest.mark.parametrize(
    ("name", "seen"), [("overview", (11, 4, 1, 0)), ("http-red", (15, 0, 0, 0)), ("logs", (1, 1, 7, 0))]
)
async def test_the_real_dashboards_are_pictured_whole(name, seen):
    async with studio(view=WIDE) as made:
        picture = await taken(made, name)

    assert count(picture) == seen
    bottom = max(each["box"][1] + each["box"][3] for each in elements(name) if "item" in each)
    assert image(picture.images[0]).height == pytest.approx(bottom + 16, abs=20)


async def test_rows_that_repeat_late_are_all_there():
    async with studio(view=WIDE) as made:
        picture = await taken(made, "h-repeat", variables_s=1.5)

    assert len(picture.panels) == len(keys(elements("h-repeat"))) == 16
    assert (picture.count(PanelState.READY), picture.count(PanelState.NO_DATA)) == (13, 3)
    assert image(picture.images[0]).height == pytest.approx(2185 + 16, abs=20)
    # The last repeated row's chart is drawn.
    assert is_drawn(picture.images[0], (25, 1515, 780, 1760))


async def test_an_error_of_one_repeat_is_not_told_of_the_others():
    marked = elements("h-repeat")
    header = next(each for each in marked if each.get("testid") == "data-testid Panel header Up of chat")
    at = marked.index(header)
    left, top = header["box"][:2]
    mark = {"tag": "button", "box": [left + 13, top + 5, 32, 32], "testid": "data-testid Panel status error"}
    marked.insert(at + 1, mark)
    async with studio(view=WIDE) as made:
        made.grafana.outlines["board"] = Outline("board", marked, errors={2: "parse error"})
        picture = await made.camera.take(made.shot("board"), PATIENCE_S)

    told = {panel.title: (panel.state.value, panel.message) for panel in picture.panels}
    assert told["Up of chat"] == ("error", "parse error")
    assert told["Up of api"] == ("ready", "")


async def test_texts_are_what_somebody_wrote_also_if_that_is_nothing():
    async with studio(view=WIDE) as made:
        picture = await taken(made, "text")

    assert states(picture)["Empty text"] == "ready"
    assert states(picture)["Text that says: No data"] == "ready"
    assert states(picture)["Text that starts with Error"] == "ready"


async def test_a_panel_that_never_fills_does_not_take_all_the_time():
    async with studio(view=WIDE) as made:
        picture = await taken(made, "overview", hollow=frozenset({"panel-7"}))

    assert count(picture) == (10, 4, 1, 1)


async def test_errors_and_no_data_are_told_apart():
    async with studio(view=WIDE) as made:
        picture = await taken(made, "h-errors", errors={1: "bad_data: parse error"})

    seen = {panel.title: (panel.state.value, panel.message) for panel in picture.panels}
    assert seen["Bad PromQL"] == ("error", "bad_data: parse error")
    assert seen["No data"] == ("no-data", "No data")
    assert seen["Plugin not installed"][0] == "error"
    assert seen["Fine"] == ("ready", "")
    assert seen["One of two queries fails"][0] == "error"


async def test_of_a_crash_the_caption_has_no_stack():
    stack = (
        "TypeError: Cannot read properties of undefined (reading 'map')\n    at Table (http://g/public/build/1.js:1:2)"
    )
    async with studio(view=WIDE) as made:
        picture = await taken(made, "overview", crash={"panel-4": stack})

    (broken,) = [panel for panel in picture.panels if panel.title == "Latency, p99"]
    assert broken.message == (
        "An unexpected error happened: TypeError: Cannot read properties of undefined (reading 'map')"
    )


async def test_of_tabs_the_one_that_is_open_is_said_and_another_can_be_asked_for():
    first = elements("tabs-new-layout")
    renamed = json.loads(json.dumps(first).replace("V2 panel ", "Other panel ").replace("panel-", "panel-1"))
    async with studio(view=WIDE) as made:
        usual = await taken(made, "tabs-new-layout")
        second = await taken(made, "tabs-new-layout", tabs={"Second tab": renamed}, shot={"tab": "second TAB"})
        none = await refused(made, "tabs-new-layout", shot={"tab": "Third"})
        no_tabs = await refused(made, "overview", shot={"tab": "First"})
        twins = json.loads(json.dumps(first).replace("Second tab", "First"))
        made.grafana.outlines["board"] = Outline("board", twins, tabs={})
        with pytest.raises(NoPicture) as several:
            await made.camera.take(made.shot("board", tab="First"), PATIENCE_S)
        by_number = await made.camera.take(made.shot("board", tab="1"), PATIENCE_S)

    assert (usual.tabs, usual.tab, len(usual.panels)) == (("First", "Second tab"), "First", 3)
    assert second.tab == "Second tab"
    assert [panel.title for panel in second.panels] == ["Other panel 1", "Other panel 2", "Other panel 3"]
    assert (none.reason, none.detail) == ("no-tab", "First, Second tab")
    assert (several.value.reason, several.value.detail) == ("several-tabs", "1 First, 2 First")
    assert by_number.count(PanelState.READY) == 3
    assert no_tabs.reason == "no-tabs"


async def test_what_grafana_says_about_itself_is_not_in_the_picture():
    async with studio(view=WIDE) as made:
        picture = await taken(made, "v2-classic")
        drawn = image(picture.images[0])

    assert (0x3D, 0x2E, 0x12) not in {colour for _, colour in drawn.getcolors(drawn.width * drawn.height) or []}
    assert picture.count(PanelState.READY) >= 5


@pytest.mark.parametrize(("shot", "comes_s"), [({"panel": 4}, 4), ({}, 8)])
async def test_a_slow_page_is_not_told_as_one_that_does_not_exist(shot, comes_s):
    name = "panel-view" if shot else "overview"
    async with studio(view=WIDE) as made:
        # The browser is there after this, so that all of the time is the page's.
        there = await taken(made, name, comes_s=comes_s, shot=shot)
        late = await refused(made, name, comes_s=60, deadline_s=12, shot=shot)

    assert late.reason == "timeout"
    assert there.count(PanelState.READY) > 0


async def test_a_panel_that_does_not_exist_is_told_so():
    async with studio(view=WIDE) as made:
        refusal = await refused(made, "panel-unknown", shot={"panel": 9999})

    assert refusal.reason == "not-found"


@pytest.mark.parametrize(
    ("name", "reason"), [("forbidden", "forbidden"), ("notfound", "not-found"), ("empty", "empty")]
)
async def test_what_is_no_dashboard_is_named(name, reason):
    async with studio(view=WIDE) as made:
        refusal = await refused(made, name)

    assert refusal.reason == reason


@pytest.mark.parametrize("name", ["login", "login-redirect"])
async def test_grafanas_own_login_page_is_known_also_before_its_fields_are_there(name):
    async with studio(view=WIDE, token="glsa_of_yesterday") as made:
        made.grafana.outlines["login"] = Outline("login", elements(name))
        refusal = await refused(made, "overview")

    assert refusal.reason == "login"


async def test_sixty_panels_below_a_sub_path_are_taken_in_one_go():
    line = [
        each
        for each in elements("overview")
        if "panel-4" in (each.get("key", ""), each.get("item", "")) or _inside(each)
    ]
    many: list[dict[str, Any]] = []
    for number in range(60):
        down, right = number // 4 * 304, number % 4 * 394
        for each in line:
            left, top, width, height = each["box"]
            moved = {**each, "box": [left - 811 + 16 + right, top - 217 + 65 + down, width, height]}
            many.append({name: _numbered(value, number) for name, value in moved.items()})
    async with studio(root="/grafana/", view=WIDE) as made:
        made.grafana.outlines["board"] = Outline("board", many)
        picture = await made.camera.take(made.shot("board"), PATIENCE_S)

    assert picture.count(PanelState.READY) == 60


def _inside(each: dict[str, Any]) -> bool:
    left, top, width, height = next(e["box"] for e in elements("overview") if e.get("key") == "panel-4")
    return left <= each["box"][0] < left + width and top <= each["box"][1] < top + height and "item" not in each


def _numbered(value: Any, number: int) -> Any:
    marks = ("panel-4", "grid-item-4")
    return f"{value.rpartition('-')[0]}-{100 + number}" if isinstance(value, str) and value in marks else value
