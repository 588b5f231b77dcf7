"""What a platform states, once, names the mechanism, until it is taken back."""

import pytest

from bot.domain.telemetry import LogLine
from bot.ranking.statements import statement_hits

FIRED = 1_790_000_000.0


@pytest.mark.parametrize(
    ("said", "mechanism"),
    [
        ("Back-off restarting failed container api (reason: OOMKilled, exit code: 137)", "memory"),
        ("write /data/7: no space left on device", "disk"),
        ("FATAL: sorry, too many clients already", "pool"),
        ("0/5 nodes are available: 5 Insufficient cpu.", "scheduling"),
        ("Back-off pulling image: ImagePullBackOff", "pods"),
    ],
)
def test_once_is_enough(said, mechanism):
    (hit,) = statement_hits([LogLine(FIRED - 900, "api", said, "warn")], FIRED)

    assert (hit.blames, hit.mechanism, hit.key) == ("api", mechanism, "platform-said")


@pytest.mark.parametrize(
    "lines",
    [
        [LogLine(FIRED - 900, "api", "Node n7 is not ready (recovered after 30 s)", "warn")],
        [
            LogLine(FIRED - 900, "api", "CrashLoopBackOff: container of pod api-1", "warn"),
            LogLine(FIRED - 300, "controller", "deployment api restored to the revision before", "info"),
        ],
        [LogLine(FIRED - 7200, "api", "CrashLoopBackOff: container of pod api-1", "warn")],
        [LogLine(FIRED - 60, "api", "GET /orders 200 in 12 ms", "info")],
    ],
    ids=["says so itself", "taken back since", "long ago", "nothing"],
)
def test_what_is_over_or_was_never_said_accuses_nobody(lines):
    assert statement_hits(lines, FIRED) == []


def test_what_is_shown_is_what_is_stated():
    head = "2026-11-25T10:00:00.100Z ERROR 7 --- [api] [exec-1] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.d.Writer : "
    said = (
        f"{head}Could not store the receipt; {'it was written to the folder of the day, ' * 4}no space left on device"
    )

    (hit,) = statement_hits([LogLine(FIRED - 60, "api", said, "error")], FIRED)

    assert hit.values["template"].startswith("…")
    assert hit.values["template"].endswith("no space left on device")
    short = statement_hits([LogLine(FIRED - 60, "api", f"{head}no space left on device", "error")], FIRED)[0]
    assert short.values["template"] == "no space left on device"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            (
                "Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception\n"
                "jakarta.servlet.ServletException: Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space\n"
                "\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1104)"
            ),
            "jakarta.servlet.ServletException: Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space",
        ),
        (
            f"the receipt {'was written to the folder of the day, ' * 6}no space left on device at /data/receipts",
            "…s written to the folder of the day, no space left on device at /data/receipts",
        ),
    ],
    ids=["a stack trace", "a long line"],
)
def test_the_line_that_states_it_is_the_one_that_is_shown(said, shown):
    (hit,) = statement_hits([LogLine(FIRED - 60, "chat", said, "error")], FIRED)

    assert hit.values["template"].endswith(shown.lstrip("…"))
    assert hit.values["template"].startswith("…") is shown.startswith("…")


@pytest.mark.parametrize(
    ("speaker", "said", "about"),
    [
        ("kubelet", "[kubelet] Back-off restarting failed container api in pod api-7c-001", "api"),
        ("controller", 'Error creating: pods "api-7f9dd8b6c4-aaaaa" is forbidden: exceeded quota', "api"),
        ("db-replica-1", "Replication lag on db-replica-1 has exceeded 900 seconds", "db"),
        ("api", "api: container of pod api-1 was OOMKilled while db was called", "api"),
        ("kubelet", "Node n7 is under memory pressure", "kubelet"),
    ],
)
def test_a_statement_accuses_whom_it_is_about(speaker, said, about):
    names = ("api", "controller", "db", "db-replica-1", "kubelet")

    (hit,) = statement_hits([LogLine(FIRED - 60, speaker, said, "warn")], FIRED, names=names)

    assert hit.blames == about


def test_who_only_writes_is_a_witness_of_what_is_stated_of_somebody_known():
    lines = [
        LogLine(FIRED - 60, "apiserver", "quota of the namespace: exceeded quota", "warn"),
        LogLine(FIRED - 50, "api", "FailedCreate: exceeded quota", "warn"),
        LogLine(FIRED - 40, "kernel", "no space left on device", "warn"),
    ]

    told = statement_hits(lines, FIRED, subjects={"api"})

    assert {(hit.blames, hit.mechanism) for hit in told} == {("api", "scheduling"), ("kernel", "disk")}


@pytest.mark.parametrize(
    "said",
    [
        "dial tcp: lookup billing: no such host",
        "java.net.UnknownHostException: billing",
        "x509: certificate has expired or is not yet valid calling billing",
        "getaddrinfo ENOTFOUND billing",
    ],
)
def test_whom_nobody_finds_or_may_trust_is_told_of_by_others(said):
    (hit,) = statement_hits([LogLine(FIRED - 300, "shop", said, "error")], FIRED, names=("shop", "billing"))

    assert (hit.blames, hit.mechanism, hit.key) == ("billing", "unavailable", "platform-said")


@pytest.mark.parametrize(
    "lines",
    [
        [LogLine(FIRED - at, "shop", "lookup billing: no such host", "error") for at in (800, 300)],
        [LogLine(FIRED - 300, "shop", f"lookup {name}: no such host", "error") for name in ("billing", "mail")],
        [LogLine(FIRED - 300, "shop", "lookup files.example.org: no such host", "error")],
        [LogLine(FIRED - 300, "billing", "billing: certificate expired", "info")],
    ],
    ids=["all the time", "the resolver fails", "nobody of ours", "no complaint"],
)
def test_whom_others_tell_of_for_another_reason_is_not_accused(lines):
    assert statement_hits(lines, FIRED, names=("shop", "billing", "mail")) == []


def test_what_is_shown_is_what_it_is_concluded_from():
    said = f"CrashLoopBackOff: container {'of pod api-7f9dd8b6c4-x7gr9 ' * 8}; last terminated: reason=OOMKilled"

    (hit,) = statement_hits([LogLine(FIRED - 60, "api", said, "warn")], FIRED)

    assert hit.mechanism == "memory"
    assert "OOMKilled" in hit.values["template"]


def test_what_is_shown_of_a_long_line_begins_and_ends_with_a_whole_word():
    said = f"{'x' * 90} {'payments(a1b2c3d4); ' * 8}last terminated: reason=OOMKilled, {'exit code one hundred, ' * 9}"

    (hit,) = statement_hits([LogLine(FIRED - 60, "api", said, "warn")], FIRED)

    shown = hit.values["template"].strip("…")
    assert "OOMKilled" in shown
    assert set(shown.split()) <= set(said.split())
