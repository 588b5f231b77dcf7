"""Renders a picture as people get it: caption and files, and what they read while they wait, with a button that stops it."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.core.pictures.picturing import Picturing
from bot.core.pictures.queue import Ticket
from bot.domain.exhibits import Exhibit, Missed, Phase, PictureProgress, Request
from bot.domain.pictures import PanelSeen, PanelState, Picture, Step
from bot.i18n import Language, has, said, text
from bot.ui import ids
from bot.ui.limits import CONTENT, link, plain, shorten
from bot.ui.replies import UNKNOWN_MESSAGE, say

log = logging.getLogger(__name__)

_BYTES = 10 * 1024 * 1024
_FILES = 10
_TROUBLES, _VARIABLES = 5, 6
# Discord takes five edits in five seconds; people look up less often.
_LOOK_S = 2.0
_ALT_TEXT = 1024
_WORD = re.compile(r"[^0-9A-Za-z가-힣]+")


def caption(exhibit: Exhibit, language: Language) -> str:
    """Say what is to be seen: which dashboard, how many panels are as they should be, which are not and why."""
    request, picture = exhibit.request, exhibit.picture
    lines = [_title(request, language)]
    if picture:
        lines += [*_seen(picture, language), _about(request, picture, language), *_steps(exhibit, language)]
    else:
        lines += [text(language, "dashboard.no_picture"), *(f"- {why(each, language)}" for each in exhibit.missed)]
        lines.append(_range(request, language))
    return shorten("\n".join(line for line in lines if line), CONTENT)


def why(missed: Missed, language: Language) -> str:
    """Say why a step gave no picture."""
    step = text(language, f"dashboard.step.{missed.step}")
    key = missed.key if has(missed.key) else "picture.ladder.other"
    return f"{step}: {text(language, key, detail=plain(said(language, missed.detail), 200)).rstrip(' :')}"


def batches(exhibit: Exhibit, name: str = "") -> list[list[discord.File]]:
    """Return the images as files, as many in each message as Discord takes."""
    if exhibit.picture is None:
        return []
    title = exhibit.request.panel or exhibit.request.title
    stem = name or _WORD.sub("-", title).strip("-")[:60] or "dashboard"
    found: list[list[discord.File]] = []
    size = _BYTES
    for number, image in enumerate(exhibit.picture.images, 1):
        if size + len(image) > _BYTES or len(found[-1]) == _FILES:
            found.append([])
            size = 0
        size += len(image)
        several = f"-{number}" if len(exhibit.picture.images) > 1 else ""
        alt = shorten(f"{exhibit.request.title} {exhibit.request.panel}".strip(), _ALT_TEXT)
        found[-1].append(discord.File(io.BytesIO(image), f"{stem}{several}.png", description=alt or None))
    return found


def waiting(request: Request, progress: PictureProgress, language: Language) -> str:
    """Return the message while a picture is made: its title, and the step or the place in the queue."""
    key = "dashboard.waiting" if progress.phase is Phase.QUEUE and progress.place else ""
    key = key or f"dashboard.phase.{progress.phase.value}"
    return f"{_title(request, language)}\n⏳ {text(language, key, place=progress.place)}"


class StopView(ui.View):
    """Offers to stop it; the press is answered by its id (`bot.ui.buttons`), so that no message has to be remembered."""

    def __init__(self, ticket: Ticket, language: Language) -> None:
        super().__init__(timeout=None)
        button: ui.Button[Any] = ui.Button(
            label=text(language, "buttons.cancel"),
            style=discord.ButtonStyle.secondary,
            custom_id=ids.custom_id(ids.STOP_PICTURE, ticket.number),
        )
        self.add_item(button)
        self.stop()


async def show(
    interaction: discord.Interaction[Any], picturing: Picturing, request: Request, language: Language
) -> None:
    """Have it taken, say how far it is meanwhile, and put the picture in the place of that. Raises Refused.

    Where there is nothing to take pictures with, the answer is the link.
    """
    if not picturing.able:
        await say(interaction, _title(request, language))
        return
    ticket = picturing.order(request, interaction.user.id)
    try:
        exhibit = await _watched(interaction, ticket, request, language)
        await _replace(interaction, exhibit, language)
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
        log.info("the answer was dismissed before its picture was there")
    finally:
        # Whatever happened to the conversation, nobody waits any more.
        picturing.drop(ticket)


async def _replace(interaction: discord.Interaction[Any], exhibit: Exhibit | None, language: Language) -> None:
    """Put the picture, or what became of it, in the place of what was said meanwhile."""
    none = discord.AllowedMentions.none()
    if exhibit is None:
        await interaction.edit_original_response(content=text(language, "dashboard.cancelled"), view=None)
        return
    first, *more = batches(exhibit) or [[]]
    words = caption(exhibit, language)
    await interaction.edit_original_response(content=words, attachments=first, view=None, allowed_mentions=none)
    for files in more:
        await interaction.followup.send(files=files, ephemeral=True, allowed_mentions=none)


async def _watched(
    interaction: discord.Interaction[Any], ticket: Ticket, request: Request, language: Language
) -> Exhibit | None:
    """Wait for the picture and keep the asker informed; None if it was cancelled."""
    said = ""
    exhibit = await ticket.news(0.3)
    while exhibit is None and not ticket.cancelled:
        words = waiting(request, ticket.progress, language)
        if words != said:
            said = words
            view, none = StopView(ticket, language), discord.AllowedMentions.none()
            await interaction.edit_original_response(content=words, view=view, allowed_mentions=none)
        exhibit = await ticket.news(_LOOK_S)
    return exhibit


def _title(request: Request, language: Language) -> str:
    title = plain(request.title, 150) or "–"
    panel = f" · {plain(request.panel, 100)}" if request.panel else ""
    # The deep link may be too long for Discord; the dashboard itself is near enough then.
    opened = text(language, "dashboard.open")
    deep, bare = link(opened, request.url), link(opened, request.url.partition("?")[0])
    return f"📊 **{title}**{panel} {deep if deep != opened else bare}"


def _seen(picture: Picture, language: Language) -> Iterator[str]:
    panels = picture.panels
    if not panels:
        yield text(language, "dashboard.unchecked")
        return
    ready = picture.count(PanelState.READY)
    parts = [text(language, "dashboard.panels", ready=ready, total=len(panels))]
    for state in (PanelState.NO_DATA, PanelState.ERROR, PanelState.LOADING):
        count = picture.count(state)
        if count:
            parts.append(text(language, f"dashboard.panel.{state.value}", count=count))
    if len(picture.tabs) > 1:
        others = [plain(each, 60) for each in picture.tabs if each != picture.tab][:_VARIABLES]
        tab = plain(picture.tab, 60) or "–"
        yield f"🗂️ {text(language, 'dashboard.tab', tab=tab, others=', '.join(others))}"
    mark = "✅" if ready == len(panels) else "⚠️"
    yield f"{mark} {', '.join(parts)}"
    troubled = [panel for panel in panels if panel.state is not PanelState.READY]
    yield from (f"- {_trouble(panel, language)}" for panel in troubled[:_TROUBLES])
    if len(troubled) > _TROUBLES:
        yield f"- {text(language, 'card.more', count=len(troubled) - _TROUBLES)}"


def _trouble(panel: PanelSeen, language: Language) -> str:
    words = plain(said(language, panel.message), 160) or text(language, f"dashboard.panel_is.{panel.state.value}")
    return f"**{plain(panel.title, 80) or '–'}**: {words}"


def _about(request: Request, picture: Picture, language: Language) -> str:
    taken = text(language, "dashboard.taken", at=f"<t:{int(picture.taken_at.timestamp())}:R>")
    return f"{_range(request, language)} · {taken}"


def _range(request: Request, language: Language) -> str:
    window = request.shot.window
    start, end = _moment(window.start), _moment(window.end)
    words = text(language, "dashboard.range", start=start, end=end)
    chosen = [
        f"{plain(name, 40)}={plain(','.join(values), 60)}" for name, values in request.shot.variables.items() if values
    ]
    return " · ".join([f"🕒 {words}", *chosen[:_VARIABLES]])


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"


def _steps(exhibit: Exhibit, language: Language) -> Sequence[str]:
    """Say how the picture came about, if not by the first and best way."""
    assert exhibit.picture
    step = exhibit.picture.step
    if step is Step.BROWSER:
        return []
    reasons = "; ".join(why(each, language) for each in exhibit.missed)
    made = text(language, f"dashboard.made.{step.value}")
    return [f"-# {made} {reasons}".rstrip()]
