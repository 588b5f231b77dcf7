"""Reads kinds of values an operator writes: lengths of time, addresses, secrets, ids. A wrong one is told by a text key.

The key stands in the type of pydantic's error (`mistake.<type>`), so that `bot.app.mistakes` can say it in any language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal, LiteralString
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PARTS: Final = re.compile(r"(?:\d+(?:\.\d+)?\s*[wdhms]\s*)+", re.IGNORECASE)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhms])", re.IGNORECASE)
_CHANNEL: Final = re.compile(r"<#(\d+)>|#(\S+)|https://(?:\w+\.)?discord\.com/channels/\d+/(\d+)/?")
# A word that a header has before the token, copied along.
_SCHEME: Final = re.compile(r"(?:Bot|Bearer)\s+", re.IGNORECASE)
# More colons than that of a port, and no brackets around them.
_SIX: Final = re.compile(r"^\w+://(?:[^/\[\]]*@)?[0-9a-fA-F:.]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:/|$)")
_HOST: Final = re.compile(r"[A-Za-z0-9_.:\[\]%-]+")


def _wrong(kind: LiteralString, **values: str) -> PydanticCustomError:
    return PydanticCustomError(kind, kind, values)


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if near := _near_zone(name):
            raise _wrong("unknown_timezone_near", typed=name[:60], near=near) from error
        raise _wrong("unknown_timezone", typed=name[:60]) from error
    return name


def _near_zone(typed: str) -> str:
    """Return the zone that was probably meant: in other letters, by its city alone, or nearly so."""
    wanted = typed.strip().replace(" ", "_").lower()
    known = {name.lower(): name for name in sorted(available_timezones())}
    cities = {name.rpartition("/")[2]: full for name, full in known.items() if "/" in name}
    near = get_close_matches(wanted, known, n=1, cutoff=0.8) or get_close_matches(wanted, cities, n=1, cutoff=0.8)
    return known.get(wanted) or cities.get(wanted) or (next(iter(near), "") and (known | cities)[near[0]])


def _read_span(typed: Any) -> Any:
    """Read `1h30m` as people type it; whatever else is left to pydantic, which reads ISO 8601 and seconds."""
    if isinstance(typed, bool):
        # Pydantic would take `true` for a second.
        return str(typed)
    if isinstance(typed, str) and _PARTS.fullmatch(typed.strip()):
        return timedelta(seconds=sum(float(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(typed)))
    return typed


def _address(*schemes: str) -> Callable[[str], str]:
    def check(typed: str) -> str:
        if not (typed := typed.strip()):
            return ""
        try:
            parts = urlsplit(typed)
            known = parts.scheme in schemes and parts.hostname and _HOST.fullmatch(parts.netloc.rpartition("@")[2])
            # Raises ValueError for a port that is none.
            sound = bool(known) and parts.port != 0 and parts.hostname not in schemes
        except ValueError:
            sound = False
        if not sound and _SIX.search(typed):
            raise _wrong("address_of_six", example=f"{schemes[0]}://[::1]:9090")
        if not sound:
            raise _wrong("no_address", example=f"{schemes[0]}://{_bare(typed)}", schemes=", ".join(schemes))
        return typed

    return check


def _base(typed: str) -> str:
    """Refuse what nothing can be put behind: a page of a browser instead of the server it is of."""
    if "?" in typed or "#" in typed:
        raise _wrong("address_of_a_page")
    return typed


def _secret_address(secret: SecretStr) -> SecretStr:
    return SecretStr(_address("https", "http")(secret.get_secret_value()))


def _bare(typed: str) -> str:
    # What was typed may hold a password before its host; only the host and port are repeated.
    host = typed.rpartition("://")[2].rpartition("@")[2].split("/", 1)[0]
    return host if _HOST.fullmatch(host) and host.count(":") <= 1 else "host:port"


def _host(typed: str) -> str:
    """Take the brackets of an IPv6 address along; a scheme or a port has no place here."""
    host = typed.strip().removeprefix("[").removesuffix("]")
    if "/" in host or host.count(":") == 1:
        raise _wrong("no_host")
    return host


def _database(secret: SecretStr) -> SecretStr:
    # Where it is no address at all, its own sentence says how to write one.
    return _whole(secret) if "://" in secret.get_secret_value() else secret


def _whole(secret: SecretStr) -> SecretStr:
    words = secret.get_secret_value().strip()
    if scheme := _SCHEME.match(words):
        words = words[scheme.end() :]
    if re.search(r"[\s\x00-\x1f]", words):
        raise _wrong("broken_secret")
    return SecretStr(words)


def _no_word_twice(table: dict[str, list[str]]) -> dict[str, list[str]]:
    """Refuse a word that means two things."""
    seen: dict[str, str] = {}
    for name, words in table.items():
        for word in words:
            before = seen.setdefault(word.strip().lower(), name)
            if before != name:
                raise _wrong("word_twice", word=word[:60], first=before, second=name)
    return table


def _json_with_text(typed: str) -> str:
    try:
        json.loads(typed.replace("$text", "x"))
    except ValueError as error:
        raise _wrong("no_json_body") from error
    if "$text" not in typed:
        raise _wrong("no_json_body")
    return typed


def _channel(typed: Any) -> Any:
    found = _CHANNEL.fullmatch(typed.strip()) if isinstance(typed, str) else None
    return next(filter(None, found.groups())) if found else typed


def _upper(typed: Any) -> Any:
    return typed.strip().upper() if isinstance(typed, str) else typed


# As people copy it from Discord, too: a mention, or a link to the channel.
ChannelName = Annotated[str | int, BeforeValidator(_channel)]
# YAML reads some words as numbers: `severity: 4`.
Word = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
SeverityName = Literal["P1", "P2", "P3", "P4"]
SeverityWords = Annotated[dict[SeverityName, list[Word]], AfterValidator(_no_word_twice)]
FallbackBody = Annotated[str, AfterValidator(_json_with_text)]
Upper = BeforeValidator(_upper)
# Ten years: what is longer cannot be added to a date, and is meant by nobody.
Span = Annotated[timedelta, BeforeValidator(_read_span), Field(ge=timedelta(0), le=timedelta(days=3650))]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Rate = Annotated[str, Field(pattern=r"^[1-9]\d{0,4}[smh]$")]
Address = Annotated[str, AfterValidator(_address("http", "https"))]
# Of a server whose paths we know.
ServerAddress = Annotated[Address, AfterValidator(_base)]
BrowserAddress = Annotated[str, AfterValidator(_address("ws", "wss", "http", "https"))]
Timezone = Annotated[str, AfterValidator(_known_timezone)]
# A secret in one piece: what a terminal broke in two lines is refused, the end of a line behind it is not.
Secret = Annotated[SecretStr, AfterValidator(_whole)]
# Where to listen.
Host = Annotated[str, AfterValidator(_host)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database)]
SecretAddress = Annotated[Secret, AfterValidator(_secret_address)]
# Discord's ids are numbers of 17 to 20 digits; shorter ones are made by tests only.
Snowflake = Annotated[int, Field(gt=0, lt=2**63)]
