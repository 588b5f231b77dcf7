"""Turns what a database said when it could not be opened into a sentence that mends it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from bot.i18n import Phrase

_PLAIN: Final = (
    ("unable to open database file", "database.no_file"),
    ("readonly database", "database.read_only"),
    ("attempt to write a readonly", "database.read_only"),
    ("disk is full", "database.full"),
    ("No space left on device", "database.full"),
    ("disk I/O error", "database.disk_error"),
    ("file is not a database", "database.no_database_file"),
    ("database is locked", "database.locked"),
    ("password authentication failed", "database.password"),
    ("password must be provided", "database.password"),
    ("no password supplied", "database.password"),
    ("role", "database.no_role"),
    ("permission denied", "database.no_right"),
    ("no pg_hba.conf entry", "database.not_admitted"),
    ("too many clients", "database.too_many"),
    ("remaining connection slots", "database.too_many"),
    ("rejected SSL upgrade", "database.no_tls"),
    ("starting up", "database.starting"),
    ("unrecognized configuration parameter", "database.unknown_option"),
)
_KINDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "database.no_host"),
    (ssl.SSLCertVerificationError, "database.certificate"),
    (ConnectionRefusedError, "database.refused"),
    (TimeoutError, "database.silent"),
)


def trouble(error: BaseException, url: URL, words: str) -> Phrase:
    """Choose the sentence; where none fits, the database's own words."""
    values = {
        "place": place_of(url),
        "user": url.username or "",
        "name": url.database or "",
        "words": words,
    }
    # What caused it says more than what came of it.
    for each in reversed(list(_chain(error))):
        for kind, key in _KINDS:
            if isinstance(each, kind):
                return Phrase(key, **values)
    if "does not exist" in words and words.startswith("database"):
        return Phrase("database.no_such", **values)
    for part, key in _PLAIN:
        if part in words and (key != "database.no_role" or "does not exist" in words):
            return Phrase(key, **values)
    if "refused" in words.lower() or "Connect call failed" in words:
        return Phrase("database.refused", **values)
    return Phrase("database.other", **values)


def place_of(url: URL) -> str:
    """Say where a database is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").absolute())
    return f"{url.host or url.query.get('host') or 'localhost'}:{url.port or 5432}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        yield error
        seen.append(error)
        original = getattr(error, "orig", None)
        if isinstance(original, BaseException) and original not in seen:
            yield original
        error = error.__cause__ or error.__context__
