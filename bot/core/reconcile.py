"""What must happen by the clock: acknowledgements lapse, silences are watched, lost messages are made up for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.core.directory import Directory
from bot.core.respond import Respond
from bot.core.silencing import Silencing
from bot.domain.alerts import Alert
from bot.domain.incidents import Incident
from bot.errors import SourceError
from bot.ports import AlertSource, Clock, Incidents

log = logging.getLogger(__name__)

# An alert may be announced a little before the source lists it.
_SETTLE = timedelta(minutes=2)

# A source that was started anew knows nothing before each rule was evaluated and each sender has sent again, and tells an
# end only after its group_interval; so long it must go on not knowing an alert before that means anything.
_GONE_FOR = timedelta(minutes=10)

# Grafana waits up to group_wait and group_interval (30 s and 5 min) before it tells; after that the message was lost.
_OVERDUE = timedelta(minutes=10)


class Patrol:
    """Walks its rounds; a source that does not answer is asked again on the next one."""

    def __init__(
        self,
        *,
        respond: Respond,
        silencing: Silencing,
        directory: Directory,
        source: AlertSource,
        incidents: Incidents,
        prune: Callable[[datetime], Awaitable[None]],
        clock: Clock,
        reconcile_every: timedelta,
        receiver: str,
    ) -> None:
        self._respond = respond
        self._silencing = silencing
        self._directory = directory
        self._source = source
        self._incidents = incidents
        self._prune = prune
        self._clock = clock
        self._reconcile_every = reconcile_every
        self._receiver = receiver
        self._reconciled_at = clock()
        self._pruned_at: datetime | None = None
        # Since when the source has not listed anything of an incident, by number.
        self._missing: dict[int, datetime] = {}
        self.doubt = False

    async def lapse(self) -> bool:
        """End acknowledgements whose time has come."""
        return bool(await self._respond.lapse())

    async def refresh(self) -> bool:
        """Ask the sources what there is: rules, alerts, dashboards, silences."""
        await self._directory.refresh()
        try:
            await self._silencing.sync()
        except SourceError as error:
            log.info("silences not refreshed: %s", error)
        now = self._clock()
        if now - self._reconciled_at >= self._reconcile_every:
            self._reconciled_at = now
            await self.reconcile()
        if self._pruned_at is None or now - self._pruned_at >= timedelta(days=1):
            self._pruned_at = now
            await self._prune(now - timedelta(days=30))
        return False

    async def reconcile(self) -> None:
        """Compare with the source: resolve what it no longer knows, show what it never told."""
        incidents = [i for i in await self._incidents.open() if i.source == self._source.name]
        try:
            alerts = await self._source.alerts()
        except SourceError as error:
            # Not knowing is no reason to call an alert resolved.
            log.info("not reconciled: %s", error)
            return
        await self._adopt(alerts, incidents)
        active = {alert.fingerprint for alert in alerts}
        missing = {
            incident.number: incident
            for incident in incidents
            if self._settled(incident) and not any(alert.fingerprint in active for alert in incident.firing)
        }
        now = self._clock()
        self._missing = {number: self._missing.get(number, now) for number in missing}
        gone = [missing[number] for number, since in self._missing.items() if now - since >= _GONE_FOR]
        for incident in await self._believed(gone, everything=len(missing) == len(incidents) > 1):
            await self._respond.vanish(incident.number)

    async def _believed(self, gone: Sequence[Incident], *, everything: bool) -> Sequence[Incident]:
        """Return those of which the source can be believed that they are over: it still has their rules, which do not fire.

        Another organisation's token, or a rule set that changed altogether, answers with nothing as well.
        """
        if not gone:
            self.doubt = everything
            return ()
        try:
            rules = await self._source.rules()
        except SourceError as error:
            log.info("not reconciled: %s", error)
            return ()
        uids = {rule.uid for rule in rules if rule.uid and not rule.firing}
        names = {rule.name for rule in rules if not rule.firing}
        known = [i for i in gone if i.lead.rule_uid in uids or (not i.lead.rule_uid and i.lead.name in names)]
        # A lone Alertmanager tells of no rules. All at once is never an end there.
        believed = known if rules or everything else gone
        self.doubt = len(believed) < len(gone)
        if self.doubt:
            log.warning("the alert source no longer lists %s incidents, and not their rules either", len(gone))
        return believed

    async def _adopt(self, alerts: Sequence[Alert], incidents: Sequence[Incident]) -> None:
        """Make up for webhooks that never came: Grafana tries each only once, and may restart before the next one."""
        known = {alert.fingerprint for incident in incidents for alert in incident.alerts}
        lost = [
            alert
            for alert in alerts
            if alert.fingerprint not in known
            and not alert.silenced_by
            and not alert.muted
            and self._receiver in alert.receivers
            and self._clock() - alert.starts_at >= _OVERDUE
        ]
        if lost:
            log.warning("%s alerts fire of which no webhook came; they are shown now", len(lost))
            await self._respond.adopt(self._source.name, lost)

    def _settled(self, incident: Incident) -> bool:
        heard = max((alert.seen_at or incident.opened_at for alert in incident.alerts), default=incident.opened_at)
        return self._clock() - heard >= _SETTLE
