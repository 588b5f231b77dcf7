"""Takes presses that take apart what was joined wrongly."""

from __future__ import annotations

from bot.i18n import text
from bot.ui.joined import joined_view
from bot.ui.limits import plain
from bot.ui.press import Moment
from bot.ui.silences import said


async def show_joined(moment: Moment) -> None:
    """List what has joined an incident, to be split off."""
    view = await moment.services.respond.read(moment.number, moment.person)
    listed = joined_view(view.incident, moment.language)
    await moment.interaction.followup.send(view=listed, ephemeral=True)


async def split_off(moment: Moment, *, take: bool) -> None:
    """Give what was chosen a card of its own."""
    chosen = next(iter(moment.values), "")
    own = await moment.services.merging.split(moment.number, chosen, moment.person, take=take)
    key = "split.taken" if take else "split.done"
    await moment.replace(said(text(moment.language, key, number=own.number, title=plain(own.title, 100))))
