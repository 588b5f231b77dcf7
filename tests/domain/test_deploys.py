"""What CI tells of a deploy, and how it is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deploys import parse_deploy
from bot.domain.telemetry import Change, ChangeKind
from bot.errors import InvalidNotification
from tests.builders import NOW


def body(**told: object) -> bytes:
    return json.dumps({"service": "api", "id": "2.5.0"} | told).encode()


def test_a_deploy_needs_a_service_and_an_id():
    assert parse_deploy(body(), NOW) == Change(NOW.timestamp(), ChangeKind.DEPLOY, "2.5.0", "2.5.0", "api")


def test_a_time_and_a_kind_can_be_told():
    change = parse_deploy(body(at="2026-01-02T03:04:05+09:00", kind="flag", text="on\u202e\x00"), NOW)

    assert (change.at, change.kind, change.text) == (1767290645.0, ChangeKind.FLAG, "on")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"service": ""}, "service"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"kind": "party"}, "kind"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-01-02T03:04:05"}, "at"),
        ({"at": "2026-01-02T03.5+09:00"}, "at"),
        ({"at": "2026-01-02T03:04,5+09:00"}, "at"),
        ({"at": "20260102T0304.5Z"}, "at"),
        ({"at": "2999-01-02T03:04:05Z"}, "at"),
        ({"at": True}, "at"),
        ({"at": 1e300}, "at"),
    ],
)
def test_a_mistake_is_named_by_its_field(told, field):
    with pytest.raises(InvalidNotification) as caught:
        parse_deploy(body(**told), NOW)

    assert caught.value.field == field


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_junk_is_refused_and_nothing_else_happens(raw):
    with pytest.raises(InvalidNotification):
        parse_deploy(raw, NOW)
