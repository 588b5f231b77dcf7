#!/usr/bin/env bash
# holidays 0.109 (PyPI): the names of a country's holidays depend on LANG of the process, and a name put in by hand for one language
# (here to take a holiday away, as its documentation shows with pop_named) raises under another.
# Expected: `language` is an argument of the constructor; without it the same program gives the same names on every host.
# Seen: Korean under C and ko_KR, English under en_US, Thai under th_TH; pop_named of the English name raises KeyError in all but one.
. "$(dirname "$0")/lib.sh"
python holidays==0.109 <<'PROGRAM'
import os
import subprocess
import sys

ONE = """
import holidays
year = holidays.KR(years=2026)
name = year["2026-05-05"]
try:
    year.pop_named("Children's Day")
    print(name, "taken away")
except KeyError:
    print(name, "KeyError")
"""
for lang in ("C", "ko_KR.UTF-8", "en_US.UTF-8", "th_TH.UTF-8"):
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "LANG": lang}
    print(lang, subprocess.run([sys.executable, "-c", ONE], env=environment, capture_output=True, text=True).stdout.strip())
PROGRAM
seen "C 어린이날 KeyError" "en_US.UTF-8 Children's Day taken away" "th_TH.UTF-8 วันเด็ก KeyError"
