"""`/postmortem`: what is known of an incident, as a file to finish, without secrets, for open and ended ones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.advice.summarizing import ModelSummarizer
from bot.domain.evidence import Analysis, Claim, Confidence, ModelUse, Verdict
from bot.domain.impact import Impact, Trend
from bot.domain.incidents import Entry, EntryKind
from bot.domain.inquiries import Exchange
from bot.domain.memory import Fix
from bot.domain.people import BONGSU
from bot.domain.people import Person as Somebody
from bot.domain.postmortems import PostedPicture, Postmortem, Summary
from bot.domain.views import MessageRef
from bot.errors import DeliveryDelayed
from bot.ports import AuditRow
from bot.ui.postmortem import postmortem_file
from tests.advice.questions import CATALOGUE, MODEL, Script, answers
from tests.advice.told import make_ranking
from tests.builders import MINJI, NOW, make_view
from tests.cogs.test_incident import attached
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import said

BOSS = Somebody(1, "root", manages_guild=True)
SEOUL = ZoneInfo("Asia/Seoul")
SECRET = "password=hunter2hunter2"


async def lived_through(it, database) -> None:
    """Let #1 be looked into, asked about, acknowledged, mended, and another one be like it."""
    world = it.world
    await database.investigations.ask(1, MINJI, NOW, timedelta())
    inquiry = await database.investigations.take()
    ranking = make_ranking()
    cause = Claim("the pool of orders-db is exhausted since 03:00:10 UTC", "orders-db", ("M2", "T1"))
    impact = Impact("api", NOW.timestamp(), Trend.STEADY, failing=0.12, rate=50.0)
    analysis = Analysis(ranking, Verdict(Confidence.LIKELY, cause, (cause,)), ModelUse(), impact=impact)
    await database.investigations.finish(inquiry, analysis, NOW)
    await database.investigations.remember(
        Exchange(1, MINJI, NOW, f"Was there a *deploy*? {SECRET}", "Yes, v1.4.2 `C1`", ranking.findings[:1])
    )
    world.clock.forward(minutes=4)
    await world.services.respond.acknowledge(1, BOSS, note=f"looking, {SECRET}")
    called = {"step": "0", "severity": "P2", "who": "<@1> <@1002> <@&502> @here"}
    await database.incidents.note(1, Entry(world.clock(), EntryKind.ESCALATED, BONGSU, called))
    world.clock.forward(minutes=10)
    await world.mend(count=3)
    fix = Fix(f"rolled back, {SECRET}", MINJI, world.clock())
    await database.memories.fix(1, fix, AuditRow(world.clock(), MINJI, "fix", "#1"))


async def show_card(it, database) -> None:
    """Let the card of #1 be on Discord."""
    [task] = await database.outbox.due(it.world.clock(), 1)
    await database.outbox.delivered(
        task, (await database.incidents.load(1)).version, MessageRef(7, 8), it.world.clock()
    )


def file_of(result) -> str:
    [file] = attached(result)
    assert file.filename == "postmortem-1.md"
    return file


async def gathered(it, number: int = 1) -> Postmortem:
    return await it.world.services.postmortems.of(number, BOSS)


async def test_what_is_known_is_handed_out_to_the_asker_alone(database):
    async with conversation(database) as it:
        await lived_through(it, database)

        result = await it.minji.slash(it.channel, "postmortem", incident="#1")

        assert result.ephemeral
        assert "Post-mortem of #1" in said(result)
        assert file_of(result)
        assert await offered(it, "postmortem", "incident", "") == {}


async def test_the_pictures_below_the_card_come_beside_it_and_stand_in_it(database):
    async with conversation(database) as it:
        await show_card(it, database)
        it.world.posted.posted = [PostedPicture("incident-1-1.png", b"one"), PostedPicture("incident-1-2.png", b"two")]

        result = await it.minji.slash(it.channel, "postmortem", incident="#1")
        words = postmortem_file(await gathered(it), "en", SEOUL, "Asia/Seoul", 77).decode()

        names = [file.filename for file in attached(result)]
        assert names == ["postmortem-1.md", "incident-1-1.png", "incident-1-2.png"]
        assert "![Dashboard at the time: incident-1-2.png](incident-1-2.png)" in words


async def test_without_the_pictures_it_says_where_they_are(database):
    async with conversation(database) as it:
        await show_card(it, database)
        it.world.posted.error = DeliveryDelayed("Discord is away", 1)

        found = await gathered(it)

        assert found.pictures == ()
        assert "https://discord.com/channels/77/8" in postmortem_file(found, "en", SEOUL, "Asia/Seoul", 77).decode()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_it_tells_the_whole_story_by_the_clock_of_the_team(database, language):
    async with conversation(database) as it:
        await lived_through(it, database)
        found = await gathered(it)
        found = replace(found, card=MessageRef(7, 8))

        words = postmortem_file(found, language, SEOUL, "Asia/Seoul", 77).decode()

        assert words.startswith("# ")
        # 03:00 UTC is noon in Seoul.
        assert "2026-11-24 12:00 (Asia/Seoul)" in words
        assert "11-24 12:04:00" in words
        assert "orders-db" in words
        assert "12:00:10" in words
        assert "[M2, T1]" in words
        assert "Was there a \\*deploy\\*?" in words
        assert "https://discord.com/channels/77/8" in words
        # Whom a step called is named; nobody is mentioned.
        assert "root" in words
        assert not re.search(r"<@|<t:", words)
        assert "hunter2" not in words
        headings = re.findall(r"^## (.*)$", words, re.MULTILINE)
        assert len(headings) == len(set(headings)) >= 10


async def test_a_long_night_is_told_by_its_beginning_and_its_end(database):
    async with conversation(database) as it:
        await it.world.fire()
        for number in range(600):
            entry = Entry(NOW + timedelta(minutes=number), EntryKind.JOINED, BONGSU, {"count": f"{number + 1000}"})
            await database.incidents.note(1, entry)

        found = await gathered(it)
        words = postmortem_file(found, "en", SEOUL, "Asia/Seoul", 77).decode()

    assert (len(found.view.timeline), "1150 more" in words, "1300 more" in words) == (500, False, True)
    assert f"{found.left_out} lines between the beginning and the end are left out." in words


async def test_an_open_incident_nobody_looked_into_is_told_as_it_stands(database):
    async with conversation(database) as it:
        words = postmortem_file(await gathered(it), "en", SEOUL, "Asia/Seoul", 77).decode()

    assert "The incident is not over" in words
    assert "Not found by the investigation." in words
    assert "Nobody has said yet." in words
    assert "## Evidence" not in words


async def test_what_it_was_like_before_is_named(database):
    async with conversation(database) as it:
        await lived_through(it, database)
        it.world.clock.forward(days=30)
        await it.world.fire(starts_at="2026-12-20T03:00:00Z")

        words = postmortem_file(await gathered(it, 2), "en", SEOUL, "Asia/Seoul", 77).decode()

    assert "#1 2026-11-24 12:00 HighLatency: rolled back" in words
    assert "hunter2" not in words


async def test_a_model_words_the_summary_and_is_cited(database):
    async with conversation(database) as it:
        await lived_through(it, database)
        script = Script([answers(("The pool was in trouble.", ["M2"]))])
        script.expected = 1
        summarizer = ModelSummarizer(script, MODEL, catalogue=CATALOGUE, language="en")
        it.world.services.postmortems._summarizer = summarizer

        found = await gathered(it)

    assert found.summary == Summary((Claim("The pool was in trouble.", "orders-db", ("M2",)),), MODEL)
    words = postmortem_file(found, "en", SEOUL, "Asia/Seoul", 77).decode()
    assert "The pool was in trouble. [M2]" in words
    assert MODEL in words


async def test_hostile_words_make_no_heading_link_or_table():
    view = make_view()
    hostile = Entry(NOW, EntryKind.FIXED, Somebody(5, "# | [x](http://evil.example)"), {"reason": "\n# owned\n| a |"})
    found = Postmortem(replace(view, timeline=(hostile,)), NOW)

    words = postmortem_file(found, "en", SEOUL, "Asia/Seoul", 77).decode()

    assert "\n# owned" not in words
    assert not re.search(r"(?<!\\)\]\(http://evil", words)


async def test_without_the_right_there_is_no_file(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "postmortem", incident="#1")

        assert "may not read" in refused(it, result)
        assert await offered(it, "postmortem", "incident", "", it.mallory) == {}


async def test_an_incident_that_never_was_is_a_sentence(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "postmortem", incident="#99")

        assert "no such incident" in refused(it, result)
