"""Reads calendars from an address or a file, and public holidays, by processes bounded in time, size and memory."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp

from bot.domain.feeds import Feed
from bot.domain.schedules import Stint
from bot.errors import ConfigurationError, SourceFailed, SourceSlow, SourceUnavailable
from bot.i18n import Phrase

LIMIT_BYTES = 10 * 1024 * 1024
_FETCH_S, _EXPAND_S, _HOLIDAYS_S = 20.0, 60.0, 90.0
_BEFORE, _DAYS = timedelta(days=2), 400


class CalendarReader:
    """Reads the calendar of a feed: the stints of a year from now on."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def read(self, feed: Feed, at: datetime) -> tuple[list[Stint], list[Phrase]]:
        """Return its stints, and what of it could not be read. Raises SourceError."""
        data = await self._fetch(feed.source)
        names = {
            alias.strip().casefold(): member.key for member in feed.people for alias in (member.key, *member.aliases)
        }
        asked = {"start": (at - _BEFORE).timestamp(), "days": _DAYS, "people": names, "zone": str(feed.zone)}
        answer = await _answered(json.dumps(asked).encode() + b"\n" + data)
        notes = [Phrase(f"feed.{key}", **values) for key, values in answer["notes"]]
        if answer.get("refused"):
            raise SourceFailed("ical", notes[0])
        return [Stint(name, start, end) for name, start, end in answer["stints"]], notes

    async def _fetch(self, source: str) -> bytes:
        if source.startswith("webcal://"):
            source = f"https://{source.removeprefix('webcal://')}"
        if not source.startswith(("http://", "https://")):
            return await asyncio.to_thread(_of_file, Path(source))
        try:
            async with asyncio.timeout(_FETCH_S), self._session.get(source, max_redirects=3) as response:
                if response.status != 200:
                    raise SourceFailed("ical", str(response.status))
                return await _limited(response)
        except TimeoutError as error:
            raise SourceSlow("ical", f"{_FETCH_S:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Addresses of calendars are secrets, and the text of the error may hold it.
            raise SourceUnavailable("ical", type(error).__name__) from error


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        data += chunk
        if len(data) > LIMIT_BYTES:
            raise SourceFailed("ical", Phrase("feed.too_big", most=LIMIT_BYTES // 1024**2))
    return bytes(data)


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise SourceUnavailable("ical", error.strerror or type(error).__name__) from error
    if len(data) > LIMIT_BYTES:
        raise SourceFailed("ical", Phrase("feed.too_big", most=LIMIT_BYTES // 1024**2))
    return data


async def _answered(question: bytes) -> dict[str, Any]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.oncall.calendars"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_EXPAND_S):
            answer, _ = await child.communicate(question)
    except TimeoutError as error:
        raise SourceFailed("ical", Phrase("feed.too_much")) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        # The kernel ended it for what it used, or the libraries are broken.
        raise SourceFailed("ical", Phrase("feed.too_much"))
    return json.loads(answer)


def calendars_installed() -> bool:
    """Say whether the libraries of the extra `oncall` can be imported, without importing them."""
    return all(find_spec(name) is not None for name in ("holidays", "icalendar", "recurring_ical_events"))


_HOLIDAYS = (
    "import sys, holidays; country, *years = sys.argv[1:]; name, _, part = country.partition('-'); "
    "found = holidays.country_holidays(name, subdiv=part or None, years=[int(y) for y in years]); "
    "print(' '.join(sorted(day.isoformat() for day in found)))"
)


def public_holidays(country: str) -> Callable[[date], bool]:
    """Return what tells the public holidays of a country, of last year and the next four. Raises ConfigurationError."""
    days = _days_of(country, range(datetime.now(UTC).year - 1, datetime.now(UTC).year + 5))
    return days.__contains__


def _days_of(country: str, years: Sequence[int]) -> frozenset[date]:
    command = [sys.executable, "-c", _HOLIDAYS, country, *map(str, years)]
    try:
        said = subprocess.run(command, capture_output=True, timeout=_HOLIDAYS_S, check=True, text=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        raise ConfigurationError("errors.no_holidays", country=country) from error
    return frozenset(date.fromisoformat(day) for day in said.stdout.split())
