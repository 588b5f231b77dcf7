"""What the page makes of texts: Discord's markdown, both languages, and no markup from anybody."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "playground" / "web"


async def test_every_text_of_the_page_exists_in_both_languages(visit):
    page = await visit()

    texts = await page.evaluate("import('/web/texts.js').then(texts => texts.LOCALES)")

    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{\w+\}", text))

    assert texts["ko"].keys() == texts["en-US"].keys()
    assert [key for key in texts["ko"] if holes(texts["ko"][key]) != holes(texts["en-US"][key])] == []


MARKDOWN = {
    "**b *i* b**": "<p><strong>b <em>i</em> b</strong></p>",
    "snake_case_name __u__ _i_": "<p>snake_case_name <u>u</u> <em>i</em></p>",
    "5 * 3 \\*no\\* ~~x~~": "<p>5 * 3 *no* <s>x</s></p>",
    "`a` ``b`c``": "<p><code>a</code> <code>b`c</code></p>",
    "```py\nx < 1\n```": '<pre tabindex="0" aria-label="Code py"><code>x &lt; 1</code></pre>',
    "-# small": '<div class="subtext">small</div>',
    "> q\nn": "<blockquote><p>q</p></blockquote><p>n</p>",
    "- a\n  - b\n- c": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    "#42 is no heading": "<p>#42 is no heading</p>",
    "[x](javascript:alert(1))": "<p>[x](javascript:alert(1))</p>",
    "[#4](https://discord.com/channels/1/2/3)": '<p><a href="#/2/3" class="jump">#4</a></p>',
    "<@1> <@&2> <#3> @here": (
        '<p><span class="mention">@one</span> <span class="mention">@two</span> '
        '<a class="mention" href="#/3">#three</a> @here</p>'
    ),
    "<t:99999999999999:R>": "<p>&lt;t:99999999999999:R&gt;</p>",
    "**a `` unclosed": "<p>**a `` unclosed</p>",
}

RENDER = """async (sources) => {
    const { markdown } = await import("/web/markdown.js");
    const { translate } = await import("/web/texts.js");
    const reading = { locale: "en-US", t: (key) => translate("en-US", key), pings: () => false,
        person: () => "@one", role: () => "@two", channel: () => "#three" };
    return sources.map((source) => {
        const holder = document.createElement("div");
        holder.append(markdown(source, reading));
        return holder.innerHTML;
    });
}"""


async def test_markdown_is_read_as_discord_reads_it(visit):
    page = await visit()

    rendered = await page.evaluate(RENDER, list(MARKDOWN))

    assert dict(zip(MARKDOWN, rendered, strict=True)) == MARKDOWN


async def test_no_markdown_keeps_the_page_busy(visit):
    page = await visit()
    worst = [
        mark * 1300 for mark in ("`", "```", "**a", "*a ", "_a ", "||", "[a](http://", "<@", "> ", "- ", "a`", "\\")
    ]

    async with asyncio.timeout(60):
        rendered = await page.evaluate(RENDER, worst)

    assert len(rendered) == len(worst)


@pytest.mark.parametrize("path", sorted(WEB.glob("*.*")), ids=lambda path: path.name)
def test_a_file_of_the_page_is_small_and_assigns_no_markup(path):
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 300
    assert (
        re.search(
            r"\.(innerHTML|outerHTML|insertAdjacentHTML)\b|document\.write|\beval\(| style=|https?://(?!www\.w3\.org|discord)\w",
            text,
        )
        is None
    )
