"""Who may do nothing is told the same whatever they name: no answer says what there is."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands, ui

from bot.domain.people import Policy, Right
from bot.ui import ids
from bot.ui.buttons import CHOICES, PRESSES, RIGHTS
from bot.ui.drawing import Drawing
from tests.cogs.typed import conversation
from tests.ui.test_buttons import said

LATER = {"from": "22:00", "to": "23:00"}
# Of each command what is there and what is not; those without a thing to name have nothing to tell.
COMMANDS = {
    "ack": [{"alert": "#1"}, {"alert": "#999"}, {"alert": "HighLatency"}],
    "unack": [{"alert": "#1"}, {"alert": "#999"}],
    "incident raw": [{"alert": "#1"}, {"alert": "#999"}, {}],
    "analyze": [{"target": "#1"}, {"target": "#999"}, {"target": "api"}],
    "dashboard": [{"name": "API"}, {"name": "no such dashboard"}],
    "silence": [{"rule": "HighLatency", "duration": "1h"}, {"rule": "NoSuchRule", "duration": "1h"}],
    "silences": [{}],
    "maintenance": [{"service": "api", **LATER}, {"service": "no-such-service", **LATER}],
    "oncall": [{"team": "api"}, {"team": "no such team"}, {}],
    "override": [{"person": "minji", **LATER}, {"person": "nobody", **LATER}],
    "swap": [{"person": "minji"}, {"person": "nobody"}, {"person": "minji", "team": "no such team"}],
    "page": [{"whom": "minji", "text": "come"}, {"whom": "nobody", "text": "come"}],
    "escalate": [{"alert": "#1"}, {"alert": "#999"}],
    "snooze": [{"alert": "#1", "for": "1h"}, {"alert": "#999", "for": "1h"}],
    "similar": [{"incident": "#1"}, {"incident": "#999"}],
    "incidents": [{"filter": "api"}, {"filter": "nothing"}],
    "postmortem": [{"incident": "#1"}, {"incident": "#999"}],
    "report": [{}],
    "status": [{"service": "api"}, {"service": "no-such-service"}, {}],
}


def strangers(it):
    """Have nobody but those on call do anything, not even read."""
    roles = it.world.rules.policy.roles[Right.ACK]
    it.world.rules.policy = Policy(dict.fromkeys(Right, roles))
    return it.mallory


async def test_the_table_names_each_command(database):
    async with conversation(database) as it:
        known = {
            each.qualified_name
            for each in it.env.bot.tree.walk_commands(guild=discord.Object(it.world.services.guild_id))
            if isinstance(each, app_commands.Command)
        } | {each.qualified_name for each in it.env.bot.tree.walk_commands() if isinstance(each, app_commands.Command)}

    assert known == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_tells_what_is_there_from_what_is_not_to_nobody_without_rights(database, command):
    async with conversation(database) as it:
        mallory, told = strangers(it), set()
        for options in COMMANDS[command]:
            result = await mallory.slash(it.channel, command, **options)
            told.add((said(result), result.ephemeral))
            # What nobody looks at is raised at the end: to discord.py a refusal is an error.
            assert it.env.errors

    ((words, alone),) = told
    assert "You may not" in words
    assert alone


@pytest.mark.parametrize("command", COMMANDS)
async def test_nothing_is_offered_to_who_may_do_nothing(database, command):
    async with conversation(database) as it:
        mallory = strangers(it)
        found = next(
            each
            for each in [
                *it.env.bot.tree.walk_commands(guild=discord.Object(it.world.services.guild_id)),
                *it.env.bot.tree.walk_commands(),
            ]
            if each.qualified_name == command
        )
        for parameter in found.parameters:
            # Lengths and spans are no secret.
            if parameter.autocomplete and parameter.display_name not in ("duration", "span"):
                assert await mallory.autocomplete(it.channel, command, parameter.display_name, "") == []


@pytest.mark.parametrize("action", [*PRESSES, *CHOICES, f"{ids.MENU} release", f"{ids.MENU} unsilence"])
async def test_a_press_tells_what_is_there_from_what_is_not_to_nobody_without_rights(database, action):
    action, _, value = action.partition(" ")
    async with conversation(database) as it:
        mallory, told = strangers(it), set()
        channel = it.env.bot.get_channel(it.channel.id)
        for number in (1, 99999):
            await channel.send(view=drawn(action, number, value or "timeline"))
            message = it.channel.last_message
            name = ids.custom_id(action, number)
            pressed = (
                mallory.click(message, custom_id=name)
                if action in PRESSES
                else mallory.select(message, [value or "timeline"], custom_id=name)
            )
            told.add(said(await pressed).replace(str(number), "#"))

    (words,) = told
    assert "You may not" in words


def drawn(action, number, value):
    """Draw a message with one button or menu."""
    view, row = Drawing(), ui.ActionRow()
    if action in PRESSES:
        row.add_item(ui.Button(label="press", custom_id=ids.custom_id(action, number)))
    else:
        row.add_item(
            ui.Select(custom_id=ids.custom_id(action, number), options=[discord.SelectOption(label="one", value=value)])
        )
    view.add_item(row)
    return view


def test_each_press_needs_a_right():
    assert set(RIGHTS) - {ids.FIX} == {*PRESSES, *CHOICES}
