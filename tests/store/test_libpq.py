"""Addresses as hosted databases hand them out: every option of libpq does what it says, or is known not to matter."""

from __future__ import annotations

import logging
import ssl
import subprocess
import uuid
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.errors import ConfigurationError
from bot.store.database import Database, driver_url
from bot.store.libpq import postgres_engine, translated
from tests.postgres import create_database

NEON = "postgresql://u:p@ep-x.eu.aws.neon.tech/db?sslmode=require&channel_binding=require"
SUPABASE = "postgres://u.ref:p@aws-0.pooler.supabase.com:6543/postgres?sslmode=verify-full&connect_timeout=15"
HEROKU = "postgres://u:p@ec2.compute.amazonaws.com:5432/d?sslmode=require&application_name=live&keepalives_idle=30"
PATRONI = "postgresql://u@a:5432/d?target_session_attrs=read-write&tcp_user_timeout=9000&gssencmode=disable"


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        (NEON, {"ssl": "require", "timeout": 5.0, "server_settings": {"application_name": "bongsu"}}),
        (SUPABASE, {"ssl": "verify-full", "timeout": 15.0, "server_settings": {"application_name": "bongsu"}}),
        (HEROKU, {"ssl": "require", "timeout": 5.0, "server_settings": {"application_name": "live"}}),
        (PATRONI, {"timeout": 5.0, "server_settings": {"application_name": "bongsu"}}),
        ("postgres://h/d?connect_timeout=1", {"timeout": 2.0, "server_settings": {"application_name": "bongsu"}}),
        ("postgres://h/d?connect_timeout=0", {"timeout": 5.0, "server_settings": {"application_name": "bongsu"}}),
        ("postgres://h/d?connect_timeout=soon", {"timeout": 5.0, "server_settings": {"application_name": "bongsu"}}),
    ],
)
def test_an_address_of_a_hosted_database_is_what_our_driver_is_told(address, arguments):
    _, told = translated(driver_url(address))

    assert told == arguments


def test_names_in_the_query_are_those_of_the_address():
    url, _ = translated(driver_url("postgresql:///?host=/run/postgresql&port=5433&user=me&password=p&dbname=d"))

    assert (url.username, url.password, url.database) == ("me", "p", "d")
    assert dict(url.query) == {"host": "/run/postgresql", "port": "5433"}


def test_what_our_driver_cannot_do_is_said(caplog):
    with caplog.at_level(logging.WARNING):
        translated(driver_url(NEON))

    assert "channel_binding" in caplog.text
    assert "neon" not in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


@pytest.mark.parametrize(
    ("query", "verified", "named"),
    [
        ("sslmode=verify-full&sslrootcert={cert}", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-ca&sslrootcert={cert}", ssl.CERT_REQUIRED, False),
        # As libpq does it: who gives a certificate to check against wants it checked.
        ("sslmode=require&sslrootcert={cert}", ssl.CERT_REQUIRED, False),
        ("sslrootcert=system", ssl.CERT_REQUIRED, True),
        ("sslmode=require&sslcert={cert}&sslkey={key}", ssl.CERT_NONE, False),
    ],
)
def test_certificates_are_read_and_checked_as_asked(certificate, query, verified, named):
    cert, key = certificate

    _, told = translated(driver_url(f"postgres://h/d?{query.format(cert=cert, key=key)}"))

    assert (told["ssl"].verify_mode, told["ssl"].check_hostname) == (verified, named)


async def test_a_certificate_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(ConfigurationError):
        async with Database.open(f"postgresql://h/d?sslmode=verify-full&sslrootcert={tmp_path}/none.crt"):
            pass


async def test_a_real_server_hears_of_names_and_settings(postgres):
    address = create_database(postgres, f"s{uuid.uuid4().hex}")
    asked = (
        "application_name=night-shift&connect_timeout=10&channel_binding=prefer&sslmode=prefer&options=-c%20geqo%3Doff"
    )

    engine = postgres_engine(driver_url(f"{address}?{asked}&work_mem=5MB"))
    async with engine.connect() as connection:
        rows = [
            (await connection.execute(text(f"SHOW {name}"))).scalar()
            for name in ("application_name", "geqo", "work_mem")
        ]
    await engine.dispose()

    assert rows == ["night-shift", "off", "5MB"]


async def test_a_store_opens_with_all_of_them(postgres):
    address = create_database(postgres, f"s{uuid.uuid4().hex}")
    asked = (
        "application_name=a&channel_binding=prefer&connect_timeout=9&sslmode=disable&gssencmode=disable&keepalives=1"
    )

    async with Database.open(f"{address}?{asked}") as store:
        await store.ping()


def test_a_password_is_kept_as_it_is():
    url, _ = translated(driver_url("postgres://u:p%40%3Ass@h/d?sslmode=require"))

    assert url.password == "p@:ss"
    assert make_url(url.render_as_string(hide_password=False)).password == "p@:ss"
