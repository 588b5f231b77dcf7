"""An address of a database, as people and hosted services write it, into what the drivers take.

Source: PostgreSQL, "Connection URIs" and "Parameter Key Words" of libpq; asyncpg, `connect`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ConfigurationError

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_CERTIFICATES: Final = ("sslrootcert", "sslcert", "sslkey", "sslpassword")
# What the server is told at the start of a session.
_SETTINGS: Final = ("application_name", "fallback_application_name", "options", "client_encoding", "search_path")
# asyncpg's own, as whole numbers.
_NUMBERS: Final = (
    "connect_timeout",
    "timeout",
    "command_timeout",
    "statement_cache_size",
    "prepared_statement_cache_size",
)
_PASSED: Final = ("host", "port", "target_session_attrs", "krbsrvname", "passfile")
# Hints about the connection below, which asyncpg leaves to the system.
_HINTS: Final = (
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
    *("sslcompression", "sslsni"),
)
# Wanted or not by libpq; a promise only if required, and then not ours to drop.
_PROMISES: Final = ("channel_binding", "gssencmode")


def driver_url(address: str) -> URL:
    """Translate an address to the asynchronous driver we use. Raises ConfigurationError with advice."""
    try:
        url = make_url(address)
        url = url.set(drivername=_DRIVERS[url.drivername])
    except (ArgumentError, KeyError, ValueError) as error:
        # The address may hold a password, so it is not repeated.
        raise ConfigurationError("errors.database_url") from error
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database.startswith((":memory:", "file:")):
            # What lives in memory would be lost, and the migration, another process, could not reach it.
            raise ConfigurationError("errors.database_url")
        return url
    connecting(url)
    return url


def connecting(url: URL) -> tuple[URL, dict[str, Any]]:
    """Split an address of PostgreSQL into the bare one and asyncpg's arguments. Raises ConfigurationError."""
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    if "ssl" in query:
        # asyncpg's word, which `sslmode` used to be translated to.
        query.setdefault("sslmode", {"true": "require", "false": "disable"}.get(query["ssl"], query["ssl"]))
        del query["ssl"]
    arguments: dict[str, Any] = {}
    for name, value in query.items():
        arguments |= _argument(name, value)
    settings = {name: query[name] for name in _SETTINGS if name in query}
    if "fallback_application_name" in settings:
        settings.setdefault("application_name", settings.pop("fallback_application_name"))
    if settings:
        arguments["server_settings"] = settings
    if any(name in query for name in ("sslmode", *_CERTIFICATES)):
        arguments["ssl"] = _encryption(query)
    return url.set(query={}), arguments


def _argument(name: str, value: str) -> dict[str, Any]:
    if name in _NUMBERS:
        if not value.isdecimal():
            raise ConfigurationError("errors.database_option", name=name, value=value[:40])
        called = "timeout" if name == "connect_timeout" else name
        # For libpq 0 is "wait for ever", which nobody who waits for a card would want.
        return {called: int(value)} if int(value) or "cache" in name else {}
    if name in _PASSED:
        return {name: int(value) if name == "port" and value.isdecimal() else value}
    if name in _PROMISES:
        if value not in ("disable", "prefer"):
            raise ConfigurationError("errors.database_promise", name=name, value=value[:40])
        return {}
    if name in (*_SETTINGS, *_HINTS, *_CERTIFICATES, "sslmode"):
        return {}
    raise ConfigurationError("errors.database_unknown", name=name[:40])


def _encryption(query: Mapping[str, str]) -> str | ssl.SSLContext:
    """Return what asyncpg is told about TLS, as libpq would do it: without a root certificate nothing is verified."""
    root = query.get("sslrootcert", "")
    # libpq: a root certificate makes `require` verify, and `system` allows nothing less than all.
    mode = query.get("sslmode") or ("verify-full" if root == "system" else "prefer")
    if mode not in _MODES:
        raise ConfigurationError("errors.database_option", name="sslmode", value=mode[:40])
    if mode in ("disable", "allow", "prefer") or not (root or query.get("sslcert") or mode.startswith("verify")):
        return mode
    verified = mode.startswith("verify") or bool(root)
    try:
        context = ssl.create_default_context(cafile=root if root and root != "system" else None)
        context.check_hostname = mode == "verify-full" or root == "system"
        context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
        if certificate := query.get("sslcert"):
            context.load_cert_chain(certificate, query.get("sslkey"), query.get("sslpassword"))
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(query[name] for name in _CERTIFICATES[:3] if name in query)
        raise ConfigurationError("errors.unreadable_file", file=names, problem=str(error)) from error
    return context


def place_of(url: URL) -> str:
    """Say where a database is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").absolute())
    return f"{url.host or url.query.get('host') or 'localhost'}:{url.port or 5432}"
