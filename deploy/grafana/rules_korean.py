"""The texts of the rules in Korean, beside the English ones: `summary_ko` stands on a card where `language` is ko."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WHO: Final = (
    "{{ with $labels.service }}{{ . }}{{ else }}{{ with $labels.host }}{{ . }}{{ else }}서비스{{ end }}{{ end }}"
)
_ON: Final = "{{ with $labels.host }}{{ . }}의 {{ end }}"
_PATH: Final = "{{ with $labels.path }}{{ . }}{{ else }}{{ $labels.mountpoint }}{{ end }}"

# By rule: summary, description, and what else is a word: `value` with its unit, `threshold`.
KOREAN: Final[Mapping[str, Mapping[str, str]]] = {
    "ServiceDown": {
        "summary": f"{_WHO}: Prometheus에 응답하지 않습니다",
        "description": "타깃{{ with $labels.instance }} {{ . }}{{ end }}: 다운되었거나 더 이상 수집되지 않습니다. "
        "완전히 없앤 서비스라면 하루 동안 알림을 중지하세요. 그 뒤에는 잊힙니다.",
        "value": "다운",
        "threshold": "정상",
    },
    "ProbeFailed": {
        "summary": "{{ $labels.instance }}: 정상적으로 응답하지 않습니다",
        "description": "외부 프로브가 실패하고 있습니다. ServiceDown이 함께 발생했다면 프로세스 문제이고, "
        "이 알림만 발생했다면 경로(nginx, DNS, 인증서, 방화벽) 문제입니다.",
        "value": "실패",
        "threshold": "정상",
    },
    "HighErrorRate5xx": {
        "summary": "{{ $labels.service }}: 요청의 절반 이상이 실패합니다",
        "description": "실패한 요청의 exception 레이블과 마지막 배포를 살펴보세요.",
    },
    "DiskAlmostFull": {
        "summary": f"{_WHO}: 디스크가 거의 가득 찼습니다",
        "description": f"{_ON}{_PATH}의 여유 공간이 5% 미만입니다. 곧 쓰기에 실패합니다.",
    },
    "ServiceRestarted": {
        "summary": "{{ $labels.service }}: 재시작되었습니다",
        "description": "프로세스가 시작된 지 5분이 지나지 않았습니다. 배포되었거나 비정상 종료된 것입니다.",
        "unit": " 전",
    },
    "DeployDone": {
        "summary": "{{ $labels.service }}: 배포되었습니다",
        "description": "5분 이내에 CI가 배포를 알렸습니다. 지금 시작되는 알림은 이 배포 때문일 수 있습니다.",
        "unit": " 전",
    },
    "HighLatencyP99": {
        "summary": "{{ $labels.service }}: p99가 5초를 넘었습니다",
        "description": "가장 큰 버킷이 30초이므로 30초는 30초 이상을 뜻합니다.",
    },
    "HighErrorRate": {
        "summary": "{{ $labels.service }}: 요청의 10% 이상이 실패합니다",
        "description": "실패한 요청의 exception 레이블과 마지막 배포를 살펴보세요.",
    },
    "HikariPoolPending": {
        "summary": "{{ $labels.service }}: 스레드가 {{ $labels.pool }}의 커넥션을 기다리고 있습니다",
        "description": "모든 커넥션이 사용 중이며 30초를 기다린 요청은 실패합니다. 느린 쿼리와 반환되지 않은 커넥션을 찾아보세요.",
        "unit": "건 대기",
    },
    "HighMemory": {
        "summary": f"{_WHO}: 메모리가 거의 가득 찼습니다",
        "description": f"{_ON}JVM 힙 또는 호스트 메모리입니다. 다음에는 GC가 길어지고 OutOfMemoryError가 발생합니다. "
        "호스트라면 커널이 프로세스를 종료합니다.",
    },
    "HighCpu": {
        "summary": f"{_WHO}: CPU를 80% 넘게 사용하고 있습니다",
        "description": f"{_ON}응답이 먼저 느려지고 그다음에 실패합니다. 스레드 덤프를 보면 어디에서 사용하는지 알 수 있습니다.",
    },
    "DiskFilling": {
        "summary": f"{_WHO}: 디스크가 차고 있습니다",
        "description": f"{_ON}{_PATH} 사용률이 80%를 넘었습니다.",
    },
    "LongGcPause": {
        "summary": "{{ $labels.service }}: GC로 멈추고 있습니다",
        "description": "멈춘 동안 모든 요청이 기다립니다. 힙부터 살펴보세요.",
    },
    "CertificateExpires": {
        "summary": "{{ $labels.instance }}: 인증서가 곧 만료됩니다",
        "description": "30일이 남지 않았습니다. 왜 자동으로 갱신되지 않았는지 살펴보세요.",
        "unit": "일 남음",
        "threshold": "30일",
    },
    "Watchdog": {
        "summary": "알림 경로가 정상입니다",
        "description": "항상 발생하며 카드가 없습니다. 오지 않으면 봉수가, Prometheus가 응답하지 않으면 Grafana가 알립니다.",
    },
    "BongsuSilent": {
        "summary": "봉수가 응답하지 않습니다: 알림이 표시되지 않습니다",
        "description": "게시되어야 할 것이 몇 분째 기다리고 있거나 봉수가 더 이상 수집되지 않습니다. 돌아올 때까지 Grafana의 알림 "
        "목록을 직접 보세요. 잃어버리는 것은 없으며, 돌아오면 밀린 알림을 표시합니다.",
    },
    "BongsuNoLeader": {
        "summary": "리더인 봉수가 없습니다: 알림이 저장만 되고 표시되지 않습니다",
        "description": "웹훅에는 202로 응답할 수 있지만 카드를 게시하거나 담당(ack)을 받는 프로세스가 없습니다. 다시 리더가 생길 때까지 "
        "Grafana의 알림 목록을 직접 보세요.",
        "value": "없음",
        "threshold": "하나",
    },
    "BongsuBehind": {
        "summary": "봉수가 받은 알림이 Discord에 없습니다",
        "description": "202로 응답한 지 5분이 넘은 알림이 아직 표시되지 않았거나 더 이상 측정되지 않습니다. Grafana의 알림 목록을 보세요. "
        "`/status`가 무엇이 왜 기다리는지 알려 줍니다.",
    },
    "BongsuRefuses": {
        "summary": "봉수가 웹훅을 거부하고 있습니다({{ $labels.result }})",
        "description": "거부된 웹훅의 알림은 표시되지 않습니다. refused는 잘못된 토큰이나 읽을 수 없는 본문, unavailable은 저장소에 쓸 수 "
        "없다는 뜻입니다.",
        "unit": "건(5분)",
    },
    "BongsuSlow": {
        "summary": "알림이 Discord에 늦게 표시됩니다",
        "description": "P1과 P2 알림 열 건 중 한 건이 웹훅에서 카드까지 1분 넘게 걸리거나, 그만큼 오래 기다리는 것이 있습니다.",
    },
    "BongsuCallsOften": {
        "summary": "봉수가 10분 동안 10번 넘게 호출했습니다",
        "description": "이렇게 자주 호출되면 아무도 듣지 않게 됩니다. 이미 아는 것은 담당(ack)하고, 원인이 하나인데 따로 발생하는 규칙을 "
        "살펴보세요.",
        "unit": "회 호출",
    },
}
