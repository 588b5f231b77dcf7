"""Makes components that are sent and forgotten."""

from __future__ import annotations

from discord import ui


class Drawing(ui.LayoutView):
    """A layout whose buttons answer by their ids (`bot.ui.buttons`), so that no message has to be remembered.

    discord.py would keep every layout it sends, with its items, for the life of the process.
    """

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.stop()
