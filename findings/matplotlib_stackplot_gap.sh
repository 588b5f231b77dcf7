#!/usr/bin/env bash
# matplotlib 3.11.2 (PyPI): in a stackplot a series that misses one sample (NaN) takes all series above it away at that moment.
# Expected: a gap in that series; what lies above it lies upon what there is, as Grafana draws it, or an error.
# Seen: the edges of every later series are NaN there, and those below it are whole: three services of which one was silent look like an outage of two.
. "$(dirname "$0")/lib.sh"
python matplotlib==3.11.2 <<'PROGRAM'
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

areas = plt.figure().subplots().stackplot([0, 1, 2], [1, 1, 1], [1, np.nan, 1], [1, 1, 1], labels=["api", "chat", "web"])
for area in areas:
    edges = {float(y) for path in area.get_paths() for x, y in path.vertices if x == 1}
    print(area.get_label(), "is drawn at 1" if edges and not any(map(np.isnan, edges)) else "is not drawn at 1")
PROGRAM
seen "api is drawn at 1" "chat is not drawn at 1" "web is not drawn at 1"
