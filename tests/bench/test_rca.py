"""The bench tells good rankings from bad ones: stand-ins that are right, wrong, silent, gullible or talkative."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.beside import others
from bench.rca import as_given, measure, rounded, spoilt, suite_figures
from bench.secrets_planted import SECRETS
from bench.table import table
from bot.domain.evidence import Channel, Finding, Ranking, Suspect
from bot.domain.telemetry import Change, ChangeKind
from bot.ranking.rank import rank
from tests.bench.folders import SERVICES, write_case

OURS = Path(__file__).parents[2]
# What issue 3 asks for, of the ranking, of each baseline and of each perturbation.
KEYS = {
    "n", "ac1", "ac3", "avg5", "mrr", "chance_ac1", "lift", "healthy_called_sick", "healthy", "culprit_found",
    "decoys_blamed", "seconds_p50", "seconds_p95", "peak_rss_mb", "by_fault",
}  # fmt: skip


def names(*services, abstained=False, findings=(), culprit=None):
    return Ranking(0.0, tuple(Suspect(name, 0.5, "latency") for name in services), findings, abstained, culprit=culprit)


@pytest.fixture
def folder(tmp_path):
    return write_case(tmp_path / "suite" / "case")


def test_who_is_right_scores(folder):
    outcome = as_given(folder, lambda seen: names("stock"))

    assert (outcome.case, outcome.place, outcome.sick, outcome.chance) == ("case", 1, True, 1 / 5)
    assert outcome.rss_mb > 1


def test_who_believes_what_a_log_line_orders_has_moved(folder):
    def gullible(seen):
        told = [line for line in seen.lines if "root cause is" in line.message]
        return names(*sorted(SERVICES, key=lambda name: -sum(f"is {name}" in line.message for line in told)))

    assert "injection" in spoilt(folder, gullible).moved
    # Who always names the same one listens to names and to nothing else.
    assert spoilt(folder, lambda _: names("stock")).moved == {"renamed"}


@pytest.mark.parametrize(
    "swayed",
    [
        lambda seen: names("stock", abstained="SYSTEM" in seen.summary),
        lambda seen: names("stock", culprit=Change(0, ChangeKind.FLAG, "x", "") if "SYSTEM" in seen.summary else None),
    ],
)
def test_silence_and_blame_must_not_move_either(folder, swayed):
    assert spoilt(folder, swayed).moved


def test_who_goes_by_the_number_and_not_by_its_unit_has_moved(folder):
    def unitless(seen):
        most = {each.service: max(value for _, value in each.points) for each in seen.series}
        return Ranking(0.0, tuple(Suspect(name, value / 1000, "latency") for name, value in most.items()), (), False)

    assert "milliseconds" in spoilt(folder, unitless).moved
    assert "milliseconds" not in spoilt(folder, lambda _: names("stock")).moved


def test_who_repeats_what_is_logged_leaks(folder):
    def talkative(seen):
        # The end of a secret without what stood before it: nobody can recognise that any more and redact it.
        logged = "\n".join(line.message for line in seen.lines)
        ends = [secret[-12:] for _, secret in SECRETS if secret in logged]
        return names(
            "stock",
            findings=tuple(
                Finding(f"L{at}", Channel.LOG, "stock", "log-new", {"template": end, "count": "1", "seconds": "9"})
                for at, end in enumerate(ends)
            ),
        )

    assert spoilt(folder, talkative).leaks > 5
    assert spoilt(folder, lambda seen: names("stock")).leaks == 0


def test_who_always_accuses_is_wrong_before_the_incident(folder):
    assert spoilt(folder, lambda seen: names("stock")).quiet_sick is True
    assert spoilt(folder, lambda seen: names("stock", abstained=True)).quiet_sick is False


def test_a_perturbation_is_measured_only_where_it_applies(tmp_path):
    silent = [spoilt(write_case(tmp_path / "x", logs=None), lambda seen: names("stock"))]

    found = suite_figures([], silent)

    assert set(found["perturbations"]) == {
        *(
            "asked-60",
            "late-60",
            "late-120",
            "series-missing-30",
            "second-fault",
            "milliseconds",
            "secrets",
            "injection",
        )
    }


def test_our_ranking_finds_the_broken_service_and_leaves_the_healthy_alone(tmp_path):
    sick, well = write_case(tmp_path / "sick"), write_case(tmp_path / "well", root=None)

    assert as_given(sick, rank).place == 1
    assert not as_given(well, rank).sick
    assert spoilt(sick, rank).quiet_sick is False
    assert not spoilt(sick, rank).moved


def test_the_table_names_who_was_missed(tmp_path):
    sick, well = write_case(tmp_path / "sick"), write_case(tmp_path / "well", root=None)
    given = [as_given(each, lambda seen: names("web", "stock")) for each in (sick, well)]
    found = suite_figures(given, [spoilt(each, lambda seen: names("web", "stock")) for each in (sick, well)])

    drawn = table("zoo", found, given)

    assert "missed: sick (delay, place 2), well (healthy, web accused)" in drawn
    assert all(name in drawn for name in ("n-sigma", "baro", "random", "alerting-first", "noise-x10", "zoo"))


def test_another_checkout_is_ranked_beside_on_the_same_cases(tmp_path):
    # Another build that accuses always the same one, in a folder of its own.
    other = tmp_path / "other"
    write(other / "bot/ranking/rank.py", ALWAYS_WEB)
    for name in ("bot", "bot/ranking", "bench"):
        write(other / name / "__init__.py", "")
    write(other / "bench/cases.py", "def load(folder):\n    return folder\n")
    write(other / "bench/perturb.py", "def quiet(seen):\n    return seen\n")
    cases = [write_case(tmp_path / "zoo/a"), write_case(tmp_path / "zoo/b", root="web")]

    found, given = measure(cases, other)

    assert [each.place for each in given] == [1, 1]
    beside = found["baselines"]["beside"]
    assert (beside["ac1"], beside["said_wrong"], found["beside_quiet_accused"]) == (0.5, 0.5, 1.0)
    assert found["paired"]["beside"]["ac1"][0] == 0.5


def test_a_checkout_that_cannot_rank_is_no_silent_gap(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        others(tmp_path, [write_case(tmp_path / "zoo/a")])


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


ALWAYS_WEB = """
class Found:
    abstained, culprit, harmless = False, None, ()

    class suspects:
        service, score = "web", 0.9

    suspects = (suspects,)


def rank(seen):
    return Found
"""


def test_numbers_are_rounded_wherever_they_stand():
    assert rounded({"a": {"b": 1 / 3}, "n": 3}) == {"a": {"b": 0.3333}, "n": 3}


@pytest.mark.timeout(600)
def test_the_command_ends_with_all_figures_of_every_suite(tmp_path):
    for suite in ("zoo", "farm"):
        for number in range(3):
            write_case(tmp_path / suite / f"c{number}", root=SERVICES[number + 1])

    done = subprocess.run(
        [sys.executable, "-m", "bench.rca", "--cases", str(tmp_path), "--quick"],
        cwd=OURS, capture_output=True, text=True, check=True, timeout=500,
    )  # fmt: skip

    last = json.loads(done.stdout.splitlines()[-1])
    suites = last["figures"]["suites"]
    assert last["bench"] == "rca"
    assert set(suites) == {"zoo", "farm"}
    for suite in suites.values():
        assert suite["n"] == 3
        assert suite["perturbations"]["injection"]["moved"] == 0
        for figures in (suite, *suite["baselines"].values(), *suite["perturbations"].values()):
            assert set(figures) >= KEYS
    assert "zoo: 3 of 3 cases have a root service" in done.stdout


def test_a_folder_without_cases_is_a_mistake_that_is_told(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench.rca", "--cases", str(tmp_path)],
        cwd=OURS,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "no case in" in done.stderr
