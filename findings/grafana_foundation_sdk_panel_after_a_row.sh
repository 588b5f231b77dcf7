#!/usr/bin/env bash
# grafana-foundation-sdk 1769699379!11.6.0 (PyPI): a panel added after a collapsed row is laid out to the right of the row's hidden panels.
# Expected: a collapsed row takes one line and hides its panels, so the next panel begins at the left, below the row (x 0).
# Seen: the hidden panel (12 wide) is counted as if shown: the next one is at x 12, half of the dashboard stays empty beside it.
. "$(dirname "$0")/lib.sh"
python "grafana-foundation-sdk==1769699379!11.6.0" <<'PROGRAM'
from grafana_foundation_sdk.builders import dashboard, timeseries

board = dashboard.Dashboard("Shop")
board.with_row(dashboard.Row("Details").with_panel(timeseries.Panel().title("hidden").span(12)))
board.with_panel(timeseries.Panel().title("next").span(12))
row, after = board.build().panels
print("row collapsed:", row.collapsed, "at y", row.grid_pos.y)
print("next at x", after.grid_pos.x)
PROGRAM
seen "row collapsed: True at y 0" "next at x 12"
