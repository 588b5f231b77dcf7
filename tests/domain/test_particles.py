"""Korean particles fit what stands before them, as far as that can be known."""

from __future__ import annotations

import re

import pytest

from bot.i18n import catalogue, text
from bot.i18n.particles import with_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("상점이(가) 없습니다", "상점이 없습니다"),
        ("메모리이(가) 없습니다", "메모리가 없습니다"),
        ("#1과(와) #2과(와) #10과(와)", "#1과 #2와 #10과"),
        ("**#3**을(를) `4`을(를)", "**#3**을 `4`를"),
        ('"결제"(이)라는', '"결제"라는'),
        ("서울(으)로 부산(으)로 대구(으)로 7(으)로 6(으)로", "서울로 부산으로 대구로 7로 6으로"),
        ("5은(는) 6은(는)", "5는 6은"),
        # Nobody knows how this is read.
        ("loki이(가) v2.1을(를)", "loki이(가) v2.1을"),
        ("P3(으)로 `api-2`이(가) p99을(를)", "P3(으)로 `api-2`이(가) p99을(를)"),
        ("두 가지(가) (으)로", "두 가지(가) (으)로"),
    ],
)
def test_a_particle_fits_the_name_before_it(written, read):
    assert with_particles(written) == read


def test_texts_in_korean_choose_it():
    assert "#1과 같은 문제" in text("ko", "timeline.merged_into", other=1)
    assert "#2와 같은 문제" in text("ko", "timeline.merged_into", other=2)


def test_both_forms_are_written_in_the_order_that_is_known():
    # The other way round nobody chooses, and people read both.
    turned = re.compile(r"(?:와\(과\)|가\(이\)|를\(을\)|는\(은\)|으로\(로\)|로\(으로\)|라\(이라\))")

    assert {key: words for key, words in catalogue("ko").items() if turned.search(str(words))} == {}
    assert text("ko", "oncall.contradiction", first="민지", second="도윤") == (
        "민지와 도윤이 같은 시간에 대신 당직을 섭니다. 도윤이 우선합니다."
    )
