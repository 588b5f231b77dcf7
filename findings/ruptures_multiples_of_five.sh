#!/usr/bin/env bash
# ruptures 1.1.10 (PyPI; change points): a clean step at sample 102 is two changes, at 100 and at 105.
# Expected: the one change at 102, which is exact (an L2 cost, no noise): Pelt is told as an exact search.
# Seen: with its default (jump=5) only every fifth sample is looked at, by Pelt, Binseg and Window alike: a change is up
# to two samples off, and Pelt tells of two. With one sample a minute an outage begins two minutes before its deploy,
# and "one level shift" is counted as two. jump=1 finds 102.
. "$(dirname "$0")/lib.sh"
python ruptures==1.1.10 numpy==2.4.6 <<'PROGRAM'
import numpy as np
import ruptures


def found(search, **how):
    return ", ".join(str(int(at)) for at in search.fit(series).predict(**how)[:-1])


for step in (100, 102):
    series = np.r_[np.zeros(step), np.full(200 - step, 10.0)]
    print(f"a step at {step}: Pelt", found(ruptures.Pelt(model="l2"), pen=1))
    print(f"a step at {step}: Pelt, jump=1", found(ruptures.Pelt(model="l2", jump=1), pen=1))
    print(f"a step at {step}: Binseg", found(ruptures.Binseg(model="l2"), n_bkps=1))
PROGRAM
seen "a step at 100: Pelt 100" "a step at 102: Pelt 100, 105" "a step at 102: Pelt, jump=1 102" \
    "a step at 102: Binseg 100"
