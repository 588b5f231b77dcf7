"""What a series or a rule measures, by the words of its name."""

from __future__ import annotations

import pytest

from bot.domain.kinds import counts_requests, kind_of, kind_of_rule
from bot.domain.telemetry import MetricKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NodeFilesystemAlmostOutOfSpace", MetricKind.SATURATION),
        ("HighErrorRate", MetricKind.ERRORS),
        ("http_request_duration_seconds p99", MetricKind.LATENCY),
        ("결제 API 오류율 높음", MetricKind.ERRORS),
        ("주문 서비스 요청 실패", MetricKind.ERRORS),
        ("응답시간 5초 초과", MetricKind.LATENCY),
        ("DB 조회가 느림", MetricKind.LATENCY),
        ("채팅 서버 다운", MetricKind.AVAILABILITY),
        ("헬스체크 응답 없음", MetricKind.AVAILABILITY),
        ("디스크 사용량 높음", MetricKind.SATURATION),
        ("남은 공간 10% 미만", MetricKind.SATURATION),
        ("큐 적체", MetricKind.SATURATION),
        ("트래픽 급증", MetricKind.TRAFFIC),
        ("다운로드 이벤트", MetricKind.OTHER),
        ("시큐리티 점검", MetricKind.OTHER),
        ("점검 공지", MetricKind.OTHER),
    ],
)
def test_a_rule_is_understood_in_english_and_in_korean(name, kind):
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    "name",
    [
        "ServiceDown",
        "InstanceDown",
        "api is down",
        "TargetMissing",
        "PrometheusTargetMissing",
        "AbsentHeartbeat",
        "HostUnreachable",
        "KubePodCrashLooping",
        "KubeNodeNotReady",
        "ReplicaLost",
        "결제 서버 다운",
        "수집 대상 없음",
        "타깃 누락",
        "에이전트 연결 끊김",
        "프로세스가 내려감",
        "노드 오프라인",
    ],
)
def test_a_rule_that_says_that_something_is_gone_speaks_of_its_availability(name):
    assert kind_of_rule(name) is MetricKind.AVAILABILITY


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RequestRateDown", MetricKind.TRAFFIC),
        ("DiskMissing", MetricKind.SATURATION),
        ("CountdownExpired", MetricKind.OTHER),
        ("다운로드 이벤트", MetricKind.OTHER),
    ],
)
def test_a_rule_that_says_what_is_gone_speaks_of_that(name, kind):
    assert kind_of_rule(name) is kind


def test_a_series_that_counts_what_is_gone_gets_worse_as_it_grows():
    assert kind_of("targets_down") is not MetricKind.AVAILABILITY


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("workload_ops_per_second", True),
        ("http_requests_total", True),
        ("db_read_requests", True),
        ("throughput", True),
        ("http_request_bytes", False),
        ("network_receive_bytes", False),
        ("syscall_write", False),
        ("disk_write", False),
    ],
)
def test_what_is_moved_for_requests_is_told_from_requests(name, counts):
    assert counts_requests(name) is counts
