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
from bot.ui.press import Moment
from bot.ui.silence_list import list_view, page_of
from bot.ui.silences import confirmed_view, ended_view, preview_view, said


async def confirm(moment: Moment) -> None:
    """Make the proposed silence."""
    row = await moment.services.silencing.confirm(moment.number, moment.person)
    await moment.replace(confirmed_view(row, moment.language))


async def cancel(moment: Moment) -> None:
    """Throw the proposal away."""
    await moment.services.silencing.cancel(moment.number, moment.person)
    await moment.replace(said(text(moment.language, "silence.cancelled")))


async def lasts(moment: Moment) -> None:
    """Change how long the proposed silence lasts."""
    seconds = int(next(iter(moment.values), "0"))
    if seconds:
        length = timedelta(seconds=seconds)
        preview = await moment.services.silencing.revise(moment.number, moment.person, lasts=length)
        await moment.replace(preview_view(preview, moment.language))


async def scope(moment: Moment) -> None:
    """Change how much the proposed silence mutes."""
    wanted = Scope(next(iter(moment.values), Scope.RULE.value))
    preview = await moment.services.silencing.revise(moment.number, moment.person, scope=wanted)
    await moment.replace(preview_view(preview, moment.language))


async def undo(moment: Moment) -> None:
    """End a silence, of a maintenance all of them; what offered to do so says that it is done."""
    await _require_known(moment)
    row = await moment.services.silencing.undo_all(moment.number, moment.person)
    await moment.replace(ended_view(row, moment.language))


async def undo_listed(moment: Moment) -> None:
    """End a silence of the list, which stays where it is."""
    await _require_known(moment)
    ended = await moment.services.silencing.undo(moment.number, moment.person)
    rows = [row for row in await moment.services.silencing.listed() if row.id != ended.id]
    rows = sorted([*rows, ended], key=lambda row: (row.silence.ends_at, row.id))
    page = page_of(rows, ended.id, moment.language)
    await moment.replace(list_view(rows, moment.language, page))


async def _require_known(moment: Moment) -> None:
    """Refuse a press on a message that was about another silence of the same number."""
    moment.require_mark(of_silence(await moment.services.silencing.known(moment.number)))


async def turn_silences(moment: Moment) -> None:
    """Show another page of the silences."""
    await moment.services.access.require(moment.person, Right.READ, "silences", "")
    rows = await moment.services.silencing.listed()
    timings = () if moment.number else await moment.services.silencing.timings()
    await moment.replace(list_view(rows, moment.language, moment.number, timings))


async def extend(moment: Moment) -> None:
    """Have a silence go on for an hour."""
    await _answered(
        moment, "silence.extended", await moment.services.asking_silences.extend(moment.number, moment.person)
    )


async def let_ring(moment: Moment) -> None:
    """Have a silence end when it ends."""
    await _answered(
        moment, "silence.will_ring", await moment.services.asking_silences.leave(moment.number, moment.person)
    )


async def keep(moment: Moment) -> None:
    """Have a silence that mutes nothing stay."""
    await _answered(moment, "silence.kept", await moment.services.asking_silences.leave(moment.number, moment.person))


async def drop(moment: Moment) -> None:
    """End a silence that mutes nothing."""
    await _answered(moment, "silence.dropped", await moment.services.asking_silences.drop(moment.number, moment.person))


async def _answered(moment: Moment, key: str, row: SilenceRow) -> None:
    # Everybody reads it, so it is in the language of the guild.
    values = {"rule": plain(row.rule or row.silence.comment, 100), "name": plain(moment.person.name, 60)}
    await moment.replace(said(text(moment.services.language, key, **values, at=until(row.silence.ends_at))))


PRESSES: dict[str, Callable[[Moment], Awaitable[None]]] = {
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
CHOICES: dict[str, Callable[[Moment], Awaitable[None]]] = {ids.LASTS: lasts, ids.SCOPE: scope}
