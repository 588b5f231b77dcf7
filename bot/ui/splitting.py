"""Takes presses that take apart what was joined wrongly."""

from __future__ import annotations

from bot.i18n import text
from bot.ui.joined import joined_view
from bot.ui.limits import plain
from bot.ui.press import Press
from bot.ui.silences import said


async def show_joined(press: Press) -> None:
    """List what has joined an incident, to be split off."""
    view = await press.services.respond.read(press.number, press.person)
    listed = joined_view(view.incident, press.language)
    await press.interaction.followup.send(view=listed, ephemeral=True)


async def split_off(press: Press, *, take: bool) -> None:
    """Give what was chosen a card of its own."""
    chosen = next(iter(press.values), "")
    own = await press.services.merging.split(press.number, chosen, press.person, take=take)
    key = "split.taken" if take else "split.done"
    await press.replace(said(text(press.language, key, number=own.number, title=plain(own.title, 100))))
