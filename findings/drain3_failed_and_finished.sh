#!/usr/bin/env bash
# drain3 0.9.11 (PyPI): with its defaults "job failed" and "job finished" are one template, "job <*>", and "payment of 5 accepted" and "payment of 7 refused" are another.
# Expected: a parameter is what varies between events of one kind; whether it worked is what tells the kinds apart.
# Seen: in a line of few words half of them is enough to be alike (sim_th 0.4): the count of the template does not change while every job fails, and no new template appears.
. "$(dirname "$0")/lib.sh"
python drain3==0.9.11 --no-binary drain3 <<'PROGRAM'
from drain3 import TemplateMiner

miner = TemplateMiner()
for line in ("job finished", "job finished", "job failed", "payment of 5 accepted", "payment of 7 refused"):
    told = miner.add_log_message(line)
    print(line, told["change_type"])
for cluster in miner.drain.clusters:
    print("template", cluster.get_template(), cluster.size)
PROGRAM
seen "template job <*> 3" "template payment of <*> <*> 2" "job failed cluster_template_changed"
