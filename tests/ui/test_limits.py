"""Anybody's words become words that cannot ping, format, link or overflow."""

from __future__ import annotations

import unicodedata
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.limits import code, fit, link, one_line, plain, shorten
from bot.ui.markdown import dated
from tests.ui.hostile import LIVE_MENTION, hostile_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("**bold** _it_ ~~no~~ ||spoiler||", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \|\|spoiler\|\|"),
        ("# heading", r"\# heading"),
        ("- list\n> quote", r"\- list > quote"),
        ("> quote", r"\> quote"),
        ("api-1:8080 http_server_requests > 5", r"api-1:8080 http\_server\_requests > 5"),
        ("[click](http://evil)", r"\[click\](http:\//evil)"),
        ("`code`", r"\`code\`"),
        ("line\r\nline\ttab\x00end", "line line tabend"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\u202eevil\u202c", "evil"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("서버가 응답하지 않습니다", "서버가 응답하지 않습니다"),
        ("👨‍👩‍👧 family", "👨‍👩‍👧 family"),
    ],
)
def test_plain_text_reads_as_written_and_formats_nothing(raw, shown):
    assert plain(raw, 200) == shown


@pytest.mark.parametrize("mention", ["@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>"])
def test_a_mention_is_no_mention_any_more(mention):
    assert not LIVE_MENTION.search(plain(mention, 100))
    assert not LIVE_MENTION.search(code(mention, 100))


def test_right_to_left_text_does_not_reorder_its_neighbours():
    assert plain("שלום", 100) == "\u2068שלום\u2069"


def test_shortening_never_leaves_half_an_escape():
    for limit in range(1, 12):
        shown = plain("*" * 20, limit)

        assert len(shown) <= limit
        assert shown.replace("\\*", "") == "…"


def test_shortening_never_cuts_one_picture_in_two():
    family = "👨‍👩‍👧"

    assert plain(family * 3, len(family) + 2) == family + "…"
    assert plain("🇰🇷🇰🇷", 3) == "🇰🇷…"


def test_letters_cannot_climb_over_the_lines_above():
    assert len(plain("e" + "\u0301" * 500, 1000)) == 5


def test_code_cannot_be_left_by_its_own_backticks():
    assert code("a`b``c", 50) == "`aˋbˋˋc`"
    assert code(" \n ", 50) == ""
    assert code("x" * 50, 10) == "`xxxxxxx…`"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "discord://x",
        "",
        "https://",
        "http://[::1",
        "https://x/a b",
        "https://x/a\nb",
        "https://x/<@1>",
        "https://grafana.example@evil.example/",
        "https://x/" + "a" * 512,
    ],
)
def test_what_is_no_plain_address_is_no_link(url):
    assert link("Rule", url) == "Rule"


def test_an_address_with_parentheses_cannot_end_its_link_early():
    assert link("Rule", "https://g/x?q=up(a)") == "[Rule](https://g/x?q=up%28a%29)"


def test_an_address_mentions_nobody():
    assert link("Rule", "https://g/@everyone") == "[Rule](https://g/%40everyone)"


def test_lines_are_kept_whole_until_the_room_is_used_up():
    assert fit(["aaa", "bbb", "ccc"], 11) == "aaa\nbbb\nccc"
    assert fit(["aaa", "bbb", "ccc"], 10) == "aaa\nbbb\n…"
    assert fit(["aaaaaaaa", "b"], 4) == "…"
    assert shorten("one line that is long", 10) == "one line…"


def test_a_text_is_cut_between_words():
    assert plain("slow queries, leaks, pool size", 27) == "slow queries, leaks, pool…"
    assert plain("slow queries, leaks, pool size", 28) == "slow queries, leaks, pool…"
    # What follows is a new word, so the last one is whole.
    assert plain("slow queries, leaks, pool size", 26) == "slow queries, leaks, pool…"
    # Leaving out so long a word would leave little.
    assert plain("a " + "x" * 40, 20) == "a " + "x" * 17 + "…"
    assert plain("커넥션을 점유한 대상 확인", 13) == "커넥션을 점유한 대상…"


@given(hostile_text, st.integers(min_value=1, max_value=300))
def test_no_text_escapes_its_room_or_its_line(raw, limit):
    for shown in (plain(raw, limit), shorten(one_line(raw), limit), code(raw, max(limit, 4))):
        assert len(shown) <= max(limit, 4)
        shown.encode("utf-8")
        assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in shown)
    assert not LIVE_MENTION.search(plain(raw, limit))
    assert not LIVE_MENTION.search(code(raw, max(limit, 4)))


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("at <t:1795907884:t>", "at 23:18"),
        ("at <t:999999999999:R>", "at <t:999999999999:R>"),
    ],
)
def test_a_moment_that_somebody_has_typed_is_left_as_it_is(words, written):
    assert dated(words, UTC) == written
