"""What a text panel says is drawn as plain words, whatever is written there; hostile content does nothing."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from bot.cameras.chart_colours import DARK
from bot.cameras.chart_drawing import style
from bot.cameras.chart_texts import lines_of_text, text
from bot.domain.dashboards import DashboardModel, Panel, Variable
from bot.domain.pictures import PanelState, Shot
from bot.errors import NoPicture
from bot.telemetry.dashboard_json import read_model
from tests.cameras.test_chart_repeats import remembered
from tests.cameras.test_charts import HOUR, PATIENCE_S, drawing, prom
from tests.fakes import FakeMetrics

MARKDOWN = """# Orders

Owner: **team** · [runbook](https://example.com/x) · `code` <b>bold</b><script>alert(1)</script>

* first
* second

3. one
4. two

| code | meaning |
|------|---------|
| 502  | gone    |

```
a
  b
```
"""


def test_markdown_is_said_as_plain_words():
    assert lines_of_text(MARKDOWN, "markdown") == [
        ("h1", "Orders"), ("", "Owner: team · runbook · code bold"), ("", "• first"), ("", "• second"),
        ("", "3. one"), ("", "4. two"), ("", "code · meaning"), ("", "502 · gone"), ("", "a"), ("", "b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("<h2>주문</h2><p>a<br>b", [("h2", "주문"), ("", "a"), ("", "b")]),
        ("<style>p{}</style><script>x</script>read", [("", "read")]),
        ("<ul><li>one<li>two</ul>", [("", "• one"), ("", "• two")]),
        ('<img src=x onerror=alert(1) alt="logo"> beside', [("", "logo beside")]),
        ("a &lt;b&gt; &amp; c", [("", "a <b> & c")]),
        # What is never closed hides nothing that stands before it.
        ("seen <script> not seen", [("", "seen")]),
        ("</div></ul></script>still", [("", "still")]),
        ("", []),
    ],
)
def test_html_is_said_as_plain_words(words, lines):
    assert lines_of_text(words, "html") == lines


def test_code_is_said_as_it_is():
    assert lines_of_text("<b>*a*</b>\n\n  b", "code") == [("", "<b>*a*</b>"), ("", "b")]


def drawn_of(words: str, size: tuple[float, float] = (4.0, 2.0)) -> list[str]:
    # With the letters that pictures are written in, whatever was drawn before.
    with mpl.rc_context(style(DARK)):
        figure = Figure(figsize=size)
        return _lines_on(figure, words)


def _lines_on(figure: Figure, words: str) -> list[str]:
    axes = figure.subplots()
    text(axes, {"words": (words, "markdown")}, "#ccc")
    figure.canvas.draw()
    right = axes.bbox.x1
    assert all(each.get_window_extent().x1 <= right * 1.12 for each in axes.texts)
    return [each.get_text() for each in axes.texts]


def test_long_lines_are_wrapped_and_that_there_is_more_is_said():
    long = drawn_of("이름이 아주 길어서 옆 패널까지 갈 수 있는 문장 " * 4)
    assert len(long) > 1
    assert "".join(long).replace(" ", "").startswith("이름이아주길어서")

    many = drawn_of("\n\n".join(f"line {number}" for number in range(200)))
    assert many[0] == "line 0"
    assert many[-1] == "…"
    assert len(many) < 20


def test_a_dollar_in_it_is_a_dollar():
    assert drawn_of("$x^2$ and \\frac") == ["$x^2$ and \\frac"]


@pytest.mark.parametrize(
    "raw",
    [
        {"options": {"mode": "html", "content": "<p>$service</p>"}},
        # As before Grafana 7.
        {"mode": "html", "content": "<p>$service</p>"},
    ],
)
async def test_a_text_panel_is_drawn_with_what_its_variables_are_set_to(raw):
    board = {"title": "B", "panels": [{"id": 1, "type": "text", "title": "Read me", **raw}]}
    panels = read_model("b", board, {}).panels
    model = DashboardModel("b", "B", panels=panels, variables=(Variable("service", current=("api",)),))
    async with drawing(FakeMetrics(), model) as camera:
        sent = remembered(camera)
        picture = await camera.take(Shot("b", HOUR), PATIENCE_S)

    assert [(each.title, each.state, each.message) for each in picture.panels] == [("Read me", PanelState.READY, "")]
    assert list(sent[0]["panels"][0]["words"]) == ["<p>api</p>", "html"]


@pytest.mark.parametrize("down", [True, False])
async def test_words_alone_are_no_picture_of_numbers_that_are_not_there(down):
    words, numbers = Panel(1, "Read me", "text", words=("Hello", "markdown")), Panel(2, "p", queries=(prom("up"),))
    model = DashboardModel("b", "B", panels=(words, numbers if down else Panel(2, "Logs", "logs")))
    metrics = FakeMetrics()
    metrics.down = "refused"
    async with drawing(metrics, model) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("b", HOUR), PATIENCE_S)

    assert refused.value.reason == ("ladder.unreachable" if down else "ladder.nothing-to-draw")
