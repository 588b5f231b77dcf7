"""Reads an address of PostgreSQL as hosted databases hand it out, for the driver that we use.

Source: PostgreSQL 18 docs, "Connection Strings" and "Parameter Key Words"; what asyncpg 0.32 takes in its `connect`.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

log = logging.getLogger(__name__)

_TIMEOUT_S: Final = 5.0
# libpq's own minimum is two seconds; nobody waits for a minute at a start.
_LEAST_S, _MOST_S = 2.0, 60.0

# What the driver knows under the same name, or SQLAlchemy reads itself.
_KEPT: Final = frozenset(
    {"host", "port", "target_session_attrs", "passfile", "krbsrvname", "gsslib", "prepared_statement_cache_size"}
)
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslpassword")
# How libpq speaks to a server, which is another driver's business.
_OF_LIBPQ: Final = frozenset(
    {
        "channel_binding", "client_encoding", "connect_timeout", "fallback_application_name", "gssdelegation",
        "gssencmode", "hostaddr", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval",
        "load_balance_hosts", "replication", "require_auth", "requirepeer", "requiressl", "sslcertmode",
        "sslcompression", "sslcrl", "sslcrldir", "sslmode", "sslnegotiation", "sslsni", "ssl_min_protocol_version",
        "ssl_max_protocol_version", "tcp_user_timeout", *_FILES,
    }
)  # fmt: skip


def postgres_engine(url: URL, *, command_timeout_s: float | None = None, **options: Any) -> AsyncEngine:
    """Make the engine for an address with libpq's options. Raises OSError for a certificate that cannot be read."""
    # Here, because it brings the whole of SQLAlchemy's ORM, which SQLite has no use for.
    from sqlalchemy.ext.asyncio import create_async_engine

    address, arguments = translated(url)
    return create_async_engine(address, connect_args={**arguments, "command_timeout": command_timeout_s}, **options)


def translated(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return the address without libpq's options, and what they are called where a connection is made.

    Whatever is no option of libpq is a setting of the server, as asyncpg and PostgreSQL's own `options` have it.
    Raises OSError for a certificate that cannot be read.
    """
    asked = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    url = url.set(
        username=asked.pop("user", None) or url.username,
        password=asked.pop("password", None) or url.password,
        database=asked.pop("dbname", None) or url.database,
        query={name: value for name, value in url.query.items() if name in _KEPT},
    )
    settings = {name: value for name, value in asked.items() if name not in _KEPT | _OF_LIBPQ | {"ssl"}}
    settings.setdefault("application_name", asked.get("fallback_application_name", "bongsu"))
    if asked.get("channel_binding") == "require":
        log.warning("the database is asked for channel_binding=require, which our driver cannot do: it goes on without")
    return url, {
        "timeout": _patience(asked.get("connect_timeout", "")),
        "server_settings": settings,
        **_security(asked),
    }


def _patience(asked: str) -> float:
    # Nothing and 0 mean "for ever" to libpq.
    return min(max(float(asked), _LEAST_S), _MOST_S) if asked.isdigit() and int(asked) else _TIMEOUT_S


def _security(asked: Mapping[str, str]) -> dict[str, Any]:
    mode = asked.get("sslmode") or asked.get("ssl") or ""
    root = asked.get("sslrootcert", "")
    if mode == "disable" or not any(asked.get(name) for name in _FILES):
        return {"ssl": mode} if mode else {}
    context = ssl.create_default_context(cafile=root if root and root != "system" else None)
    # With a certificate to check against, libpq checks it also where it is only told to encrypt.
    context.check_hostname = mode == "verify-full" or root == "system"
    if not root and mode not in ("verify-ca", "verify-full"):
        context.verify_mode = ssl.CERT_NONE
    if asked.get("sslcert"):
        context.load_cert_chain(asked["sslcert"], asked.get("sslkey") or None, asked.get("sslpassword") or None)
    return {"ssl": context}
