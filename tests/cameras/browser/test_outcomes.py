"""What a dashboard may look like, each in real Chromium: the picture, and what is said about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

import bot.cameras.browser
from bot.cameras.browser.page_state import PageLook
from bot.domain.pictures import PanelSeen, PanelState
from bot.i18n import catalogue, text
from tests.cameras.browser.taking import NARROW, PATIENCE_S, Studio, colours, image, is_drawn, states, studio
from tests.pages.boards import Panel, Row


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    async with studio() as made:
        yield made


@pytest.fixture
def studio_(shared: Studio):
    shared.grafana.answers.clear()
    shared.grafana.asked.clear()
    shared.grafana.queries.clear()
    return shared


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def test_every_panel_of_a_dashboard_is_drawn_also_below_the_window(studio_):
    picture = await studio_.take(*(Panel(number, f"panel {number}") for number in range(1, 15)))

    [png] = picture.images
    assert image(png).width == NARROW.width
    assert image(png).height > 7 * 8 * 38
    # The last panel: loaded only because the window grew.
    assert is_drawn(png, (510, 6 * 8 * 38 + 50, 980, 7 * 8 * 38))
    assert [panel.title for panel in picture.panels] == [f"panel {number}" for number in range(1, 15)]
    assert picture.count(PanelState.READY) == 14


async def test_what_scrolls_inside_the_page_is_not_cut_off_either(studio_):
    picture = await studio_.take(*(Panel(number, f"panel {number}") for number in range(1, 11)), inner=True)

    [png] = picture.images
    assert image(png).height > 5 * 8 * 38
    assert is_drawn(png, (510, 4 * 8 * 38 + 50, 980, 5 * 8 * 38))
    assert picture.count(PanelState.READY) == 10


@pytest.mark.parametrize(
    ("shows", "state", "message"),
    [
        ("ready", "ready", ""),
        ("text", "ready", ""),
        ("static", "ready", ""),
        ("no-data", "no-data", "No data"),
        ("stat-no-data", "no-data", "No data"),
        ("no-value", "no-data", "nothing to see"),
        ("wrong-shape", "error", "Data is missing a number field"),
        ("plugin-error", "error", "An unexpected error happened"),
        ("error", "error", "bad_data: parse error"),
        ("spinner", "loading", ""),
    ],
)
async def test_a_panel_is_told_from_others_by_what_it_shows(studio_, shows, state, message):
    odd = Panel(2, "odd", shows, text="words", message="bad_data: parse error")

    picture = await studio_.take(Panel(1, "fine"), odd, deadline_s=12 if shows == "spinner" else PATIENCE_S)

    assert picture.panels[0] == PanelSeen("fine", PanelState.READY)
    assert picture.panels[1] == PanelSeen("odd", PanelState(state), message)
    assert is_drawn(picture.images[0], (20, 60, 490, 300))


@pytest.mark.parametrize("version", [11.5, 12.4, 13.3])
async def test_an_error_is_seen_whatever_the_version_marks_it_with(studio_, version):
    picture = await studio_.take(Panel(1, "fine"), Panel(2, "broken", "error", message="timeout"), version=version)

    assert picture.panels[1] == PanelSeen("broken", PanelState.ERROR, "timeout")


async def test_slow_queries_are_waited_for(studio_):
    picture = await studio_.take(Panel(1, "fast"), Panel(2, "slow", takes_s=3))

    assert states(picture) == {"fast": "ready", "slow": "ready"}
    assert is_drawn(picture.images[0], (510, 60, 980, 300))


async def test_a_query_slower_than_the_deadline_is_said_to_be_loading(studio_):
    picture = await studio_.take(Panel(1, "fast"), Panel(2, "endless", takes_s=60), deadline_s=12)

    assert states(picture) == {"fast": "ready", "endless": "loading"}


async def test_a_page_of_spinners_is_no_picture(studio_):
    assert (await studio_.refused(Panel(1, "a", "spinner"), Panel(2, "b", "spinner"), deadline_s=5)).reason == "timeout"


async def test_a_dashboard_without_panels_is_no_picture(studio_):
    assert (await studio_.refused()).reason == "empty"


async def test_one_panel_is_pictured_alone(studio_):
    picture = await studio_.take(Panel(1, "first"), Panel(2, "second"), panel=2)

    assert [panel.title for panel in picture.panels] == ["second"]
    assert image(picture.images[0]).size == (NARROW.width, NARROW.panel_height)


async def test_an_unknown_panel_is_not_answered_with_the_whole_dashboard(studio_):
    assert (await studio_.refused(Panel(1, "first"), Panel(2, "second"), panel=7)).reason == "not-found"


async def test_closed_rows_stay_closed_or_are_opened(studio_):
    rows = [Row("more", [Panel(5, "in a row")]), Row("and more", [Panel(6, "in another")])]

    closed = await studio_.take(Panel(1, "first"), rows=rows)
    opened = await studio_.take(Panel(1, "first"), rows=rows, rows_open=True)

    assert states(closed) == {"first": "ready"}
    assert states(opened) == {"first": "ready", "in a row": "ready", "in another": "ready"}
    assert image(opened.images[0]).height > image(closed.images[0]).height


async def test_the_address_carries_range_variables_and_theme(studio_):
    await studio_.take(Panel(1, "first"), variables={"service": ("api", "web shop")}, theme="light")

    page = next(path for _, path, _ in studio_.grafana.asked if path.startswith("/d/"))
    assert page == "/d/board"
    assert studio_.grafana.queries[0] == (
        "from=1795150800000&to=1795154400000&var-service=api&var-service=web%20shop&theme=light&hideLogo=1&kiosk"
    )


async def test_themes_differ(studio_):
    dark = await studio_.take(Panel(1, "first"))
    light = await studio_.take(Panel(1, "first"), theme="light")

    assert (0x11, 0x12, 0x17) in colours(dark.images[0], (0, 0, 10, 10))
    assert (0xF4, 0xF5, 0xF5) in colours(light.images[0], (0, 0, 10, 10))


async def test_hostile_titles_are_read_as_they_are_and_break_nothing(studio_):
    hostile = ['"]<img src=x onerror=alert(1)>', "@everyone \u202e **x**", "한국어 🔥 패널", "x" * 5000]

    picture = await studio_.take(*(Panel(number, title) for number, title in enumerate(hostile, 1)))

    assert [panel.title for panel in picture.panels] == [*hostile[:3], "x" * 300]
    assert picture.count(PanelState.READY) == 4


async def test_pictures_by_webgl_are_drawn(studio_):
    picture = await studio_.take(Panel(1, "map", "webgl"))

    assert (0, 255, 0) in colours(picture.images[0], (20, 60, 480, 300))


async def test_a_panel_that_asks_again_while_pictured_is_waited_for(studio_):
    # After half a second it shows its loading bar for another half: the query of a panel that refreshes.
    again = """
      setTimeout(() => {
        const bar = document.createElement("div");
        bar.setAttribute("aria-label", "Panel loading bar");
        section.append(bar);
        setTimeout(() => { bar.remove(); section.querySelector("h2").textContent = "done" }, 700);
      }, 150);
    """

    picture = await studio_.take(Panel(1, "again", takes_s=0.1, script=again))

    assert states(picture) == {"again": "ready"}


async def test_a_panel_that_is_drawn_once_more_while_pictured_is_pictured_again(studio_):
    # As a chart that makes room for its legend: in the same state and place, but not yet what it will be.
    grown = """
      const wait = () => {
        const canvas = content.querySelector("canvas");
        if (!canvas) return setTimeout(wait, 5);
        setTimeout(() => {
          canvas.height -= 20;
          const context = canvas.getContext("2d");
          context.fillStyle = "#00ff00";
          context.fillRect(0, 0, canvas.width, canvas.height);
        }, 40);
      };
      wait();
    """

    picture = await studio_.take(Panel(1, "legend", script=grown))

    assert (0, 255, 0) in colours(picture.images[0], (20, 60, 480, 300))


async def test_a_panel_that_never_rests_is_pictured_all_the_same(studio_):
    ticker = 'setInterval(() => content.append(document.createElement("i")), 10);'

    picture = await studio_.take(Panel(1, "ticker", "static", script=ticker))

    assert states(picture) == {"ticker": "ready"}


async def test_a_sign_in_that_comes_over_the_panels_is_no_mere_move():
    # A picture of something that never rests is kept if the states are the same; this must tell them apart.
    raw = {
        "panels": [], "reason": "", "detail": "", "mark": "", "drawn": "", "waiting": 0, "closed": 0, "height": 1, "bottom": 1,
        "inner": False, "above": 0, "scrolled": 0, "viewing": "1", "settled": True, "tabs": [], "tab": "",
        "places": [],
    }  # fmt: skip
    look = PageLook.of(raw)

    assert PageLook.of(raw).states == look.states
    assert PageLook.of(raw | {"reason": "login"}).states != look.states
    assert PageLook.of(raw | {"viewing": None}).states != look.states


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("d/board", web.Response(status=302, headers={"Location": "/login"}), "login"),
        ("d/board", web.Response(status=302, headers={"Location": "/"}), "home"),
        ("d/board", web.Response(status=401, text="no"), "login"),
        ("d/board", web.Response(status=404, text="no"), "not-found"),
        ("d/board", web.Response(status=502, text="bad gateway"), "unreachable"),
        ("d/board", web.Response(body=b"\x89PNG", headers={"Content-Type": "image/png"}), "render-limit"),
        (
            "d/board",
            web.Response(text="<p>Concurrent server side render limit reached</p>", content_type="text/html"),
            "render-limit",
        ),
        ("d/board", web.Response(status=302, headers={"Location": "/d/another"}), "elsewhere"),
        ("api/dashboards/uid/board", web.json_response({"message": "gone"}, status=404), "not-found"),
        ("api/dashboards/uid/board", web.json_response({"message": "expired"}, status=401), "login"),
        ("api/dashboards/uid/board", web.json_response({"message": "broken dashboard"}, status=500), "refused"),
    ],
)
async def test_what_is_no_dashboard_is_no_picture(studio_, path, answer, reason):
    studio_.grafana.answers[path] = answer

    refusal = await studio_.refused(Panel(1, "first"))

    assert refusal.reason == reason
    for language in ("en", "ko"):
        assert text(language, refusal.key, **refusal.values)


async def test_every_reason_has_a_text():
    folder = Path(bot.cameras.browser.__file__).parent
    named = re.compile(r'NoPicture\("([a-z-]+)"|(?:return|else) \["([a-z-]+)", ')
    reasons = {
        one or other
        for path in folder.iterdir()
        if path.suffix in (".py", ".js")
        for one, other in named.findall(path.read_text("utf-8"))
    } - {state.value for state in PanelState}

    assert {"login", "home", "render-limit", "busy", "too-large", "memory"} <= reasons
    assert {reason for reason in reasons if f"picture.{reason}" not in catalogue("en")} == set()


async def test_grafanas_own_words_say_why_it_does_not_show_a_dashboard(studio_):
    studio_.grafana.answers["api/dashboards/uid/board"] = web.json_response({"message": "broken"}, status=500)

    assert (await studio_.refused(Panel(1, "first"))).detail == "broken"


async def test_a_blank_page_is_no_picture(studio_):
    # All marks are there, and nothing is to be seen: what a browser shows that did not paint.
    blank = "const cover = document.createElement('div'); cover.style.cssText = 'position:fixed;inset:0;background:#111'; document.body.append(cover);"

    assert (await studio_.refused(Panel(1, "first"), script=blank)).reason == "blank"


async def test_a_page_that_changes_what_scripts_are_built_on_is_no_picture(studio_):
    evil = "Array.prototype.map = function () { return [{ title: 5 }] }"

    assert (await studio_.refused(Panel(1, "first"), script=evil)).reason in ("refused", "empty", "timeout", "browser")


async def test_a_uid_cannot_climb_out_of_its_path(studio_):
    for uid in ("..", "../login", "a/b", "a?b", "", "."):
        refusal = await _refusal(studio_, uid)
        assert refusal == "not-found"
    assert studio_.grafana.asked == []


async def _refusal(made: Studio, uid: str) -> str:
    from bot.errors import NoPicture

    with pytest.raises(NoPicture) as caught:
        await made.camera.take(made.shot(uid), PATIENCE_S)
    return caught.value.reason


async def test_grafana_below_a_path_is_pictured_as_well():
    async with studio("/grafana/") as made:
        picture = await made.take(Panel(1, "first"))

        assert states(picture) == {"first": "ready"}
        assert {path for _, path, _ in made.grafana.asked} >= {"/grafana/d/board", "/grafana/api/ds/query"}
