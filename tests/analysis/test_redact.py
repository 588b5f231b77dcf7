"""Secrets leave no trace; what only looks like one stays readable."""

import pytest
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings
from hypothesis import given
from hypothesis import strategies as st

from bench.secrets_planted import SECRETS
from bot.analysis.redact import LIMIT, Redactor
from bot.errors import ConfigurationError

# Named detectors only: the ones that guess by entropy call every word a secret.
NAMED = ["AWSKeyDetector", "BasicAuthDetector", "DiscordBotTokenDetector", "GitHubTokenDetector", "JwtTokenDetector",
         "PrivateKeyDetector", "SlackDetector", "StripeDetector"]  # fmt: skip


@pytest.mark.parametrize(("line", "secret"), SECRETS, ids=[secret[:12] for _, secret in SECRETS])
def test_a_planted_secret_is_gone(line, secret):
    assert secret not in Redactor().text(line)


@pytest.mark.parametrize(("line", "secret"), SECRETS, ids=[secret[:12] for _, secret in SECRETS])
def test_another_scanner_finds_nothing_either(line, secret):
    with transient_settings({"plugins_used": [{"name": name} for name in NAMED]}):
        found = [each.secret_value for each in scan_line(Redactor().text(line))]

    assert [each for each in found if each and each in secret] == []


@pytest.mark.parametrize(
    "line",
    [
        "took 12.5 ms at 10:15:30",
        "version 1.2.3 of api",
        "trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7",
        "token bucket exhausted",
        'java.lang.NullPointerException: Cannot invoke "com.doktori.Coupon.rate()"',
        "order 550e8400-e29b-41d4-a716-446655440000 failed",
        "Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=45)",
        "2026-11-25T08:57:13.123Z",
        "authentication failed",
        "GET http://api:8080/api/orders",
        "1,234,567 rows in 1675085002.0",
        "Table doktori.payments does not exist",
    ],
)
def test_what_is_no_secret_stays(line):
    assert Redactor().text(line) == line


def test_the_same_value_gets_the_same_placeholder():
    redactor = Redactor()

    assert redactor.text("from 10.1.2.3 to 10.1.2.4") == "from <ip-1> to <ip-2>"
    assert redactor.text("again 10.1.2.4") == "again <ip-2>"


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\x00", "\x1b"])
def test_an_invisible_character_hides_no_secret(hidden):
    assert "EGRJTX5WNM7VZD" not in Redactor().text(f"AKIAQ3{hidden}EGRJTX5WNM7VZD")


@given(st.text(max_size=300))
def test_twice_is_the_same_as_once(text):
    redactor = Redactor()
    once = redactor.text(text)

    assert redactor.text(once) == once


def test_what_is_too_long_is_cut_before_it_is_searched():
    assert len(Redactor().text("a b " * LIMIT)) <= LIMIT


def test_own_patterns_are_added_and_a_broken_one_is_a_sentence():
    assert Redactor({"ticket": "TICKET-[0-9]+"}).text("see TICKET-42") == "see <ticket-1>"
    with pytest.raises(ConfigurationError, match="configuration"):
        Redactor({"ticket": "("})
