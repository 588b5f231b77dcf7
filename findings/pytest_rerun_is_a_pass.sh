#!/usr/bin/env bash
# pytest-rerunfailures 16.7 and flaky 3.8.1 with pytest 9.2.0 (PyPI), read by junitparser 5.0.3 (PyPI): in the JUnit report a test that failed and was run again has passed.
# Expected: an attempt that failed is reported as one (rerunFailure, flakyFailure of Maven's Surefire), or not at all: one testcase for each test.
# Seen: each failed attempt is a testcase of its own with nothing in it, which means passed: a test that fails four times of four has passed three times, and
# failed once; the head says tests="2", seven follow. Who counts the testcases sees 6 of 7 pass where every attempt but one has failed.
. "$(dirname "$0")/lib.sh"
cat >test_plain.py <<'TESTS'
attempts = []


def test_third_time_lucky():
    attempts.append(1)
    assert len(attempts) > 2


def test_broken():
    assert False
TESTS
sed -e '1i from flaky import flaky\n' -e 's/^def/@flaky(max_runs=4)\ndef/' test_plain.py >test_marked.py
python pytest==9.2.0 pytest-rerunfailures==16.7 flaky==3.8.1 junitparser==5.0.3 <<'PROGRAM'
import subprocess
import sys

from junitparser import JUnitXml

for name, *options in (
    ("pytest-rerunfailures", "-p", "no:flaky", "--reruns=3", "test_plain.py"),
    ("flaky", "-p", "no:rerunfailures", "test_marked.py"),
):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml", *options]
    last = subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    print(name, "says", last.split(" in ")[0])
    (suite,) = JUnitXml.fromfile("report.xml")
    print(name, "tests", suite.tests, "testcases", len(list(suite)), "passed", sum(case.is_passed for case in suite))
    print(name, "test_broken", *("passed" if case.is_passed else "failed" for case in suite if case.name == "test_broken"))
PROGRAM
seen "pytest-rerunfailures says 1 failed, 1 passed, 5 rerun" "pytest-rerunfailures tests 2 testcases 7 passed 6" \
    "pytest-rerunfailures test_broken passed passed passed failed" "flaky says 1 failed, 1 passed" "flaky tests 2 testcases 7 passed 6" \
    "flaky test_broken passed passed passed failed"
