"""What cogs and buttons may ask for: the use cases, and the settings that concern a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.asking import Asking
from bot.dashboards import DashboardFinder
from bot.gate import Gate
from bot.i18n import Language
from bot.investigating import Investigating
from bot.picturing import Picturing
from bot.respond import Respond
from bot.silencing import Silencing
from bot.status import StatusDesk


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases by name; made once, in `bot.app`."""

    respond: Respond
    silencing: Silencing
    status: StatusDesk
    dashboards: DashboardFinder
    investigating: Investigating
    asking: Asking
    gate: Gate
    guild_id: int
    language: Language
    zone: tzinfo
    picturing: Picturing
