"""The first steps of runbooks as people write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.runbooks import STEP, STEPS, RunbookPages, steps_of

USUAL = """# High error rate

More than half of the requests fail.

- what it means: customers cannot pay

## First checks

1. Was there a **deploy**? Look at [the releases](https://ci.example.com/releases).
2. Read the newest error lines of `api`,
   and their stack trace:
   ```sh
   logcli query '{service="api"}'
   - not a step
   ```
   - a detail of the second step
3. Check the connection pool.
4. Call the database team.

## Later

- write a report
"""


def test_the_steps_below_the_heading_of_first_checks_are_taken():
    assert steps_of(USUAL) == (
        "Was there a deploy? Look at the releases.",
        "Read the newest error lines of api, and their stack trace:",
        "Check the connection pool.",
    )


@pytest.mark.parametrize(
    "heading",
    [
        "## First checks",
        "### What to check first ###",
        "# Triage",
        "## Immediate actions",
        "**First steps**",
        "## 먼저 확인할 것",
        "## 1. 초동 조치",
        "### 우선 확인",
    ],
)
def test_many_words_say_that_something_comes_first(heading):
    assert steps_of(f"- background\n\n{heading}\n\n* [ ] look at the pool\n") == ("look at the pool",)


@pytest.mark.parametrize("heading", ["## Background", "## 배경", "## Who wrote the first version", "## Checks"])
def test_below_any_other_headings_the_first_list_counts(heading):
    assert steps_of(f"# X\n- restart it\n{heading}\n- nothing\n") == ("restart it",)


def test_a_heading_without_a_list_leaves_the_first_list():
    assert steps_of("- restart it\n\n## First checks\n\nThink.\n") == ("restart it",)


def test_a_table_of_contents_is_no_list_of_steps():
    assert steps_of("- [Causes](#causes)\n- [Mending](#mending)\n\ntext\n\n1) look\n") == ("look",)


@pytest.mark.parametrize("markdown", ["", "Just words.", "# First checks", "---\n***\n", "- \n-\n", "```\n- code\n```"])
def test_without_a_list_there_are_no_steps(markdown):
    assert steps_of(markdown) == ()


@pytest.mark.parametrize(
    ("item", "step"),
    [
        ("see <https://wiki.example.com/a>", "see https://wiki.example.com/a"),
        ("![picture](a.png) <b>look</b><br/>", "picture look"),
        ("ask `<ip-1>` for *its* snake_case_name", "ask <ip-1> for its snake_case_name"),
        ("a\u202eb\u200b\x1b[31mc\x07", "ab[31mc"),
        ("<!-- hidden --> seen", "seen"),
        ("x" * 400, "x" * (STEP - 1) + "…"),
    ],
)
def test_a_step_is_one_plain_line(item, step):
    assert steps_of(f"1. {item}") == (step,)


@given(st.text(alphabet="ab#-*+1.) \t\n`[](<>!_@한", max_size=300) | st.text(max_size=300))
def test_nothing_makes_a_step_long_or_more_than_a_line(markdown):
    steps = steps_of(markdown)

    assert len(steps) <= STEPS
    assert all(0 < len(step) <= STEP and len(step.splitlines()) == 1 for step in steps)


@pytest.mark.parametrize("unit", ["- [a](", "**a", "#\t", "1. `", "<b ", "- a\n  b", "[[", "<!--", "a "])
def test_a_runbook_eight_times_as_long_takes_about_eight_times_as_long(unit):
    def seconds(length):
        text = unit * (length // len(unit))
        started = time.process_time()
        steps_of(text)
        return time.process_time() - started

    short, long = (min(seconds(length) for _ in range(5)) for length in (4_000, 32_000))

    # Quadratic would be 64 times; a clock that ticks seldom must not decide.
    assert long < 30 * max(short, 0.001)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://wiki.example.com/runbooks/", "https://wiki.example.com/runbooks/high-error-rate-5xx"),
        ("https://git.example.com/{page}.md?plain=1", "https://git.example.com/high-error-rate-5xx.md?plain=1"),
        ("", ""),
    ],
)
def test_a_page_has_an_address_once_a_base_is_set(base, address):
    pages = RunbookPages(base, {"higherrorrate5xx": "high-error-rate-5xx"})

    assert pages.address("", "HighErrorRate5xx") == address
    assert pages.address("docs/runbooks/high-error-rate-5xx.md") == address
    assert pages.address("http://[/", "NoSuchAlert") == ""
