"""Addresses of PostgreSQL as libpq and hosted services write them: understood, or refused with advice."""

from __future__ import annotations

import ssl
import subprocess
import uuid

import pytest
from sqlalchemy import text

from bot.errors import ConfigurationError
from bot.i18n import Phrase
from bot.i18n import text as said
from bot.store.address import connecting, driver_url
from bot.store.database import Database
from tests.postgres import create_database


def arguments(tail):
    return connecting(driver_url(f"postgresql://u:secret@h/x?{tail}"))[1]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("connect_timeout=7", {"timeout": 7}),
        ("connect_timeout=0", {}),
        ("application_name=bongsu", {"server_settings": {"application_name": "bongsu"}}),
        ("fallback_application_name=b", {"server_settings": {"application_name": "b"}}),
        ("application_name=a&fallback_application_name=b", {"server_settings": {"application_name": "a"}}),
        ("options=-csearch_path%3Dops", {"server_settings": {"options": "-csearch_path=ops"}}),
        ("channel_binding=prefer&gssencmode=disable&keepalives_idle=30&sslsni=1", {}),
        ("target_session_attrs=read-write", {"target_session_attrs": "read-write"}),
        ("sslmode=prefer", {"ssl": "prefer"}),
        ("ssl=true", {"ssl": "require"}),
        ("host=/run/postgresql", {"host": "/run/postgresql"}),
        ("statement_cache_size=0", {"statement_cache_size": 0}),
    ],
)
def test_what_libpq_knows_is_understood(tail, expected):
    assert arguments(tail) == expected


@pytest.mark.parametrize(
    ("tail", "key", "name"),
    [
        ("channel_binding=require", "errors.database_promise", "channel_binding"),
        ("gssencmode=require", "errors.database_promise", "gssencmode"),
        ("pgbouncer=true", "errors.database_unknown", "pgbouncer"),
        ("sslmode=always", "errors.database_option", "sslmode"),
        ("connect_timeout=soon", "errors.database_option", "connect_timeout"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_advice_and_without_the_password(tail, key, name):
    with pytest.raises(ConfigurationError) as caught:
        arguments(tail)

    assert (caught.value.key, caught.value.values["name"]) == (key, name)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ca")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-days", "2"]  # noqa: RUF005
        + ["-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return folder


@pytest.mark.parametrize(
    ("mode", "verify", "names"),
    [("require", True, False), ("verify-ca", True, False), ("verify-full", True, True)],
)
def test_a_root_certificate_verifies_as_libpq_would(root, mode, verify, names):
    context = arguments(f"sslmode={mode}&sslrootcert={root}/ca.crt")["ssl"]

    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode is ssl.CERT_REQUIRED, context.check_hostname) == (verify, names)


def test_the_systems_certificates_allow_nothing_less_than_all():
    context = arguments("sslrootcert=system")["ssl"]

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_certificate_that_is_not_there_is_named():
    with pytest.raises(ConfigurationError) as caught:
        arguments("sslmode=verify-ca&sslrootcert=/nowhere/ca.crt")

    assert caught.value.values["file"] == "/nowhere/ca.crt"


async def test_a_real_server_hears_them(postgres):
    address = create_database(postgres, f"o{uuid.uuid4().hex}")
    tail = (
        "application_name=on-call&connect_timeout=9&channel_binding=prefer&sslmode=prefer&options=-cDateStyle%3DGerman"
    )

    async with Database.open(f"{address}?{tail}") as store:
        seen = await store._runner.read(
            lambda connection: [
                connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("application_name", "DateStyle")
            ]
        )

    assert seen[0] == "on-call"
    assert seen[1].startswith("German")


@pytest.mark.parametrize(
    ("tail", "key"),
    [("no_such_database", "database.no_such"), ("postgres?sslmode=require", "database.no_tls")],
)
async def test_a_server_that_turns_us_away_says_what_to_do(postgres, tail, key):
    with pytest.raises(ConfigurationError) as caught:
        async with Database.open(f"{postgres}/{tail}"):
            pass

    problem = caught.value.values["problem"]
    assert isinstance(problem, Phrase)
    assert problem.key == key
    assert said("ko", problem.key, **problem.values) != str(problem)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("postgresql://bongsu@127.0.0.1:1/x", "database.refused"),
        ("postgresql://bongsu@nowhere.invalid/x", "database.no_host"),
    ],
)
async def test_a_server_that_is_not_there_says_what_to_do(address, key):
    with pytest.raises(ConfigurationError) as caught:
        async with Database.open(address):
            pass

    assert caught.value.values["problem"].key == key
