"""Takes choices in the menu of a digest: a page of its incidents, and one of them with all of its buttons."""

from __future__ import annotations

from bot.ui.cards import incident_card
from bot.ui.digest import list_view
from bot.ui.layout import card_layout
from bot.ui.press import Press


async def show_list(press: Press) -> None:
    """List what was chosen, for the presser alone."""
    message = press.interaction.message
    digest = await press.services.digests.read(press.number, press.person, message.id if message else None)
    listed = list_view(digest, press.language, next(iter(press.values), ""))
    await press.interaction.followup.send(view=listed, ephemeral=True)


async def turn_list(press: Press) -> None:
    """Show another page in the place of this one."""
    digest = await press.services.digests.read(press.number, press.person)
    await press.replace(list_view(digest, press.language, next(iter(press.values), "")))


async def show_one(press: Press) -> None:
    """Show one incident as its card would, for the presser alone."""
    chosen = next(iter(press.values), "")
    if chosen.isdecimal():
        view = await press.services.respond.read(int(chosen), press.person)
        layout = card_layout(incident_card(view, press.language), press.language)
        await press.interaction.followup.send(view=layout, ephemeral=True)
