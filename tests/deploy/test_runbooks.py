"""Every alert has its page in both languages, of one shape, whose queries can be asked and whose links lead somewhere."""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from bot.domain.runbooks import steps_of
from bot.store.database import Database
from bot.telemetry.runbooks import FolderRunbooks
from deploy.grafana.rules import Rule
from deploy.grafana.rules_table import RULES
from tests.deploy.alerting_files import ROOT
from tests.deploy.boards import BOARDS, panels, refused
from tests.deploy.grammar import read, wrong
from tests.deploy.stack import everything

ENGLISH = ROOT / "docs/runbooks"
KOREAN = ENGLISH / "ko"
HEADINGS = {
    ENGLISH: ["What it means", "First checks", "Likely causes", "How to mend", "When to wake whom", "Links"],
    KOREAN: ["무슨 뜻인가", "먼저 확인할 것", "흔한 원인", "조치", "누구를 언제 깨우나", "링크"],
}
OPERATIONS = {"deployment", "backup-and-restore", "upgrade", "secret-rotation", "README"}
PAGES = [path for folder in HEADINGS for path in sorted(folder.glob("*.md"))]
# When somebody has to be woken, in both languages.
WAKES = {
    "P1": ("15 minutes", "15분"),
    "P2": ("1 hour", "1시간"),
    "P3": ("working hours", "업무 시간"),
    "P4": ("next working day", "다음 업무일"),
    "": ("15 minutes", "15분"),
}
OF_RULES = [pytest.param(folder, rule, id=f"{folder.name}-{rule.slug}") for folder in HEADINGS for rule in RULES]
# Functions, keywords and labels of PromQL that look like names of metrics.
NO_METRICS = re.compile(
    r"\w+_over_time|histogram_quantile|label_replace|predict_linear|group_left|group_right|__name__|exported_service"
)

# A comparison, an hour ago, a deploy, and what only comes with the exporter that is replaced.
CAN_BE_EMPTY = re.compile(r" [<>] | == |offset|bongsu_last_deploy|unless|node-old|prometheus_tsdb")


def text_of(folder: Path, name: str) -> str:
    return (folder / f"{name}.md").read_text("utf-8")


def sections(text: str) -> dict[str, str]:
    """Return what stands below each heading of the second level, in their order."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def blocks(text: str, *languages: str) -> list[str]:
    """Return the blocks of code written in one of these languages."""
    found = re.findall(r"^( *)```(\w+)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [dedent(code).strip() for _, language, code in found if language in languages]


def asked(language: str) -> list[tuple[str, str]]:
    """Return every query of every page, each with the page's name."""
    return [
        (str(path.relative_to(ENGLISH)), code) for path in PAGES for code in blocks(path.read_text("utf-8"), language)
    ]


def unquoted(query: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', query)


@cache
def known_metrics() -> str:
    """Return all texts in which metrics are named that are scraped and tested elsewhere."""
    boards = [path.read_text("utf-8") for path in sorted((ROOT / "config/grafana/dashboards").glob("*.json"))]
    exported = [(ROOT / "bot/web" / name).read_text("utf-8") for name in ("own_metrics.py", "delivery_metrics.py")]
    texts = [*boards, *exported, *(rule.query for rule in RULES), (ROOT / "config/bot.yml").read_text("utf-8")]
    return "\n".join(texts)


def test_there_is_a_page_for_each_alert_and_each_task_and_no_other():
    for folder in HEADINGS:
        assert {path.stem for path in folder.glob("*.md")} == {rule.slug for rule in RULES} | OPERATIONS


@pytest.mark.parametrize(("folder", "rule"), OF_RULES)
def test_a_page_has_the_same_headings_in_the_same_order(folder: Path, rule: Rule):
    text = text_of(folder, rule.slug)

    assert text.startswith(f"# {rule.alert}\n")
    assert list(sections(text)) == HEADINGS[folder]
    assert 30 <= len(text.splitlines()) <= 60


@pytest.mark.parametrize(("folder", "rule"), OF_RULES)
def test_a_page_says_what_its_rule_says(folder: Path, rule: Rule):
    meaning, *_, wake, _ = sections(text_of(folder, rule.slug)).values()

    assert blocks(meaning, "promql") == [rule.promql]
    assert f"`severity: {rule.severity}`" in meaning
    assert (f"`for: {rule.wait}`" in meaning) == bool(rule.wait)
    assert f"**{rule.severity.level}" in meaning
    assert f"**{WAKES[rule.severity.level][folder == KOREAN]}**" in wake


@pytest.mark.parametrize(("folder", "rule"), OF_RULES)
def test_a_page_begins_with_three_checks_that_can_be_run(folder: Path, rule: Rule):
    checks = sections(text_of(folder, rule.slug))[HEADINGS[folder][1]]

    numbers = re.findall(r"^(\d+)\. ", checks, re.MULTILINE)
    steps = re.split(r"^\d+\. ", checks, flags=re.MULTILINE)[1:]

    assert numbers == ["1", "2", "3"]
    for step in steps:
        first = step.splitlines()[0]
        assert first.endswith(".")
        assert len(first) <= 150
        assert len(blocks(step, "promql", "logql", "sh")) == 1


@pytest.mark.parametrize(("folder", "rule"), OF_RULES)
async def test_bongsu_finds_the_page_and_reads_its_three_checks(folder: Path, rule: Rule):
    checks = sections(text_of(folder, rule.slug))[HEADINGS[folder][1]]

    found = await FolderRunbooks(folder).read(f"https://wiki.example.com/runbooks/{rule.slug}", rule.alert, None)

    assert steps_of(found) == tuple(re.findall(r"^\d\. (.+)$", checks, re.MULTILINE))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_both_languages_ask_the_same(rule: Rule):
    english, korean = (text_of(folder, rule.slug) for folder in HEADINGS)

    assert blocks(english, "promql", "logql", "sh") == blocks(korean, "promql", "logql", "sh")


@pytest.mark.parametrize("name", sorted(OPERATIONS - {"README"}))
def test_both_languages_run_the_same_commands(name: str):
    english, korean = (text_of(folder, name) for folder in HEADINGS)

    assert blocks(english, "sh") != []
    assert blocks(english, "promql", "logql", "sh", "yaml") == blocks(korean, "promql", "logql", "sh", "yaml")
    assert len(sections(english)) == len(sections(korean))


def test_prometheus_reads_every_query(tmp_path: Path):
    queries = asked("promql")

    assert len(queries) > 100
    assert refused(tmp_path, [query for _, query in queries]) == ""


def test_every_metric_is_one_that_a_dashboard_or_a_rule_asks_for():
    # Those that only these pages ask for: the blackbox exporter's and Prometheus' own, under their documented names.
    documented = {"probe_http_status_code", "prometheus_tsdb_head_series"}
    unknown = {
        (page, name)
        for page, query in asked("promql")
        for name in re.findall(r"(?<![\w.])[a-z]+(?:_[a-z0-9]+)+\b", unquoted(query), re.IGNORECASE)
        # What Bongsu exports is named there without the endings of counters and sums.
        if not NO_METRICS.fullmatch(name)
        and name not in documented
        and re.sub(r"^(bongsu_\w+)_(total|sum|count)$", r"\1", name) not in known_metrics()
    }

    assert unknown == set()


def test_the_grammar_of_grafana_reads_every_query_of_logs():
    queries = asked("logql")

    assert len(queries) > 20
    found = read([query for _, query in queries])
    assert {named: wrong(nodes) for named, nodes in zip(queries, found, strict=True) if wrong(nodes)} == {}


def test_the_shell_reads_every_command():
    commands = asked("sh")

    assert commands
    for page, command in commands:
        done = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True, timeout=30, check=False)
        assert (page, done.stderr) == (page, "")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ENGLISH)))
def test_every_link_leads_somewhere(path: Path):
    text = path.read_text("utf-8")

    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    shown = re.findall(r"/d/([\w-]+)\?viewPanel=(\d+)", text)

    assert links
    assert [link for link in links if not (path.parent / link.partition("#")[0]).is_file()] == []
    assert [
        (uid, panel) for uid, panel in shown if int(panel) not in {each["id"] for each in panels(BOARDS[uid])}
    ] == []


@pytest.mark.parametrize(("folder", "rule"), OF_RULES)
def test_a_page_leads_to_the_panel_of_its_rule(folder: Path, rule: Rule):
    assert f"`/d/{rule.dashboard}?viewPanel={rule.panel}`" in text_of(folder, rule.slug)


@pytest.mark.parametrize("folder", HEADINGS, ids=lambda folder: folder.name)
def test_the_index_lists_every_page(folder: Path):
    text = text_of(folder, "README")

    for rule in RULES:
        line = f"| {rule.alert} | {rule.severity.level or '–'} `{rule.severity}` | [{rule.slug}]({rule.slug}.md) |"
        assert line in text.splitlines()
    assert {name for name in OPERATIONS if f"]({name}.md)" in text} == OPERATIONS - {"README"}


@pytest.mark.timeout(280)
async def test_a_real_prometheus_answers_every_query(tmp_path: Path, database: Database):
    """Some must be empty while all is well; those of alerts that only show a state must not."""
    queries = dict.fromkeys(query for _, query in asked("promql"))
    shown = {query for query in queries if not CAN_BE_EMPTY.search(query)}
    end = time.monotonic() + 100
    async with everything(tmp_path, database) as (prometheus, shop):
        # Errors of the server.
        await shop.switch("deploy")
        for query in queries:
            # Two series that cannot be told apart, say: the parser does not see that. It raises.
            await prometheus.get("query", query=query)
        while shown and time.monotonic() < end:
            answers = {query: (await prometheus.get("query", query=query))["result"] for query in shown}
            shown = {query for query, found in answers.items() if not found}
            await asyncio.sleep(0.5)

    assert shown == set()
