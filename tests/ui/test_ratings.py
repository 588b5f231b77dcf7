"""The buttons below a report as people press them, in a simulated Discord, over the use case's own interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

import pytest
import simcord
from discord import ui

from bot.core.services import Services
from bot.domain.inquiries import Inquiry, InquiryState, Rating
from bot.domain.people import Person, Policy, Right
from bot.domain.views import Report
from bot.errors import BongsuError, NotAllowed, OutOfDate, TooSoon
from bot.ui import ids
from bot.ui.marks import of_inquiry
from bot.ui.report import report_layout
from tests.builders import NOW
from tests.ui.reports import make_report
from tests.ui.test_buttons import BUSY_S, said
from tests.ui.world import GUILD_ID, client_over, make_world


@dataclass
class FakeInvestigating:
    """Keeps one rating for each person; `refusal` is what every press meets."""

    report_kept: Report = field(default_factory=make_report)
    ratings: dict[int, Rating] = field(default_factory=dict)
    asked: list[tuple[int, str]] = field(default_factory=list)
    refusal: BongsuError | None = None

    async def rate(self, inquiry: int, by: Person, rating: Rating) -> dict[Rating, int]:
        self._check()
        self.ratings[by.id] = rating
        return {each: list(self.ratings.values()).count(each) for each in set(self.ratings.values())}

    async def again(self, inquiry: int, by: Person) -> Inquiry:
        self._check()
        self.asked.append((inquiry, by.name))
        return Inquiry(6, 42, by, NOW, InquiryState.WAITING)

    async def report(self, inquiry: int, by: Person) -> Report:
        self._check()
        return self.report_kept

    async def known(self, inquiry: int) -> Inquiry:
        return self.report_kept.inquiry

    def _check(self) -> None:
        if self.refusal:
            raise self.refusal


def button(action: str) -> str:
    return ids.custom_id(action, 5, of_inquiry(make_report().inquiry))


@dataclass(frozen=True)
class Wired(Services):
    """The services with this use case in the place of the real one."""

    investigating: FakeInvestigating


@dataclass
class Thread:
    """A report on Discord and two people who read it."""

    env: simcord.Env
    use_case: FakeInvestigating
    message: object
    minji: simcord.MemberActor
    jun: simcord.MemberActor


@asynccontextmanager
async def thread(database, view: ui.LayoutView | None = None) -> AsyncIterator[Thread]:
    world, use_case = make_world(database), FakeInvestigating()
    given = {each.name: getattr(world.services, each.name) for each in fields(world.services)}
    services = Wired(**(given | {"investigating": use_case}))
    client = client_over(services, database)
    async with simcord.run(client, settle_timeout=BUSY_S) as env:
        guild = env.create_guild(id=GUILD_ID)
        channel = guild.create_text_channel("alert-urgent")
        role = guild.create_role("on-call")
        world.rules.policy = Policy({Right.ACK: frozenset({role.id})})
        minji, jun = (guild.add_member(env.create_user(name), roles=[role]) for name in ("minji", "jun"))
        place = env.bot.get_partial_messageable(channel.id, guild_id=GUILD_ID)
        await place.send(view=view or report_layout(use_case.report_kept, "en"))
        yield Thread(env, use_case, channel.last_message, minji, jun)


async def test_a_rating_is_kept_and_counted(database):
    async with thread(database) as it:
        await it.minji.click(it.message, custom_id=button("rate-useful"))
        result = await it.jun.click(it.message, custom_id=button("rate-wrong"))

        assert result.ephemeral
        assert said(result) == "Thank you: Useful 1 · Not useful 0 · Wrong 1"
        assert sorted(it.use_case.ratings.values()) == [Rating.USEFUL, Rating.WRONG]


async def test_who_changes_their_mind_is_counted_once(database):
    async with thread(database) as it:
        await it.minji.click(it.message, custom_id=button("rate-useful"))
        result = await it.minji.click(it.message, custom_id=button("rate-useless"))

        assert said(result) == "Thank you: Useful 0 · Not useful 1 · Wrong 0"


async def test_investigate_again_says_where_the_answer_will_be(database):
    async with thread(database) as it:
        result = await it.minji.click(it.message, custom_id=button("again"))

        assert result.ephemeral
        assert said(result) == "🔎 Investigating #42 again. The report will appear in the thread."
        assert it.use_case.asked == [(5, "minji")]


async def test_more_shows_the_evidence_to_the_presser_alone(database):
    async with thread(database) as it:
        result = await it.minji.click(it.message, custom_id=button("more"))

        assert result.ephemeral
        assert "**Evidence**" in said(result)
        assert "[T2](https://grafana.example/explore?finding=T2)" in said(result)


@pytest.mark.parametrize(
    ("refusal", "answer"),
    [
        (OutOfDate("errors.out_of_date"), "This has been used or has expired."),
        (NotAllowed("errors.not_allowed_read"), "You may not read incidents here."),
        (TooSoon("errors.out_of_date"), "Please start again."),
    ],
)
@pytest.mark.parametrize("action", ["rate-useful", "again", "more"])
async def test_a_refusal_is_a_sentence_for_the_presser(database, action, refusal, answer):
    async with thread(database) as it:
        it.use_case.refusal = refusal

        result = await it.minji.click(it.message, custom_id=button(action))

        assert result.ephemeral
        assert answer in said(result)


async def test_the_buttons_of_a_report_outlive_the_process(database):
    async with thread(database) as it:
        again = client_over(it.env.bot.services, database)
        await it.env.restart_bot(again)

        result = await it.minji.click(it.message, custom_id=button("rate-useful"))

        assert "Useful 1" in said(result)


@pytest.mark.parametrize("action", [*ids.RATE, ids.AGAIN, ids.MORE])
@pytest.mark.parametrize("other", [{"incident": 41}, {"asked_at": NOW + timedelta(days=1)}])
async def test_a_report_of_a_database_that_is_no_more_acts_on_no_other(database, action, other):
    async with thread(database) as it:
        kept = it.use_case.report_kept
        it.use_case.report_kept = replace(kept, inquiry=replace(kept.inquiry, **other))

        result = await it.minji.click(it.message, custom_id=button(action))

        assert result.ephemeral
        assert "Nothing was done: this button is of a database that is gone or was restored" in said(result)
        assert (it.use_case.ratings, it.use_case.asked) == ({}, [])


async def test_a_report_of_the_version_before_is_still_rated(database):
    old = ui.LayoutView()
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ui.Button(label="Useful", custom_id="bongsu:1:rate-useful:5"))
    old.add_item(row)
    async with thread(database, old) as it:
        result = await it.minji.click(it.message, custom_id="bongsu:1:rate-useful:5")

        assert "Useful 1" in said(result)
