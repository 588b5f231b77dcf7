"""Chooses Korean particles by the name before them: `3을(를)` into `3을`, `상점이(가)` into `상점이`. Pure.

After Latin letters both forms stay: how a word of another language is read, nothing tells, nor a number that is a part of
it (P3 is read with an English three).
"""

from __future__ import annotations

import re
from typing import Final

# What may stand between a name and its particle: marks of Markdown, quotation marks, brackets.
_OPEN: Final = re.compile(r"([가-힣0-9])([`*_~\"'”’)\]]*)(이\(가\)|을\(를\)|은\(는\)|과\(와\)|\(으\)로|\(이\)라)")
_FORMS: Final = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}
_IN_WORD: Final = re.compile(r"[A-Za-z][-_]?[0-9]*\Z")
# As the digits are read: 영 일 이 삼 사 오 육 칠 팔 구.
_READ: Final = "영일이삼사오육칠팔구"
_LOOKED_BACK: Final = 24
_FIRST, _ENDINGS, _RIEUL = ord("가"), 28, 8


def with_particles(words: str) -> str:
    """Choose the form of each particle that stands in both."""
    return _OPEN.sub(_chosen, words) if "(" in words else words


def _chosen(found: re.Match[str]) -> str:
    last, marks, particle = found.groups()
    if last.isdecimal() and _IN_WORD.search(found.string[max(found.start() - _LOOKED_BACK, 0) : found.start()]):
        return found[0]
    ending = (ord(_READ[int(last)] if last.isdecimal() else last) - _FIRST) % _ENDINGS
    closed, opened = _FORMS[particle]
    # 서울로, 7로: behind ㄹ as behind a vowel.
    short = not ending or (particle == "(으)로" and ending == _RIEUL)
    return f"{last}{marks}{opened if short else closed}"
