"""Lists what has joined an incident, so that it can be split off. Pure."""

from __future__ import annotations

from discord import ui

from bot.domain.incidents import Incident
from bot.i18n import Language, text
from bot.ui.drawing import Drawing
from bot.ui.ids import SPLIT_OFF, TAKE_ONLY, custom_id
from bot.ui.limits import OPTION, one_line, shorten
from bot.ui.particulars import why_joined

# Discord takes as many options.
_MOST = 25


def joined_view(incident: Incident, language: Language) -> ui.LayoutView:
    """List the groups that have joined and fire, in a menu that splits one off and one that takes only that one."""
    view = Drawing()
    options = _options(incident, language)
    if not options:
        view.add_item(ui.TextDisplay(text(language, "errors.nothing_to_split")))
        return view
    view.add_item(ui.TextDisplay(text(language, "split.title", number=incident.number)))
    for action, key in ((SPLIT_OFF, "split.only"), (TAKE_ONLY, "split.take")):
        menu: ui.Select[ui.LayoutView] = ui.Select(
            custom_id=custom_id(action, incident.number), placeholder=text(language, key), min_values=0
        )
        for group, label, why in options:
            menu.add_option(label=label, value=group, description=why)
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(menu)
        view.add_item(row)
    return view


def _options(incident: Incident, language: Language) -> list[tuple[str, str, str]]:
    """Return for each group its key, which alerts it has, and why it joined."""
    found: list[tuple[str, str, str]] = []
    for group in incident.groups:
        alerts = [alert for alert in incident.firing if alert.joined and alert.joined.group == group]
        if not alerts or alerts[0].joined is None:
            continue
        name = f"{alerts[0].name} · {alerts[0].service}" + (f" +{len(alerts) - 1}" if len(alerts) > 1 else "")
        why = one_line(why_joined(alerts[0].joined, language))
        found.append((group, shorten(one_line(name), OPTION), shorten(why, OPTION)))
    return found[:_MOST]
