"""Tells what a Grafana does: whether its last messages arrived, and whether it keeps its dashboards at a restart.

Source: Grafana 12.4, recorded: alertmanager/am_config_receivers, folders/folders_list.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from bot.doctor.lines import CheckFinding, LineWriter, without_secrets
from bot.errors import QueryRejected
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import listed, plain
from bot.telemetry.shapes import obj
from bot.ui.limits import one_line, shorten

_RECEIVERS: Final = "api/alertmanager/grafana/config/api/v1/receivers"
_BY_FILES: Final = "classic-file-provisioning"
# Our contact points send to such a host if the variable is empty; Grafana tells the host of an address, not its path.
_NOT_SET: Final = re.compile(r"\b([A-Z][A-Z_]+)-is-not-set", re.IGNORECASE)
_SHOWN, _WORDS = 10, 300


async def deliveries(say: LineWriter, http: JsonClient) -> list[CheckFinding]:
    """Ask which contact points could not deliver their last message. Raises SourceError."""
    subject = say.subject("deliveries")
    try:
        receivers = listed(await http.get(_RECEIVERS), http.source)
    except QueryRejected:
        # A Grafana of another version, which has no such page.
        return [say.note(subject, "verify.deliveries_unknown")]
    failed = [
        (plain(receiver.get("name")), error)
        for receiver in receivers
        for integration in listed(receiver.get("integrations"), http.source)
        if (error := plain(integration.get("lastNotifyAttemptError")))
    ]
    wrong = [_undelivered(say, subject, name, error) for name, error in failed[:_SHOWN]]
    return wrong or [say.ok(subject, "verify.deliveries", count=len(receivers))]


def _undelivered(say: LineWriter, subject: str, name: str, error: str) -> CheckFinding:
    missing = _NOT_SET.search(error)
    if missing:
        return say.wrong(subject, "verify.not_set", name=_safe(name), variable=missing[1].upper())
    return say.wrong(subject, "verify.undelivered", name=_safe(name), problem=_safe(error))


async def dashboards(say: LineWriter, http: JsonClient) -> list[CheckFinding]:
    """Ask whether a restart will delete the dashboards that come from files. Raises SourceError.

    Grafana 12.4 removes the folder of file provisioning at each start if all providers share one, and none allows updates.
    """
    subject = say.subject("dashboards")
    folders = [
        each
        for each in listed(await http.get("api/folders", {"limit": "1000"}), http.source)
        if each.get("managedBy") == _BY_FILES
    ]
    if len(folders) == 1:
        title, uid = plain(folders[0].get("title")), plain(folders[0].get("uid"))
        inside = {"type": "dash-db", "limit": "1", "folderUIDs": uid}
        for found in listed(await http.get("api/search", inside), http.source):
            dashboard = quote(plain(found.get("uid")), safe="")
            read = obj(await http.get(f"api/dashboards/uid/{dashboard}"))
            # Grafana calls it provisioned only where the browser may not change it.
            if obj(read.get("meta")).get("provisioned") is True:
                return [say.wrong(subject, "verify.dashboards_lost", folder=_safe(title))]
    return [say.ok(subject, "verify.dashboards_kept")]


def _safe(words: str) -> str:
    return shorten(one_line(without_secrets(words)), _WORDS)
