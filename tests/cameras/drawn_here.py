"""Draws in the tests' own process, which loads matplotlib once: a process for each picture takes a second to load it.

That the bot draws in a process which can be killed is seen in `test_charts`, and wherever the real bot answers.
"""

from __future__ import annotations

import json
import warnings

from bot.cameras.drawing_process import Drawing, DrawingProcess


class DrawnHere(DrawingProcess):
    """What `bot.cameras.chart_drawing` draws, of what would have been sent to it."""

    async def draw(self, drawing: Drawing) -> bytes:
        from bot.cameras import chart_drawing

        with warnings.catch_warnings():
            # A letter that no font of this machine has is none of the tests' errors; the process says it to nobody.
            warnings.simplefilter("ignore")
            return chart_drawing.draw(json.loads(json.dumps(drawing)))
