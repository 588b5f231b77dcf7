"""Names what cogs and buttons may ask for: the use cases, and the settings that concern a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.core.access import Access
from bot.core.investigation.investigating import Investigating
from bot.core.maintenance import Maintenance
from bot.core.merging import Merging
from bot.core.oncall.service import OnCallService
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing
from bot.core.questions.asking import Asking
from bot.core.remembering import Remembering
from bot.core.reporting.postmortems import Postmortems
from bot.core.reporting.reporting import Reporting
from bot.core.respond import Respond
from bot.core.silence_asking import SilenceAsking
from bot.core.silencing import Silencing
from bot.core.status import StatusDesk
from bot.core.storm import DigestDesk
from bot.i18n import Language


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases by name; made once, in `bot.app`."""

    respond: Respond
    silencing: Silencing
    status: StatusDesk
    dashboards: DashboardFinder
    investigating: Investigating
    asking: Asking
    access: Access
    guild_id: int
    language: Language
    zone: tzinfo
    picturing: Picturing
    remembering: Remembering
    merging: Merging
    oncall: OnCallService
    digests: DigestDesk
    asking_silences: SilenceAsking
    reporting: Reporting
    postmortems: Postmortems
    maintenance: Maintenance
