"""Takes what is pressed and chosen about silences: in the dialogue, in their list, and below a question about one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.domain.people import Right
from bot.domain.silences import Scope
from bot.domain.views import SilenceRow
from bot.i18n import text
from bot.ui import ids
from bot.ui.limits import plain
from bot.ui.marks import of_silence
from bot.ui.moments import until
from bot.ui.press import Press
from bot.ui.silence_list import list_view, page_of
from bot.ui.silences import confirmed_view, ended_view, preview_view, said


async def confirm(press: Press) -> None:
    """Make the proposed silence."""
    row = await press.services.silencing.confirm(press.number, press.person)
    await press.replace(confirmed_view(row, press.language))


async def cancel(press: Press) -> None:
    """Throw the proposal away."""
    await press.services.silencing.cancel(press.number, press.person)
    await press.replace(said(text(press.language, "silence.cancelled")))


async def lasts(press: Press) -> None:
    """Change how long the proposed silence lasts."""
    seconds = int(next(iter(press.values), "0"))
    if seconds:
        length = timedelta(seconds=seconds)
        preview = await press.services.silencing.revise(press.number, press.person, lasts=length)
        await press.replace(preview_view(preview, press.language))


async def scope(press: Press) -> None:
    """Change how much the proposed silence mutes."""
    wanted = Scope(next(iter(press.values), Scope.RULE.value))
    preview = await press.services.silencing.revise(press.number, press.person, scope=wanted)
    await press.replace(preview_view(preview, press.language))


async def undo(press: Press) -> None:
    """End a silence, of a maintenance all of them; what offered to do so says that it is done."""
    await _require_known(press)
    row = await press.services.silencing.undo_all(press.number, press.person)
    await press.replace(ended_view(row, press.language))


async def undo_listed(press: Press) -> None:
    """End a silence of the list, which stays where it is."""
    await _require_known(press)
    ended = await press.services.silencing.undo(press.number, press.person)
    rows = [row for row in await press.services.silencing.listed() if row.id != ended.id]
    rows = sorted([*rows, ended], key=lambda row: (row.silence.ends_at, row.id))
    page = page_of(rows, ended.id, press.language)
    await press.replace(list_view(rows, press.language, page))


async def _require_known(press: Press) -> None:
    """Refuse a press on a message that was about another silence of the same number."""
    press.require_mark(of_silence(await press.services.silencing.known(press.number)))


async def turn_silences(press: Press) -> None:
    """Show another page of the silences."""
    await press.services.access.require(press.person, Right.READ, "silences", "")
    rows = await press.services.silencing.listed()
    timings = () if press.number else await press.services.silencing.timings()
    await press.replace(list_view(rows, press.language, press.number, timings))


async def extend(press: Press) -> None:
    """Have a silence go on for an hour."""
    await _answered(press, "silence.extended", await press.services.asking_silences.extend(press.number, press.person))


async def let_ring(press: Press) -> None:
    """Have a silence end when it ends."""
    await _answered(press, "silence.will_ring", await press.services.asking_silences.leave(press.number, press.person))


async def keep(press: Press) -> None:
    """Have a silence that mutes nothing stay."""
    await _answered(press, "silence.kept", await press.services.asking_silences.leave(press.number, press.person))


async def drop(press: Press) -> None:
    """End a silence that mutes nothing."""
    await _answered(press, "silence.dropped", await press.services.asking_silences.drop(press.number, press.person))


async def _answered(press: Press, key: str, row: SilenceRow) -> None:
    # Everybody reads it, so it is in the language of the guild.
    values = {"rule": plain(row.rule or row.silence.comment, 100), "name": plain(press.person.name, 60)}
    await press.replace(said(text(press.services.language, key, **values, at=until(row.silence.ends_at))))


PRESSES: dict[str, Callable[[Press], Awaitable[None]]] = {
    ids.CONFIRM: confirm,
    ids.CANCEL: cancel,
    ids.UNDO: undo,
    ids.UNDO_LISTED: undo_listed,
    ids.SILENCES: turn_silences,
    ids.EXTEND: extend,
    ids.LET_RING: let_ring,
    ids.DROP: drop,
    ids.KEEP: keep,
}
CHOICES: dict[str, Callable[[Press], Awaitable[None]]] = {ids.LASTS: lasts, ids.SCOPE: scope}
