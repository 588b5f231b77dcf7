"""The page and an unmodified discord.py, with the playground between them: what is pressed arrives, what is answered shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from playwright.async_api import expect

from playground import world
from playground.server import TOKEN, Playground
from tests.playground.browsing import URGENT

GUILD = discord.Object(world.GUILD_ID)


class NoteForm(discord.ui.Modal, title="메모"):
    note = discord.ui.Label(text="Note", component=discord.ui.TextInput(max_length=40))
    scope = discord.ui.Label(
        text="Scope",
        component=discord.ui.Select(options=[discord.SelectOption(label="one"), discord.SelectOption(label="all")]),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        note, scope = self.note.component, self.scope.component
        await interaction.response.send_message(f"noted {note.value} for {scope.values[0]}", ephemeral=True)


class Buttons(discord.ui.View):
    def __init__(self, thinking: asyncio.Event) -> None:
        super().__init__(timeout=None)
        self.thinking = thinking

    @discord.ui.button(label="Acknowledge", style=discord.ButtonStyle.primary)
    async def acknowledge(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        button.disabled = True
        await interaction.response.edit_message(content=f"{interaction.user.name} has it", view=self)

    @discord.ui.button(label="Note")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(NoteForm())

    @discord.ui.button(label="Think")
    async def think(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.thinking.wait()
        await interaction.edit_original_response(content="thought about it")

    @discord.ui.select(
        options=[discord.SelectOption(label=name, description=f"the {name}") for name in ("red", "green", "blue")],
        min_values=1,
        max_values=2,
        placeholder="Colours",
    )
    async def colours(self, interaction: discord.Interaction, menu: discord.ui.Select[Any]) -> None:
        await interaction.response.send_message(" and ".join(sorted(menu.values)))


class SmallBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.thinking = asyncio.Event()
        self.ready = asyncio.Event()

    async def setup_hook(self) -> None:
        @self.tree.command(name="find", description="Find an incident", guild=GUILD)
        async def find(
            interaction: discord.Interaction, incident: str, days: app_commands.Range[int, 1, 7] = 1
        ) -> None:
            await interaction.response.send_message(f"found {incident} within {days}, {interaction.locale}")

        @find.autocomplete("incident")
        async def incidents(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            names = ["pool", "disk", "memory"]
            return [app_commands.Choice(name=f"#{name}", value=name) for name in names if typed in name]

        await self.tree.sync(guild=GUILD)

    async def on_ready(self) -> None:
        self.ready.set()

    async def show_buttons(self) -> None:
        await self.get_partial_messageable(URGENT).send("pool is exhausted", view=Buttons(self.thinking))


@pytest.fixture
def addresses(playground: Playground) -> Iterator[None]:
    """Where discord.py finds Discord, given back afterwards."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = f"{playground.url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(playground.url.replace("http", "ws")) / "gateway"
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@pytest.fixture
async def bot(addresses: None) -> AsyncIterator[SmallBot]:
    async with SmallBot() as client:
        running = asyncio.create_task(client.start(TOKEN))
        async with asyncio.timeout(60):
            await client.ready.wait()
        yield client
        await client.close()
        await running


async def test_the_page_knows_whether_the_bot_is_there(visit, bot):
    page = await visit()
    await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "true")

    await bot.close()

    await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "false")


async def test_a_pressed_button_changes_the_message(visit, bot):
    page = await visit()
    await bot.show_buttons()

    await page.get_by_role("button", name="Acknowledge").click()

    await expect(page.get_by_test_id("message")).to_contain_text("minji has it")
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_disabled()


async def test_a_form_is_filled_in_and_answered_to_one_person_only(visit, bot):
    minji, jun = await visit(), await visit("?as=jun&locale=en-US")
    await bot.show_buttons()

    await minji.get_by_role("button", name="Note").click()
    form = minji.get_by_test_id("modal")
    await form.get_by_label("Note").fill("rolling back")
    await form.get_by_role("button", name="Scope").click()
    await form.get_by_test_id("choice").filter(has_text="all").click()
    await form.get_by_role("button", name="Submit").click()

    await expect(form).to_have_count(0)
    answer = minji.get_by_test_id("message").filter(has_text="noted rolling back for all")
    await expect(answer.get_by_test_id("ephemeral")).to_be_visible()
    await expect(jun.get_by_test_id("message")).to_have_count(1)
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_a_slow_answer_shows_that_the_bot_is_thinking(visit, bot):
    page = await visit()
    await bot.show_buttons()

    await page.get_by_role("button", name="Think").click()

    await expect(page.get_by_text("is thinking…")).to_be_visible()
    bot.thinking.set()
    await expect(page.get_by_test_id("message").last).to_contain_text("thought about it")
    await expect(page.get_by_text("is thinking…")).to_have_count(0)


async def test_several_values_are_chosen_with_the_keyboard(visit, bot):
    page = await visit()
    await bot.show_buttons()

    await page.get_by_role("button", name="Colours").press("Enter")
    await expect(page.get_by_role("listbox")).to_be_focused()
    for key in ("Enter", "ArrowDown", "ArrowDown", " "):
        await page.keyboard.press(key)
    await page.get_by_role("button", name="Done").click()

    await expect(page.get_by_test_id("message").last).to_contain_text("blue and red")


async def test_a_command_is_typed_with_what_the_bot_suggests(visit, bot):
    page = await visit("?locale=ko")
    await page.get_by_test_id("composer").press_sequentially("/find ")
    await expect(page.get_by_test_id("choice")).to_have_count(3)

    await page.keyboard.type("di")
    await expect(page.get_by_test_id("choice")).to_have_text(["#disk"])
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("30")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("days: 범위를 벗어난 값입니다")).to_be_visible()
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Backspace")
    await page.keyboard.type("3")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("message")).to_contain_text("found disk within 3, ko")
    await expect(page.get_by_test_id("message")).to_contain_text("/find 사용")
