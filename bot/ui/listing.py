"""Takes choices in the menu of a digest: a page of its incidents, and one of them with all of its buttons."""

from __future__ import annotations

from bot.ui.cards import incident_card
from bot.ui.digest import list_view
from bot.ui.layout import card_layout
from bot.ui.press import Moment


async def show_list(moment: Moment) -> None:
    """List what was chosen, for the presser alone."""
    message = moment.interaction.message
    digest = await moment.services.digests.read(moment.number, moment.person, message.id if message else None)
    listed = list_view(digest, moment.language, next(iter(moment.values), ""))
    await moment.interaction.followup.send(view=listed, ephemeral=True)


async def turn_list(moment: Moment) -> None:
    """Show another page in the place of this one."""
    digest = await moment.services.digests.read(moment.number, moment.person)
    await moment.replace(list_view(digest, moment.language, next(iter(moment.values), "")))


async def show_one(moment: Moment) -> None:
    """Show one incident as its card would, for the presser alone."""
    chosen = next(iter(moment.values), "")
    if chosen.isdecimal():
        view = await moment.services.respond.read(int(chosen), moment.person)
        layout = card_layout(incident_card(view, moment.language), moment.language)
        await moment.interaction.followup.send(view=layout, ephemeral=True)
