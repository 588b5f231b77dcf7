"""Makes the address of what is to be pictured, and tells the only addresses that our browser may open.

Parameters as Grafana 11.5 to 13 reads them: docs, "Dashboard URL variables".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from bot.domain.pictures import Shot
from bot.errors import ConfigurationError, NoPicture
from bot.i18n import Phrase

_PORTS = {"http": 80, "https": 443}
# A uid goes into a path: dots alone would climb out of it.
_UID = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{1,253}")
_SLUG_LIMIT = 100


@dataclass(frozen=True, slots=True)
class GrafanaAddress:
    """Grafana's origin (`https://host:port`) and the path below which it answers (`/` or `/grafana/`)."""

    origin: str
    root: str

    @classmethod
    def of(cls, url: str) -> GrafanaAddress:
        """Read an address; a name and password in it are not taken over. Raises ConfigurationError."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError) as error:
            raise _no_address() from error
        if not parts.hostname:
            raise _no_address()
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}:{port}", f"/{parts.path.strip('/')}/".replace("//", "/"))

    def page(self, shot: Shot) -> str:
        """Return the address of a dashboard, or of one panel of it, without anything around it. Raises NoPicture."""
        if not _UID.fullmatch(shot.uid):
            raise NoPicture("not-found")
        slug = re.sub(r"[^a-z0-9]+", "-", shot.slug.lower()).strip("-")[:_SLUG_LIMIT]
        path = f"d/{quote(shot.uid, safe='')}" + (f"/{slug}" if slug else "")
        query: list[tuple[str, str]] = [
            ("from", _milliseconds(shot.window.start)),
            ("to", _milliseconds(shot.window.end)),
            *((f"var-{name}", value) for name, values in shot.variables.items() for value in values),
            ("theme", shot.theme),
            # Grafana 12.4 and later sign the bottom of a kiosk page otherwise.
            ("hideLogo", "1"),
        ]
        if shot.panel is not None:
            query.append(("viewPanel", str(shot.panel)))
        # `kiosk` alone: what counts as "on" with a value differs between 11 and 13.
        return f"{self.origin}{self.root}{path}?{urlencode(query, quote_via=quote)}&kiosk"

    def owns(self, url: str) -> bool:
        """Say whether an address is of Grafana's own origin, so that our token may go there."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            return False
        mine = urlsplit(self.origin)
        return (parts.scheme, parts.hostname, port) == (mine.scheme, mine.hostname, mine.port)


def _milliseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))


def _no_address() -> ConfigurationError:
    problem = Phrase("mistake.no_address", example="http://grafana:3000", schemes="http, https")
    return ConfigurationError("errors.configuration", mistakes=Phrase("mistake.grafana_address", problem=problem))
