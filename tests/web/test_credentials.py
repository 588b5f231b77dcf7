"""Who may post: Bearer, Basic and Grafana's HMAC."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from bot.web.credentials import SIGNATURE_HEADER, TIMESTAMP_HEADER, Credentials
from tests.builders import NOW

BODY = b'{"status":"firing"}'


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def signed(at: datetime, secret: str = "s3cret", body: bytes = BODY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {SIGNATURE_HEADER: digest, TIMESTAMP_HEADER: stamp}


@pytest.mark.parametrize("header", ["Bearer t0ken", "bearer t0ken", "Bearer  t0ken ", basic("grafana", "pa:ss")])
def test_either_bearer_or_basic_opens(header):
    credentials = Credentials(token="t0ken", user="grafana", password="pa:ss")

    assert credentials.problem({"Authorization": header}, BODY, NOW) is None


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", "t0ken", "Basic t0ken", basic("grafana", "wrong"), "Bearer t0ken\udc80", "Bearer ü"],
)
def test_anything_else_stays_outside(header):
    credentials = Credentials(token="t0ken", user="grafana", password="pa:ss")

    assert credentials.problem({"Authorization": header}, BODY, NOW)


def test_nothing_configured_asks_for_nothing():
    credentials = Credentials()

    assert not credentials.configured
    assert credentials.problem({}, BODY, NOW) is None


def test_the_signature_is_the_one_of_grafanas_test_vector():
    at = datetime.fromtimestamp(1735689600, UTC)
    headers = {
        SIGNATURE_HEADER: "6b45239523097603c477f1f4a7718ec21f6b74f3db0f1199de79c22c94ee39ba",
        TIMESTAMP_HEADER: "1735689600",
    }

    assert Credentials(hmac_secret="test-secret").problem(headers, BODY, at) is None


def test_a_signature_without_timestamp_is_refused():
    headers = {SIGNATURE_HEADER: "7fd98394c7633dff3c43d5429ad72b920e8723aa2773ae542ef440b120beee95"}

    assert "lacks" in (Credentials(hmac_secret="test-secret").problem(headers, BODY, NOW) or "")


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "९९९", "1" * 40])
def test_a_timestamp_that_is_no_number_is_refused(stamp):
    headers = signed(NOW) | {TIMESTAMP_HEADER: stamp}

    assert Credentials(hmac_secret="s3cret").problem(headers, BODY, NOW)


def test_a_changed_body_is_refused():
    assert Credentials(hmac_secret="s3cret").problem(signed(NOW), BODY + b" ", NOW)


@pytest.mark.parametrize("drift", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_or_future_signature_is_refused(drift):
    assert "older" in (Credentials(hmac_secret="s3cret").problem(signed(NOW + drift), BODY, NOW) or "")


def test_a_replayed_signature_is_refused():
    credentials = Credentials(hmac_secret="s3cret")

    first = credentials.problem(signed(NOW), BODY, NOW)
    second = credentials.problem(signed(NOW), BODY, NOW + timedelta(seconds=20))

    assert first is None
    assert "used before" in (second or "")


def test_old_signatures_are_forgotten():
    credentials = Credentials(hmac_secret="s3cret")

    for minute in range(60):
        assert (
            credentials.problem(signed(NOW + timedelta(minutes=minute)), BODY, NOW + timedelta(minutes=minute)) is None
        )

    assert len(credentials._seen) <= 12


def test_hmac_comes_on_top_of_the_token():
    credentials = Credentials(token="t0ken", hmac_secret="s3cret")

    assert credentials.problem(signed(NOW), BODY, NOW)
    assert credentials.problem({"Authorization": "Bearer t0ken"}, BODY, NOW)
    assert credentials.problem({"Authorization": "Bearer t0ken", **signed(NOW)}, BODY, NOW) is None


def test_what_an_earlier_process_has_taken_is_a_replay_and_what_could_not_be_stored_is_none():
    headers = signed(NOW)
    earlier, later = Credentials(hmac_secret="s3cret"), Credentials(hmac_secret="s3cret")
    assert earlier.problem(headers, BODY, NOW) is None

    later.remember([(headers[SIGNATURE_HEADER].upper(), NOW)])
    earlier.forget(headers[SIGNATURE_HEADER])
    earlier.forget(None)

    assert "used before" in later.problem(headers, BODY, NOW)
    assert earlier.problem(headers, BODY, NOW) is None
