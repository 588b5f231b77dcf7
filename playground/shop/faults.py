"""What can go wrong in the shop, told in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One fault and how it is explained to whoever switches it on."""

    name: str
    service: str
    title: tuple[str, str]
    explanation: tuple[str, str]

    def shown(self, on: bool) -> dict[str, Any]:
        """Return it as the page shows it."""
        return {
            "name": self.name,
            "service": self.service,
            "title": {"en": self.title[0], "ko": self.title[1]},
            "explanation": {"en": self.explanation[0], "ko": self.explanation[1]},
            "on": on,
        }


FAULTS = (
    Fault(
        "pool",
        "api",
        ("Connection pool exhausted", "커넥션 풀 고갈"),
        (
            "All 10 database connections are held; requests wait 30 s and fail.",
            "DB 커넥션 10개가 모두 사용 중이어서 요청이 30초 대기 후 실패합니다.",
        ),
    ),
    Fault(
        "slow",
        "api",
        ("Slow dependency", "외부 의존성 지연"),
        ("The payment service answers after 6 to 9 seconds.", "결제 서비스가 6~9초 뒤에 응답합니다."),
    ),
    Fault(
        "deploy",
        "api",
        ("Errors after a deploy", "배포 직후 오류 급증"),
        (
            "A new version throws NullPointerException on most requests.",
            "새 버전이 대부분의 요청에서 NullPointerException을 던집니다.",
        ),
    ),
    Fault(
        "leak",
        "chat",
        ("Memory leak", "메모리 누수"),
        ("The heap fills up, garbage collection pauses for a second.", "힙이 가득 차고 GC가 1초씩 멈춥니다."),
    ),
    Fault(
        "cpu",
        "api",
        ("CPU hog", "CPU 과점유"),
        ("A regular expression burns a core.", "정규식 하나가 CPU를 독점합니다."),
    ),
    Fault(
        "crash",
        "chat",
        ("Crash loop", "반복 재시작"),
        ("chat dies and restarts every few seconds.", "chat이 몇 초마다 죽고 다시 시작합니다."),
    ),
    Fault(
        "disk",
        "api",
        ("Disk filling", "디스크 부족"),
        ("The disk fills up within seconds.", "디스크가 몇 초 만에 가득 찹니다."),
    ),
    Fault(
        "noise",
        "api",
        ("Red herring", "무해한 로그 소음"),
        ("Loud warnings in the log; nothing is wrong.", "로그에 경고가 쏟아지지만 실제 문제는 없습니다."),
    ),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
